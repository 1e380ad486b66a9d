/* Inner loops over runs of routes; see calls/routes.h. */
#ifndef QGRAPH_ROUTE_RUNS
#define QGRAPH_ROUTE_RUNS

#include <stddef.h>

#include "../base/observable.h"
#include "../base/types.h"
#include "parameters.h"

#define OPEN(state, r, i) \
    REAL *restrict r = (REAL *)(state).re + start, *restrict i = (REAL *)(state).im + start

/* x = link table (x - shift) on one run. Returns the sum of x. With from_uniform, x starts as 1. */
static complex_t NAME(forward_run)(state_t state, size_t start, size_t count, int from_uniform,
                                   complex_t shift, complex_t link, const complex_t *table) {
    OPEN(state, re, im);
    REAL sr = (REAL)link.re, si = (REAL)link.im, dr = (REAL)shift.re, di = (REAL)shift.im;
    double sum_re = 0, sum_im = 0;
    _Pragma("omp simd reduction(+ : sum_re, sum_im)") for (size_t x = 0; x < count; x++) {
        REAL tr = (REAL)table[x].re, ti = (REAL)table[x].im, wr = tr * sr - ti * si, wi = tr * si + ti * sr;
        REAL xr = from_uniform ? 1 : re[x] - dr, xi = from_uniform ? 0 : im[x] - di;
        REAL a = xr * wr - xi * wi, b = xr * wi + xi * wr;
        re[x] = a;
        im[x] = b;
        sum_re += (double)a;
        sum_im += (double)b;
    }
    return (complex_t){sum_re, sum_im};
}

/* The inverse on two states. sums: those of both states afterwards, and C Im <left|right> before the
 * phases. */
static void NAME(backward_run)(state_t right, state_t left, size_t start, size_t count,
                               const complex_t shift[2], complex_t link, const complex_t *table, double base,
                               const double *costs, double sums[5]) {
    OPEN(right, rr, ri);
    OPEN(left, lr, li);
    REAL sr = (REAL)link.re, si = (REAL)link.im;
    REAL dr = (REAL)shift[0].re, di = (REAL)shift[0].im, er = (REAL)shift[1].re, ei = (REAL)shift[1].im;
    double s0 = 0, s1 = 0, s2 = 0, s3 = 0, inner = 0;
    _Pragma("omp simd reduction(+ : s0, s1, s2, s3, inner)") for (size_t x = 0; x < count; x++) {
        REAL tr = (REAL)table[x].re, ti = (REAL)table[x].im, wr = tr * sr - ti * si, wi = tr * si + ti * sr;
        REAL a = rr[x] - dr, b = ri[x] - di, c = lr[x] - er, d = li[x] - ei;
        inner += (base + costs[x]) * ((double)c * b - (double)d * a);
        REAL p = a * wr - b * wi, q = a * wi + b * wr, r = c * wr - d * wi, s = c * wi + d * wr;
        rr[x] = p;
        ri[x] = q;
        lr[x] = r;
        li[x] = s;
        s0 += (double)p;
        s1 += (double)q;
        s2 += (double)r;
        s3 += (double)s;
    }
    sums[0] += s0;
    sums[1] += s1;
    sums[2] += s2;
    sums[3] += s3;
    sums[4] += inner;
}

/* left = scale O(C) right on one run. sums: the norm, <O>, and those of both states. */
static void NAME(seed_run)(state_t right, state_t left, size_t start, size_t count, double base,
                           const double *costs, const observable_t *observable, double sums[6]) {
    OPEN(right, rr, ri);
    OPEN(left, lr, li);
    for (size_t x = 0; x < count; x++) {
        double value = observed(observable, base + costs[x]),
               p = (double)rr[x] * rr[x] + (double)ri[x] * ri[x];
        REAL scaled = (REAL)(value * observable->scale);
        lr[x] = scaled * rr[x];
        li[x] = scaled * ri[x];
        sums[0] += p;
        sums[1] += p * value;
        sums[2] += (double)rr[x];
        sums[3] += (double)ri[x];
        sums[4] += (double)lr[x];
        sums[5] += (double)li[x];
    }
}

static void NAME(subtract)(state_t state, size_t start, size_t count, complex_t shift) {
    OPEN(state, re, im);
    for (size_t x = 0; x < count; x++) {
        re[x] -= (REAL)shift.re;
        im[x] -= (REAL)shift.im;
    }
}

#undef OPEN

#endif
