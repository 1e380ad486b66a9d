/* The mixer of warm starts: exp(-i beta (x X + z Z)), with its own x and z for each spin. A butterfly holds
 * real and imaginary parts, since Z couples them, and so one spin less than that of butterfly.h. */
#ifndef QGRAPH_TILTED_BUTTERFLY
#define QGRAPH_TILTED_BUTTERFLY

#include <stddef.h>

#include "../base/types.h"
#include "vectors.h"

/* The angle beta of a layer: its cosine, and its sine times x and z of each spin. */
#define rotation_t TYPE(rotation_t)
typedef struct {
    vector_t cosine, lane_z[LANES];
    REAL x[MOST_SPINS], z[MOST_SPINS];
} rotation_t;

/* `tilts` begins with the spin of bit 0, where there are that many spins below. */
static rotation_t NAME(rotation)(double beta, const tilt_t *tilts) {
    rotation_t out = {.cosine = (REAL)cos(beta) - (vector_t){0}};
    for (int q = 0; q < MOST_SPINS; q++) {
        out.x[q] = (REAL)(sin(beta) * tilts[q].x);
        out.z[q] = (REAL)(sin(beta) * tilts[q].z);
    }
    UNROLL(int q = 0; q < LANES; q++) out.lane_z[q] = out.z[q] * NAME(lane_spins)(q);
    return out;
}

typedef const rotation_t *TYPE(lanes_t);

INLINE TYPE(lanes_t) NAME(lanes)(const rotation_t *rotation) { return rotation; }

/* Mix the spins within a vector, on `count` vectors together. */
INLINE void NAME(mix_lanes)(vector_t *re, vector_t *im, int count, TYPE(lanes_t) by) {
    UNROLL(int q = 0; q < LANES; q++) {
        UNROLL(int v = 0; v < count; v++) {
            vector_t r = re[v], i = im[v];
            re[v] = by->cosine * r + by->lane_z[q] * i + by->x[q] * NAME(flip)(i, q);
            im[v] = by->cosine * i - by->lane_z[q] * r - by->x[q] * NAME(flip)(r, q);
        }
    }
}

/* k spins in registers. */
typedef struct {
    vector_t cosine, x[BUTTERFLY], z[BUTTERFLY];
} TYPE(few_t);

INLINE TYPE(few_t) NAME(few)(const rotation_t *by, int first, int k) {
    TYPE(few_t) out;
    out.cosine = by->cosine;
    UNROLL(int q = 0; q < k; q++) {
        out.x[q] = by->x[first + q] - (vector_t){0};
        out.z[q] = by->z[first + q] - (vector_t){0};
    }
    return out;
}

INLINE void NAME(butterfly)(vector_t *re, vector_t *im, const TYPE(few_t) *by, int k) {
    vector_t c = by->cosine;
    UNROLL(int q = 0; q < k; q++) {
        vector_t x = by->x[q], z = by->z[q];
        UNROLL(int a = 0; a < 1 << k; a++)
            if (!(a >> q & 1)) {
                int b = a | 1 << q;
                vector_t r = re[a], i = im[a], s = re[b], t = im[b];
                re[a] = c * r + z * i + x * t;
                im[a] = c * i - z * r - x * s;
                re[b] = c * s - z * t + x * i;
                im[b] = c * t + z * s - x * r;
            }
    }
}

/* 2**k vectors of real parts and of imaginary parts, `step` apart, from one place to another. */
INLINE void NAME(mix_few)(const REAL *re, const REAL *im, size_t step, REAL *to_re, REAL *to_im,
                          size_t to_step, const TYPE(few_t) *by, int k) {
    vector_t r[BUTTERFLY_SIZE], i[BUTTERFLY_SIZE];
    UNROLL(int e = 0; e < 1 << k; e++) {
        r[e] = NAME(load_once)(re + e * step);
        i[e] = NAME(load_once)(im + e * step);
    }
    NAME(butterfly)(r, i, by, k);
    UNROLL(int e = 0; e < 1 << k; e++) {
        store(to_re + e * to_step, r[e]);
        store(to_im + e * to_step, i[e]);
    }
}

/* Spins first to first + k - 1 of 2**bits amplitudes; first >= LANES. */
INLINE void NAME(sweep_k)(REAL *re, REAL *im, int bits, int first, int k, const rotation_t *rotation) {
    size_t step = (size_t)1 << first, run = step << k;
    TYPE(few_t) by = NAME(few)(rotation, first, k);
    for (size_t start = 0; start < (size_t)1 << bits; start += run)
        for (size_t j = start; j < start + step; j += VL)
            NAME(mix_few)(re + j, im + j, step, re + j, im + j, step, &by, k);
}

/* The lowest k spins above those within a vector. */
INLINE void NAME(mix_lowest_k)(REAL *re, REAL *im, int bits, int k, const rotation_t *rotation) {
    TYPE(few_t) by = NAME(few)(rotation, LANES, k);
    for (size_t j = 0; j < (size_t)1 << bits; j += VL << k)
        NAME(mix_few)(re + j, im + j, VL, re + j, im + j, VL, &by, k);
}

/* Every spin is mixed with its norm. */
INLINE int NAME(unnormalized)(int spins) { return spins * 0; }

#endif
