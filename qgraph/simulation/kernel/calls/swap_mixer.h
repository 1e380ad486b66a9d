/* QAOA with the swap mixer on routes: phases as in routes.h, then a product of exp(-i beta S) over swaps
 * of neighbouring positions, in the given order.
 *
 * A swap mixes routes within blocks of m (m - 1) `run` indices. Successive swaps of small blocks are
 * applied to one span of the state at a time, while it is in the cache. A swap of large blocks is a pass
 * of its own. */
#ifndef QGRAPH_SWAP_MIXER_H
#define QGRAPH_SWAP_MIXER_H

#include "../base/observable.h"
#include "../base/python_api.h"
#include "routes.h"

typedef struct {
    routes_t *routes;
    const swap_t *swaps;
    size_t count, from, to, span; /* this pass: the swaps from `from` to `to` - 1, on spans */
    complex_t rotation;           /* exp(-i beta) */
    state_t left;                 /* for evolving backward; else NULL */
} swaps_t;

enum { MOST_SPAN = 1 << 13 }; /* amplitudes; two states of this size fit the second-level cache */

static size_t block_of(const swap_t *swap) { return (size_t)(swap->m * (swap->m - 1) * swap->run); }

static size_t routes_in(const routes_t *routes) { return routes->pairs * routes->length; }

/* Reads and checks the swaps. Returns 0 with an exception set if they do not fit the routes. */
static int open_swaps(swaps_t *swaps, routes_t *routes, const Py_buffer *buffer) {
    *swaps = (swaps_t){.routes = routes, .swaps = buffer->buf, .count = buffer->len / sizeof(swap_t)};
    int64_t size = (int64_t)routes_in(routes);
    for (size_t k = 0; k < swaps->count; k++) {
        const swap_t *swap = swaps->swaps + k;
        int good = swap->m >= 2 && swap->m <= MOST_SPINS && swap->run >= 1 && swap->run <= size &&
                   size % (swap->m * (swap->m - 1) * swap->run) == 0;
        if (!good) {
            PyErr_SetString(PyExc_ValueError, "swaps and routes do not belong together");
            return 0;
        }
    }
    return 1;
}

/* The first of `things` that belongs to a chunk. */
static size_t share_of(size_t things, size_t chunk) { return things * chunk / ROUTE_CHUNKS; }

/* One chunk of a swap of large blocks: some of the blocks, or a part of every run. */
static double swap_large(const swaps_t *swaps, size_t chunk) {
    const swap_t *swap = swaps->swaps + swaps->from;
    const routes_t *routes = swaps->routes;
    size_t run = (size_t)swap->run, blocks = routes_in(routes) / swaps->span, start = 0, from = 0, to = run;
    if (run >= blocks) {
        from = share_of(run, chunk);
        to = share_of(run, chunk + 1);
    } else {
        start = share_of(blocks, chunk);
        blocks = share_of(blocks, chunk + 1) - start;
    }
    return routes->kernels->swap(routes->right, swaps->left, start * swaps->span, blocks, swap, from, to,
                                 swaps->rotation);
}

static double swap_span(const swaps_t *swaps, size_t start) {
    const routes_t *routes = swaps->routes;
    double sum = 0;
    for (size_t k = swaps->from; k < swaps->to; k++) {
        const swap_t *swap = swaps->swaps + (swaps->left.re ? swaps->from + swaps->to - 1 - k : k);
        sum += routes->kernels->swap(routes->right, swaps->left, start, swaps->span / block_of(swap), swap, 0,
                                     (size_t)swap->run, swaps->rotation);
    }
    return sum;
}

static void swap_chunk(void *context, size_t chunk, void *scratch) {
    const swaps_t *swaps = context;
    size_t spans = routes_in(swaps->routes) / swaps->span;
    double sum = 0;
    (void)scratch;
    if (swaps->span > MOST_SPAN) sum = swap_large(swaps, chunk);
    else
        for (size_t number = share_of(spans, chunk); number < share_of(spans, chunk + 1); number++)
            sum += swap_span(swaps, number * swaps->span);
    swaps->routes->sums[ROUTE_SUMS * chunk] = sum;
}

