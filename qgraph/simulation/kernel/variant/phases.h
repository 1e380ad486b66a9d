/* The cost's phases, block by block: no array of all of them is ever formed.
 *
 * A block's phases are those of its own couplings, a table (layer->table), times `near` over its lowest FIRST spins, times
 * `far` over the others. Where few costs differ they are looked up instead: a spin's part of a cost is a small whole number
 * of steps above the least, and the phases of all sums fit two vectors. */
#ifndef QGRAPH_PHASES
#define QGRAPH_PHASES

#include <stdint.h>
#include <string.h>

#include "../base/costs.h"
#include "../base/levels.h"
#include "../base/phase_factors.h"
#include "vectors.h"

#if CODED
#define code_t NAME(code)
typedef int32_t code_t __attribute__((vector_size(VL * 4), aligned(4), may_alias));
#endif

typedef struct {
    const REAL *low_re, *low_im;
    vector_t near_re[HELD], near_im[HELD];
    complex_t shared[LOW_SIZE >> FIRST]; /* far, but for what a block has of its own */
    REAL far_re[LOW_SIZE >> FIRST], far_im[LOW_SIZE >> FIRST];
#if CODED
    const int32_t *codes;
    code_t near_codes[HELD];
    int32_t far_codes[LOW_SIZE >> FIRST];
    vector_t re[2], im[2];
#endif
} NAME(phases_t);

INLINE void NAME(multiply)(vector_t *re, vector_t *im, vector_t wr, vector_t wi) {
    vector_t xr = *re * wr - *im * wi, xi = *re * wi + *im * wr;
    *re = xr, *im = xi;
}

INLINE void NAME(dephase)(vector_t *re, vector_t *im, const NAME(phases_t) *phases, size_t g, int e, int fresh, int coded) {
    size_t at = (g << FIRST) + e * VL;
    vector_t wr, wi;
#if CODED
    if (coded) {
        code_t code = *(const code_t *)(phases->codes + at) + (phases->near_codes[e] + phases->far_codes[g]);
        wr = LOOK_UP(phases->re[0], phases->re[1], code), wi = LOOK_UP(phases->im[0], phases->im[1], code);
    } else
#endif
    {
        (void)coded;
        wr = phases->near_re[e], wi = phases->near_im[e];
        NAME(multiply)(&wr, &wi, phases->far_re[g] - (vector_t){0}, phases->far_im[g] - (vector_t){0});
        NAME(multiply)(&wr, &wi, load(phases->low_re + at), load(phases->low_im + at));
    }
    if (fresh) *re = wr, *im = wi;
    else NAME(multiply)(re, im, wr, wi);
}

/* exp(-i gamma sum_r J_rq s_r) for each q below low, by the spins from mid on (levels[inner]) and then, a
 * spin a level, by those of the block: blocks in order share all but the levels that changed. */
typedef struct {
    double re[MOST_INNER + 1][PADDED], im[MOST_INNER + 1][PADDED];
} NAME(fields_t);

INLINE void NAME(turn_fields)(const layer_t *layer, int r, double s, const double *re, const double *im, double *to_re, double *to_im) {
    for (int q = 0; q < PADDED; q++) {
        double wr = layer->pair_re[r][q], wi = s * layer->pair_im[r][q];
        double a = re[q] * wr - im[q] * wi, b = re[q] * wi + im[q] * wr;
        to_re[q] = a, to_im[q] = b;
    }
}

static void NAME(enter_fields)(const model_t *model, const layer_t *layer, size_t group, NAME(fields_t) *fields) {
    int inner = model->mid - model->low;
    for (int q = 0; q < PADDED; q++) fields->re[inner][q] = 1, fields->im[inner][q] = 0;
    for (int r = model->mid; r < model->m; r++)
        NAME(turn_fields)(layer, r, spin(group, r - model->mid), fields->re[inner], fields->im[inner], fields->re[inner], fields->im[inner]);
}

