/* The norm, <C> and <C C> of a state. */
#ifndef QGRAPH_MOMENTS_H
#define QGRAPH_MOMENTS_H

#include "../base/thread_pool.h"
#include "layers.h"
#include "request.h"

static void moments_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->moments(work->model, work->right, number, work->parts + number);
}

static PyObject *sum_moments(const model_t *model, const moments_t *parts, int mean_only) {
    moments_t all = {0};
    double both = model->flip_symmetric ? 2 : 1;
    for (size_t g = 0; g < group_count(model); g++) {
        all.norm += parts[g].norm;
        all.first += parts[g].first;
        all.second += parts[g].second;
    }
    if (mean_only) return Py_BuildValue("dd", both * all.norm, both * all.first);
    return Py_BuildValue("ddd", both * all.norm, both * all.first, both * all.second);
}

static PyObject *py_moments(PyObject *self, PyObject *args) {
    request_t request = {0};
    work_t work = {0};
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*py*y*i", &request.h, &request.J, &request.flip_symmetric,
                          &request.arrays[0], &request.arrays[1], &request.threads))
        return NULL;
    if (!(work.model = open_model(&request, &work.kernels, 0))) goto finish;
    size_t groups = group_count(work.model);
    if (!(work.parts = malloc(groups * sizeof *work.parts))) {
        PyErr_NoMemory();
        goto finish;
    }
    work.right = state_in(request.arrays);
    call_t call = begin_call(request.threads);
    for_all(&call, moments_group, &work, groups, 0);
    if (end_call(&call)) result = sum_moments(work.model, work.parts, 0);
finish:
    free(work.parts);
    free(work.model);
    release(&request);
    return result;
}

#endif
