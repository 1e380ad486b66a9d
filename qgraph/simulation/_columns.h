/* The spins from `mid` on: tiles of columns, taken to scratch and back. */

INLINE void NAME(sweep_tiles)(const columns_t *c, const NAME(rows_t) *kept, int first, int last, const turn_t *turn) {
    for (int side = 0; side <= c->mirror; side++)
        NAME(sweep)(kept[side].re, kept[side].im, c->to - c->from + c->width, c->width + first, c->width + last, turn);
}

/* How many of `spins` a sweep would turn last. */
INLINE int NAME(left_spins)(int spins) {
    while (spins > NAME(window)(spins)) spins -= NAME(window)(spins);
    return spins;
}

/* A tile to scratch, with its spins turned but for the lowest `left`. */
static void NAME(gather)(const columns_t *c, const NAME(tile_t) *tile, const NAME(rows_t) *rows, const NAME(rows_t) *kept, int left,
                         const turn_t *turn) {
    int k = NAME(carried)(c->to - c->from, c->mirror), rest = c->to - c->from - k;
    NAME(carry)(tile, rows, kept, rest, k, c->mirror, turn, 0);
    NAME(sweep_tiles)(c, kept, left, rest, turn);
}

/* And back, turned already but for the lowest `left` spins. */
static void NAME(put_back)(const columns_t *c, const NAME(tile_t) *tile, const NAME(rows_t) *rows, const NAME(rows_t) *kept, int left,
                           const turn_t *turn) {
    for (int side = 0; side <= c->mirror; side++)
        NAME(carry)(tile, kept + side, rows + side, 0, left, 0, turn, side ? -(ptrdiff_t)tile->width : (ptrdiff_t)tile->width);
}

/* The phases of a tile: a group of blocks, in the model whose spins are a row's, the rows' and the others (permute_columns).
 * The same rows of the next tile are fetched. */
static void NAME(turn_tile)(const model_t *model, const layer_t *layer, const NAME(tile_t) *tile, const NAME(rows_t) *kept, size_t number,
                            const NAME(rows_t) *next) {
    int low = model->low;
    NAME(source_t) source;
    NAME(phases_t) phases ALIGNED;
    NAME(enter_phases)(model, layer, number, &source);
    for (size_t block = 0, row = 0; block < (size_t)1 << (model->mid - low); block++) {
        REAL *re = kept->re + (block << low), *im = kept->im + (block << low);
        NAME(block_phases)(&source, block, &phases);
        for (; row * tile->width < (block + 1) << low; row++)
            for (size_t j = row * tile->stride; j < row * tile->stride + tile->width; j += VL)
                NAME(prefetch)(next->re + j), NAME(prefetch)(next->im + j);
        if (layer->fresh) TURN_BLOCK(model, re, im, low, &phases, 1, NULL, NULL, 0);
        else TURN_BLOCK(model, re, im, low, &phases, 0, NULL, NULL, 0);
    }
}

static int NAME(columns_singles)(const columns_t *c) { return NAME(singles)(c->to - c->from + c->mirror); }

/* The mixer of one layer, with its tangent, and the phases and mixer of the next, if there is a `layer`; `model` has the
 * spins in the order of turn_rows. */
static void NAME(forward_columns)(const columns_t *c, double before, const model_t *model, const layer_t *layer, state_t state,
                                  size_t number, void *scratch) {
    NAME(tile_t) tile = NAME(find_tile)(c, number);
    NAME(rows_t) rows[2], kept[2];
    NAME(find_rows)(&tile, state, rows), NAME(scratch_rows)(&tile, scratch, kept);
    turn_t turn = NAME(turn_by)(before);
    int spins = c->to - c->from, k = NAME(carried)(c->to - c->from, c->mirror), left = layer ? 0 : NAME(left_spins)(spins - k);
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
