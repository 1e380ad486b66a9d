/* The first layer where the register spins are independent: given all other spins, the state is a product
 * over them, and each spin is mixed alone. Python puts an independent set of nodes first where labels do not
 * matter (`relabelled` in ../../vector/spins.py). */
#ifndef QGRAPH_PRODUCT_START
#define QGRAPH_PRODUCT_START

#include "../base/costs.h"
#include "../base/phase_factors.h"
#include "butterfly.h"
#include "phases.h"

/* The vectors of a part that are stored whole; and the parts in a chunk of blocks. */
#define PRODUCT_VECTORS 4
#define MOST_PARTS (BUTTERFLY_SIZE < 1 << MOST_ABOVE ? 1 << MOST_ABOVE : BUTTERFLY_SIZE)

static int NAME(independent_spins)(const model_t *model) {
    int register_spins = NAME(count_register_spins)(model);
    return model->low > STEP_SPINS && model->independent >= register_spins ? register_spins : 0;
}

/* The phases of the fields on the register spins, for all values of the block spins above. */
static void NAME(prepare_product)(const model_t *model, layer_t *layer) {
    int low = model->low, register_spins = NAME(count_register_spins)(model), m = model->m;
    double gamma = layer->gamma;
    for (int r = register_spins; r < m; r++)
        for (int q = 0; q < PADDED; q++) {
            double J = q < low && r >= low ? model->J[(size_t)r * m + q] : 0;
            complex_t pair = J != 0 ? unit(-gamma * J) : (complex_t){1, 0};
            layer->pair_re[r][q] = pair.re;
            layer->pair_im[r][q] = pair.im;
        }
    layer->above_re[0] = 1;
    layer->above_im[0] = 0;
    own_phases(model, gamma, register_spins, low - register_spins, layer->above_re, layer->above_im);
    for (size_t above = 0; above < (size_t)1 << (low - register_spins); above++)
        for (int q = 0; q < PADDED; q++) {
            double field = 0;
            for (int r = register_spins; q < register_spins && r < low; r++)
                field += spin(above, r - register_spins) * model->J[(size_t)r * m + q];
            complex_t local = q < register_spins ? unit(-gamma * (model->h[q] + field)) : (complex_t){1, 0};
            ((REAL *)layer->local_re[above])[q] = (REAL)local.re;
            ((REAL *)layer->local_im[above])[q] = (REAL)local.im;
        }
}

/* Single spins with phase exp(-i gamma h) = re + i im after 1 - i tan X: the mean of the two amplitudes, half
 * of their difference, and both amplitudes. */
typedef struct {
    REAL mean_re[PADDED], mean_im[PADDED], difference_re[PADDED], difference_im[PADDED];
    REAL re[2][PADDED], im[2][PADDED];
} TYPE(mixed_spins_t);

INLINE void NAME(mix_spins)(const REAL *from_re, const REAL *from_im, const REAL *local_re,
                            const REAL *local_im, REAL tangent, TYPE(mixed_spins_t) *restrict out) {
    for (int q = 0; q < PADDED; q++) {
        REAL r = from_re[q] * local_re[q] - from_im[q] * local_im[q],
             i = from_re[q] * local_im[q] + from_im[q] * local_re[q];
        REAL a = -tangent * i, b = -tangent * r;
        out->mean_re[q] = r;
        out->mean_im[q] = b;
        out->difference_re[q] = a;
        out->difference_im[q] = i;
        out->re[0][q] = r + a;
        out->im[0][q] = b + i;
        out->re[1][q] = r - a;
        out->im[1][q] = b - i;
    }
}

/* Parts of 2**register_spins amplitudes: each is a product of `vectors` over its lowest spins and `scalars`
 * over the others. */
typedef struct {
    REAL vectors_re[MOST_PARTS][PRODUCT_VECTORS * VL], vectors_im[MOST_PARTS][PRODUCT_VECTORS * VL];
    REAL scalars_re[MOST_PARTS][BUTTERFLY_SIZE / PRODUCT_VECTORS],
        scalars_im[MOST_PARTS][BUTTERFLY_SIZE / PRODUCT_VECTORS];
} TYPE(products_t);

/* One part: the register spins, each mixed from the uniform superposition, times `all`. */
INLINE void NAME(fill_product)(const TYPE(mixed_spins_t) *spins, complex_t all, size_t part,
                               TYPE(products_t) *out) {
    vector_t xr[PRODUCT_VECTORS], xi[PRODUCT_VECTORS];
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t s = NAME(lane_spins)(q), wr = spins->mean_re[q] + s * spins->difference_re[q],
                 wi = spins->mean_im[q] + s * spins->difference_im[q];
        if (q == 0) {
            xr[0] = wr;
            xi[0] = wi;
        } else NAME(multiply)(xr, xi, wr, wi);
    }
    UNROLL(int q = 0; q < 2; q++)
        UNROLL(int e = 0; e < 1 << q; e++) {
            xr[e | 1 << q] = xr[e];
            xi[e | 1 << q] = xi[e];
            UNROLL(int down = 0; down < 2; down++)
                NAME(multiply)(xr + (e | down << q), xi + (e | down << q),
                               spins->re[down][LANES + q] - (vector_t){0},
                               spins->im[down][LANES + q] - (vector_t){0});
        }
    UNROLL(int e = 0; e < PRODUCT_VECTORS; e++) {
        store(out->vectors_re[part] + e * VL, xr[e]);
        store(out->vectors_im[part] + e * VL, xi[e]);
    }
    REAL *scalars_re = out->scalars_re[part], *scalars_im = out->scalars_im[part];
    scalars_re[0] = (REAL)all.re;
    scalars_im[0] = (REAL)all.im;
    UNROLL(int q = 0; q < BUTTERFLY - 2; q++)
        UNROLL(int g = 0; g < 1 << q; g++) {
            REAL r = scalars_re[g], i = scalars_im[g];
            UNROLL(int down = 0; down < 2; down++) {
                REAL wr = spins->re[down][LANES + 2 + q], wi = spins->im[down][LANES + 2 + q];
                scalars_re[g | down << q] = r * wr - i * wi;
                scalars_im[g | down << q] = r * wi + i * wr;
            }
        }
}