/* For all blocks that share the bits from `least` on with `block`: levels[least]. */
static void NAME(next_fields)(const model_t *model, const layer_t *layer, size_t block, int least, NAME(fields_t) *fields) {
    int inner = model->mid - model->low, level = block == 0 ? inner : __builtin_ctzll(block) + 1;
    while (level-- > least)
        NAME(turn_fields)(layer, model->low + level, spin(block, level), fields->re[level + 1], fields->im[level + 1], fields->re[level], fields->im[level]);
}

INLINE void NAME(share)(int low, const double *re, const double *im, NAME(phases_t) *out) {
    vector_t nr[HELD], ni[HELD];
    nr[0] = 1 - (vector_t){0}, ni[0] = (vector_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t wr = (REAL)re[q] - (vector_t){0}, spins;
        UNROLL(int k = 0; k < VL; k++) spins[k] = k >> q & 1 ? -1 : 1;
        vector_t wi = (REAL)im[q] * spins;
        vector_t a = nr[0] * wr - ni[0] * wi, b = nr[0] * wi + ni[0] * wr;
        nr[0] = a, ni[0] = b;
    }
    UNROLL(int q = 0; q < RADIX; q++) {
        UNROLL(int e = 0; e < 1 << q; e++) {
            REAL wr = (REAL)re[LANES + q], wi = (REAL)im[LANES + q];
            vector_t a = nr[e] * wr, b = ni[e] * wi, c = nr[e] * wi, d = ni[e] * wr;
            nr[e] = a - b, ni[e] = c + d;
            nr[e | 1 << q] = a + b, ni[e | 1 << q] = d - c;
        }
    }
    UNROLL(int e = 0; e < HELD; e++) out->near_re[e] = nr[e], out->near_im[e] = ni[e];
    complex_t *far = out->shared;
    far[0] = (complex_t){1, 0};
    for (int q = FIRST; q < low; q++)
        for (int g = 0; g < 1 << (q - FIRST); g++) {
            complex_t here = far[g];
            far[g] = times(here, (complex_t){re[q], im[q]});
            far[g + (1 << (q - FIRST))] = times(here, (complex_t){re[q], -im[q]});
        }
}

static void NAME(prepare)(const model_t *model, layer_t *layer) {
    int low = model->low;
    REAL *table_re = (REAL *)layer->table_re, *table_im = (REAL *)layer->table_im;
#if CODED
    if (model->unit != 0 && low >= FIRST) {
        for (int k = 0; k < MOST_CODES; k++) {
            complex_t w = unit(layer->gamma * (model->shift - 2 * model->unit * k));
            table_re[k] = (REAL)w.re, table_im[k] = (REAL)w.im;
        }
        return;
    }
#endif
    for (int r = low; r < model->m; r++)
        for (int q = 0; q < low; q++) {
            complex_t pair = unit(-layer->gamma * model->J[(size_t)r * model->m + q]);
            layer->pair_re[r][q] = pair.re, layer->pair_im[r][q] = pair.im;
        }
    for (int r = low; r < model->m; r++)
        for (int q = low; q < PADDED; q++) layer->pair_re[r][q] = 1, layer->pair_im[r][q] = 0;
    double *re = layer->low_re, *im = layer->low_im;
    re[0] = 1, im[0] = 0;
    own_phases(model, layer->gamma, 0, low, re, im);
    for (size_t x = 0; x < (size_t)1 << low; x++) table_re[x] = (REAL)re[x], table_im[x] = (REAL)im[x];
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
        row_re[0] = 1, row_im[0] = 0;
        multiply_linear(row_re, row_im, fields, low);
        for (size_t x = 0; x < (size_t)1 << low; x++) {
            table_re[(row << low) + x] = (REAL)(row_re[x] * re[x] - row_im[x] * im[x]);
            table_im[(row << low) + x] = (REAL)(row_re[x] * im[x] + row_im[x] * re[x]);
        }
    }
}

/* The phases of a group's blocks, asked for in order. */
typedef struct {
    const model_t *model;
    const layer_t *layer;
    scalars_t scalars;
    const double *alone_re, *alone_im; /* of each block: the phases of all terms without the spins below low, and the layer's scale */
    NAME(fields_t) fields;
#if CODED
    int32_t steps[PADDED]; /* what low spins see of those from mid on, in units */
#endif
} NAME(source_t);

