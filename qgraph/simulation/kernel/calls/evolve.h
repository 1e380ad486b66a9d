/* All layers of a circuit: p layers in p + 1 passes over the state where there is one pass over columns. */
#ifndef QGRAPH_EVOLVE_H
#define QGRAPH_EVOLVE_H

#include "request.h"

#include <stdlib.h>

#include "../base/thread_pool.h"
#include "layers.h"
#include "moments.h"

static void start_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->start_group(work->model, work->right, number);
}

static void forward_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    if (work->parts && work->mean_only) {
        work->kernels->measure_group(work->model, work->before, work->right, number, work->parts + number);
        return;
    }
    work->kernels->forward_group(work->model, work->before, work->layer, work->right, number);
    if (work->parts) moments_group(work, number, scratch);
}

static void forward_columns(void *context, size_t number, void *scratch) {
    work_t *work = context;
    work->kernels->forward_columns(&work->columns, work->before, work->permuted, work->layer, work->right,
                                   number, scratch);
}

/* The model with its spins in the order of a pass over columns: first the spins within a row and those of the
 * rows, which form the blocks and groups of a tile, then the spins that select the tile. */
typedef struct {
    model_t model;
    double J[MOST_SPINS * MOST_SPINS];
} permuted_t;

static void permute(const model_t *model, const columns_t *c, const kernels_t *kernels, permuted_t *out) {
    int m = model->m, order[MOST_SPINS], count = 0;
    for (int q = 0; q < c->width; q++) order[count++] = q;
    for (int q = c->from; q < c->to; q++) order[count++] = q;
    for (int q = c->width; q < c->from; q++) order[count++] = q;
    out->model.lookup = model->lookup;
    out->model.m = m;
    out->model.tilted = model->tilted;
    out->model.flip_symmetric = model->flip_symmetric;
    out->model.J = out->J;
    int mid = c->width + c->to - c->from, low = mid < kernels->low ? mid : kernels->low,
        most = low < MOST_LOW ? TABLED : TABLED - 1;
    out->model.low = low;
    out->model.mid = mid;
    out->model.tabled = mid - low < most ? mid - low : most;
    for (int q = 0; q < m; q++) {
        out->model.h[q] = model->h[order[q]];
        for (int r = 0; r < m; r++) out->J[(size_t)q * m + r] = model->J[(size_t)order[q] * m + order[r]];
    }
    out->model.independent = 0;
    prepare_model(&out->model);
}

/* The state of one call to evolve. */
typedef struct {
    work_t work;
    call_t call;
    layer_t layer;
    permuted_t permuted;
    columns_t plan[MOST_COLUMNS];
    const double *gamma, *beta;
    size_t depth;
    int passes, unnormalized, permuted_ready;
} evolution_t;

/* How many register spins lack the norm of 1 - i tan X in the layer that begins. */
static int register_unnormalized(const evolution_t *all) {
    const kernels_t *kernels = all->work.kernels;
    return all->layer.product ? kernels->independent_spins(all->work.model)
                              : kernels->register_unnormalized(all->work.model);
}

/* One pass over the state: over groups (at = 0) or columns. It continues the mixer of the previous layer
 * (`before`, or 0) and begins layer l, if there is one. */
static void pass_over(evolution_t *all, int at, double before, size_t l) {
    work_t *work = &all->work;
    const kernels_t *kernels = work->kernels;
    const model_t *model = work->model;
    if (at > 0) work->columns = all->plan[at - 1];
    int opens = l < all->depth;
    if (opens && at > 0) {
        if (!all->permuted_ready) permute(model, &work->columns, kernels, &all->permuted);
        all->permuted_ready = 1;
        model = &all->permuted.model;
    }
    if (opens) {
        all->layer.from_uniform = l == 0 && !model->tilted;
        all->layer.product = all->layer.from_uniform && kernels->independent_spins(model) > 0;
        open_layer(model, kernels, all->unnormalized + register_unnormalized(all), all->gamma[l],
                   all->beta[l], &all->layer);
    }
    work->before = before;
    work->permuted = model;
    work->layer = opens ? &all->layer : NULL;
    if (at == 0) for_all(&all->call, forward_group, work, group_count(model), 0);
    else
        for_all(&all->call, forward_columns, work, tile_count(&work->columns),
                tile_bytes(&work->columns, 4, kernels->item));
}

