/* Phases exp(-i gamma C) of parts of the cost, in double precision. */
#ifndef QGRAPH_PHASE_FACTORS_H
#define QGRAPH_PHASE_FACTORS_H

#include "costs.h"

/* For each block of a group: the phase of all terms without block spins, times the scale of the layer. */
typedef struct {
    double re[INNER_SIZE], im[INNER_SIZE];
} block_factors_t;

/* (re, im)[x] = (re, im)[0] prod_q fields[q] ** s_q(x) for all x of `bits` bits; each spin doubles what is
 * filled. */
static inline void multiply_linear(double *restrict re, double *restrict im, const complex_t *fields,
                                   int bits) {
    for (int q = 0; q < bits; q++) {
        size_t half = (size_t)1 << q;
        for (size_t x = 0; x < half; x++) {
            double a = re[x] * fields[q].re, b = im[x] * fields[q].im, c = re[x] * fields[q].im,
                   d = im[x] * fields[q].re;
            re[x] = a - b;
            im[x] = c + d;
            re[x + half] = a + b;
            im[x + half] = d - c;
        }
    }
}

/* (re, im)[x] = (re, im)[0] exp(-i gamma C), where C is the cost of `count` spins from `first` on, without
 * all others. */
static inline void own_phases(const model_t *model, double gamma, int first, int count, double *restrict re,
                              double *restrict im) {
    for (int q = 0; q < count; q++) {
        const double *row = model->J + (size_t)(first + q) * model->m + first;
        double field_re[LOW_SIZE], field_im[LOW_SIZE];
        complex_t field = unit(-gamma * model->h[first + q]), pairs[MOST_INNER];
        for (int r = 0; r < q; r++) pairs[r] = unit(-gamma * row[r]);
        field_re[0] = field.re;
        field_im[0] = field.im;
        multiply_linear(field_re, field_im, pairs, q);
        size_t half = (size_t)1 << q;
        for (size_t x = 0; x < half; x++) {
            double a = re[x] * field_re[x], b = im[x] * field_im[x], c = re[x] * field_im[x],
                   d = im[x] * field_re[x];
            re[x] = a - b;
            im[x] = c + d;
            re[x + half] = a + b;
            im[x + half] = d - c;
        }
    }
}

/* Whether layer->inner_re has the phases of all spins above a block, and not only of the inner spins. */
static inline int covers_all_above(const model_t *model) { return model->m - model->low <= MOST_INNER; }

static inline void enter_block_factors(const model_t *model, const layer_t *layer, size_t number,
                                       block_factors_t *out) {
    int low = model->low, mid = model->mid, inner = mid - low;
    double base = 0, inner_fields[MOST_INNER + 1] = {0};
    for (int r = mid; r < model->m; r++) {
        const double *row = model->J + (size_t)r * model->m;
        double s = spin(number, r - mid), field = model->h[r];
        for (int q = mid; q < r; q++) field += row[q] * spin(number, q - mid);
        base += s * field;
        for (int q = low; q < mid; q++) inner_fields[q - low] += s * row[q];
    }
    complex_t fields[MOST_INNER + 1], factor = unit(-layer->gamma * base);
    for (int q = 0; q < inner; q++) fields[q] = unit(-layer->gamma * inner_fields[q]);
    out->re[0] = factor.re;
    out->im[0] = factor.im;
    multiply_linear(out->re, out->im, fields, inner);
    for (size_t x = 0; x < (size_t)1 << inner; x++) {
        complex_t all =
            times((complex_t){out->re[x], out->im[x]}, (complex_t){layer->inner_re[x], layer->inner_im[x]});
        out->re[x] = all.re;
        out->im[x] = all.im;
    }
}

#endif
