/* The mixer on single amplitudes. */
#ifndef QGRAPH_SCALAR_MIXER
#define QGRAPH_SCALAR_MIXER

#include <stddef.h>

#include "../base/types.h"
#include "parameters.h"

/* For states that are smaller than a step of the vector loops. */
#if TILTED
static void NAME(mix_scalar)(REAL *re, REAL *im, int bits, double beta, const tilt_t *tilts) {
    REAL c = (REAL)cos(beta);
    for (int q = 0; q < bits; q++) {
        REAL x = (REAL)(sin(beta) * tilts[q].x), z = (REAL)(sin(beta) * tilts[q].z);
        for (size_t a = 0; a < (size_t)1 << bits; a++) {
            size_t b = a | (size_t)1 << q;
            if (a == b) continue;
            REAL r = re[a], i = im[a], s = re[b], t = im[b];
            re[a] = c * r + z * i + x * t;
            im[a] = c * i - z * r - x * s;
            re[b] = c * s - z * t + x * i;
            im[b] = c * t + z * s - x * r;
        }
    }
}
#else
static void NAME(mix_scalar)(REAL *re, REAL *im, int bits, double tangent, const tilt_t *tilts) {
    size_t size = (size_t)1 << bits;
    REAL t = (REAL)tangent;
    (void)tilts;
    for (int q = 0; q < bits; q++)
        for (size_t a = 0; a < size; a++) {
            size_t b = a | (size_t)1 << q;
            if (a == b) continue;
            REAL ar = re[a] + t * im[b], ai = im[a] - t * re[b];
            REAL br = re[b] + t * im[a], bi = im[b] - t * re[a];
            re[a] = ar;
            im[a] = ai;
            re[b] = br;
            im[b] = bi;
        }
}
#endif

static void NAME(mix_implicit_scalar)(REAL *re, REAL *im, size_t size, REAL t) {
    for (size_t a = 0; a < size / 2; a++) {
        size_t b = size - 1 - a;
        REAL ar = re[a] + t * im[b], ai = im[a] - t * re[b];
        REAL br = re[b] + t * im[a], bi = im[b] - t * re[a];
        re[a] = ar;
        im[a] = ai;
        re[b] = br;
        im[b] = bi;
    }
    if (size == 1) { /* a single stored amplitude is its own complement */
        REAL r = re[0] + t * im[0], i = im[0] - t * re[0];
        re[0] = r;
        im[0] = i;
    }
}

#endif
