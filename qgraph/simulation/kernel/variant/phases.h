/* The phases of the cost, block by block; there is no array of all phases.
 * Those of a block are a table over its own couplings (layer->table_re), times `step` over its lowest
 * STEP_SPINS spins, times `above` over its other spins. Where costs have few levels (levels.h), phases are
 * looked up instead: the level of an amplitude is the sum of three levels of the same kind. */
#ifndef QGRAPH_PHASES
#define QGRAPH_PHASES

#include <stdint.h>
#include <string.h>

#include "../base/costs.h"
#include "../base/levels.h"
#include "../base/phase_factors.h"
#include "vectors.h"

#if LOOKUP
#define levels_t NAME(level)
typedef int32_t levels_t __attribute__((vector_size(VL * 4), aligned(4), may_alias));
#endif

typedef struct {
    const REAL *low_re, *low_im;
    vector_t step_re[STEP_VECTORS], step_im[STEP_VECTORS];
    complex_t above_shared[LOW_SIZE >> STEP_SPINS]; /* above_re without the factor of the block */
    REAL above_re[LOW_SIZE >> STEP_SPINS], above_im[LOW_SIZE >> STEP_SPINS];
#if LOOKUP
    const int32_t *levels;
    levels_t step_levels[STEP_VECTORS];
    int32_t above_levels[LOW_SIZE >> STEP_SPINS];
    vector_t re[2], im[2];
#endif
} TYPE(phases_t);

INLINE void NAME(multiply)(vector_t *re, vector_t *im, vector_t wr, vector_t wi) {
    vector_t xr = *re * wr - *im * wi, xi = *re * wi + *im * wr;
    *re = xr;
    *im = xi;
}

INLINE void NAME(apply_phase)(vector_t *re, vector_t *im, const TYPE(phases_t) *phases, size_t g, int e,
                              int from_uniform, int lookup) {
    size_t at = (g << STEP_SPINS) + e * VL;
    vector_t wr, wi;
#if LOOKUP
    if (lookup) {
        levels_t level =
            *(const levels_t *)(phases->levels + at) + (phases->step_levels[e] + phases->above_levels[g]);
        wr = LOOKUP_LANES(phases->re[0], phases->re[1], level);
        wi = LOOKUP_LANES(phases->im[0], phases->im[1], level);
    } else
#endif
    {
        (void)lookup;
        wr = phases->step_re[e];
        wi = phases->step_im[e];
        NAME(multiply)(&wr, &wi, phases->above_re[g] - (vector_t){0}, phases->above_im[g] - (vector_t){0});
        NAME(multiply)(&wr, &wi, load(phases->low_re + at), load(phases->low_im + at));
    }
    if (from_uniform) {
        *re = wr;
        *im = wi;
    } else NAME(multiply)(re, im, wr, wi);
}

/* exp(-i gamma sum_r J_rq s_r) for each block spin q. Entry [inner] is over the column spins; each entry
 * below adds one more inner spin. Consecutive blocks share all entries except those whose spins changed. */
typedef struct {
    double re[MOST_INNER + 1][PADDED], im[MOST_INNER + 1][PADDED];
} TYPE(fields_t);

INLINE void NAME(multiply_fields)(const layer_t *layer, int r, double s, const double *re, const double *im,
                                  double *to_re, double *to_im) {
    for (int q = 0; q < PADDED; q++) {
        double wr = layer->pair_re[r][q], wi = s * layer->pair_im[r][q];
        double a = re[q] * wr - im[q] * wi, b = re[q] * wi + im[q] * wr;
        to_re[q] = a;
        to_im[q] = b;
    }
}

static void NAME(enter_fields)(const model_t *model, const layer_t *layer, size_t group,
                               TYPE(fields_t) *fields) {
    int inner = model->mid - model->low;
    for (int q = 0; q < PADDED; q++) {
        fields->re[inner][q] = 1;
        fields->im[inner][q] = 0;
    }
    for (int r = model->mid; r < model->m; r++)
        NAME(multiply_fields)(layer, r, spin(group, r - model->mid), fields->re[inner], fields->im[inner],
                              fields->re[inner], fields->im[inner]);
}

/* Update the entries down to `least` for a block. */
static void NAME(next_fields)(const model_t *model, const layer_t *layer, size_t block, int least,
                              TYPE(fields_t) *fields) {
    int inner = model->mid - model->low, level = block == 0 ? inner : __builtin_ctzll(block) + 1;
    while (level-- > least)
        NAME(multiply_fields)(layer, model->low + level, spin(block, level), fields->re[level + 1],
                              fields->im[level + 1], fields->re[level], fields->im[level]);
}

