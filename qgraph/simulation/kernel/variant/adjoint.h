/* The adjoint gradient (Jones and Gacon, arXiv:2009.02823): two states, right = |state> and left = O|state>,
 * are evolved backward layer by layer. Derivatives are sums of Im <left| H |right>. */
#ifndef QGRAPH_ADJOINT
#define QGRAPH_ADJOINT

#include "../base/costs.h"
#include "../base/observable.h"
#include "column_pass.h"
#include "group_pass.h"
#include "phases.h"
#include "reductions.h"
#include "scalar_mixer.h"
#include "tile_mixer.h"

/* left = scale O(C) right. sums: the norm and <O>. */
static void NAME(seed)(const model_t *model, const observable_t *observable, state_t right, state_t left,
                       size_t number, double sums[2]) {
    group_t group;
    enter_group(model, number, &group);
    enter_costs(model, &group);
    sums[0] = sums[1] = 0;
    size_t size = (size_t)1 << model->low;
    for (size_t block = 0; block < (size_t)1 << (model->mid - model->low); block++) {
        double costs[LOW_SIZE] ALIGNED, norm = 0, value = 0;
        size_t start = (number << model->mid) + (block << model->low);
        const REAL *restrict re = (const REAL *)right.re + start, *restrict im =
                                                                      (const REAL *)right.im + start;
        REAL *restrict left_re = (REAL *)left.re + start, *restrict left_im = (REAL *)left.im + start;
        NAME(block_costs)(model, &group, block, costs);
        if (observable->alpha != 1)
            for (size_t x = 0; x < size; x++) costs[x] = observed(observable, costs[x]);
        _Pragma("omp simd reduction(+ : norm, value)") for (size_t x = 0; x < size; x++) {
            double p = (double)re[x] * re[x] + (double)im[x] * im[x];
            norm += p;
            value += p * costs[x];
            REAL scaled = (REAL)(costs[x] * observable->scale);
            left_re[x] = scaled * re[x];
            left_im[x] = scaled * im[x];
        }
        sums[0] += norm;
        sums[1] += value;
    }
}

/* y[e] = sum over q of x[e with bit q flipped]. Of four entries that differ in two bits, opposite ones have
 * the same two neighbours. */
INLINE void NAME(neighbours)(const vector_t *x, vector_t *y, int k) {
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
}

/* Im <left| sum X_q |right> over the spins first to first + k - 1, first >= LANES, and the first `width` of
 * 2**first columns. With `lanes`, also over the spins within a vector. */
INLINE double NAME(overlap_x_k)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li, int bits,
                                int first, int k, int lanes, size_t width) {
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
                NAME(neighbours)(x, y, k);
                UNROLL(int e = 0; e < 1 << k; e++) {
                    if (lanes)
                        UNROLL(int q = 0; q < LANES; q++) y[e] += NAME(flip)(x[e], q);
                    sums[side][e & 3] += y[e] * load(left + j + e * step);
                }
            }
    }
    UNROLL(int s = 0; s < 4; s++) total += NAME(lane_sum)(sums[0][s] - sums[1][s]);
    return total;
}

static double NAME(overlap_x)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li, int bits,
                              int first, int last) {
    double total = 0;
    if (first == 0) {
        int k = last - LANES >= 2 ? 2 : last - LANES;
        if (k == 2) total = NAME(overlap_x_k)(rr, ri, lr, li, bits, LANES, 2, 1, VL);
        else total = NAME(overlap_x_k)(rr, ri, lr, li, bits, LANES, 1, 1, VL);
        first = LANES + k;
    }
    while (first < last) {
        int k = NAME(next_butterfly)(last - first);
        if (k == 1) total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 1, 0, (size_t)1 << first);
        else if (k == 2) total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 2, 0, (size_t)1 << first);
        else if (k == 3) total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 3, 0, (size_t)1 << first);
#if BUTTERFLY == 4
        else total += NAME(overlap_x_k)(rr, ri, lr, li, bits, first, 4, 0, (size_t)1 << first);
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
                                     int implicit_spin) {
    size_t size = (size_t)1 << bits;
    double total = 0;
    for (size_t x = 0; x < size; x++) {
        for (int q = 0; q < bits; q++) {
            size_t y = x ^ (size_t)1 << q;
            total += (double)lr[x] * ri[y] - (double)li[x] * rr[y];
        }
        if (implicit_spin) total += (double)lr[x] * ri[size - 1 - x] - (double)li[x] * rr[size - 1 - x];
    }
    return total;
}

static void NAME(backward_scalar)(const model_t *model, const layer_t *layer, REAL *const arrays[4],
                                  double sums[2]) {
    size_t size = (size_t)1 << model->m;
    for (int side = 0; side < 4; side += 2)
        if (model->flip_symmetric)
            NAME(mix_implicit_scalar)(arrays[side], arrays[side + 1], size, (REAL)layer->tan);
    sums[0] =
        NAME(overlap_x_scalar)(arrays[0], arrays[1], arrays[2], arrays[3], model->m, model->flip_symmetric);
    for (int side = 0; side < 4; side += 2)
        NAME(mix_scalar)(arrays[side], arrays[side + 1], model->m, (REAL)layer->tan);
    sums[1] = 0;
    for (size_t x = 0; x < size; x++) {
        complex_t w = times(layer->scale, (complex_t){layer->low_re[x], layer->low_im[x]});
        for (int side = 0; side < 4; side += 2) {
            complex_t v = times(w, (complex_t){arrays[side][x], arrays[side + 1][x]});
            arrays[side][x] = (REAL)v.re;
            arrays[side + 1][x] = (REAL)v.im;
        }
        sums[1] +=
            model->low_costs[x] * ((double)arrays[2][x] * arrays[1][x] - (double)arrays[3][x] * arrays[0][x]);
    }
}

