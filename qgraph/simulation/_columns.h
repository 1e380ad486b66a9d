/* The spins from `mid` on: tiles of columns, taken to scratch and back. */

/* The two runs of columns of a tile, `here` and, if mirrored, its mirror image `there`. */
typedef struct {
    size_t stride, rows, width, here, there;
} NAME(tile_t);

INLINE NAME(tile_t) NAME(find_tile)(const columns_t *c, size_t number) {
    NAME(tile_t) tile = {.stride = (size_t)1 << c->from, .rows = (size_t)1 << (c->to - c->from), .width = (size_t)1 << c->width};
    size_t tiles = (tile.stride >> c->width) >> c->mirror;
    size_t start = number / tiles << c->to, column = number % tiles << c->width;
    tile.here = start + column;
    tile.there = start + tile.stride - tile.width - column;
    return tile;
}

/* Real and imaginary parts in scratch, apart. */
INLINE size_t NAME(scratch_area)(const NAME(tile_t) *tile) { return tile->rows * tile->width + APART / sizeof(REAL); }

INLINE void NAME(prefetch)(const REAL *p) { __builtin_prefetch(p, 1, 2); }

/* The rows of a tile to scratch, with the spins of its highest k turned. */
INLINE void NAME(gather_k)(const NAME(tile_t) *tile, const REAL *re, const REAL *im, REAL *to_re, REAL *to_im, int k, const turn_t *by) {
    size_t step = tile->rows >> k;
    turn_t turn = *by;
    for (size_t row = 0; row < step; row++)
        UNROLL(int odd = 0; odd < 2; odd++) {
            for (size_t j = 0; j < tile->width; j += VL) {
                vector_t x[WINDOW_SIZE];
                UNROLL(int e = 0; e < 1 << k; e++)
                    x[e] = NAME(hold)((TURNS_BACK(e, odd) ? im : re) + (row + e * step) * tile->stride + j);
                NAME(turn_held)(x, &turn, k, odd);
                UNROLL(int e = 0; e < 1 << k; e++)
                    store((TURNS_BACK(e, odd) ? to_im : to_re) + (row + e * step) * tile->width + j, x[e]);
            }
        }
}

/* All of a tile's rows to scratch, with their spins turned. */
static void NAME(gather)(const columns_t *c, const NAME(tile_t) *tile, const REAL *re, const REAL *im, REAL *to_re, REAL *to_im,
                         const turn_t *turn) {
    int spins = c->to - c->from, k = NAME(window)(spins);
    if (k == 1) NAME(gather_k)(tile, re, im, to_re, to_im, 1, turn);
    else if (k == 2) NAME(gather_k)(tile, re, im, to_re, to_im, 2, turn);
    else if (k == 3) NAME(gather_k)(tile, re, im, to_re, to_im, 3, turn);
#if WINDOW == 4
    else NAME(gather_k)(tile, re, im, to_re, to_im, 4, turn);
#endif
    NAME(sweep)(to_re, to_im, spins + c->width, c->width, spins + c->width - k, turn);
}

/* The rows of a tile to memory, with the spins of its lowest k turned, and the mirror image; the columns next to them
 * may be fetched. */
INLINE void NAME(scatter_k)(const columns_t *c, const NAME(tile_t) *tile, state_t state, const REAL *ar, const REAL *ai, const REAL *br,
                            const REAL *bi, int k, const turn_t *by, int fetch) {
    const size_t width = tile->width, stride = tile->stride, last = tile->rows - 1;
    REAL *here_re = (REAL *)state.re + tile->here, *here_im = (REAL *)state.im + tile->here;
    REAL *there_re = (REAL *)state.re + tile->there, *there_im = (REAL *)state.im + tile->there;
    turn_t turn = *by;
    for (size_t row = 0; row < tile->rows; row += (size_t)1 << k)
        UNROLL(int odd = 0; odd < 2; odd++) {
            for (size_t j = 0; j < width; j += VL) {
                vector_t x[HELD], y[HELD];
                size_t back = width - VL - j;
                UNROLL(int e = 0; e < 1 << k; e++) {
                    x[e] = NAME(hold)((TURNS_BACK(e, odd) ? ai : ar) + (row + e) * width + j);
                    if (fetch) NAME(prefetch)((TURNS_BACK(e, odd) ? here_im : here_re) + (row + e) * stride + width + j);
                }
                NAME(turn_held)(x, &turn, k, odd);
                if (c->mirror) {
                    UNROLL(int e = 0; e < 1 << k; e++) {
                        y[e] = NAME(reverse)(load((TURNS_BACK(e, odd) ? br : bi) + (last - row - e) * width + back));
                        if (fetch) NAME(prefetch)((TURNS_BACK(e, odd) ? there_re : there_im) + (last - row - e) * stride - VL - j);
                    }
                    NAME(turn_held)(y, &turn, k, !odd);
                    UNROLL(int e = 0; e < 1 << k; e++) {
                        NAME(turn_one)(x + e, y + e, &turn, TURNS_BACK(e, odd));
                        store((TURNS_BACK(e, odd) ? there_re : there_im) + (last - row - e) * stride + back, NAME(reverse)(y[e]));
                    }
                }
                UNROLL(int e = 0; e < 1 << k; e++) store((TURNS_BACK(e, odd) ? here_im : here_re) + (row + e) * stride + j, x[e]);
            }
        }
}

