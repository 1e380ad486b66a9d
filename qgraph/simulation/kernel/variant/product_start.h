/* The first layer where the lowest spins are not coupled with each other: given the others they are a product, each turned
 * alone. They are those of a vector and of a window of vectors; Python puts an independent set of nodes there where labels do
 * not matter (SpinModel.relabelled). */
#ifndef QGRAPH_PRODUCT_START
#define QGRAPH_PRODUCT_START

#include "../base/costs.h"
#include "../base/phase_factors.h"
#include "butterfly.h"
#include "phases.h"

/* Of the vectors in a window, those that are kept whole; and the windows in a chunk of blocks. */
#define HELD_NEAR 4
#define MOST_PARTS (WINDOW_SIZE < 1 << MOST_ABOVE ? 1 << MOST_ABOVE : WINDOW_SIZE)

/* How many spins vary within a vector or a window of vectors. */
INLINE int NAME(near)(const model_t *model) { return LANES + NAME(near_spins)(model->low); }

static int NAME(free_spins)(const model_t *model) {
    int near = NAME(near)(model);
    return model->low > FIRST && model->independent >= near ? near : 0;
}

/* +1 in the lanes where bit q is 0, -1 in the others. */
INLINE vector_t NAME(lane_spins)(int q) {
    vector_t spins;
    UNROLL(int k = 0; k < VL; k++) spins[k] = k >> q & 1 ? -1 : 1;
    return spins;
}

/* What near spins see of those between them and `low`, for all values of these. */
static void NAME(prepare_free)(const model_t *model, layer_t *layer) {
    int low = model->low, near = NAME(near)(model), m = model->m;
    double gamma = layer->gamma;
    for (int r = near; r < m; r++)
        for (int q = 0; q < PADDED; q++) {
            double J = q < low && r >= low ? model->J[(size_t)r * m + q] : 0;
            complex_t pair = J != 0 ? unit(-gamma * J) : (complex_t){1, 0};
            layer->pair_re[r][q] = pair.re, layer->pair_im[r][q] = pair.im;
        }
    layer->above_re[0] = 1, layer->above_im[0] = 0;
    own_phases(model, gamma, near, low - near, layer->above_re, layer->above_im);
    for (size_t above = 0; above < (size_t)1 << (low - near); above++)
        for (int q = 0; q < PADDED; q++) {
            double field = 0;
            for (int r = near; q < near && r < low; r++) field += spin(above, r - near) * model->J[(size_t)r * m + q];
            complex_t seen = q < near ? unit(-gamma * (model->h[q] + field)) : (complex_t){1, 0};
            ((REAL *)layer->seen_re[above])[q] = (REAL)seen.re, ((REAL *)layer->seen_im[above])[q] = (REAL)seen.im;
        }
}

/* Spins in fields with exp(-i gamma h) = re + i im, each after (1 - i tan X): what both its amplitudes have in common, half
 * of what sets them apart, and both. */
typedef struct {
    REAL same_re[PADDED], same_im[PADDED], apart_re[PADDED], apart_im[PADDED];
    REAL re[2][PADDED], im[2][PADDED];
} NAME(turned_t);

INLINE void NAME(turn_spins)(const REAL *from_re, const REAL *from_im, const REAL *seen_re, const REAL *seen_im, REAL tangent,
                             NAME(turned_t) *restrict out) {
    for (int q = 0; q < PADDED; q++) {
        REAL r = from_re[q] * seen_re[q] - from_im[q] * seen_im[q], i = from_re[q] * seen_im[q] + from_im[q] * seen_re[q];
        REAL a = -tangent * i, b = -tangent * r;
        out->same_re[q] = r, out->same_im[q] = b, out->apart_re[q] = a, out->apart_im[q] = i;
        out->re[0][q] = r + a, out->im[0][q] = b + i, out->re[1][q] = r - a, out->im[1][q] = b - i;
    }
}

/* Parts of 2**near amplitudes, of a chunk: each is `near` over the lowest spins times `far` over the others. */
typedef struct {
    REAL near_re[MOST_PARTS][HELD_NEAR * VL], near_im[MOST_PARTS][HELD_NEAR * VL];
    REAL far_re[MOST_PARTS][WINDOW_SIZE / HELD_NEAR], far_im[MOST_PARTS][WINDOW_SIZE / HELD_NEAR];
} NAME(products_t);

/* Part number `part`: near spins alone, each turned from the uniform superposition, times `all`. */
INLINE void NAME(fill_product)(const NAME(turned_t) *spins, complex_t all, size_t part, NAME(products_t) *out) {
    vector_t xr[HELD_NEAR], xi[HELD_NEAR];
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t s = NAME(lane_spins)(q), wr = spins->same_re[q] + s * spins->apart_re[q], wi = spins->same_im[q] + s * spins->apart_im[q];
        if (q == 0) xr[0] = wr, xi[0] = wi;
        else NAME(multiply)(xr, xi, wr, wi);
    }
    UNROLL(int q = 0; q < 2; q++)
        UNROLL(int e = 0; e < 1 << q; e++) {
            xr[e | 1 << q] = xr[e], xi[e | 1 << q] = xi[e];
            UNROLL(int down = 0; down < 2; down++)
                NAME(multiply)(xr + (e | down << q), xi + (e | down << q), spins->re[down][LANES + q] - (vector_t){0},
                               spins->im[down][LANES + q] - (vector_t){0});
        }
    UNROLL(int e = 0; e < HELD_NEAR; e++) store(out->near_re[part] + e * VL, xr[e]), store(out->near_im[part] + e * VL, xi[e]);
    REAL *far_re = out->far_re[part], *far_im = out->far_im[part];
    far_re[0] = (REAL)all.re, far_im[0] = (REAL)all.im;
    UNROLL(int q = 0; q < WINDOW - 2; q++)
        UNROLL(int g = 0; g < 1 << q; g++) {
            REAL r = far_re[g], i = far_im[g];
            UNROLL(int down = 0; down < 2; down++) {
                REAL wr = spins->re[down][LANES + 2 + q], wi = spins->im[down][LANES + 2 + q];
                far_re[g | down << q] = r * wr - i * wi, far_im[g | down << q] = r * wi + i * wr;
            }
        }
}

