/* The spins from `mid` on: tiles of columns, taken to scratch and back unless they have but few rows. */
#ifndef QGRAPH_COLUMN_PASS
#define QGRAPH_COLUMN_PASS

#include "../base/types.h"
#include "butterfly.h"
#include "group_pass.h"
#include "phases.h"
#include "tile_mixer.h"

/* Where a tile and its mirror image are, and where they are worked on: there, or in scratch, real and imaginary parts
 * apart. What is left of scratch is returned. */
INLINE REAL *NAME(find_places)(const columns_t *c, const NAME(tile_t) *tile, state_t state, REAL *scratch, NAME(rows_t) rows[2],
                               NAME(rows_t) kept[2]) {
    size_t area = tile->rows * tile->width + APART / sizeof(REAL);
    NAME(find_rows)(tile, state, rows);
    for (int side = 0; side < 2; side++) {
        kept[side] = c->in_place ? rows[side] : (NAME(rows_t)){scratch, scratch + area, tile->width};
        if (!c->in_place) scratch += 2 * area;
    }
    return scratch;
}

INLINE void NAME(sweep_tiles)(const columns_t *c, const NAME(rows_t) *kept, int first, int last, const turn_t *turn) {
    for (int side = 0; side <= c->mirror; side++)
        NAME(sweep)(kept[side].re, kept[side].im, c->to - c->from + c->width, c->width + first, c->width + last, turn);
}

/* A tile to where it is worked on, with its spins turned but for the lowest `left`. */
static void NAME(gather)(const columns_t *c, const NAME(tile_t) *tile, const NAME(rows_t) *rows, const NAME(rows_t) *kept, int left,
                         const turn_t *turn) {
    int spins = c->to - c->from, k = NAME(carried)(spins, c->mirror), rest = spins - k;
    NAME(carry)(tile, rows, kept, rest, k, c->mirror, turn, 0);
    NAME(sweep_tiles)(c, kept, left, rest, turn);
}

/* And back, turned already but for the lowest `left` spins. */
static void NAME(put_back)(const columns_t *c, const NAME(tile_t) *tile, const NAME(rows_t) *rows, const NAME(rows_t) *kept, int left,
                           const turn_t *turn) {
    for (int side = 0; side <= c->mirror && !c->in_place; side++)
        NAME(carry)(tile, kept + side, rows + side, 0, left, 0, turn, side ? -(ptrdiff_t)tile->width : (ptrdiff_t)tile->width);
}

/* The phases of a tile: a group of blocks, in the model whose spins are a row's, the rows' and the others (permute_columns).
 * The same rows of the next tile are fetched. */
static void NAME(turn_tile)(const model_t *model, const layer_t *layer, const NAME(tile_t) *tile, const NAME(rows_t) *kept, size_t number,
                            const NAME(rows_t) *next) {
    int low = model->low;
    size_t rows = ((size_t)1 << low) / tile->width;
    NAME(shape_t) shape = {low, __builtin_ctzll(tile->width), kept->stride};
    NAME(source_t) source;
    NAME(phases_t) phases ALIGNED;
    NAME(enter_phases)(model, layer, number, &source);
    for (size_t block = 0; block < (size_t)1 << (model->mid - low); block++) {
        REAL *re = kept->re + block * rows * kept->stride, *im = kept->im + block * rows * kept->stride;
        NAME(block_phases)(&source, block, &phases);
        for (size_t row = block * rows; row < (block + 1) * rows; row++)
            for (size_t j = row * tile->stride; j < row * tile->stride + tile->width; j += VL)
                NAME(prefetch)(next->re + j), NAME(prefetch)(next->im + j);
        if (layer->fresh) TURN_BLOCK(model, re, im, shape, &phases, 1, NULL, NULL, 0);
        else TURN_BLOCK(model, re, im, shape, &phases, 0, NULL, NULL, 0);
    }
}

static int NAME(columns_singles)(const columns_t *c) { return NAME(singles)(c->to - c->from + c->mirror); }

/* The mixer of one layer, with its tangent, and the phases and mixer of the next, if there is a `layer`; `model` has the
 * spins in the order of permute_columns. */
static void NAME(forward_columns)(const columns_t *c, double before, const model_t *model, const layer_t *layer, state_t state,
                                  size_t number, void *scratch) {
    NAME(tile_t) tile = NAME(find_tile)(c, number);
    NAME(rows_t) rows[2], kept[2];
    NAME(find_places)(c, &tile, state, scratch, rows, kept);
    turn_t turn = NAME(turn_by)(before);
    int spins = c->to - c->from, k = NAME(carried)(spins, c->mirror), left = layer ? 0 : NAME(left_spins)(spins - k);
    if (!layer || !layer->fresh) NAME(gather)(c, &tile, rows, kept, left, &turn);
    if (!layer) {
        NAME(put_back)(c, &tile, rows, kept, left, &turn);
        return;
    }
    for (int side = 0; side <= c->mirror; side++) {
        ptrdiff_t next = side ? -(ptrdiff_t)tile.width : (ptrdiff_t)tile.width;
        const NAME(rows_t) ahead = {rows[side].re + next, rows[side].im + next, tile.stride};
        NAME(turn_tile)(model, layer, &tile, kept + side, (side ? tile.there : tile.here) >> c->width, &ahead);
    }
    turn = NAME(turn_by)(layer->tan);
    NAME(sweep_tiles)(c, kept, k, spins, &turn);
    NAME(carry)(&tile, kept, rows, 0, k, c->mirror, &turn, 0);
}

#endif
