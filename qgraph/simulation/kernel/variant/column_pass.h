/* The column spins: tiles of columns are copied to scratch and back, unless they have few rows. */
#ifndef QGRAPH_COLUMN_PASS
#define QGRAPH_COLUMN_PASS

#include "../base/types.h"
#include "butterfly.h"
#include "group_pass.h"
#include "phases.h"
#include "tile_mixer.h"

/* The rows of a tile and of its complement in memory (`rows`), and where they are mixed (`work`): in place,
 * or in scratch, with real and imaginary parts apart. Returns the rest of scratch. */
INLINE REAL *NAME(place_tile)(const columns_t *c, const TYPE(tile_t) *tile, state_t state, REAL *scratch,
                              TYPE(rows_t) rows[2], TYPE(rows_t) work[2]) {
    size_t area = tile->rows * tile->width + ARRAY_GAP / sizeof(REAL);
    NAME(find_rows)(tile, state, rows);
    for (int side = 0; side < 2; side++) {
        work[side] = c->in_place ? rows[side] : (TYPE(rows_t)){scratch, scratch + area, tile->width};
        if (!c->in_place) scratch += 2 * area;
    }
    return scratch;
}

INLINE void NAME(sweep_tiles)(const columns_t *c, const TYPE(rows_t) *work, int first, int last,
                              const rotation_t *rotation) {
    for (int side = 0; side <= c->implicit_spin; side++)
        NAME(sweep)(work[side].re, work[side].im, c->to - c->from + c->width, c->width + first,
                    c->width + last, rotation);
}

/* Bring a tile to `work`, with all its spins mixed except the lowest `left`. */
static void NAME(load_tile)(const columns_t *c, const TYPE(tile_t) *tile, const TYPE(rows_t) *rows,
                            const TYPE(rows_t) *work, int left, const rotation_t *rotation) {
    int spins = c->to - c->from, k = NAME(rows_butterfly)(spins, c->implicit_spin), rest = spins - k;
    NAME(mix_rows)(tile, rows, work, rest, k, c->implicit_spin, rotation, 0);
    NAME(sweep_tiles)(c, work, left, rest, rotation);
}

/* Bring a tile back, with the lowest `left` spins mixed on the way. */
static void NAME(store_tile)(const columns_t *c, const TYPE(tile_t) *tile, const TYPE(rows_t) *rows,
                             const TYPE(rows_t) *work, int left, const rotation_t *rotation) {
    for (int side = 0; side <= c->implicit_spin && !c->in_place; side++)
        NAME(mix_rows)(tile, work + side, rows + side, 0, left, 0, rotation,
                       side ? -(ptrdiff_t)tile->width : (ptrdiff_t)tile->width);
}

/* The phases of a tile. It is a group of blocks in the permuted model (permuted_t). The same rows of the next
 * tile are prefetched. */
static void NAME(update_tile)(const model_t *model, const layer_t *layer, const TYPE(tile_t) *tile,
                              const TYPE(rows_t) *work, size_t number, const TYPE(rows_t) *next) {
    int low = model->low;
    size_t rows = ((size_t)1 << low) / tile->width;
    TYPE(shape_t) shape = {low, __builtin_ctzll(tile->width), work->stride};
    TYPE(phase_source_t) source;
    TYPE(phases_t) phases ALIGNED;
    NAME(enter_phases)(model, layer, number, &source);
    for (size_t block = 0; block < (size_t)1 << (model->mid - low); block++) {
        REAL *re = work->re + block * rows * work->stride, *im = work->im + block * rows * work->stride;
        NAME(block_phases)(&source, block, &phases);
        for (size_t row = block * rows; row < (block + 1) * rows; row++)
            for (size_t j = row * tile->stride; j < row * tile->stride + tile->width; j += VL) {
                NAME(prefetch)(next->re + j);
                NAME(prefetch)(next->im + j);
            }
        if (layer->from_uniform) UPDATE_BLOCK(model, re, im, shape, &phases, 1, NULL, NULL, 0);
        else UPDATE_BLOCK(model, re, im, shape, &phases, 0, NULL, NULL, 0);
    }
}

/* The mixer on a tile, whose bits are those of its columns and then its rows. */
INLINE rotation_t NAME(rotation_of)(const columns_t *c, double tangent) {
    return NAME(rotation)(tangent, c->tilts + c->from - c->width);
}

static int NAME(columns_unnormalized)(const columns_t *c) {
    return NAME(unnormalized)(c->to - c->from + c->implicit_spin);
}

/* Finish the mixer of the previous layer (`before`), and begin `layer` if it is not NULL. `model` is the
 * permuted model. */
static void NAME(forward_columns)(const columns_t *c, double before, const model_t *model,
                                  const layer_t *layer, state_t state, size_t number, void *scratch) {
    TYPE(tile_t) tile = NAME(find_tile)(c, number);
    TYPE(rows_t) rows[2], work[2];
    NAME(place_tile)(c, &tile, state, scratch, rows, work);
    rotation_t rotation = NAME(rotation_of)(c, before);
    int spins = c->to - c->from, k = NAME(rows_butterfly)(spins, c->implicit_spin),
        left = layer ? 0 : NAME(last_butterfly)(spins - k);
    if (TILTED && before == 0) {
        if (!c->in_place) NAME(mix_rows)(&tile, rows, work, 0, 0, 0, &rotation, 0);
    } else if (!layer || !layer->from_uniform) NAME(load_tile)(c, &tile, rows, work, left, &rotation);
    if (!layer) {
        NAME(store_tile)(c, &tile, rows, work, left, &rotation);
        return;
    }
    for (int side = 0; side <= c->implicit_spin; side++) {
        ptrdiff_t next = side ? -(ptrdiff_t)tile.width : (ptrdiff_t)tile.width;
        const TYPE(rows_t) ahead = {rows[side].re + next, rows[side].im + next, tile.stride};
        NAME(update_tile)(model, layer, &tile, work + side, (side ? tile.there : tile.here) >> c->width,
                          &ahead);
    }
    rotation = NAME(rotation_of)(c, layer->tan);
    NAME(sweep_tiles)(c, work, k, spins, &rotation);
    NAME(mix_rows)(&tile, work, rows, 0, k, c->implicit_spin, &rotation, 0);
}

#endif
