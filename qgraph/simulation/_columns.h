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

INLINE void NAME(gather)(const NAME(tile_t) *tile, const REAL *from, REAL *to) {
    for (size_t row = 0; row < tile->rows; row++, from += tile->stride, to += tile->width)
        for (size_t j = 0; j < tile->width; j += VL) {
            NAME(prefetch)(from + tile->stride + j);
            store(to + j, load(from + j));
        }
}

/* All rows of a tile, with the mirror image, from scratch to memory; the columns next to them are fetched. */
INLINE void NAME(scatter)(const columns_t *c, const NAME(tile_t) *tile, state_t state, const REAL *ar, const REAL *ai, const REAL *br,
                          const REAL *bi, vector_t t) {
    size_t width = tile->width;
    for (size_t row = 0; row < tile->rows; row++) {
        size_t other = tile->rows - 1 - row;
        REAL *to_re = (REAL *)state.re + tile->here + row * tile->stride, *to_im = (REAL *)state.im + tile->here + row * tile->stride;
        const REAL *from_re = ar + row * width, *from_im = ai + row * width;
        if (!c->mirror) {
            for (size_t j = 0; j < width; j += VL) {
                NAME(prefetch)(to_re + width + j), NAME(prefetch)(to_im + width + j);
                store(to_re + j, load(from_re + j)), store(to_im + j, load(from_im + j));
            }
            continue;
        }
        size_t back = tile->there + other * tile->stride;
        REAL *back_re = (REAL *)state.re + back, *back_im = (REAL *)state.im + back;
        for (size_t j = 0; j < width; j += VL) {
            size_t k = width - VL - j;
            NAME(prefetch)(to_re + width + j), NAME(prefetch)(to_im + width + j);
            NAME(prefetch)(back_re - VL - j), NAME(prefetch)(back_im - VL - j);
            vector_t xr = load(from_re + j), xi = load(from_im + j);
            vector_t yr = NAME(reverse)(load(br + other * width + k)), yi = NAME(reverse)(load(bi + other * width + k));
            NAME(mix)(&xr, &xi, &yr, &yi, t);
            store(to_re + j, xr), store(to_im + j, xi);
            store(back_re + k, NAME(reverse)(yr)), store(back_im + k, NAME(reverse)(yi));
        }
    }
}

enum { NAME(TABLE_SIZE) = LOW_SIZE / 2 << TABLED };

/* exp(-i gamma s_r J_rq s_q) summed over all q below low and the lowest `count` spins that select a row: for each
 * of their 2**count settings a row of 2**low. */
static void NAME(row_table)(const layer_t *layer, int low, int count, REAL *restrict re, REAL *restrict im) {
    for (size_t row = 0; row < (size_t)1 << count; row++) {
        double field_re[PADDED], field_im[PADDED];
        for (int q = 0; q < PADDED; q++) field_re[q] = 1, field_im[q] = 0;
        for (int r = 0; r < count; r++) NAME(turn_fields)(layer, low + r, spin(row, r), field_re, field_im, field_re, field_im);
        REAL *restrict to_re = re + (row << low), *restrict to_im = im + (row << low);
        to_re[0] = 1, to_im[0] = 0;
        for (int q = 0; q < low; q++) {
            size_t half = (size_t)1 << q;
            REAL wr = (REAL)field_re[q], wi = (REAL)field_im[q];
            for (size_t x = 0; x < half; x++) {
                REAL a = to_re[x] * wr, b = to_im[x] * wi, c = to_re[x] * wi, d = to_im[x] * wr;
                to_re[x] = a - b, to_im[x] = c + d;
                to_re[x + half] = a + b, to_im[x + half] = d - c;
            }
        }
    }
}

INLINE void NAME(multiply)(vector_t *re, vector_t *im, vector_t wr, vector_t wi) {
    vector_t xr = *re * wr - *im * wi, xi = *re * wi + *im * wr;
    *re = xr, *im = xi;
}

/* Rows of a tile times phases that they share, times a row each of a table and a number each. */
INLINE void NAME(turn_tabled)(REAL *re, REAL *im, int low, int tabled, int fresh, const NAME(phases_t) *phases, const REAL *alone_re, const REAL *alone_im,
                              const REAL *table_re, const REAL *table_im, const REAL *next_re, const REAL *next_im, size_t stride) {
    for (size_t g = 0; g < (size_t)1 << (low - FIRST); g++)
        for (int e = 0; e < HELD; e++) {
            size_t at = (g << FIRST) + e * VL;
            vector_t shared_re, shared_im;
            NAME(dephase)(&shared_re, &shared_im, phases, g, e, 1);
            UNROLL(int row = 0; row < 1 << tabled; row++) {
                size_t here = ((size_t)row << low) + at;
                NAME(prefetch)(next_re + row * stride + at), NAME(prefetch)(next_im + row * stride + at);
                vector_t wr = shared_re, wi = shared_im;
                NAME(prefetch)(next_re + row * stride + at), NAME(prefetch)(next_im + row * stride + at);
                NAME(multiply)(&wr, &wi, alone_re[row] - (vector_t){0}, alone_im[row] - (vector_t){0});
                NAME(multiply)(&wr, &wi, load(table_re + here), load(table_im + here));
                if (!fresh) NAME(multiply)(&wr, &wi, load(re + here), load(im + here));
                store(re + here, wr), store(im + here, wi);
            }
        }
}

