/* Tiles of columns: their rows are mixed while they are moved, with the implicit spin if the pass mixes
 * it. */
#ifndef QGRAPH_TILE_MIXER
#define QGRAPH_TILE_MIXER

#include <stddef.h>

#include "../base/types.h"
#include "butterfly.h"

/* A tile of columns starts at `here`; its complement, which the implicit spin couples with it, starts at
 * `there`. */
typedef struct {
    size_t stride, rows, width, here, there;
} TYPE(tile_t);

INLINE TYPE(tile_t) NAME(find_tile)(const columns_t *c, size_t number) {
    TYPE(tile_t)
    tile = {.stride = (size_t)1 << c->from,
            .rows = (size_t)1 << (c->to - c->from),
            .width = (size_t)1 << c->width};
    size_t tiles = (tile.stride >> c->width) >> c->implicit_spin;
    size_t start = number / tiles << c->to, column = number % tiles << c->width;
    tile.here = start + column;
    tile.there = start + tile.stride - tile.width - column;
    return tile;
}

/* The rows of a tile, in memory or in scratch. */
typedef struct {
    REAL *re, *im;
    size_t stride;
} TYPE(rows_t);

/* The rows of a tile and of its complement in memory. */
INLINE void NAME(find_rows)(const TYPE(tile_t) *tile, state_t state, TYPE(rows_t) out[2]) {
    REAL *re = state.re, *im = state.im;
    out[0] = (TYPE(rows_t)){re + tile->here, im + tile->here, tile->stride};
    out[1] = (TYPE(rows_t)){re + tile->there, im + tile->there, tile->stride};
}

#if TILTED
/* As below; no tilted state is stored by half. */
INLINE void NAME(mix_rows_k)(const TYPE(tile_t) *tile, const TYPE(rows_t) from[2], const TYPE(rows_t) to[2],
                             int first, int k, int implicit_spin, const rotation_t *rotation,
                             ptrdiff_t ahead) {
    const size_t step = (size_t)1 << first;
    const TYPE(rows_t) a = from[0], b = to[0];
    TYPE(few_t) by = NAME(few)(rotation, __builtin_ctzll(tile->width) + first, k);
    (void)implicit_spin;
    for (size_t start = 0; start < tile->rows; start += step << k)
        for (size_t row = start; row < start + step; row++)
            for (size_t j = 0; j < tile->width; j += VL) {
                size_t at = row * a.stride + j, there = row * b.stride + j;
                NAME(mix_few)(a.re + at, a.im + at, step * a.stride, b.re + there, b.im + there,
                              step * b.stride, &by, k);
                UNROLL(int e = 0; e < 1 << k; e++)
                    if (ahead) {
                        NAME(prefetch)(b.re + there + e * step * b.stride + ahead);
                        NAME(prefetch)(b.im + there + e * step * b.stride + ahead);
                    }
            }
}
#else
/* Move all rows of a tile `from` one place `to` another, with k of its spins mixed from `first` on. With
 * `implicit_spin`, the complement moves as well, and the implicit spin is mixed. Columns at the distance
 * `ahead` are prefetched. */
INLINE void NAME(mix_rows_k)(const TYPE(tile_t) *tile, const TYPE(rows_t) from[2], const TYPE(rows_t) to[2],
                             int first, int k, int implicit_spin, const rotation_t *by, ptrdiff_t ahead) {
    const size_t width = tile->width, last = tile->rows - 1, step = (size_t)1 << first;
    const TYPE(rows_t) a = from[0], b = to[0], c = from[implicit_spin], d = to[implicit_spin];
    rotation_t rotation = *by;
    for (size_t start = 0; start < tile->rows; start += step << k)
        for (size_t row = start; row < start + step; row++)
            UNROLL(int odd = 0; odd < 2; odd++) {
                for (size_t j = 0; j < width; j += VL) {
                    vector_t x[BUTTERFLY_SIZE];
                    size_t back = width - VL - j;
                    UNROLL(int e = 0; e < 1 << k; e++) {
                        size_t here = row + e * step, there = last - here;
                        x[e] = NAME(load_once)((IS_IMAGINARY(e, odd) ? a.im : a.re) + here * a.stride + j);
                        if (implicit_spin)
                            x[e | 1 << k] = NAME(reverse)(
                                load((IS_IMAGINARY(e, odd) ? c.re : c.im) + there * c.stride + back));
                    }
                    NAME(butterfly)(x, &rotation, k + implicit_spin, odd);
                    UNROLL(int e = 0; e < 1 << k; e++) {
                        size_t here = row + e * step, there = last - here;
                        REAL *x_to = (IS_IMAGINARY(e, odd) ? b.im : b.re) + here * b.stride + j;
                        store(x_to, x[e]);
                        if (ahead) NAME(prefetch)(x_to + ahead);
                        if (implicit_spin)
                            store((IS_IMAGINARY(e, odd) ? d.re : d.im) + there * d.stride + back,
                                  NAME(reverse)(x[e | 1 << k]));
                    }
                }
            }
}
#endif

static void NAME(mix_rows)(const TYPE(tile_t) *tile, const TYPE(rows_t) from[2], const TYPE(rows_t) to[2],
                           int first, int k, int implicit_spin, const rotation_t *rotation, ptrdiff_t ahead) {
    switch (implicit_spin << 3 | k) {
    case 0: NAME(mix_rows_k)(tile, from, to, first, 0, 0, rotation, ahead); break;
    case 1: NAME(mix_rows_k)(tile, from, to, first, 1, 0, rotation, ahead); break;
    case 2: NAME(mix_rows_k)(tile, from, to, first, 2, 0, rotation, ahead); break;
    case 3: NAME(mix_rows_k)(tile, from, to, first, 3, 0, rotation, ahead); break;
#if !TILTED
    case 8: NAME(mix_rows_k)(tile, from, to, first, 0, 1, rotation, 0); break;
    case 9: NAME(mix_rows_k)(tile, from, to, first, 1, 1, rotation, 0); break;
    case 10: NAME(mix_rows_k)(tile, from, to, first, 2, 1, rotation, 0); break;
#endif
#if BUTTERFLY == 4
    case 4: NAME(mix_rows_k)(tile, from, to, first, 4, 0, rotation, ahead); break;
    case 11: NAME(mix_rows_k)(tile, from, to, first, 3, 1, rotation, 0); break;
#endif
    }
}

/* How many of `spins` are mixed together with the implicit spin, if there is one. */
INLINE int NAME(rows_butterfly)(int spins, int implicit_spin) {
    return NAME(next_butterfly)(spins + implicit_spin) - implicit_spin;
}

/* Spins first to bits - 1 of 2**bits amplitudes, and the implicit spin if they are a whole state; first >=
 * LANES. */
static void NAME(sweep_with_implicit)(REAL *re, REAL *im, int bits, int first, int implicit_spin,
                                      const rotation_t *rotation) {
    if (implicit_spin) {
        int k = NAME(rows_butterfly)(bits - first, 1);
        bits -= k;
        const TYPE(tile_t) all = {(size_t)1 << bits, (size_t)1 << k, (size_t)1 << (bits - 1), 0,
                                  (size_t)1 << (bits - 1)};
        TYPE(rows_t) rows[2];
        NAME(find_rows)(&all, (state_t){re, im}, rows);
        NAME(mix_rows)(&all, rows, rows, 0, k, 1, rotation, 0);
        NAME(sweep)(re, im, bits + k, first, bits, rotation);
    } else NAME(sweep)(re, im, bits, first, bits, rotation);
}

#endif