#if CODED
INLINE void NAME(add_steps)(const int32_t *steps, int down, int32_t *to) {
    for (int q = 0; q < PADDED; q++) to[q] += (steps[q] ^ -down) + down;
}
#endif

static void NAME(enter_phases)(const model_t *model, const layer_t *layer, size_t number, NAME(source_t) *source) {
    source->model = model, source->layer = layer;
    source->alone_re = layer->inner_re, source->alone_im = layer->inner_im;
    if (in_layer(model)) source->alone_re += number << (model->mid - model->low), source->alone_im += number << (model->mid - model->low);
    else {
        enter_scalars(model, layer, number, &source->scalars);
        source->alone_re = source->scalars.re, source->alone_im = source->scalars.im;
    }
#if CODED
    if (model->unit != 0 && !layer->free) {
        memset(source->steps, 0, sizeof source->steps);
        for (int r = model->mid; r < model->m; r++) NAME(add_steps)(model->steps[r], number >> (r - model->mid) & 1, source->steps);
        return;
    }
#endif
    NAME(enter_fields)(model, layer, number, &source->fields);
}

#if CODED
static void NAME(share_codes)(const NAME(source_t) *source, size_t block, NAME(phases_t) *out) {
    const model_t *model = source->model;
    int32_t fields[PADDED], up[PADDED], down[PADDED];
    memcpy(fields, source->steps, sizeof fields);
    for (int r = model->low + model->tabled; r < model->mid; r++) NAME(add_steps)(model->steps[r], block >> (r - model->low) & 1, fields);
    for (int q = 0; q < PADDED; q++) up[q] = (model->bounds[q] + fields[q]) / 2, down[q] = (model->bounds[q] - fields[q]) / 2;
    code_t *near = out->near_codes;
    near[0] = (code_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        code_t lanes;
        UNROLL(int k = 0; k < VL; k++) lanes[k] = -(k >> q & 1);
        near[0] += up[q] + (lanes & (down[q] - up[q]));
    }
    UNROLL(int q = 0; q < RADIX; q++) {
        UNROLL(int e = 0; e < 1 << q; e++) near[e | 1 << q] = near[e] + down[LANES + q], near[e] += up[LANES + q];
    }
    out->far_codes[0] = 0;
    for (int q = FIRST; q < model->low; q++)
        for (int g = 0; g < 1 << (q - FIRST); g++)
            out->far_codes[g + (1 << (q - FIRST))] = out->far_codes[g] + down[q], out->far_codes[g] += up[q];
}
#endif

/* The phases of the next block. */
INLINE void NAME(block_phases)(NAME(source_t) *source, size_t block, NAME(phases_t) *out) {
    const model_t *model = source->model;
    const layer_t *layer = source->layer;
    int low = model->low, tabled = model->tabled;
    size_t row = block & (((size_t)1 << tabled) - 1), table = row << low;
    complex_t alone = {source->alone_re[block], source->alone_im[block]};
#if CODED
    if (model->unit != 0) {
        if (row == 0) NAME(share_codes)(source, block, out);
        out->codes = model->codes + table;
        UNROLL(int half = 0; half < 2; half++) {
            out->re[half] = load((const REAL *)layer->table_re + half * VL);
            out->im[half] = load((const REAL *)layer->table_im + half * VL);
            NAME(multiply)(out->re + half, out->im + half, (REAL)alone.re - (vector_t){0}, (REAL)alone.im - (vector_t){0});
        }
        return;
    }
#endif
    if (row == 0) {
        NAME(next_fields)(model, layer, block, tabled, &source->fields);
        NAME(share)(low, source->fields.re[tabled], source->fields.im[tabled], out);
    }
    out->low_re = (const REAL *)layer->table_re + table, out->low_im = (const REAL *)layer->table_im + table;
    for (int g = 0; g < 1 << (low - FIRST); g++) {
        complex_t far = times(out->shared[g], alone);
        out->far_re[g] = (REAL)far.re, out->far_im[g] = (REAL)far.im;
    }
}

#endif