/* The factors of a mixer commute. So passes go from the last columns to the groups and back. The pass at each
 * end finishes one layer, applies the phases of the next one and begins its mixer. The last pass is over
 * groups, and measures each group while it is in the cache. */
static void run_layers(evolution_t *all, moments_t *parts) {
    model_t *model = all->work.model;
    const double *beta = all->beta;
    size_t depth = all->depth;
    int at = depth % 2 ? all->passes : 0;
    if (model->tilted) for_all(&all->call, start_group, &all->work, group_count(model), 0);
    for (size_t l = 0; l < depth; l++)
        if (flips(model, beta[l])) flip_fields(model);
    for (size_t l = 0; l < depth && !all->call.stopped; l++) {
        int step = at ? -1 : 1, last = l + 1 == depth;
        if (l == 0 || all->passes == 0) pass_over(all, at, 0, l);
        double tangent = all->layer.tan;
        if (flips(model, beta[l])) {
            flip_fields(model);
            all->permuted_ready = 0;
        }
        for (int pass = 1; pass <= all->passes; pass++) {
            if (pass == all->passes && last) all->work.parts = parts;
            pass_over(all, at += step, tangent, pass == all->passes ? l + 1 : depth);
        }
    }
    if (parts && !all->work.parts) { /* fields of the model are flipped until the last layer is complete */
        all->work.parts = parts;
        for_all(&all->call, moments_group, &all->work, group_count(model), 0);
    }
}

/* The moments of the evolved state. MEAN: its norm and <C>; the state may be incomplete. NOTHING: None. */
typedef enum { MOMENTS, MEAN, NOTHING } measured_t;

static PyObject *evolved(PyObject *args, measured_t measured) {
    request_t request = {0};
    Py_buffer gammas = {0}, betas = {0};
    const kernels_t *kernels;
    model_t *model = NULL;
    evolution_t *all = NULL;
    moments_t *parts = NULL;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "y*y*py*w*w*y*y*i", &request.h, &request.J, &request.flip_symmetric,
                          &request.thetas, &request.arrays[0], &request.arrays[1], &gammas, &betas,
                          &request.threads))
        return NULL;
    if (!(model = open_model(&request, &kernels, 0))) goto finish;
    if (!(all = aligned_alloc(_Alignof(evolution_t), sizeof *all)) ||
        (measured != NOTHING && !(parts = malloc(group_count(model) * sizeof *parts)))) {
        PyErr_NoMemory();
        goto finish;
    }
    all->work = (work_t){.model = model, .kernels = kernels, .right = state_in(request.arrays)};
    all->passes = plan_columns(model, kernels, 2, all->plan);
    all->unnormalized = count_unnormalized(model, kernels, all->plan, all->passes);
    all->permuted_ready = 0;
    all->gamma = gammas.buf;
    all->beta = betas.buf;
    all->depth = gammas.len / sizeof(double);
    all->work.mean_only = measured == MEAN && all->passes > 0 && !model->tilted &&
                          all->depth % 2 == 0; /* in other cases the last pass does more than measure */
    all->call = begin_call(request.threads);
    run_layers(all, parts);
    if (end_call(&all->call))
        result = parts ? sum_moments(model, parts, measured == MEAN) : Py_NewRef(Py_None);
finish:
    free(all);
    free(parts);
    free(model);
    PyBuffer_Release(&gammas);
    PyBuffer_Release(&betas);
    release(&request);
    return result;
}

/* Evolve from the uniform superposition or a warm start; returns the moments. */
static PyObject *py_evolve(PyObject *self, PyObject *args) {
    (void)self;
    return evolved(args, MOMENTS);
}

/* The same for the norm and <C>. The arrays are workspace; the norm is the one that rounding leaves. */
static PyObject *py_expectation(PyObject *self, PyObject *args) {
    (void)self;
    return evolved(args, MEAN);
}

/* The same without the moments. */
static PyObject *py_evolve_only(PyObject *self, PyObject *args) {
    (void)self;
    return evolved(args, NOTHING);
}

#endif
