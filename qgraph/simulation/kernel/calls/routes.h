/* Routes as basis states: the amplitudes are those of pairs (outer, inner), where the outer route passes all
 * tiers except the last one, and the inner route passes the last tier.
 *
 * A travel time is outer + link + inner; the link leads from the last stop of the outer route to the first
 * stop of the inner route. Inner routes are in lexicographic order, so routes with one first stop are a run.
 * Phases are products of three tables: there is no array of all costs, and no sine per amplitude. */
#ifndef QGRAPH_ROUTES_H
#define QGRAPH_ROUTES_H

#include "request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/kernels.h"
#include "../base/observable.h"
#include "../base/thread_pool.h"

typedef struct {
    Py_buffer outer, last, links, inner; /* float64[o], int32[o], float64[lasts, runs], float64[i] */
    Py_buffer arrays[4];
    int threads;
    size_t runs, length, pairs; /* runs of `length` inner routes; pairs of an outer route and a run */
    const kernels_t *kernels;
    state_t right, left;
    double gamma, uniform;
    int from_uniform;
    complex_t shift[2], *table, *link_phases;
    const observable_t *observable;
    double *sums; /* ROUTE_SUMS for each chunk */
} routes_t;

enum { ROUTE_CHUNKS = 256, ROUTE_SUMS = 6 };

static int open_routes(routes_t *routes, int may_be_empty) {
    size_t outer = routes->outer.len / sizeof(double), inner = routes->inner.len / sizeof(double),
           size = outer * inner;
    size_t lasts = 0;
    for (size_t o = 0; o < routes->last.len / sizeof(int32_t); o++)
        if ((size_t)((int32_t *)routes->last.buf)[o] >= lasts)
            lasts = (size_t)((int32_t *)routes->last.buf)[o] + 1;
    routes->runs = lasts ? routes->links.len / sizeof(double) / lasts : 0;
    size_t item = size ? routes->arrays[0].len / size : 0;
    int good = size && routes->runs && inner % routes->runs == 0 &&
               (size_t)routes->last.len == outer * sizeof(int32_t) &&
               ((item == 0 && may_be_empty) || item == 4 || item == 8);
    for (int a = 0; a < 4; a++)
        good = good && (!routes->arrays[a].buf || (size_t)routes->arrays[a].len == size * item);
    if (!good) {
        PyErr_SetString(PyExc_ValueError, "routes and states do not belong together");
        return 0;
    }
    routes->length = inner / routes->runs;
    routes->pairs = outer * routes->runs;
    routes->kernels = kernels_for(item);
    routes->right = state_in(routes->arrays);
    routes->left = state_in(routes->arrays + 2);
    routes->uniform = 1 / sqrt((double)size);
    routes->table = malloc(inner * sizeof(complex_t));
    routes->link_phases = malloc(routes->links.len / sizeof(double) * sizeof(complex_t));
    routes->sums = malloc(ROUTE_CHUNKS * ROUTE_SUMS * sizeof(double));
    if (routes->table && routes->link_phases && routes->sums) return 1;
    PyErr_NoMemory();
    return 0;
}

static void close_routes(routes_t *routes) {
    free(routes->table);
    free(routes->link_phases);
    free(routes->sums);
    PyBuffer_Release(&routes->outer);
    PyBuffer_Release(&routes->last);
    PyBuffer_Release(&routes->links);
    PyBuffer_Release(&routes->inner);
    for (int a = 0; a < 4; a++) PyBuffer_Release(&routes->arrays[a]);
}

static void fill_table(void *context, size_t chunk, void *scratch) {
    routes_t *routes = context;
    size_t inner = routes->inner.len / sizeof(double);
    (void)scratch;
    for (size_t x = inner * chunk / ROUTE_CHUNKS; x < inner * (chunk + 1) / ROUTE_CHUNKS; x++)
        routes->table[x] = unit(-routes->gamma * ((double *)routes->inner.buf)[x]);
}

/* One run of one outer route: its first index, its cost without the inner route, and the phase of that
 * cost. */
typedef struct {
    size_t start, inner;
    double base;
    complex_t link;
} run_of_routes_t;

