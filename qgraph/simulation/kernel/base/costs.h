/* Costs and local fields of the Ising model, block by block: no array of all costs is ever formed. */
#ifndef QGRAPH_COSTS_H
#define QGRAPH_COSTS_H

#include <math.h>
#include <string.h>

#include "types.h"

enum { GROUP_BITS = 20 /* log2 of the bytes of a group */ };

/* How many spins a group holds. This depends on the size alone, since it sets the order of rounding. Spins
 * are mixed in pairs, so the number of column spins, with the implicit one, should be even, unless tiles
 * become too large. */
static int group_spins(int m, int flip_symmetric, int is_double) {
    int most = GROUP_BITS - 3 - is_double;
    if (m < 16) return m;
    int mid = m - 3 < most ? m - 3 : most;
    return mid - (m - mid <= 6 ? (m - mid + flip_symmetric) & 1 : 0);
}

/* What the column spins add in one group of blocks. */
typedef struct {
    double base;                         /* their own costs */
    double inner_fields[MOST_INNER + 1]; /* their fields on the inner spins */
    double fields[PADDED];               /* their fields on the block spins */
    double costs[INNER_SIZE];            /* for each block: C without the terms of block spins */
} group_t;

/* out[x] += sum_q fields[q] s_q(x) for all x of `bits` bits. On entry out[0] is given; each spin doubles what
 * is filled. */
static inline void add_linear(double *restrict out, const double *fields, int bits) {
    for (int q = 0; q < bits; q++) {
        size_t half = (size_t)1 << q;
        for (size_t x = 0; x < half; x++) {
            double base = out[x];
            out[x] = base + fields[q];
            out[x + half] = base - fields[q];
        }
    }
}

/* The costs of `count` spins from `first` on, without all others: their fields and their couplings. */
static inline void own_costs(const model_t *model, int first, int count, double *restrict out) {
    out[0] = 0;
    for (int q = 0; q < count; q++) {
        size_t half = (size_t)1 << q;
        double field[LOW_SIZE];
        field[0] = model->h[first + q];
        add_linear(field, model->J + (size_t)(first + q) * model->m + first, q);
        for (size_t x = 0; x < half; x++) {
            double base = out[x];
            out[x] = base + field[x];
            out[x + half] = base - field[x];
        }
    }
}

/* How many of the lowest spins are not coupled with each other. */
static inline int count_independent(const model_t *model) {
    int count = 0, independent = 1;
    for (; count < model->m && independent; count += independent)
        for (int q = 0; q < count; q++)
            independent = independent && model->J[(size_t)count * model->m + q] == 0;
    return count;
}

static inline void enter_group(const model_t *model, size_t number, group_t *group) {
    int m = model->m, low = model->low, mid = model->mid;
    group->base = 0;
    memset(group->fields, 0, sizeof group->fields);
    memset(group->inner_fields, 0, sizeof group->inner_fields);
    for (int r = mid; r < m; r++) {
        const double *row = model->J + (size_t)r * m;
        double s = spin(number, r - mid), field = model->h[r];
        for (int q = mid; q < r; q++) field += row[q] * spin(number, q - mid);
        group->base += s * field;
        for (int q = low; q < mid; q++) group->inner_fields[q - low] += s * row[q];
        for (int q = 0; q < low; q++) group->fields[q] += s * row[q];
    }
}

static inline void enter_costs(const model_t *model, group_t *group) {
    int inner = model->mid - model->low;
    group->costs[0] = group->base;
    add_linear(group->costs, group->inner_fields, inner);
    for (size_t x = 0; x < (size_t)1 << inner; x++) group->costs[x] += model->inner_costs[x];
}

/* The fields on the block spins in one block of a group, without those of the lowest `skipped` inner
 * spins. */
static inline void enter_block(const model_t *model, const group_t *group, size_t block, int skipped,
                               double fields[PADDED]) {
    memcpy(fields, group->fields, PADDED * sizeof(double));
    for (int r = model->low + skipped; r < model->mid; r++) {
        const double *row = model->J + (size_t)r * model->m;
        double s = spin(block, r - model->low);
        for (int q = 0; q < model->low; q++) fields[q] += s * row[q];
    }
}

static inline double largest_cost(const model_t *model) {
    double sum = 0;
    for (int q = 0; q < model->m; q++) {
        sum += fabs(model->h[q]);
        for (int r = 0; r < q; r++) sum += fabs(model->J[(size_t)q * model->m + r]);
    }
    return sum;
}

/* A power of two that brings all costs below 1: their squares stay in the range of single precision. */
static inline double scale_of(const model_t *model) {
    double largest = largest_cost(model);
    return isnormal(largest) ? ldexp(1, -ilogb(largest) - 1) : 1;
}

#endif
