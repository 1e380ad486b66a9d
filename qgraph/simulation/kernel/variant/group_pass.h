/* One group of blocks: its phases, and the mixer on its block spins and inner spins. */
#ifndef QGRAPH_GROUP_PASS
#define QGRAPH_GROUP_PASS

#include "../base/types.h"
#include "butterfly.h"
#include "phases.h"
#if !TILTED
#include "product_start.h"
#endif
#include "scalar_mixer.h"
#include "tile_mixer.h"

/* The 2**low amplitudes of a block: rows of 2**width amplitudes, `stride` apart. */
typedef struct {
    int low, width;
    size_t stride;
} TYPE(shape_t);

#define WHOLE(low) ((TYPE(shape_t)){low, low, 0})

/* On the vectors of a block: the previous mixer on the spins within a vector, the phases, the next mixer on
 * them. Amplitudes at the distance `ahead` are prefetched. */
INLINE void NAME(update_block)(REAL *re, REAL *im, TYPE(shape_t) shape, const TYPE(phases_t) *phases,
                               int lookup, int from_uniform, const rotation_t *before,
                               const rotation_t *after, size_t ahead) {
    TYPE(lanes_t) first = NAME(lanes)(before), second = NAME(lanes)(after);
    for (size_t g = 0; g < (size_t)1 << (shape.low - STEP_SPINS); g++)
        UNROLL(int e = 0; e < STEP_VECTORS; e += BATCH) {
            vector_t r[BATCH], i[BATCH];
            size_t at = (g >> (shape.width - STEP_SPINS)) * shape.stride +
                        ((g << STEP_SPINS) & (((size_t)1 << shape.width) - 1)) + e * VL;
            UNROLL(int v = 0; v < BATCH; v++) {
                size_t here = at + v * VL;
                if (!from_uniform) {
                    r[v] = load(re + here);
                    i[v] = load(im + here);
                }
                if (ahead) {
                    __builtin_prefetch(re + here + ahead, 1, 2);
                    __builtin_prefetch(im + here + ahead, 1, 2);
                }
            }
            if (before) NAME(mix_lanes)(r, i, BATCH, first);
            if (phases)
                UNROLL(int v = 0; v < BATCH; v++)
                    NAME(apply_phase)(r + v, i + v, phases, g, e + v, from_uniform, lookup);
            if (after) NAME(mix_lanes)(r, i, BATCH, second);
            UNROLL(int v = 0; v < BATCH; v++) {
                store(re + at + v * VL, r[v]);
                store(im + at + v * VL, i[v]);
            }
        }
}

#if LOOKUP
#define UPDATE_BLOCK(model, re, im, shape, phases, ...)                             \
    ((model)->unit != 0 ? NAME(update_block)(re, im, shape, phases, 1, __VA_ARGS__) \
                        : NAME(update_block)(re, im, shape, phases, 0, __VA_ARGS__))
#else
#define UPDATE_BLOCK(model, re, im, shape, phases, ...) \
    NAME(update_block)(re, im, shape, phases, 0, __VA_ARGS__)
#endif

/* A state that is too small for vectors: one block is the whole state. */
static void NAME(forward_scalar)(const model_t *model, const layer_t *layer, REAL *re, REAL *im) {
    size_t size = (size_t)1 << model->m;
    for (size_t x = 0; x < size; x++) {
        complex_t w = times(layer->scale, (complex_t){layer->low_re[x], layer->low_im[x]});
        if (!layer->from_uniform) w = times(w, (complex_t){re[x], im[x]});
        re[x] = (REAL)w.re;
        im[x] = (REAL)w.im;
    }
    NAME(mix_scalar)(re, im, model->m, layer->tan, model->tilts);
    if (model->flip_symmetric) NAME(mix_implicit_scalar)(re, im, size, (REAL)layer->tan);
}

/* Whether a group is a whole flip-symmetric state, so that it mixes the implicit spin as well. */
INLINE int NAME(group_has_implicit)(const model_t *model) {
    return model->flip_symmetric && model->mid == model->m;
}

/* Blocks are worked on in chunks that nearly fit the first-level cache; a chunk has one butterfly of spins
 * more. */
INLINE int NAME(chunk_spins)(const model_t *model) {
    int chunk = LANES + NAME(lowest_butterfly)(model->low) + BUTTERFLY;
    return chunk < model->low ? model->low : chunk < model->mid ? chunk : model->mid;
}