static run_of_routes_t find_run(const routes_t *routes, size_t pair) {
    size_t outer = pair / routes->runs, run = pair % routes->runs,
           link = (size_t)((int32_t *)routes->last.buf)[outer] * routes->runs + run;
    double cost = ((double *)routes->outer.buf)[outer];
    complex_t phase = times(unit(-routes->gamma * cost), routes->link_phases[link]);
    if (routes->from_uniform) {
        phase.re *= routes->uniform;
        phase.im *= routes->uniform;
    }
    return (run_of_routes_t){pair * routes->length, run * routes->length,
                             cost + ((double *)routes->links.buf)[link], phase};
}

enum route_step { FORWARD, BACKWARD, SEED, SUBTRACT };

static void route_chunk(routes_t *routes, size_t chunk, enum route_step step) {
    double *sums = routes->sums + ROUTE_SUMS * chunk;
    memset(sums, 0, ROUTE_SUMS * sizeof *sums);
    for (size_t pair = routes->pairs * chunk / ROUTE_CHUNKS;
         pair < routes->pairs * (chunk + 1) / ROUTE_CHUNKS; pair++) {
        run_of_routes_t run = find_run(routes, pair);
        const complex_t *table = routes->table + run.inner;
        const double *costs = (double *)routes->inner.buf + run.inner;
        if (step == FORWARD) {
            complex_t sum =
                routes->kernels->forward_run(routes->right, run.start, routes->length, routes->from_uniform,
                                             routes->shift[0], run.link, table);
            sums[0] += sum.re;
            sums[1] += sum.im;
        } else if (step == BACKWARD) {
            routes->kernels->backward_run(routes->right, routes->left, run.start, routes->length,
                                          routes->shift, run.link, table, run.base, costs, sums);
        } else if (step == SEED) {
            routes->kernels->seed_run(routes->right, routes->left, run.start, routes->length, run.base, costs,
                                      routes->observable, sums);
        } else {
            routes->kernels->subtract(routes->right, run.start, routes->length, routes->shift[0]);
        }
    }
}

static void forward_chunk(void *routes, size_t chunk, void *scratch) {
    (void)scratch;
    route_chunk(routes, chunk, FORWARD);
}
static void backward_chunk(void *routes, size_t chunk, void *scratch) {
    (void)scratch;
    route_chunk(routes, chunk, BACKWARD);
}
static void seed_chunk(void *routes, size_t chunk, void *scratch) {
    (void)scratch;
    route_chunk(routes, chunk, SEED);
}
static void subtract_chunk(void *routes, size_t chunk, void *scratch) {
    (void)scratch;
    route_chunk(routes, chunk, SUBTRACT);
}

static void route_pass(call_t *call, routes_t *routes, task_t *task, double totals[ROUTE_SUMS]) {
    for_all(call, task, routes, ROUTE_CHUNKS, 0);
    for (int k = 0; k < ROUTE_SUMS; k++) totals[k] = sum_in_order(routes->sums + k, ROUTE_CHUNKS, ROUTE_SUMS);
}

static void set_phases(call_t *call, routes_t *routes, double gamma) {
    routes->gamma = gamma;
    for_all(call, fill_table, routes, ROUTE_CHUNKS, 0);
    for (size_t l = 0; l < routes->links.len / sizeof(double); l++)
        routes->link_phases[l] = unit(-gamma * ((double *)routes->links.buf)[l]);
}

static double largest_of(const Py_buffer *values) {
    double largest = 0;
    for (size_t k = 0; k < values->len / sizeof(double); k++)
        largest = fmax(largest, fabs(((double *)values->buf)[k]));
    return largest;
}

/* The start of an adjoint gradient: the second pair of arrays becomes O applied to the state. Returns <O>. */
static double seed_gradient(call_t *call, routes_t *routes, observable_t *observable,
                            double totals[ROUTE_SUMS]) {
    observable->scale = scale_for(observable, largest_of(&routes->outer) + largest_of(&routes->links) +
                                                  largest_of(&routes->inner));
    routes->observable = observable;
    set_phases(call, routes, 0);
    route_pass(call, routes, seed_chunk, totals);
    return totals[1] / totals[0];
}

#endif