INLINE void NAME(combine_fields)(int low, const double *re, const double *im, TYPE(phases_t) *out) {
    vector_t nr[STEP_VECTORS], ni[STEP_VECTORS];
    nr[0] = 1 - (vector_t){0};
    ni[0] = (vector_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t wr = (REAL)re[q] - (vector_t){0}, spins;
        UNROLL(int k = 0; k < VL; k++) spins[k] = k >> q & 1 ? -1 : 1;
        vector_t wi = (REAL)im[q] * spins;
        vector_t a = nr[0] * wr - ni[0] * wi, b = nr[0] * wi + ni[0] * wr;
        nr[0] = a;
        ni[0] = b;
    }
    UNROLL(int q = 0; q < BUTTERFLY - 1; q++) {
        UNROLL(int e = 0; e < 1 << q; e++) {
            REAL wr = (REAL)re[LANES + q], wi = (REAL)im[LANES + q];
            vector_t a = nr[e] * wr, b = ni[e] * wi, c = nr[e] * wi, d = ni[e] * wr;
            nr[e] = a - b;
            ni[e] = c + d;
            nr[e | 1 << q] = a + b;
            ni[e | 1 << q] = d - c;
        }
    }
    UNROLL(int e = 0; e < STEP_VECTORS; e++) {
        out->step_re[e] = nr[e];
        out->step_im[e] = ni[e];
    }
    complex_t *above = out->above_shared;
    above[0] = (complex_t){1, 0};
    for (int q = STEP_SPINS; q < low; q++)
        for (int g = 0; g < 1 << (q - STEP_SPINS); g++) {
            complex_t here = above[g];
            above[g] = times(here, (complex_t){re[q], im[q]});
            above[g + (1 << (q - STEP_SPINS))] = times(here, (complex_t){re[q], -im[q]});
        }
}

static void NAME(prepare)(const model_t *model, layer_t *layer) {
    int low = model->low;
    REAL *table_re = (REAL *)layer->table_re, *table_im = (REAL *)layer->table_im;
#if LOOKUP
    if (model->unit != 0 && low >= STEP_SPINS) {
        for (int k = 0; k < MOST_LEVELS; k++) {
            complex_t w = unit(layer->gamma * (model->shift - 2 * model->unit * k));
            table_re[k] = (REAL)w.re;
            table_im[k] = (REAL)w.im;
        }
        return;
    }
#endif
    for (int r = low; r < model->m; r++)
        for (int q = 0; q < low; q++) {
            complex_t pair = unit(-layer->gamma * model->J[(size_t)r * model->m + q]);
            layer->pair_re[r][q] = pair.re;
            layer->pair_im[r][q] = pair.im;
        }
    for (int r = low; r < model->m; r++)
        for (int q = low; q < PADDED; q++) {
            layer->pair_re[r][q] = 1;
            layer->pair_im[r][q] = 0;
        }
    double *re = layer->low_re, *im = layer->low_im;
    re[0] = 1;
    im[0] = 0;
    own_phases(model, layer->gamma, 0, low, re, im);
    for (size_t x = 0; x < (size_t)1 << low; x++) {
        table_re[x] = (REAL)re[x];
        table_im[x] = (REAL)im[x];
    }
    for (size_t row = 0; row < (size_t)1 << model->tabled && model->tabled; row++) {
        complex_t fields[PADDED];
        for (int q = 0; q < low; q++) {
            fields[q] = (complex_t){1, 0};
            for (int r = 0; r < model->tabled; r++) {
                complex_t pair = {layer->pair_re[low + r][q], spin(row, r) * layer->pair_im[low + r][q]};
                fields[q] = times(fields[q], pair);
            }
        }
        double row_re[LOW_SIZE], row_im[LOW_SIZE];
        row_re[0] = 1;
        row_im[0] = 0;
        multiply_linear(row_re, row_im, fields, low);
        for (size_t x = 0; x < (size_t)1 << low; x++) {
            table_re[(row << low) + x] = (REAL)(row_re[x] * re[x] - row_im[x] * im[x]);
            table_im[(row << low) + x] = (REAL)(row_re[x] * im[x] + row_im[x] * re[x]);
        }
    }
}

