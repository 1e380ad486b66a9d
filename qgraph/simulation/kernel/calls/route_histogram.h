/* Histograms of travel times. */
#ifndef QGRAPH_ROUTE_HISTOGRAM_H
#define QGRAPH_ROUTE_HISTOGRAM_H

#include "../base/python_api.h"
#include "histogram.h"
#include "routes.h"

enum { LONGEST_PIECE = 1 << 16 };

/* Runs are read in pieces. They are long in a city without priorities, and every thread holds one piece. */
static size_t pieces_of(const routes_t *routes) {
    size_t pieces = 1;
    while (routes->length % pieces || routes->length / pieces > LONGEST_PIECE) pieces++;
    return pieces;
}

static void fill_routes(const void *problem, size_t group, double *costs, double *p) {
    const routes_t *routes = problem;
    size_t pieces = pieces_of(routes), size = routes->length / pieces, from = group % pieces * size;
    run_of_routes_t run = find_run(routes, group / pieces);
    for (size_t x = 0; x < size; x++) {
        costs[x] = run.base + ((double *)routes->inner.buf)[run.inner + from + x];
        p[x] = 1;
    }
    if (routes->right.re) routes->kernels->probabilities(routes->right, run.start + from, size, p);
}

static PyObject *py_histogram_routes(PyObject *self, PyObject *args) {
    routes_t routes = {0};
    Py_buffer out = {0};
    double low, high;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*ddw*i", &routes.outer, &routes.last, &routes.links,
                          &routes.inner, &routes.arrays[0], &routes.arrays[1], &low, &high, &out,
                          &routes.threads))
        return NULL;
    if (open_routes(&routes, 1)) {
        size_t pieces = pieces_of(&routes);
        cost_source_t source = {routes.pairs * pieces, routes.length / pieces, 1, &routes, fill_routes};
        done = fill_histogram(&source, low, high, out.buf, out.len / sizeof(bin_t), routes.threads);
    }
    close_routes(&routes);
    PyBuffer_Release(&out);
    return done ? Py_NewRef(Py_None) : NULL;
}

#endif