/* How many of a tile's spins are left for scatter. */
INLINE int NAME(left_spins)(int spins) {
    while (spins > NAME(window)(spins)) spins -= NAME(window)(spins);
    return spins <= RADIX ? spins : 0;
}

/* All of a tile's rows to memory, with their spins turned. */
static void NAME(scatter)(const columns_t *c, const NAME(tile_t) *tile, state_t state, REAL *ar, REAL *ai, REAL *br, REAL *bi, int spins,
                          const turn_t *turn, int fetch) {
    int k = NAME(left_spins)(spins), bits = spins + c->width;
    NAME(sweep)(ar, ai, bits, c->width + k, bits, turn);
    if (c->mirror) NAME(sweep)(br, bi, bits, c->width + k, bits, turn);
    if (k == 0) NAME(scatter_k)(c, tile, state, ar, ai, br, bi, 0, turn, fetch);
    else if (k == 1) NAME(scatter_k)(c, tile, state, ar, ai, br, bi, 1, turn, fetch);
    else if (k == 2) NAME(scatter_k)(c, tile, state, ar, ai, br, bi, 2, turn, fetch);
#if RADIX == 3
    else NAME(scatter_k)(c, tile, state, ar, ai, br, bi, 3, turn, fetch);
#endif
}

/* The phases of a tile's rows: a group of blocks, in the model whose spins are a row's, the rows' and the others (permute).
 * The same rows of the next tile are fetched. */
static void NAME(turn_rows)(const model_t *model, const layer_t *layer, REAL *re, REAL *im, size_t number, const REAL *next_re,
                            const REAL *next_im, size_t stride) {
    int low = model->low;
    NAME(source_t) source;
    NAME(phases_t) phases ALIGNED;
    NAME(enter_phases)(model, layer, number, &source);
    for (size_t row = 0; row < (size_t)1 << (model->mid - low); row++) {
        REAL *row_re = re + (row << low), *row_im = im + (row << low);
        NAME(block_phases)(&source, row, &phases);
        for (size_t j = row * stride; j < row * stride + ((size_t)1 << low); j += VL) NAME(prefetch)(next_re + j), NAME(prefetch)(next_im + j);
        if (layer->fresh) TURN_BLOCK(model, row_re, row_im, low, &phases, 1, NULL, NULL, 0);
        else TURN_BLOCK(model, row_re, row_im, low, &phases, 0, NULL, NULL, 0);
    }
}

static int NAME(columns_singles)(const columns_t *c) { return NAME(singles)(c->to - c->from) + c->mirror; }

/* The mixer of one layer, with its tangent, and the phases and mixer of the next, if there is a `layer`; `model` has the
 * spins in the order of turn_rows. */
static void NAME(forward_columns)(const columns_t *c, double before, const model_t *model, const layer_t *layer, state_t state,
                                  size_t number, void *scratch) {
    NAME(tile_t) tile = NAME(find_tile)(c, number);
    size_t area = NAME(scratch_area)(&tile), size = tile.rows * tile.width;
    REAL *ar = scratch, *ai = ar + area, *br = ai + area, *bi = br + area;
    const REAL *re = state.re, *im = state.im;
    turn_t turn = NAME(turn_by)(before);
    if (!layer || !layer->fresh) {
        NAME(gather)(c, &tile, re + tile.here, im + tile.here, ar, ai, &turn);
        if (c->mirror) NAME(gather)(c, &tile, re + tile.there, im + tile.there, br, bi, &turn);
    }
    if (!layer) {
        NAME(scatter)(c, &tile, state, ar, ai, br, bi, 0, &turn, 1);
        return;
    }
    if (c->mirror && !layer->fresh) NAME(mirror_run)(ar, ai, br, bi, size, turn.tan);
    size_t after = tile.here + tile.width, ahead = tile.there - tile.width;
    NAME(turn_rows)(model, layer, ar, ai, tile.here >> c->width, re + after, im + after, tile.stride);
    if (c->mirror) NAME(turn_rows)(model, layer, br, bi, tile.there >> c->width, re + ahead, im + ahead, tile.stride);
    turn = NAME(turn_by)(layer->tan);
    NAME(scatter)(c, &tile, state, ar, ai, br, bi, c->to - c->from, &turn, 0);
}
