/* Exchange the stops at two neighbouring positions of every route.
 *
 * A block has m (m - 1) runs. The digits d < m and e < m - 1 of a run say which of the m remaining stops
 * comes next, and which of the others comes after it. The exchange of both maps (d, e) with d <= e to (e + 1,
 * d). Elements `from` to `to` - 1 of each run are rotated. For short runs, m and run are constants, so that
 * the compiler unrolls the loops. */
#ifndef QGRAPH_SWAPS
#define QGRAPH_SWAPS

#include <stddef.h>

#include "../base/compiler.h"
#include "../base/types.h"
#include "parameters.h"

#define OPEN(state, start, r, i) \
    REAL *restrict r = (REAL *)(state).re + (start), *restrict i = (REAL *)(state).im + (start)

/* exp(-i beta S) on two runs that S exchanges. */
INLINE void NAME(swap_forward)(state_t state, size_t first, size_t second, size_t from, size_t to, REAL cos,
                               REAL sin) {
    OPEN(state, first, ar, ai);
    OPEN(state, second, br, bi);
    _Pragma("omp simd") for (size_t x = from; x < to; x++) {
        REAL a = ar[x], b = ai[x], c = br[x], d = bi[x];
        ar[x] = cos * a + sin * d;
        ai[x] = cos * b - sin * c;
        br[x] = cos * c + sin * b;
        bi[x] = cos * d - sin * a;
    }
}

/* The inverse on two states. Returns Im <left| S |right> before it. */
INLINE double NAME(swap_backward)(state_t right, state_t left, size_t first, size_t second, size_t from,
                                  size_t to, REAL cos, REAL sin) {
    OPEN(right, first, ar, ai);
    OPEN(right, second, br, bi);
    OPEN(left, first, pr, pi);
    OPEN(left, second, qr, qi);
    double inner = 0;
    _Pragma("omp simd reduction(+ : inner)") for (size_t x = from; x < to; x++) {
        REAL a = ar[x], b = ai[x], c = br[x], d = bi[x], p = pr[x], q = pi[x], r = qr[x], s = qi[x];
        inner += (double)p * d - (double)q * c + (double)r * b - (double)s * a;
        ar[x] = cos * a - sin * d;
        ai[x] = cos * b + sin * c;
        br[x] = cos * c - sin * b;
        bi[x] = cos * d + sin * a;
        pr[x] = cos * p - sin * s;
        pi[x] = cos * q + sin * r;
        qr[x] = cos * r - sin * q;
        qi[x] = cos * s + sin * p;
    }
    return inner;
}

/* All pairs of `blocks` blocks from `start` on: forward on `right`, or backward on both states if there is a
 * `left`. */
INLINE double NAME(swap_blocks)(state_t right, state_t left, size_t start, size_t blocks, size_t m,
                                size_t run, size_t from, size_t to, complex_t rotation) {
    REAL cos = (REAL)rotation.re, sin = (REAL)-rotation.im;
    double inner = 0;
    for (size_t block = 0; block < blocks; block++) {
        for (size_t d = 0; d < m; d++)
            for (size_t e = d; e < m - 1; e++) {
                size_t first = start + (d * (m - 1) + e) * run;
                size_t second = start + ((e + 1) * (m - 1) + d) * run;
                if (left.re) inner += NAME(swap_backward)(right, left, first, second, from, to, cos, sin);
                else NAME(swap_forward)(right, first, second, from, to, cos, sin);
            }
        start += m * (m - 1) * run;
    }
    return inner;
}

static double NAME(swap)(state_t right, state_t left, size_t start, size_t blocks, const swap_t *swap,
                         size_t from, size_t to, complex_t rotation) {
    if (swap->m == 2 && swap->run == 1)
        return NAME(swap_blocks)(right, left, start, blocks, 2, 1, 0, 1, rotation);
    if (swap->m == 3 && swap->run == 1)
        return NAME(swap_blocks)(right, left, start, blocks, 3, 1, 0, 1, rotation);
    if (swap->m == 4 && swap->run == 2)
        return NAME(swap_blocks)(right, left, start, blocks, 4, 2, 0, 2, rotation);
    return NAME(swap_blocks)(right, left, start, blocks, (size_t)swap->m, (size_t)swap->run, from, to,
                             rotation);
}

#undef OPEN

#endif