/* How many spins of a group above the register spins are mixed without the norm of 1 - i tan X. */
static int NAME(group_unnormalized)(const model_t *model) {
    int implicit_spin = NAME(group_has_implicit)(model), chunk = NAME(chunk_spins)(model);
    if (model->low < STEP_SPINS) return implicit_spin;
    return NAME(unnormalized)(model->mid - chunk + implicit_spin) +
           NAME(unnormalized)(chunk - NAME(count_register_spins)(model));
}

/* The same for the register spins. */
static int NAME(register_unnormalized)(const model_t *model) {
    return model->low < STEP_SPINS ? model->mid : LANES + (NAME(lowest_butterfly)(model->low) & 1);
}

#if TILTED
/* A group of the product state that the mixer leaves as it is. */
static void NAME(start_group)(const model_t *model, state_t state, size_t number) {
    REAL *re = (REAL *)state.re + (number << model->mid), *im = (REAL *)state.im + (number << model->mid);
    double first = 1;
    for (int r = model->mid; r < model->m; r++)
        first *= model->tilts[r].start[number >> (r - model->mid) & 1];
    re[0] = (REAL)first;
    for (int q = 0; q < model->mid; q++) {
        size_t half = (size_t)1 << q;
        REAL up = (REAL)model->tilts[q].start[0], down = (REAL)model->tilts[q].start[1];
        for (size_t x = 0; x < half; x++) {
            re[x + half] = re[x] * down;
            re[x] *= up;
        }
    }
    memset(im, 0, sizeof(REAL) << model->mid);
}
#endif

/* Finish the mixer of the previous layer (`before`, or 0), and begin `layer` if it is not NULL. */
static void NAME(forward_group)(const model_t *model, double before, const layer_t *layer, state_t state,
                                size_t number) {
    int low = model->low, mid = model->mid, register_spins = NAME(count_register_spins)(model);
    REAL *re = (REAL *)state.re + (number << mid), *im = (REAL *)state.im + (number << mid);
    if (low < STEP_SPINS) {
        NAME(forward_scalar)(model, layer, re, im);
        return;
    }
    size_t ahead = mid < model->m ? (size_t)1 << mid : 0;
    rotation_t first = NAME(rotation)(before, model->tilts),
               second = NAME(rotation)(layer ? layer->tan : 0, model->tilts);
    int chunk = NAME(chunk_spins)(model);
    size_t blocks = (size_t)1 << (chunk - low);
    if (before != 0) NAME(sweep)(re, im, mid, chunk, mid, &first);
    TYPE(phase_source_t) source;
    TYPE(phases_t) phases ALIGNED;
    if (layer) NAME(enter_phases)(model, layer, number, &source);
    for (size_t start = 0; start < (size_t)1 << (mid - low); start += blocks) {
        REAL *chunk_re = re + (start << low), *chunk_im = im + (start << low);
#if !TILTED
        if (layer && layer->product) {
            NAME(first_chunk)(&source, start, blocks, chunk_re, chunk_im, &second, ahead);
            continue;
        }
#endif
        if (before != 0) NAME(sweep)(chunk_re, chunk_im, chunk, register_spins, chunk, &first);
        for (size_t block = start; block < start + blocks; block++) {
            REAL *block_re = re + (block << low), *block_im = im + (block << low);
            if (before != 0) NAME(mix_lowest)(block_re, block_im, low, &first);
            if (!layer) {
                NAME(update_block)(block_re, block_im, WHOLE(low), NULL, 0, 0, &first, NULL, ahead);
                continue;
            }
            NAME(block_phases)(&source, block, &phases);
            if (layer->from_uniform)
                UPDATE_BLOCK(model, block_re, block_im, WHOLE(low), &phases, 1, NULL, &second, ahead);
            else if (before != 0)
                UPDATE_BLOCK(model, block_re, block_im, WHOLE(low), &phases, 0, &first, &second, ahead);
            else UPDATE_BLOCK(model, block_re, block_im, WHOLE(low), &phases, 0, NULL, &second, ahead);
            NAME(mix_lowest)(block_re, block_im, low, &second);
        }
        if (layer) NAME(sweep)(chunk_re, chunk_im, chunk, register_spins, chunk, &second);
    }
    if (layer) NAME(sweep_with_implicit)(re, im, mid, chunk, NAME(group_has_implicit)(model), &second);
}

#endif