/* 2**k parts from `from` on, with the k spins turned that select them. */
INLINE void NAME(store_products_k)(REAL *re, REAL *im, const NAME(products_t) *parts, size_t from, int k, const turn_t *by, size_t ahead) {
    const size_t step = VL * WINDOW_SIZE;
    turn_t turn = *by;
    UNROLL(int odd = 0; odd < 2; odd++) {
        for (size_t v = 0; v < WINDOW_SIZE; v++) {
            size_t at = v * VL, g = v / HELD_NEAR, j = v % HELD_NEAR * VL;
            vector_t x[WINDOW_SIZE];
            UNROLL(int e = 0; e < 1 << k; e++) {
                vector_t r = load(parts->near_re[from + e] + j), i = load(parts->near_im[from + e] + j);
                REAL wr = parts->far_re[from + e][g], wi = parts->far_im[from + e][g];
                x[e] = TURNS_BACK(e, odd) ? r * wi + i * wr : r * wr - i * wi;
            }
            NAME(turn_held)(x, &turn, k, odd);
            UNROLL(int e = 0; e < 1 << k; e++) {
                REAL *to = (TURNS_BACK(e, odd) ? im : re) + at + e * step;
                store(to, x[e]);
                if (ahead) NAME(prefetch)(to + ahead);
            }
        }
    }
}

static void NAME(store_products)(REAL *re, REAL *im, const NAME(products_t) *parts, size_t from, int k, const turn_t *turn, size_t ahead) {
    if (k == 0) NAME(store_products_k)(re, im, parts, from, 0, turn, ahead);
    else if (k == 1) NAME(store_products_k)(re, im, parts, from, 1, turn, ahead);
    else if (k == 2) NAME(store_products_k)(re, im, parts, from, 2, turn, ahead);
    else if (k == 3) NAME(store_products_k)(re, im, parts, from, 3, turn, ahead);
#if WINDOW == 4
    else NAME(store_products_k)(re, im, parts, from, 4, turn, ahead);
#endif
}

/* The parts of one block. */
static void NAME(fill_products)(NAME(source_t) *source, size_t block, size_t part, NAME(products_t) *out) {
    const model_t *model = source->model;
    const layer_t *layer = source->layer;
    int low = model->low, near = NAME(near)(model);
    NAME(next_fields)(model, layer, block, 0, &source->fields);
    const double *from_re = source->fields.re[0], *from_im = source->fields.im[0];
    complex_t fields[MOST_ABOVE];
    double all_re[1 << MOST_ABOVE], all_im[1 << MOST_ABOVE];
    for (int r = near; r < low; r++) fields[r - near] = (complex_t){from_re[r], from_im[r]};
    all_re[0] = source->alone_re[block], all_im[0] = source->alone_im[block];
    multiply_linear(all_re, all_im, fields, low - near);
    REAL near_re[PADDED], near_im[PADDED];
    for (int q = 0; q < PADDED; q++) near_re[q] = (REAL)from_re[q], near_im[q] = (REAL)from_im[q];
    NAME(turned_t) spins[1 << MOST_ABOVE];
    for (size_t x = 0; x < (size_t)1 << (low - near); x++)
        NAME(turn_spins)(near_re, near_im, (const REAL *)layer->seen_re[x], (const REAL *)layer->seen_im[x], (REAL)layer->tan, spins + x);
    for (size_t x = 0; x < (size_t)1 << (low - near); x++)
        NAME(fill_product)(spins + x, times((complex_t){all_re[x], all_im[x]}, (complex_t){layer->above_re[x], layer->above_im[x]}), part + x, out);
}

/* `blocks` blocks from `start` on after the first layer's phases and the mixer of their spins and those that select them. */
static void NAME(first_chunk)(NAME(source_t) *source, size_t start, size_t blocks, REAL *re, REAL *im, const turn_t *turn, size_t ahead) {
    NAME(products_t) parts ALIGNED;
    int near = NAME(near)(source->model), within = source->model->low - near, chunk = source->model->low + __builtin_ctzll(blocks);
    int k = NAME(left_spins)(chunk - near);
    for (size_t block = 0; block < blocks; block++) NAME(fill_products)(source, start + block, block << within, &parts);
    for (size_t from = 0; from < blocks << within; from += (size_t)1 << k)
        NAME(store_products)(re + (from << near), im + (from << near), &parts, from, k, turn, ahead);
    NAME(sweep)(re, im, chunk, near + k, chunk, turn);
}

#endif
