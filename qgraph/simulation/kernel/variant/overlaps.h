/* Im <left| B |right>, where B is the sum of X over spins, or of their x X + z Z for warm starts. */
#ifndef QGRAPH_OVERLAPS
#define QGRAPH_OVERLAPS

#include <stddef.h>

#include "../base/types.h"
#include "butterfly.h"
#include "reductions.h"
#include "tile_mixer.h"

#if TILTED
/* The x of k spins and of the spins within a vector; the sum of z s over them, in each vector. */
typedef struct {
    vector_t x[BUTTERFLY], lane_x[LANES], z[BUTTERFLY_SIZE];
} TYPE(axes_t);

INLINE TYPE(axes_t) NAME(axes)(const tilt_t *tilts, int first, int k, int lanes) {
    TYPE(axes_t) out;
    out.z[0] = (vector_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        out.lane_x[q] = (REAL)tilts[q].x - (vector_t){0};
        if (lanes) out.z[0] += (REAL)tilts[q].z * NAME(lane_spins)(q);
    }
    UNROLL(int q = 0; q < k; q++) {
        REAL z = (REAL)tilts[first + q].z;
        out.x[q] = (REAL)tilts[first + q].x - (vector_t){0};
        UNROLL(int e = 0; e < 1 << q; e++) {
            out.z[e | 1 << q] = out.z[e] - z;
            out.z[e] += z;
        }
    }
    return out;
}

/* y = B x for these spins. */
INLINE void NAME(neighbours)(const vector_t *x, vector_t *y, int k, int lanes, const TYPE(axes_t) *axes) {
    UNROLL(int e = 0; e < 1 << k; e++) {
        y[e] = axes->z[e] * x[e];
        UNROLL(int q = 0; q < k; q++) y[e] += axes->x[q] * x[e ^ 1 << q];
        if (lanes)
            UNROLL(int q = 0; q < LANES; q++) y[e] += axes->lane_x[q] * NAME(flip)(x[e], q);
    }
}
#else
typedef int TYPE(axes_t);

INLINE TYPE(axes_t) NAME(axes)(const tilt_t *tilts, int first, int k, int lanes) {
    (void)tilts;
    return first + k + lanes;
}

/* y[e] = sum over q of x[e with bit q flipped]. Of four entries that differ in two bits, opposite ones have
 * the same two neighbours. With `lanes`, the same over the spins within a vector. */
INLINE void NAME(neighbours)(const vector_t *x, vector_t *y, int k, int lanes, const TYPE(axes_t) *axes) {
    (void)axes;
    UNROLL(int e = 0; e < 1 << k; e++) y[e] = k & 1 ? x[e ^ 1 << (k - 1)] : (vector_t){0};
    UNROLL(int q = 0; q + 1 < k; q += 2) {
        UNROLL(int e = 0; e < 1 << k; e++)
            if (!(e >> q & 3)) {
                int f = e | 1 << q, g = e | 2 << q, h = e | 3 << q;
                vector_t inner = x[f] + x[g], outer = x[e] + x[h];
                y[e] += inner;
                y[h] += inner;
                y[f] += outer;
                y[g] += outer;
            }
    }
    if (lanes)
        UNROLL(int e = 0; e < 1 << k; e++)
            UNROLL(int q = 0; q < LANES; q++) y[e] += NAME(flip)(x[e], q);
}
#endif

/* Im <left| B |right> over the spins first to first + k - 1, first >= LANES, and the first `width` of
 * 2**first columns. With `lanes`, also over the spins within a vector. */
INLINE double NAME(overlap_x_k)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li, int bits,
                                int first, int k, int lanes, size_t width, const tilt_t *tilts) {
    TYPE(axes_t) axes = NAME(axes)(tilts, first, k, lanes);
    size_t step = (size_t)1 << first, run = step << k;
    vector_t sums[2][4] = {{{0}}};
    double total = 0;
    for (size_t start = 0; start < (size_t)1 << bits; start += run) {
        if (start % LONGEST_SUM == 0) {
            UNROLL(int s = 0; s < 4; s++) {
                total += NAME(lane_sum)(sums[0][s] - sums[1][s]);
                sums[0][s] = sums[1][s] = (vector_t){0};
            }
        }
        for (size_t j = start; j < start + width; j += VL)
            UNROLL(int side = 0; side < 2; side++) {
                const REAL *right = side ? rr : ri, *left = side ? li : lr;
                vector_t x[BUTTERFLY_SIZE], y[BUTTERFLY_SIZE];
                UNROLL(int e = 0; e < 1 << k; e++) x[e] = load(right + j + e * step);
                NAME(neighbours)(x, y, k, lanes, &axes);
                UNROLL(int e = 0; e < 1 << k; e++) sums[side][e & 3] += y[e] * load(left + j + e * step);
            }
    }
    UNROLL(int s = 0; s < 4; s++) total += NAME(lane_sum)(sums[0][s] - sums[1][s]);
    return total;
}