/* One layer backward on a group, after all columns. Mixers commute, so the overlaps with X may be summed when
 * other spins are already mixed. sums[0] is over the spins of the group and the implicit spin, with all spins
 * mixed except the register spins. sums[1] is the overlap with C, when all is done and the norm is restored.
 * `layer` is the inverse layer: its gamma and tan have the opposite sign. */
static void NAME(backward_group)(const model_t *model, const layer_t *layer, state_t right, state_t left,
                                 size_t number, double sums[2]) {
    int low = model->low, mid = model->mid;
    size_t at = number << mid;
    REAL *const a[4] = {(REAL *)right.re + at, (REAL *)right.im + at, (REAL *)left.re + at,
                        (REAL *)left.im + at};
    if (low < STEP_SPINS) {
        NAME(backward_scalar)(model, layer, a, sums);
        return;
    }
    rotation_t rotation = NAME(rotation)(layer->tan);
    size_t half = (size_t)1 << (mid - 1);
    int implicit_spin = NAME(group_has_implicit)(model), register_spins = NAME(count_register_spins)(model);
    for (int side = 0; side < 4; side += 2) {
        NAME(sweep_with_implicit)(a[side], a[side + 1], mid, NAME(chunk_spins)(model), implicit_spin,
                                  &rotation);
        NAME(sweep)(a[side], a[side + 1], mid, register_spins, NAME(chunk_spins)(model), &rotation);
    }
    sums[0] = NAME(overlap_x)(a[0], a[1], a[2], a[3], mid, low, mid);
    if (implicit_spin)
        sums[0] += NAME(overlap_implicit)(a[0], a[1], a[2], a[3], a[0] + half, a[1] + half, a[2] + half,
                                          a[3] + half, half);
    sums[1] = 0;
    TYPE(phase_source_t) source;
    TYPE(phases_t) phases ALIGNED;
    NAME(enter_phases)(model, layer, number, &source);
    group_t group;
    enter_group(model, number, &group);
    enter_costs(model, &group);
    REAL own[LOW_SIZE] ALIGNED;
    TYPE(costs_t) costs = {.own = own};
    double scale = scale_of(model);
    NAME(scale_own_costs)(model, scale, own);
    for (size_t block = 0; block < (size_t)1 << (mid - low); block++) {
        size_t x = block << low;
        sums[0] += NAME(overlap_x)(a[0] + x, a[1] + x, a[2] + x, a[3] + x, low, 0, low);
        NAME(block_phases)(&source, block, &phases);
        for (int side = 0; side < 4; side += 2) {
            NAME(mix_lowest)(a[side] + x, a[side + 1] + x, low, &rotation);
            UPDATE_BLOCK(model, a[side] + x, a[side + 1] + x, WHOLE(low), &phases, 0, &rotation, NULL, 0);
        }
        NAME(scale_outer_costs)(model, &group, block, scale, &costs);
        sums[1] +=
            NAME(block_overlap)(a[0] + x, a[1] + x, a[2] + x, a[3] + x, (size_t)1 << low, &costs) / scale;
    }
}

/* Im <left| sum X_q |right> over the spins of a tile. */
static double NAME(overlap_x_tile)(const columns_t *c, const TYPE(tile_t) *tile, const TYPE(rows_t) *r,
                                   const TYPE(rows_t) *l) {
    int spins = c->to - c->from, first = c->in_place ? c->from : c->width;
    double sum = 0;
    for (int side = 0; side <= c->implicit_spin; side++) {
        const REAL *rr = r[side].re, *ri = r[side].im, *lr = l[side].re, *li = l[side].im;
        if (!c->in_place) sum += NAME(overlap_x)(rr, ri, lr, li, first + spins, first, first + spins);
        else if (spins == 1) sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 1, first, 1, 0, tile->width);
        else if (spins == 2) sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 2, first, 2, 0, tile->width);
        else if (spins == 3) sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 3, first, 3, 0, tile->width);
#if BUTTERFLY == 4
        else sum += NAME(overlap_x_k)(rr, ri, lr, li, first + 4, first, 4, 0, tile->width);
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

/* The spins of a tile on both states. *sum is the overlap with their X, when all of them are mixed. */
static void NAME(backward_columns)(const columns_t *c, state_t right, state_t left, size_t number,
                                   void *scratch, double *sum) {
    TYPE(tile_t) tile = NAME(find_tile)(c, number);
    const state_t states[2] = {right, left};
    TYPE(rows_t) rows[2][2], work[2][2];
    rotation_t rotation = NAME(rotation)(c->tan);
    for (int s = 0; s < 2; s++) {
        scratch = NAME(place_tile)(c, &tile, states[s], scratch, rows[s], work[s]);
        NAME(load_tile)(c, &tile, rows[s], work[s], 0, &rotation);
    }
    *sum = NAME(overlap_x_tile)(c, &tile, work[0], work[1]);
    for (int s = 0; s < 2; s++) NAME(store_tile)(c, &tile, rows[s], work[s], 0, &rotation);
}

#endif