/* Store 2**k parts from `from` on, with the k spins mixed that select them. */
INLINE void NAME(store_products_k)(REAL *re, REAL *im, const TYPE(products_t) *parts, size_t from, int k,
                                   const rotation_t *by, size_t ahead) {
    const size_t step = VL * BUTTERFLY_SIZE;
    rotation_t rotation = *by;
    UNROLL(int odd = 0; odd < 2; odd++) {
        for (size_t v = 0; v < BUTTERFLY_SIZE; v++) {
            size_t at = v * VL, g = v / PRODUCT_VECTORS, j = v % PRODUCT_VECTORS * VL;
            vector_t x[BUTTERFLY_SIZE];
            UNROLL(int e = 0; e < 1 << k; e++) {
                vector_t r = load(parts->vectors_re[from + e] + j), i = load(parts->vectors_im[from + e] + j);
                REAL wr = parts->scalars_re[from + e][g], wi = parts->scalars_im[from + e][g];
                x[e] = IS_IMAGINARY(e, odd) ? r * wi + i * wr : r * wr - i * wi;
            }
            NAME(butterfly)(x, &rotation, k, odd);
            UNROLL(int e = 0; e < 1 << k; e++) {
                REAL *to = (IS_IMAGINARY(e, odd) ? im : re) + at + e * step;
                store(to, x[e]);
                if (ahead) NAME(prefetch)(to + ahead);
            }
        }
    }
}

static void NAME(store_products)(REAL *re, REAL *im, const TYPE(products_t) *parts, size_t from, int k,
                                 const rotation_t *rotation, size_t ahead) {
    if (k == 0) NAME(store_products_k)(re, im, parts, from, 0, rotation, ahead);
    else if (k == 1) NAME(store_products_k)(re, im, parts, from, 1, rotation, ahead);
    else if (k == 2) NAME(store_products_k)(re, im, parts, from, 2, rotation, ahead);
    else if (k == 3) NAME(store_products_k)(re, im, parts, from, 3, rotation, ahead);
#if BUTTERFLY == 4
    else NAME(store_products_k)(re, im, parts, from, 4, rotation, ahead);
#endif
}

/* The parts of one block. */
static void NAME(fill_products)(TYPE(phase_source_t) *source, size_t block, size_t part,
                                TYPE(products_t) *out) {
    const model_t *model = source->model;
    const layer_t *layer = source->layer;
    int low = model->low, register_spins = NAME(count_register_spins)(model);
    NAME(next_fields)(model, layer, block, 0, &source->fields);
    const double *from_re = source->fields.re[0], *from_im = source->fields.im[0];
    complex_t fields[MOST_ABOVE];
    double all_re[1 << MOST_ABOVE], all_im[1 << MOST_ABOVE];
    for (int r = register_spins; r < low; r++)
        fields[r - register_spins] = (complex_t){from_re[r], from_im[r]};
    all_re[0] = source->factor_re[block];
    all_im[0] = source->factor_im[block];
    multiply_linear(all_re, all_im, fields, low - register_spins);
    REAL field_re[PADDED], field_im[PADDED];
    for (int q = 0; q < PADDED; q++) {
        field_re[q] = (REAL)from_re[q];
        field_im[q] = (REAL)from_im[q];
    }
    TYPE(mixed_spins_t) spins[1 << MOST_ABOVE];
    for (size_t x = 0; x < (size_t)1 << (low - register_spins); x++)
        NAME(mix_spins)(field_re, field_im, (const REAL *)layer->local_re[x],
                        (const REAL *)layer->local_im[x], (REAL)layer->tan, spins + x);
    for (size_t x = 0; x < (size_t)1 << (low - register_spins); x++)
        NAME(fill_product)(
            spins + x,
            times((complex_t){all_re[x], all_im[x]}, (complex_t){layer->above_re[x], layer->above_im[x]}),
            part + x, out);
}

/* The first layer on `blocks` blocks from `start` on: the phases, and the mixer on the spins of this
 * chunk. */
static void NAME(first_chunk)(TYPE(phase_source_t) *source, size_t start, size_t blocks, REAL *re, REAL *im,
                              const rotation_t *rotation, size_t ahead) {
    TYPE(products_t) parts ALIGNED;
    int register_spins = NAME(count_register_spins)(source->model),
        within = source->model->low - register_spins, chunk = source->model->low + __builtin_ctzll(blocks);
    int k = NAME(last_butterfly)(chunk - register_spins);
    for (size_t block = 0; block < blocks; block++)
        NAME(fill_products)(source, start + block, block << within, &parts);
    for (size_t from = 0; from < blocks << within; from += (size_t)1 << k)
        NAME(store_products)(re + (from << register_spins), im + (from << register_spins), &parts, from, k,
                             rotation, ahead);
    NAME(sweep)(re, im, chunk, register_spins + k, chunk, rotation);
}

#endif
