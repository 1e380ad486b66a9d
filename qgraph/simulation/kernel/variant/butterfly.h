/* The mixer on vectors. A butterfly mixes a few spins at once, with all their amplitudes in registers. */
#ifndef QGRAPH_BUTTERFLY
#define QGRAPH_BUTTERFLY

#include <stddef.h>

#include "../base/types.h"
#include "vectors.h"

#if TILTED
#include "tilted_butterfly.h"
#else

/* The angle beta of a layer: tan(beta), sin(2 beta) / 2 and sin(beta)**2. */
#define rotation_t TYPE(rotation_t)
typedef struct {
    vector_t tan, half, fall;
} rotation_t;

/* `tilts` is for variants that are TILTED. */
INLINE rotation_t NAME(rotation)(double tangent, const tilt_t *tilts) {
    (void)tilts;
    double half = tangent / (1 + tangent * tangent);
    return (rotation_t){(REAL)tangent - (vector_t){0}, (REAL)half - (vector_t){0},
                        (REAL)(half * tangent) - (vector_t){0}};
}

typedef vector_t TYPE(lanes_t); /* what mix_lanes takes of a rotation */

INLINE TYPE(lanes_t) NAME(lanes)(const rotation_t *rotation) {
    return rotation ? rotation->tan : (vector_t){0};
}

/* Mix the spins within a vector, on `count` vectors together, since each step waits for the previous one. */
INLINE void NAME(mix_lanes)(vector_t *re, vector_t *im, int count, TYPE(lanes_t) t) {
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

/* A flip of one spin couples real parts with imaginary parts only. So the 2**k vectors of a butterfly are the
 * real parts at indices with an even number of ones and the imaginary parts at the others (odd = 0), or the
 * opposite (odd = 1). A pair that begins with an imaginary part rotates by the opposite angle. */
#define IS_IMAGINARY(index, odd) ((__builtin_popcount(index) + (odd)) & 1)

/* One spin: 1 - i tan(beta) X, without the norm cos(beta). */
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

/* Two spins: exp(-i beta (X + X)) leaves a - d and b - c as they are, and rotates a + d and b + c by 2 beta.
 * These are nine additions and multiplications that run in parallel, instead of eight that all need the
 * multiplier. */
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

/* All k spins of 2**k vectors. */
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

/* Spins first to first + k - 1 of 2**bits amplitudes; first >= LANES. The two halves (odd) are separate runs:
 * a load that follows a store at a distance of a multiple of 4096 bytes would wait for it. */
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

/* The lowest k spins above those within a vector, in neighbouring vectors; in sweep_k a run would be one
 * vector. */
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
#endif

INLINE int NAME(lowest_butterfly)(int low) { return low - LANES < BUTTERFLY ? low - LANES : BUTTERFLY; }

/* How many spins vary within the vectors of one butterfly. */
INLINE int NAME(count_register_spins)(const model_t *model) {
    return LANES + NAME(lowest_butterfly)(model->low);
}

INLINE void NAME(mix_lowest)(REAL *re, REAL *im, int low, const rotation_t *rotation) {
    int k = NAME(lowest_butterfly)(low);
    if (k == 1) NAME(mix_lowest_k)(re, im, low, 1, rotation);
    else if (k == 2) NAME(mix_lowest_k)(re, im, low, 2, rotation);
    else if (k == 3) NAME(mix_lowest_k)(re, im, low, 3, rotation);
#if BUTTERFLY == 4
    else NAME(mix_lowest_k)(re, im, low, 4, rotation);
#endif
}

/* How many of `left` spins the next butterfly mixes. It avoids a last butterfly of one spin. */
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

/* Spins first to last - 1 of 2**bits amplitudes; first >= LANES. It starts with the highest spins, whose long
 * runs are prefetched well. */
static void NAME(sweep)(REAL *re, REAL *im, int bits, int first, int last, const rotation_t *rotation) {
    while (first < last) {
        int k = NAME(next_butterfly)(last - first);
        NAME(sweep_butterfly)(re, im, bits, last - k, k, rotation);
        last -= k;
    }
}

/* How many of `spins` the last butterfly of a sweep mixes. */
INLINE int NAME(last_butterfly)(int spins) {
    while (spins > NAME(next_butterfly)(spins)) spins -= NAME(next_butterfly)(spins);
    return spins;
}

#if !TILTED
/* How many spins a sweep mixes by rotate_one, without the norm. */
static int NAME(unnormalized)(int spins) {
    int count = 0;
    for (int k; spins > 0; spins -= k) {
        k = NAME(next_butterfly)(spins);
        count += k & 1;
    }
    return count;
}
#endif

#endif
