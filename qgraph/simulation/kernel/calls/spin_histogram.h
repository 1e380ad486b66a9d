/* Histograms of an Ising model. */
#ifndef QGRAPH_SPIN_HISTOGRAM_H
#define QGRAPH_SPIN_HISTOGRAM_H

#include "request.h"

#include <stdlib.h>

#include "histogram.h"
#include "layers.h"

static void fill_spins(const void *problem, size_t group, double *costs, double *p) {
    const work_t *work = problem;
    size_t size = (size_t)1 << work->model->mid;
    work->kernels->costs(work->model, group, costs);
    for (size_t x = 0; x < size; x++) p[x] = 1;
    if (work->right.re) work->kernels->probabilities(work->right, group << work->model->mid, size, p);
}

static cost_source_t spins_source(const work_t *work) {
    return (cost_source_t){group_count(work->model), (size_t)1 << work->model->mid,
                           work->model->flip_symmetric ? 2 : 1, work, fill_spins};
}

/* With empty arrays every basis state has weight 1. */
static PyObject *py_histogram(PyObject *self, PyObject *args) {
    request_t request = {0};
    work_t work = {0};
    Py_buffer out = {0};
    double low, high;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*py*y*ddw*i", &request.h, &request.J, &request.flip_symmetric,
                          &request.arrays[0], &request.arrays[1], &low, &high, &out, &request.threads))
        return NULL;
    model_t *model = open_model(&request, &work.kernels, 1);
    if ((work.model = model)) {
        work.right = state_in(request.arrays);
        cost_source_t source = spins_source(&work);
        done = fill_histogram(&source, low, high, out.buf, out.len / sizeof(bin_t), request.threads);
    }
    free(model);
    PyBuffer_Release(&out);
    release(&request);
    return done ? Py_NewRef(Py_None) : NULL;
}

#endif
