/* Complex numbers in double precision. */
#ifndef QGRAPH_COMPLEX_NUMBERS_H
#define QGRAPH_COMPLEX_NUMBERS_H

#include <math.h>

typedef struct {
    double re, im;
} complex_t;

static inline complex_t times(complex_t a, complex_t b) {
    return (complex_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static inline complex_t unit(double angle) { return (complex_t){cos(angle), sin(angle)}; }

#endif