static double NAME(overlap_x)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li, int bits,
                              int first, int last, const tilt_t *tilts) {
    double total = 0;
    if (first == 0) {
        int k = last - LANES >= 2 ? 2 : last - LANES;
        if (k == 2) total = NAME(overlap_x_k)(rr, ri, lr, li, bits, LANES, 2, 1, VL, tilts);
        else total = NAME(overlap_x_k)(rr, ri, lr, li, bits, LANES, 1, 1, VL, tilts);
        first = LANES + k;
    }
    while (first < last) {
        int k = NAME(next_butterfly)(last - first);
        if (k == 1) total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 1, 0, (size_t)1 << first, tilts);
        else if (k == 2)
            total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 2, 0, (size_t)1 << first, tilts);
        else if (k == 3)
            total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 3, 0, (size_t)1 << first, tilts);
#if BUTTERFLY == 4
        else total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 4, 0, (size_t)1 << first, tilts);
#endif
        first += k;
    }
    return total;
}

/* Im <left| X |right> for the implicit spin, over columns and their complements. */
static double NAME(overlap_implicit)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li,
                                     const REAL *rr2, const REAL *ri2, const REAL *lr2, const REAL *li2,
                                     size_t count) {
    vector_t sum = {0}, sum2 = {0};
    for (size_t j = 0; j < count; j += VL) {
        size_t k = count - VL - j;
        vector_t ar = load(rr + j), ai = load(ri + j), br = NAME(reverse)(load(rr2 + k)),
                 bi = NAME(reverse)(load(ri2 + k));
        vector_t cr = load(lr + j), ci = load(li + j), dr = NAME(reverse)(load(lr2 + k)),
                 di = NAME(reverse)(load(li2 + k));
        sum += cr * bi + dr * ai;
        sum2 += ci * br + di * ar;
    }
    return NAME(lane_sum)(sum - sum2);
}

static double NAME(overlap_x_scalar)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li, int bits,
                                     int implicit_spin, const tilt_t *tilts) {
    size_t size = (size_t)1 << bits;
    double total = 0;
    for (size_t x = 0; x < size; x++) {
        for (int q = 0; q < bits; q++) {
            size_t y = x ^ (size_t)1 << q;
            double along = (double)lr[x] * ri[y] - (double)li[x] * rr[y];
            total += TILTED ? tilts[q].x * along : along;
            if (TILTED) total += tilts[q].z * spin(x, q) * ((double)lr[x] * ri[x] - (double)li[x] * rr[x]);
        }
        if (implicit_spin) total += (double)lr[x] * ri[size - 1 - x] - (double)li[x] * rr[size - 1 - x];
    }
    return total;
}

/* Im <left| B |right> over the spins of a tile. */
static double NAME(overlap_x_tile)(const columns_t *c, const TYPE(tile_t) *tile, const TYPE(rows_t) *r,
                                   const TYPE(rows_t) *l) {
    int spins = c->to - c->from, first = c->in_place ? c->from : c->width;
    double sum = 0;
    const tilt_t *tilts = c->tilts + c->from - first;
    for (int side = 0; side <= c->implicit_spin; side++) {
        const REAL *rr = r[side].re, *ri = r[side].im, *lr = l[side].re, *li = l[side].im;
        if (!c->in_place) sum += NAME(overlap_x)(rr, ri, lr, li, first + spins, first, first + spins, tilts);
        else if (spins == 1)
            sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 1, first, 1, 0, tile->width, tilts);
        else if (spins == 2)
            sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 2, first, 2, 0, tile->width, tilts);
        else if (spins == 3)
            sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 3, first, 3, 0, tile->width, tilts);
#if BUTTERFLY == 4
        else sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 4, first, 4, 0, tile->width, tilts);
#endif
    }
    for (size_t row = 0; c->implicit_spin && row < tile->rows; row++) {
        size_t here = row * r->stride, there = (tile->rows - 1 - row) * r->stride;
        sum += NAME(overlap_implicit)(r[0].re + here, r[0].im + here, l[0].re + here, l[0].im + here,
                                      r[1].re + there, r[1].im + there, l[1].re + there, l[1].im + there,
                                      tile->width);
    }
    return sum;
}

#endif