/* Extend a pass by the next swaps, forward or backward, as long as they fit one span. */
static void extend_pass(swaps_t *swaps, int back) {
    swaps->span = block_of(swaps->swaps + (back ? swaps->to - 1 : swaps->from));
    for (;;) {
        if (back ? swaps->from == 0 : swaps->to == swaps->count) return;
        size_t next = block_of(swaps->swaps + (back ? swaps->from - 1 : swaps->to));
        size_t span = next > swaps->span ? next : swaps->span;
        if (span > MOST_SPAN) return;
        swaps->span = span;
        if (back) swaps->from--;
        else swaps->to++;
    }
}

static void mix(call_t *call, swaps_t *swaps, double beta) {
    swaps->rotation = unit(-beta);
    swaps->left = (state_t){NULL, NULL};
    for (swaps->from = 0; swaps->from < swaps->count && !call->stopped; swaps->from = swaps->to) {
        swaps->to = swaps->from + 1;
        extend_pass(swaps, 0);
        for_all(call, swap_chunk, swaps, ROUTE_CHUNKS, 0);
    }
}

/* Undo the mixer on both states. Returns the sum over its swaps of Im <left| S |right>. */
static double unmix(call_t *call, swaps_t *swaps, double beta) {
    double sum = 0;
    swaps->rotation = unit(-beta);
    swaps->left = swaps->routes->left;
    for (swaps->to = swaps->count; swaps->to > 0 && !call->stopped; swaps->to = swaps->from) {
        swaps->from = swaps->to - 1;
        extend_pass(swaps, 1);
        for_all(call, swap_chunk, swaps, ROUTE_CHUNKS, 0);
        sum += sum_in_order(swaps->routes->sums, ROUTE_CHUNKS, ROUTE_SUMS);
    }
    return sum;
}

static PyObject *py_evolve_swaps(PyObject *self, PyObject *args) {
    routes_t routes = {0};
    swaps_t swaps;
    Py_buffer order = {0}, gammas = {0}, betas = {0};
    double totals[ROUTE_SUMS];
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*w*w*y*y*i", &routes.outer, &routes.last, &routes.links,
                          &routes.inner, &order, &routes.arrays[0], &routes.arrays[1], &gammas, &betas,
                          &routes.threads))
        return NULL;
    if (open_routes(&routes, 0) && open_swaps(&swaps, &routes, &order)) {
        call_t call = begin_call(routes.threads);
        for (size_t l = 0; l < gammas.len / sizeof(double) && !call.stopped; l++) {
            routes.from_uniform = l == 0;
            set_phases(&call, &routes, ((double *)gammas.buf)[l]);
            route_pass(&call, &routes, forward_chunk, totals);
            mix(&call, &swaps, ((double *)betas.buf)[l]);
        }
        done = end_call(&call);
    }
    close_routes(&routes);
    PyBuffer_Release(&order);
    PyBuffer_Release(&gammas);
    PyBuffer_Release(&betas);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* The adjoint gradient: out is float64[2, depth]; returns <O>. */
static PyObject *py_gradient_swaps(PyObject *self, PyObject *args) {
    routes_t routes = {0};
    swaps_t swaps;
    Py_buffer order = {0}, gammas = {0}, betas = {0}, out = {0};
    observable_t observable;
    double totals[ROUTE_SUMS], value = 0;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*w*w*w*w*y*y*dddw*i", &routes.outer, &routes.last, &routes.links,
                          &routes.inner, &order, &routes.arrays[0], &routes.arrays[1], &routes.arrays[2],
                          &routes.arrays[3], &gammas, &betas, &observable.sign, &observable.quantile,
                          &observable.alpha, &out, &routes.threads))
        return NULL;
    if (open_routes(&routes, 0) && open_swaps(&swaps, &routes, &order)) {
        call_t call = begin_call(routes.threads);
        size_t depth = gammas.len / sizeof(double);
        double *derivatives = out.buf;
        value = seed_gradient(&call, &routes, &observable, totals);
        for (size_t l = depth; l-- > 0 && !call.stopped;) {
            derivatives[depth + l] = 2 * unmix(&call, &swaps, ((double *)betas.buf)[l]) / observable.scale;
            set_phases(&call, &routes, -((double *)gammas.buf)[l]);
            route_pass(&call, &routes, backward_chunk, totals);
            derivatives[l] = 2 * totals[4] / observable.scale;
        }
        done = end_call(&call);
    }
    close_routes(&routes);
    PyBuffer_Release(&order);
    PyBuffer_Release(&gammas);
    PyBuffer_Release(&betas);
    PyBuffer_Release(&out);
    return done ? PyFloat_FromDouble(value) : NULL;
}

#endif
