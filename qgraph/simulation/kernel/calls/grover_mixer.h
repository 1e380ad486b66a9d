/* QAOA with the Grover mixer on routes.
 *
 * The mixer subtracts 1 - exp(-i beta) times the mean amplitude. The next pass over the state does this. */
#ifndef QGRAPH_GROVER_MIXER_H
#define QGRAPH_GROVER_MIXER_H

#include "../base/python_api.h"

#include <string.h>

#include "../base/observable.h"
#include "routes.h"

/* What exp(-i beta |F><F|) subtracts from each amplitude, given the sum of all amplitudes. */
static complex_t grover(const routes_t *routes, double beta, double re, double im) {
    complex_t factor = unit(-beta), sum = {re, im};
    double mean = routes->uniform * routes->uniform;
    return times((complex_t){(1 - factor.re) * mean, -factor.im * mean}, sum);
}

static PyObject *py_evolve_routes(PyObject *self, PyObject *args) {
    routes_t routes = {0};
    Py_buffer gammas = {0}, betas = {0};
    double totals[ROUTE_SUMS];
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*w*y*y*i", &routes.outer, &routes.last, &routes.links,
                          &routes.inner, &routes.arrays[0], &routes.arrays[1], &gammas, &betas,
                          &routes.threads))
        return NULL;
    if (open_routes(&routes, 0)) {
        call_t call = begin_call(routes.threads);
        size_t depth = gammas.len / sizeof(double);
        for (size_t l = 0; l < depth && !call.stopped; l++) {
            routes.from_uniform = l == 0;
            set_phases(&call, &routes, ((double *)gammas.buf)[l]);
            route_pass(&call, &routes, forward_chunk, totals);
            routes.shift[0] = grover(&routes, ((double *)betas.buf)[l], totals[0], totals[1]);
        }
        route_pass(&call, &routes, subtract_chunk, totals);
        done = end_call(&call);
    }
    close_routes(&routes);
    PyBuffer_Release(&gammas);
    PyBuffer_Release(&betas);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* The adjoint gradient: out is float64[2, depth]; returns <O>. */
static PyObject *py_gradient_routes(PyObject *self, PyObject *args) {
    routes_t routes = {0};
    Py_buffer gammas = {0}, betas = {0}, out = {0};
    observable_t observable;
    double totals[ROUTE_SUMS], value = 0;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*w*w*w*y*y*dddw*i", &routes.outer, &routes.last, &routes.links,
                          &routes.inner, &routes.arrays[0], &routes.arrays[1], &routes.arrays[2],
                          &routes.arrays[3], &gammas, &betas, &observable.sign, &observable.quantile,
                          &observable.alpha, &out, &routes.threads))
        return NULL;
    if (open_routes(&routes, 0)) {
        call_t call = begin_call(routes.threads);
        size_t depth = gammas.len / sizeof(double);
        double mean = routes.uniform * routes.uniform, *derivatives = out.buf;
        value = seed_gradient(&call, &routes, &observable, totals);
        memmove(totals, totals + 2, 4 * sizeof *totals);
        for (size_t l = depth; l-- > 0 && !call.stopped;) {
            double beta = ((double *)betas.buf)[l];
            derivatives[depth + l] =
                2 * mean * (totals[2] * totals[1] - totals[3] * totals[0]) / observable.scale;
            routes.shift[0] = grover(&routes, -beta, totals[0], totals[1]);
            routes.shift[1] = grover(&routes, -beta, totals[2], totals[3]);
            set_phases(&call, &routes, -((double *)gammas.buf)[l]);
            route_pass(&call, &routes, backward_chunk, totals);
            derivatives[l] = 2 * totals[4] / observable.scale;
        }
        done = end_call(&call);
    }
    close_routes(&routes);
    PyBuffer_Release(&gammas);
    PyBuffer_Release(&betas);
    PyBuffer_Release(&out);
    return done ? PyFloat_FromDouble(value) : NULL;
}

#endif
