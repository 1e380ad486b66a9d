/* The mixer on vectors: a few spins at a time, whose amplitudes are held in registers. */
#ifndef QGRAPH_BUTTERFLY
#define QGRAPH_BUTTERFLY

#include <stddef.h>

#include "vectors.h"

/* One layer's angle: the tangent of beta, sin(2 beta) / 2 and sin(beta) squared. */
#define rotation_t TYPE(rotation_t)
typedef struct {
    vector_t tan, half, fall;
} rotation_t;

INLINE rotation_t NAME(rotation)(double tangent) {
    double half = tangent / (1 + tangent * tangent);
    return (rotation_t){(REAL)tangent - (vector_t){0}, (REAL)half - (vector_t){0},
                        (REAL)(half * tangent) - (vector_t){0}};
}

/* All spins that vary within a vector, of `count` vectors side by side, since a step of one waits for the one before. */
INLINE void NAME(mix_lanes)(vector_t *re, vector_t *im, int count, vector_t t) {
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t r[BATCH], i[BATCH];
        UNROLL(int v = 0; v < count; v++) {
            r[v] = NAME(flip)(im[v], q);
            i[v] = NAME(flip)(re[v], q);
        }
        UNROLL(int v = 0; v < count; v++) {
            re[v] += t * r[v];
            im[v] -= t * i[v];
        }
    }
}

/* A real amplitude is coupled with imaginary ones a spin flip away, and these with real ones: of the vectors held, the
 * real parts of those of even index and the imaginary parts of the others (odd = 0) turn among themselves, and so do
 * the rest (odd = 1), the other way. */
#define IS_IMAGINARY(index, odd) ((__builtin_popcount(index) + (odd)) & 1)

/* One spin: (1 - i t X). */
INLINE void NAME(rotate_one)(vector_t *a, vector_t *b, const rotation_t *rotation, int imaginary) {
    vector_t t = rotation->tan, x = *a, y = *b;
    if (imaginary) {
        *a = x - t * y;
        *b = y + t * x;
    } else {
        *a = x + t * y;
        *b = y - t * x;
    }
}

/* Two spins: exp(-i beta (X + X)) leaves a - d and b - c alone, and turns a + d and b + c by 2 beta. Nine additions and
 * multiplications that run side by side, in place of eight that all need the multiplier. */
INLINE void NAME(rotate_two)(vector_t *a, vector_t *b, vector_t *c, vector_t *d, const rotation_t *rotation,
                             int imaginary) {
    vector_t outer = *a + *d, inner = *b + *c, x, y;
    if (imaginary) {
        x = -rotation->half * inner - rotation->fall * outer;
        y = outer - rotation->tan * inner;
        *a += x;
        *d += x;
        *b += rotation->half * y;
        *c += rotation->half * y;
    } else {
        x = rotation->half * inner - rotation->fall * outer;
        y = outer + rotation->tan * inner;
        *a += x;
        *d += x;
        *b -= rotation->half * y;
        *c -= rotation->half * y;
    }
}

/* All k spins of the 2**k vectors held. */
INLINE void NAME(butterfly)(vector_t *x, const rotation_t *rotation, int k, int odd) {
    UNROLL(int q = 0; q + 1 < k; q += 2) {
        UNROLL(int a = 0; a < 1 << k; a++)
            if (!(a >> q & 3))
                NAME(rotate_two)(x + a, x + (a | 1 << q), x + (a | 2 << q), x + (a | 3 << q), rotation,
                                 IS_IMAGINARY(a, odd));
    }
    if (k & 1) {
        UNROLL(int a = 0; a < 1 << (k - 1); a++)
            NAME(rotate_one)(x + a, x + (a | 1 << (k - 1)), rotation, IS_IMAGINARY(a, odd));
    }
}

/* Spins first to first + k - 1 of 2**bits amplitudes; first >= LANES. Real and imaginary parts that turn among themselves
 * go run by run: a load right after a store a multiple of 4096 bytes away would wait for it. */
