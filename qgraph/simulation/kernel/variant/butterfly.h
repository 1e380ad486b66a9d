/* The mixer on vectors: a few spins at a time, whose amplitudes are held in registers. */
#ifndef QGRAPH_BUTTERFLY
#define QGRAPH_BUTTERFLY

#include <stddef.h>

#include "vectors.h"

/* One layer's angle: the tangent of beta, sin(2 beta) / 2 and sin(beta) squared. */
#define turn_t NAME(turn)
typedef struct {
    vector_t tan, half, fall;
} turn_t;

INLINE turn_t NAME(turn_by)(double tangent) {
    double half = tangent / (1 + tangent * tangent);
    return (turn_t){(REAL)tangent - (vector_t){0}, (REAL)half - (vector_t){0}, (REAL)(half * tangent) - (vector_t){0}};
}

/* All spins that vary within a vector, of `count` vectors side by side, since a step of one waits for the one before. */
INLINE void NAME(mix_lanes)(vector_t *re, vector_t *im, int count, vector_t t) {
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t r[TOGETHER], i[TOGETHER];
        UNROLL(int v = 0; v < count; v++) r[v] = NAME(flip)(im[v], q), i[v] = NAME(flip)(re[v], q);
        UNROLL(int v = 0; v < count; v++) re[v] += t * r[v], im[v] -= t * i[v];
    }
}

/* A real amplitude is coupled with imaginary ones a spin flip away, and these with real ones: of the vectors held, the
 * real parts of those of even index and the imaginary parts of the others (odd = 0) turn among themselves, and so do
 * the rest (odd = 1), the other way. */
#define TURNS_BACK(index, odd) ((__builtin_popcount(index) + (odd)) & 1)

/* One spin: (1 - i t X). */
INLINE void NAME(turn_one)(vector_t *a, vector_t *b, const turn_t *turn, int back) {
    vector_t t = turn->tan, x = *a, y = *b;
    if (back) *a = x - t * y, *b = y + t * x;
    else *a = x + t * y, *b = y - t * x;
}

/* Two spins: exp(-i beta (X + X)) leaves a - d and b - c alone, and turns a + d and b + c by 2 beta. Nine additions and
 * multiplications that run side by side, in place of eight that all need the multiplier. */
INLINE void NAME(turn_two)(vector_t *a, vector_t *b, vector_t *c, vector_t *d, const turn_t *turn, int back) {
    vector_t outer = *a + *d, inner = *b + *c, x, y;
    if (back) {
        x = -turn->half * inner - turn->fall * outer, y = outer - turn->tan * inner;
        *a += x, *d += x;
        *b += turn->half * y, *c += turn->half * y;
    } else {
        x = turn->half * inner - turn->fall * outer, y = outer + turn->tan * inner;
        *a += x, *d += x;
        *b -= turn->half * y, *c -= turn->half * y;
    }
}

/* All k spins of the 2**k vectors held. */
INLINE void NAME(turn_held)(vector_t *x, const turn_t *turn, int k, int odd) {
    UNROLL(int q = 0; q + 1 < k; q += 2) {
        UNROLL(int a = 0; a < 1 << k; a++)
            if (!(a >> q & 3)) NAME(turn_two)(x + a, x + (a | 1 << q), x + (a | 2 << q), x + (a | 3 << q), turn, TURNS_BACK(a, odd));
    }
    if (k & 1) {
        UNROLL(int a = 0; a < 1 << (k - 1); a++) NAME(turn_one)(x + a, x + (a | 1 << (k - 1)), turn, TURNS_BACK(a, odd));
    }
}

/* Spins first to first + k - 1 of 2**bits amplitudes; first >= LANES. Real and imaginary parts that turn among themselves
 * go run by run: a load right after a store a multiple of 4096 bytes away would wait for it. */
INLINE void NAME(sweep_k)(REAL *re, REAL *im, int bits, int first, int k, const turn_t *by) {
    size_t step = (size_t)1 << first, run = step << k;
    turn_t turn = *by;
    for (size_t start = 0; start < (size_t)1 << bits; start += run)
        UNROLL(int odd = 0; odd < 2; odd++) {
            for (size_t j = start; j < start + step; j += VL) {
                vector_t x[WINDOW_SIZE];
                UNROLL(int e = 0; e < 1 << k; e++) x[e] = NAME(hold)((TURNS_BACK(e, odd) ? im : re) + j + e * step);
                NAME(turn_held)(x, &turn, k, odd);
                UNROLL(int e = 0; e < 1 << k; e++) store((TURNS_BACK(e, odd) ? im : re) + j + e * step, x[e]);
            }
        }
}

/* The spins of a block that are swept with it: k from LANES on, in neighbouring vectors, where a run as in sweep_k would
 * be one vector long. */
INLINE void NAME(sweep_near_k)(REAL *re, REAL *im, int bits, int k, const turn_t *by) {
    turn_t turn = *by;
    UNROLL(int odd = 0; odd < 2; odd++) {
        for (size_t start = 0; start < (size_t)1 << bits; start += VL << k) {
            vector_t x[WINDOW_SIZE];
            UNROLL(int e = 0; e < 1 << k; e++) x[e] = NAME(hold)((TURNS_BACK(e, odd) ? im : re) + start + e * VL);
            NAME(turn_held)(x, &turn, k, odd);
            UNROLL(int e = 0; e < 1 << k; e++) store((TURNS_BACK(e, odd) ? im : re) + start + e * VL, x[e]);
        }
    }
}

INLINE int NAME(near_spins)(int low) { return low - LANES < WINDOW ? low - LANES : WINDOW; }

INLINE void NAME(sweep_near)(REAL *re, REAL *im, int low, const turn_t *turn) {
    int k = NAME(near_spins)(low);
    if (k == 1) NAME(sweep_near_k)(re, im, low, 1, turn);
    else if (k == 2) NAME(sweep_near_k)(re, im, low, 2, turn);
    else if (k == 3) NAME(sweep_near_k)(re, im, low, 3, turn);
#if WINDOW == 4
    else NAME(sweep_near_k)(re, im, low, 4, turn);
#endif
}

/* The next of `left` spins to be turned in one go. */
INLINE int NAME(window)(int left) { return left < WINDOW ? left : left == WINDOW + 1 ? WINDOW - 1 : WINDOW; }

INLINE void NAME(sweep_window)(REAL *re, REAL *im, int bits, int first, int k, const turn_t *turn) {
    if (k == 1) NAME(sweep_k)(re, im, bits, first, 1, turn);
    else if (k == 2) NAME(sweep_k)(re, im, bits, first, 2, turn);
    else if (k == 3) NAME(sweep_k)(re, im, bits, first, 3, turn);
#if WINDOW == 4
    else NAME(sweep_k)(re, im, bits, first, 4, turn);
#endif
}

/* Spins first to last - 1 of 2**bits amplitudes; first >= LANES. From the top, with long runs first, what is not yet in
 * a cache comes sooner. */
static void NAME(sweep)(REAL *re, REAL *im, int bits, int first, int last, const turn_t *turn) {
    while (first < last) {
        int k = NAME(window)(last - first);
        NAME(sweep_window)(re, im, bits, last - k, k, turn);
        last -= k;
    }
}

/* How many of `spins` a sweep would turn last. */
INLINE int NAME(left_spins)(int spins) {
    while (spins > NAME(window)(spins)) spins -= NAME(window)(spins);
    return spins;
}

/* How many spins a sweep turns alone. */
static int NAME(singles)(int spins) {
    int count = 0;
    for (int k; spins > 0; spins -= k) k = NAME(window)(spins), count += k & 1;
    return count;
}

#endif