/* The phases of a tile's rows: a group of blocks, in the model whose spins are a row's, the rows' and the others. */
static void NAME(turn_rows)(const model_t *model, const layer_t *layer, REAL *re, REAL *im, size_t number, const REAL *next_re, const REAL *next_im, size_t stride) {
    int low = model->low, inner = model->mid - low, tabled = inner < TABLED ? inner : TABLED;
    REAL low_re[LOW_SIZE] ALIGNED, low_im[LOW_SIZE] ALIGNED, table_re[NAME(TABLE_SIZE)] ALIGNED, table_im[NAME(TABLE_SIZE)] ALIGNED;
    for (int x = 0; x < 1 << low; x++) low_re[x] = (REAL)layer->low_re[x], low_im[x] = (REAL)layer->low_im[x];
    NAME(row_table)(layer, low, tabled, table_re, table_im);
    group_t group;
    scalars_t scalars;
    NAME(fields_t) fields;
    enter_group(model, number, &group);
    enter_scalars(model, layer, &group, &scalars);
    NAME(enter_fields)(model, layer, number, &fields);
    for (size_t first = 0; first < (size_t)1 << inner; first += (size_t)1 << tabled) {
        NAME(phases_t) phases ALIGNED;
        phases.low_re = low_re, phases.low_im = low_im;
        REAL alone_re[1 << TABLED], alone_im[1 << TABLED];
        for (int row = 0; row < 1 << tabled; row++) alone_re[row] = (REAL)scalars.re[first + row], alone_im[row] = (REAL)scalars.im[first + row];
        NAME(next_fields)(model, layer, first, tabled, &fields);
        NAME(phases)(low, fields.re[tabled], fields.im[tabled], (complex_t){1, 0}, &phases);
        REAL *rows_re = re + (first << low), *rows_im = im + (first << low);
        const REAL *fetch_re = next_re + first * stride, *fetch_im = next_im + first * stride;
#define TURN_TABLED(k, fresh) \
    NAME(turn_tabled)(rows_re, rows_im, low, k, fresh, &phases, alone_re, alone_im, table_re, table_im, fetch_re, fetch_im, stride)
        if (tabled < TABLED) TURN_TABLED(tabled, layer->fresh);
        else if (layer->fresh) TURN_TABLED(TABLED, 1);
        else TURN_TABLED(TABLED, 0);
#undef TURN_TABLED
    }
}

static int NAME(columns_singles)(const columns_t *c) { return NAME(singles)(c->to - c->from) + c->mirror; }

/* The mixer of one layer, with its tangent, and the phases and mixer of the next, if there is a `layer`; `model` has the
 * spins in the order of turn_rows. */
static void NAME(forward_columns)(const columns_t *c, double before, const model_t *model, const layer_t *layer, state_t state,
                                  size_t number, void *scratch) {
    NAME(tile_t) tile = NAME(find_tile)(c, number);
    size_t area = NAME(scratch_area)(&tile), size = tile.rows * tile.width;
    int bits = c->to - c->from + c->width;
    REAL *ar = scratch, *ai = ar + area, *br = ai + area, *bi = br + area;
    turn_t turn = NAME(turn_by)(before);
    int fresh = layer && layer->fresh;
    if (!fresh) {
        NAME(gather)(&tile, (REAL *)state.re + tile.here, ar), NAME(gather)(&tile, (REAL *)state.im + tile.here, ai);
        NAME(sweep)(ar, ai, bits, c->width, bits, &turn);
        if (c->mirror) {
            NAME(gather)(&tile, (REAL *)state.re + tile.there, br), NAME(gather)(&tile, (REAL *)state.im + tile.there, bi);
            NAME(sweep)(br, bi, bits, c->width, bits, &turn);
        }
        if (c->mirror && layer) NAME(mirror_run)(ar, ai, br, bi, size, turn.tan);
    }
    if (layer) {
        turn = NAME(turn_by)(layer->tan);
        const REAL *re = state.re, *im = state.im;
        size_t after = tile.here + tile.width, ahead = tile.there - tile.width;
        NAME(turn_rows)(model, layer, ar, ai, tile.here >> c->width, re + after, im + after, tile.stride);
        NAME(sweep)(ar, ai, bits, c->width, bits, &turn);
        if (c->mirror) {
            NAME(turn_rows)(model, layer, br, bi, tile.there >> c->width, re + ahead, im + ahead, tile.stride);
            NAME(sweep)(br, bi, bits, c->width, bits, &turn);
        }
    }
    NAME(scatter)(c, &tile, state, ar, ai, br, bi, turn.tan);
}