/* The phases of the blocks of a group, which are read in order. */
typedef struct {
    const model_t *model;
    const layer_t *layer;
    block_factors_t factors;
    /* For each block: the phase of all terms without block spins, times the scale of the layer. */
    const double *factor_re, *factor_im;
    TYPE(fields_t) fields;
#if LOOKUP
    int32_t units[PADDED]; /* fields of the column spins on the block spins, in units */
#endif
} TYPE(phase_source_t);

#if LOOKUP
INLINE void NAME(add_units)(const int32_t *units, int down, int32_t *to) {
    for (int q = 0; q < PADDED; q++) to[q] += (units[q] ^ -down) + down;
}
#endif

static void NAME(enter_phases)(const model_t *model, const layer_t *layer, size_t number,
                               TYPE(phase_source_t) *source) {
    source->model = model;
    source->layer = layer;
    source->factor_re = layer->inner_re;
    source->factor_im = layer->inner_im;
    if (covers_all_above(model)) {
        source->factor_re += number << (model->mid - model->low);
        source->factor_im += number << (model->mid - model->low);
    } else {
        enter_block_factors(model, layer, number, &source->factors);
        source->factor_re = source->factors.re;
        source->factor_im = source->factors.im;
    }
#if LOOKUP
    if (model->unit != 0 && !layer->product) {
        memset(source->units, 0, sizeof source->units);
        for (int r = model->mid; r < model->m; r++)
            NAME(add_units)(model->units[r], number >> (r - model->mid) & 1, source->units);
        return;
    }
#endif
    NAME(enter_fields)(model, layer, number, &source->fields);
}

#if LOOKUP
static void NAME(combine_levels)(const TYPE(phase_source_t) *source, size_t block, TYPE(phases_t) *out) {
    const model_t *model = source->model;
    int32_t fields[PADDED], up[PADDED], down[PADDED];
    memcpy(fields, source->units, sizeof fields);
    for (int r = model->low + model->tabled; r < model->mid; r++)
        NAME(add_units)(model->units[r], block >> (r - model->low) & 1, fields);
    for (int q = 0; q < PADDED; q++) {
        up[q] = (model->bounds[q] + fields[q]) / 2;
        down[q] = (model->bounds[q] - fields[q]) / 2;
    }
    levels_t *step = out->step_levels;
    step[0] = (levels_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        levels_t lanes;
        UNROLL(int k = 0; k < VL; k++) lanes[k] = -(k >> q & 1);
        step[0] += up[q] + (lanes & (down[q] - up[q]));
    }
    UNROLL(int q = 0; q < BUTTERFLY - 1; q++) {
        UNROLL(int e = 0; e < 1 << q; e++) {
            step[e | 1 << q] = step[e] + down[LANES + q];
            step[e] += up[LANES + q];
        }
    }
    out->above_levels[0] = 0;
    for (int q = STEP_SPINS; q < model->low; q++)
        for (int g = 0; g < 1 << (q - STEP_SPINS); g++) {
            out->above_levels[g + (1 << (q - STEP_SPINS))] = out->above_levels[g] + down[q];
            out->above_levels[g] += up[q];
        }
}
#endif

/* The phases of the next block. */
INLINE void NAME(block_phases)(TYPE(phase_source_t) *source, size_t block, TYPE(phases_t) *out) {
    const model_t *model = source->model;
    const layer_t *layer = source->layer;
    int low = model->low, tabled = model->tabled;
    size_t row = block & (((size_t)1 << tabled) - 1), table = row << low;
    complex_t factor = {source->factor_re[block], source->factor_im[block]};
#if LOOKUP
    if (model->unit != 0) {
        if (row == 0) NAME(combine_levels)(source, block, out);
        out->levels = model->levels + table;
        UNROLL(int half = 0; half < 2; half++) {
            out->re[half] = load((const REAL *)layer->table_re + half * VL);
            out->im[half] = load((const REAL *)layer->table_im + half * VL);
            NAME(multiply)(out->re + half, out->im + half, (REAL)factor.re - (vector_t){0},
                           (REAL)factor.im - (vector_t){0});
        }
        return;
    }
#endif
    if (row == 0) {
        NAME(next_fields)(model, layer, block, tabled, &source->fields);
        NAME(combine_fields)(low, source->fields.re[tabled], source->fields.im[tabled], out);
    }
    out->low_re = (const REAL *)layer->table_re + table;
    out->low_im = (const REAL *)layer->table_im + table;
    for (int g = 0; g < 1 << (low - STEP_SPINS); g++) {
        complex_t above = times(out->above_shared[g], factor);
        out->above_re[g] = (REAL)above.re;
        out->above_im[g] = (REAL)above.im;
    }
}

#endif
