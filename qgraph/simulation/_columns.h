/* The spins from `mid` on: tiles of columns. */

/* Spins of a tile's highest k rows, from memory to scratch. */
INLINE void NAME(gather_k)(const REAL *re, const REAL *im, size_t stride, size_t rows, size_t width, int k, REAL *to_re, REAL *to_im, vector_t t) {
    size_t step = rows >> k;
    for (size_t row = 0; row < step; row++)
        for (size_t j = 0; j < width; j += VL) {
            vector_t r[HELD], i[HELD];
            UNROLL(int e = 0; e < 1 << k; e++) {
                size_t at = (row + e * step) * stride + j;
                r[e] = load(re + at), i[e] = load(im + at);
            }
            NAME(mix_held)(r, i, t, k);
            UNROLL(int e = 0; e < 1 << k; e++) {
                size_t at = (row + e * step) * width + j;
                store(to_re + at, r[e]), store(to_im + at, i[e]);
            }
        }
}

INLINE int NAME(gather)(const REAL *re, const REAL *im, size_t stride, int spins, size_t width, REAL *to_re, REAL *to_im, vector_t t) {
    size_t rows = (size_t)1 << spins;
    if (spins >= RADIX) {
        NAME(gather_k)(re, im, stride, rows, width, RADIX, to_re, to_im, t);
        return RADIX;
    }
    if (spins == 2) NAME(gather_k)(re, im, stride, rows, width, 2, to_re, to_im, t);
    else NAME(gather_k)(re, im, stride, rows, width, 1, to_re, to_im, t);
    return spins;
}

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

INLINE void NAME(prefetch)(const REAL *p) { __builtin_prefetch(p, 1, 2); }

/* Rows of a tile, with the mirror image, from scratch to memory; the columns next to them are fetched. */
INLINE void NAME(scatter)(const columns_t *c, const NAME(tile_t) *tile, state_t state, const REAL *ar, const REAL *ai, const REAL *br,
                          const REAL *bi, size_t first, size_t count) {
    size_t width = tile->width;
    vector_t t = (REAL)c->tan - (vector_t){0};
    for (size_t row = first; row < first + count; row++) {
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

static void NAME(forward_columns)(const columns_t *c, state_t state, size_t number, void *scratch) {
    NAME(tile_t) tile = NAME(find_tile)(c, number);
    size_t stride = tile.stride, rows = tile.rows, width = tile.width, area = rows * width + 32 * VL;
    int spins = c->to - c->from;
    REAL *re = state.re, *im = state.im, tangent = (REAL)c->tan;
    REAL *ar = scratch, *ai = ar + area, *br = ai + area, *bi = br + area;
    vector_t t = tangent - (vector_t){0};
    int done = NAME(gather)(re + tile.here, im + tile.here, stride, spins, width, ar, ai, t);
    if (c->mirror) NAME(gather)(re + tile.there, im + tile.there, stride, spins, width, br, bi, t);
    int bits = spins - done + c->width;
    size_t run = rows >> done;
    for (size_t first = 0; first < rows; first += run) {
        size_t opposite = rows - run - first;
        NAME(sweep)(ar + first * width, ai + first * width, bits, c->width, bits, tangent);
        if (c->mirror) NAME(sweep)(br + opposite * width, bi + opposite * width, bits, c->width, bits, tangent);
        NAME(scatter)(c, &tile, state, ar, ai, br, bi, first, run);
    }
}
