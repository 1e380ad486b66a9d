/* The adjoint gradient, layer by layer (variant/adjoint.h). */
#ifndef QGRAPH_GRADIENT_H
#define QGRAPH_GRADIENT_H

#include "request.h"

#include <math.h>
#include <stdlib.h>

#include "../base/observable.h"
#include "../base/thread_pool.h"
#include "layers.h"

static void backward_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->backward_group(work->model, work->layer, work->right, work->left, number,
                                  work->sums + 2 * number);
}

static void backward_columns(void *context, size_t number, void *scratch) {
    work_t *work = context;
    work->kernels->backward_columns(&work->columns, work->right, work->left, number, scratch,
                                    work->sums + number);
}

static void seed_group(void *context, size_t number, void *scratch) {
    void **given = context;
    work_t *work = given[0];
    (void)scratch;
    work->kernels->seed(given[1], given[2], work->right, work->left, number, work->sums + 2 * number);
}

/* Evolve both states backward by one layer; out: its two derivatives. */
static void take_back(call_t *call, work_t *work, double gamma, double beta, double out[2]) {
    model_t *model = work->model;
    const kernels_t *kernels = work->kernels;
    columns_t plan[MOST_COLUMNS];
    int passes = plan_columns(model, kernels, 3, plan), unnormalized = 0;
    if (flips(model, beta)) flip_fields(model);
    int all = count_unnormalized(model, kernels, plan, passes) + kernels->register_unnormalized(model);
    work->layer->from_uniform = work->layer->product = 0;
    open_layer(model, kernels, all, -gamma, -beta, work->layer);
    double shrink = 1 / (1 + work->layer->tan * work->layer->tan), mixer = 0;
    for (int pass = 0; pass < passes; pass++) {
        work->columns = plan[pass];
        work->columns.tan = work->layer->tan;
        size_t tiles = tile_count(plan + pass);
        for_all(call, backward_columns, work, tiles, tile_bytes(plan + pass, 8, kernels->item));
        unnormalized += kernels->columns_unnormalized(plan + pass);
        mixer += pow(shrink, unnormalized) * sum_in_order(work->sums, tiles, 1);
    }
    for_all(call, backward_group, work, group_count(model), 0);
    mixer += pow(shrink, unnormalized + kernels->group_unnormalized(model)) *
             sum_in_order(work->sums, group_count(model), 2);
    double cost = sum_in_order(work->sums + 1, group_count(model), 2);
    double both = model->flip_symmetric ? 2 : 1;
    out[0] = 2 * both * cost;
    out[1] = 2 * both * mixer;
}

/* Returns <O>; out is float64[2, depth]. The state is evolved back to the first one. O is of the model that
 * `measured` has the fields and couplings of. */
static PyObject *py_gradient(PyObject *self, PyObject *args) {
    request_t request = {0}, measured = {0};
    Py_buffer gammas = {0}, betas = {0}, out = {0};
    observable_t observable;
    const kernels_t *kernels;
    model_t *model = NULL, *other = NULL;
    layer_t *layer = NULL;
    double *sums = NULL, norm = 0, value = 0;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*py*y*y*w*w*w*w*y*y*dddw*i", &request.h, &request.J,
                          &request.flip_symmetric, &request.thetas, &measured.h, &measured.J,
                          &request.arrays[0], &request.arrays[1], &request.arrays[2], &request.arrays[3],
                          &gammas, &betas, &observable.sign, &observable.quantile, &observable.alpha, &out,
                          &request.threads))
        return NULL;
    if (!(model = open_model(&request, &kernels, 0))) goto finish;
    if (measured.h.buf != request.h.buf) {
        request_t same = request;
        same.h = measured.h;
        same.J = measured.J;
        if (!(other = open_model(&same, &kernels, 0))) goto finish;
    }
    const model_t *seen = other ? other : model;
    observable.scale = scale_for(&observable, largest_cost(seen));
    size_t groups = group_count(model), most = 2 * groups, depth = gammas.len / sizeof(double);
    columns_t plan[MOST_COLUMNS];
    int passes = plan_columns(model, kernels, 3, plan);
    for (int pass = 0; pass < passes; pass++)
        if (tile_count(plan + pass) > most) most = tile_count(plan + pass);
    if (!(layer = aligned_alloc(_Alignof(layer_t), sizeof *layer)) || !(sums = malloc(most * sizeof *sums))) {
        PyErr_NoMemory();
        goto finish;
    }
    call_t call = begin_call(request.threads);
    work_t work = {.model = model, .kernels = kernels, .layer = layer, .sums = sums};
    work.right = state_in(request.arrays);
    work.left = state_in(request.arrays + 2);
    void *context[3] = {&work, (void *)seen, &observable};
    for_all(&call, seed_group, context, groups, 0);
    norm = sum_in_order(sums, groups, 2);
    value = sum_in_order(sums + 1, groups, 2);
    for (size_t l = depth; l-- > 0 && !call.stopped;) {
        double derivatives[2];
        take_back(&call, &work, ((double *)gammas.buf)[l], ((double *)betas.buf)[l], derivatives);
        ((double *)out.buf)[l] = derivatives[0] / observable.scale;
        ((double *)out.buf)[depth + l] = derivatives[1] / observable.scale;
    }
    done = end_call(&call);
finish:
    free(sums);
    free(layer);
    free(other);
    free(model);
    PyBuffer_Release(&gammas);
    PyBuffer_Release(&betas);
    PyBuffer_Release(&out);
    release(&measured);
    release(&request);
    return done ? PyFloat_FromDouble(value / norm) : NULL;
}

#endif