INLINE void NAME(sweep_k)(REAL *re, REAL *im, int bits, int first, int k, const rotation_t *by) {
    size_t step = (size_t)1 << first, run = step << k;
    rotation_t rotation = *by;
    for (size_t start = 0; start < (size_t)1 << bits; start += run)
        UNROLL(int odd = 0; odd < 2; odd++) {
            for (size_t j = start; j < start + step; j += VL) {
                vector_t x[BUTTERFLY_SIZE];
                UNROLL(int e = 0; e < 1 << k; e++)
                    x[e] = NAME(load_once)((IS_IMAGINARY(e, odd) ? im : re) + j + e * step);
                NAME(butterfly)(x, &rotation, k, odd);
                UNROLL(int e = 0; e < 1 << k; e++)
                    store((IS_IMAGINARY(e, odd) ? im : re) + j + e * step, x[e]);
            }
        }
}

/* The spins of a block that are swept with it: k from LANES on, in neighbouring vectors, where a run as in sweep_k would
 * be one vector long. */
INLINE void NAME(mix_lowest_k)(REAL *re, REAL *im, int bits, int k, const rotation_t *by) {
    rotation_t rotation = *by;
    UNROLL(int odd = 0; odd < 2; odd++) {
        for (size_t start = 0; start < (size_t)1 << bits; start += VL << k) {
            vector_t x[BUTTERFLY_SIZE];
            UNROLL(int e = 0; e < 1 << k; e++)
                x[e] = NAME(load_once)((IS_IMAGINARY(e, odd) ? im : re) + start + e * VL);
            NAME(butterfly)(x, &rotation, k, odd);
            UNROLL(int e = 0; e < 1 << k; e++) store((IS_IMAGINARY(e, odd) ? im : re) + start + e * VL, x[e]);
        }
    }
}

INLINE int NAME(lowest_butterfly)(int low) { return low - LANES < BUTTERFLY ? low - LANES : BUTTERFLY; }

INLINE void NAME(mix_lowest)(REAL *re, REAL *im, int low, const rotation_t *rotation) {
    int k = NAME(lowest_butterfly)(low);
    if (k == 1) NAME(mix_lowest_k)(re, im, low, 1, rotation);
    else if (k == 2) NAME(mix_lowest_k)(re, im, low, 2, rotation);
    else if (k == 3) NAME(mix_lowest_k)(re, im, low, 3, rotation);
#if BUTTERFLY == 4
    else NAME(mix_lowest_k)(re, im, low, 4, rotation);
#endif
}

/* The next of `left` spins to be turned in one go. */
INLINE int NAME(next_butterfly)(int left) {
    return left < BUTTERFLY ? left : left == BUTTERFLY + 1 ? BUTTERFLY - 1 : BUTTERFLY;
}

INLINE void NAME(sweep_butterfly)(REAL *re, REAL *im, int bits, int first, int k,
                                  const rotation_t *rotation) {
    if (k == 1) NAME(sweep_k)(re, im, bits, first, 1, rotation);
    else if (k == 2) NAME(sweep_k)(re, im, bits, first, 2, rotation);
    else if (k == 3) NAME(sweep_k)(re, im, bits, first, 3, rotation);
#if BUTTERFLY == 4
    else NAME(sweep_k)(re, im, bits, first, 4, rotation);
#endif
}

/* Spins first to last - 1 of 2**bits amplitudes; first >= LANES. From the top, with long runs first, what is not yet in
 * a cache comes sooner. */
static void NAME(sweep)(REAL *re, REAL *im, int bits, int first, int last, const rotation_t *rotation) {
    while (first < last) {
        int k = NAME(next_butterfly)(last - first);
        NAME(sweep_butterfly)(re, im, bits, last - k, k, rotation);
        last -= k;
    }
}

/* How many of `spins` a sweep would turn last. */
INLINE int NAME(last_butterfly)(int spins) {
    while (spins > NAME(next_butterfly)(spins)) spins -= NAME(next_butterfly)(spins);
    return spins;
}

/* How many spins a sweep turns alone. */
static int NAME(unnormalized)(int spins) {
    int count = 0;
    for (int k; spins > 0; spins -= k) {
        k = NAME(next_butterfly)(spins);
        count += k & 1;
    }
    return count;
}

#endif
