/* Exchanging the stops at two neighbouring positions of every route, included once per instruction set and precision.
 *
 * In a block of m (m - 1) runs the digits d < m and e < m - 1 say which of the m stops left comes next, and which of
 * the others after it; with the two exchanged, (d, e) with d <= e is (e + 1, d). `turn` is exp(-i beta S) on the runs'
 * elements from `from` to `to` - 1. Short runs have functions of their own, which the compiler unrolls. */

#define PARTNERS                                                                                     \
    for (size_t block = 0; block < blocks; block++, start += m * (m - 1) * run)                      \
        for (size_t d = 0; d < m; d++)                                                               \
            for (size_t e = d; e < m - 1; e++) {                                                     \
                size_t first = start + (d * (m - 1) + e) * run, second = start + ((e + 1) * (m - 1) + d) * run;
#define RUNS(state, a, b, c, d)                                                                        \
    REAL *restrict a = (REAL *)(state).re + first, *restrict b = (REAL *)(state).im + first;           \
    REAL *restrict c = (REAL *)(state).re + second, *restrict d = (REAL *)(state).im + second

INLINE void NAME(turn_blocks)(state_t state, size_t start, size_t blocks, size_t m, size_t run, size_t from, size_t to, REAL cos, REAL sin) {
    PARTNERS
        RUNS(state, ar, ai, br, bi);
        _Pragma("omp simd") for (size_t x = from; x < to; x++) {
            REAL a = ar[x], b = ai[x], c = br[x], d = bi[x];
            ar[x] = cos * a + sin * d, ai[x] = cos * b - sin * c;
            br[x] = cos * c + sin * b, bi[x] = cos * d - sin * a;
        }
    }
}

/* The inverse on two states; Im <left| S |right> on the way. */
INLINE double NAME(return_blocks)(state_t right, state_t left, size_t start, size_t blocks, size_t m, size_t run, size_t from, size_t to, REAL cos, REAL sin) {
    double inner = 0;
    PARTNERS
        RUNS(right, ar, ai, br, bi);
        RUNS(left, pr, pi, qr, qi);
        _Pragma("omp simd reduction(+ : inner)") for (size_t x = from; x < to; x++) {
            REAL a = ar[x], b = ai[x], c = br[x], d = bi[x], p = pr[x], q = pi[x], r = qr[x], s = qi[x];
            inner += (double)p * d - (double)q * c + (double)r * b - (double)s * a;
            ar[x] = cos * a - sin * d, ai[x] = cos * b + sin * c;
            br[x] = cos * c - sin * b, bi[x] = cos * d + sin * a;
            pr[x] = cos * p - sin * s, pi[x] = cos * q + sin * r;
            qr[x] = cos * r - sin * q, qi[x] = cos * s + sin * p;
        }
    }
    return inner;
}

static void NAME(turn_swaps)(state_t state, size_t start, size_t blocks, const swap_t *swap, size_t from, size_t to, complex_t turn) {
    REAL cos = (REAL)turn.re, sin = (REAL)-turn.im;
    if (swap->m == 2 && swap->run == 1) NAME(turn_blocks)(state, start, blocks, 2, 1, 0, 1, cos, sin);
    else if (swap->m == 3 && swap->run == 1) NAME(turn_blocks)(state, start, blocks, 3, 1, 0, 1, cos, sin);
    else if (swap->m == 4 && swap->run == 2) NAME(turn_blocks)(state, start, blocks, 4, 2, 0, 2, cos, sin);
    else NAME(turn_blocks)(state, start, blocks, swap->m, swap->run, from, to, cos, sin);
}

static double NAME(return_swaps)(state_t right, state_t left, size_t start, size_t blocks, const swap_t *swap, size_t from, size_t to, complex_t turn) {
    REAL cos = (REAL)turn.re, sin = (REAL)-turn.im;
    if (swap->m == 2 && swap->run == 1) return NAME(return_blocks)(right, left, start, blocks, 2, 1, 0, 1, cos, sin);
    if (swap->m == 3 && swap->run == 1) return NAME(return_blocks)(right, left, start, blocks, 3, 1, 0, 1, cos, sin);
    if (swap->m == 4 && swap->run == 2) return NAME(return_blocks)(right, left, start, blocks, 4, 2, 0, 2, cos, sin);
    return NAME(return_blocks)(right, left, start, blocks, swap->m, swap->run, from, to, cos, sin);
}

#undef PARTNERS
#undef RUNS
