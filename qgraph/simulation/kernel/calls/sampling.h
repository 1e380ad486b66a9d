/* What sampling needs: sums of probabilities, and the indices at which the running sum exceeds given
 * points. */
#ifndef QGRAPH_SAMPLING_H
#define QGRAPH_SAMPLING_H

#include "../base/python_api.h"

#include <stdint.h>
#include <stdlib.h>

#include "../base/kernels.h"
#include "../base/thread_pool.h"

/* Sums and maxima of p over runs of equal length. */
typedef struct {
    const kernels_t *kernels;
    state_t state;
    size_t length;
    double *sums, *maxima;
} runs_t;

static void sum_run(void *context, size_t number, void *scratch) {
    const runs_t *runs = context;
    double *p = scratch, sum = 0, largest = 0;
    runs->kernels->probabilities(runs->state, number * runs->length, runs->length, p);
    for (size_t x = 0; x < runs->length; x++) {
        sum += p[x];
        if (p[x] > largest) largest = p[x];
    }
    runs->sums[number] = sum;
    runs->maxima[number] = largest;
}

static PyObject *py_sums(PyObject *self, PyObject *args) {
    Py_buffer re = {0}, im = {0}, sums = {0}, maxima = {0};
    int threads;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*w*w*i", &re, &im, &sums, &maxima, &threads)) return NULL;
    size_t count = sums.len / sizeof(double), length = re.len / re.itemsize / count;
    runs_t runs = {kernels_for((size_t)re.itemsize), {re.buf, im.buf}, length, sums.buf, maxima.buf};
    call_t call = begin_call(threads);
    for_all(&call, sum_run, &runs, count, length * sizeof(double));
    int done = end_call(&call);
    PyBuffer_Release(&re);
    PyBuffer_Release(&im);
    PyBuffer_Release(&sums);
    PyBuffer_Release(&maxima);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* For points in increasing order: the first index at which the running sum of p exceeds the point. */
static PyObject *py_locate(PyObject *self, PyObject *args) {
    Py_buffer re = {0}, im = {0}, sums = {0}, points = {0}, found = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*", &re, &im, &sums, &points, &found)) return NULL;
    size_t count = sums.len / sizeof(double), length = re.len / re.itemsize / count,
           shots = points.len / sizeof(double);
    double *p = malloc(length * sizeof(double));
    int done = p != NULL;
    if (!done) PyErr_NoMemory();
    const kernels_t *kernels = kernels_for((size_t)re.itemsize);
    call_t call = begin_call(1);
    double before = 0, reached = 0;
    size_t at = 0, x = 0, filled = SIZE_MAX;
    for (size_t shot = 0; done && shot < shots && !call.stopped; shot++) {
        double point = ((double *)points.buf)[shot];
        while (at + 1 < count && before + ((double *)sums.buf)[at] <= point)
            before += ((double *)sums.buf)[at++];
        if (filled != at) {
            kernels->probabilities((state_t){re.buf, im.buf}, at * length, length, p);
            filled = at;
            x = 0;
            reached = before;
        }
        while (x + 1 < length && reached + p[x] <= point) reached += p[x++];
        ((int64_t *)found.buf)[shot] = (int64_t)(at * length + x);
        call.stopped = interrupted(&call);
    }
    done = end_call(&call) && done;
    free(p);
    PyBuffer_Release(&re);
    PyBuffer_Release(&im);
    PyBuffer_Release(&sums);
    PyBuffer_Release(&points);
    PyBuffer_Release(&found);
    return done ? Py_NewRef(Py_None) : NULL;
}

#endif
