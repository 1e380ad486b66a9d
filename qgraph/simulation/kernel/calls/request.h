/* A problem and its state as Python hands them over. */
#ifndef QGRAPH_REQUEST_H
#define QGRAPH_REQUEST_H

#include "../base/python_api.h"

#include <stdlib.h>
#include <string.h>

#include "../base/costs.h"
#include "../base/kernels.h"
#include "../base/levels.h"

/* A problem and its state, or two states, as Python's buffers. */
typedef struct {
    Py_buffer h, J, thetas, arrays[4]; /* thetas: of a warm start, or empty */
    int flip_symmetric, threads;
} request_t;

static void release(request_t *request) {
    PyBuffer_Release(&request->h);
    PyBuffer_Release(&request->J);
    PyBuffer_Release(&request->thetas);
    for (int a = 0; a < 4; a++) PyBuffer_Release(&request->arrays[a]);
}

/* The model of a request, or NULL with an exception set. A missing state still has a precision: it sets the
 * order in which costs are summed, so that extremes are the same with a state and without. */
static model_t *open_model(const request_t *request, const kernels_t **kernels, int may_be_empty) {
    size_t m = request->h.len / sizeof(double), size = (size_t)1 << (m < MOST_SPINS ? m : 0);
    if (m >= MOST_SPINS || (size_t)request->J.len != m * m * sizeof(double)) {
        PyErr_SetString(PyExc_ValueError, "h and J must be float64[m] and float64[m, m], m below 40");
        return NULL;
    }
    size_t item = request->arrays[0].itemsize, bytes = request->arrays[0].len;
    int good = (item == sizeof(float) || item == sizeof(double)) &&
               (bytes == item * size || (bytes == 0 && may_be_empty));
    for (int a = 1; a < 4; a++)
        good = good && (!request->arrays[a].buf || ((size_t)request->arrays[a].itemsize == item &&
                                                    (size_t)request->arrays[a].len == bytes));
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "states must be float32[2**m] or float64[2**m], all of one type");
        return NULL;
    }
    int tilted = request->thetas.len > 0;
    if (tilted && ((size_t)request->thetas.len != m * sizeof(double) || request->flip_symmetric)) {
        PyErr_SetString(PyExc_ValueError, "thetas must be float64[m], without flip symmetry");
        return NULL;
    }
    *kernels = tilted ? tilted_kernels_for(item) : kernels_for(item);
    model_t *model = malloc(sizeof *model);
    if (!model) {
        PyErr_NoMemory();
        return NULL;
    }
    model->m = (int)m;
    model->flip_symmetric = request->flip_symmetric;
    memcpy(model->h, request->h.buf, request->h.len);
    model->J = request->J.buf;
    model->tabled = 0;
    model->lookup = (*kernels)->lookup;
    model->low = (int)m < (*kernels)->low ? (int)m : (*kernels)->low;
    model->mid = group_spins((int)m, request->flip_symmetric, item == sizeof(double));
    model->independent = count_independent(model);
    model->tilted = tilted;
    memset(model->tilts, 0, sizeof model->tilts);
    for (size_t q = 0; q < m && tilted; q++) {
        double theta = ((const double *)request->thetas.buf)[q];
        model->tilts[q] = (tilt_t){sin(theta), cos(theta), {cos(theta / 2), sin(theta / 2)}};
    }
    prepare_model(model);
    return model;
}

/* The state in two buffers, or no state if they are empty. */
static state_t state_in(const Py_buffer arrays[2]) {
    return arrays[0].len ? (state_t){arrays[0].buf, arrays[1].buf} : (state_t){NULL, NULL};
}

#endif
