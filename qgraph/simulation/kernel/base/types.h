/* What the parts of the kernel share: the model, a layer, a state.
 *
 * A state of m spins is two arrays of 2**m reals, real and imaginary parts. With `mirror` it is half of a
 * state of m + 1 spins that is unchanged when all spins flip: index i stands for itself with the top spin up
 * and for the complement of i with the top spin down, and h holds the couplings to the top spin.
 *
 * Spins below `low` vary within a block of amplitudes, which fits the first-level cache; spins from `low` to
 * `mid` - 1 select a block within a group, which fits the second level; the others select the group.
 */
#ifndef QGRAPH_TYPES_H
#define QGRAPH_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "complex_numbers.h"

enum {
    MOST_SPINS = 40,
    MOST_LOW = 10,
    LOW_SIZE = 1 << MOST_LOW,
    MOST_INNER = 10,
    INNER_SIZE = 1 << MOST_INNER,
    LONGEST_SUM = 1 << 12, /* reals summed in their own precision at a time */
    MOST_ABOVE = 5,        /* spins of a block above those that vary within a vector or a window of vectors */
    TABLED = 2,            /* of the spins that select a row of columns, how many are in a layer's table */
    TABLE_SIZE = LOW_SIZE / 2 << TABLED,
    MOST_LEVELS = 32,
    ARRAY_GAP = 2560, /* bytes between arrays of a power of two in scratch */
    PADDED = 16       /* MOST_LOW, rounded up to whole vectors */
};

static inline double spin(size_t bits, int q) { return bits >> q & 1 ? -1.0 : 1.0; }

/* C = sum_q h_q s_q + sum_{q<r} J_qr s_q s_r, with J symmetric, m x m, zero on the diagonal. A constant is none of the
 * kernel's business: it is added to what comes out, and turns all amplitudes alike. */
typedef struct {
    int m, flip_symmetric, low, mid, tabled;
    int lookup;      /* whether phases may be looked up */
    int independent; /* how many of the lowest spins are not coupled with each other */
    double h[MOST_SPINS];
    const double *J;
    double low_costs[LOW_SIZE];     /* h and J among the spins below low */
    double inner_costs[INNER_SIZE]; /* h and J among the spins from low to mid - 1 */
    double unit;  /* of all h and J, if the costs that low spins see are few steps of 2 unit; else 0 */
    double shift; /* sum of |h| and |J| over all that low spins see */
    int32_t units[MOST_SPINS][PADDED],
        bounds[PADDED];         /* J_rq / unit as [r][q]; sums of |J| / unit from spins beyond the tabled */
    int32_t levels[TABLE_SIZE]; /* (costs of low and tabled spins + shift) / 2 unit */
} model_t;

/* One layer exp(-i beta B) exp(-i gamma C), with the mixer as scale * prod_q (1 - i tan X_q), but for norms (singles). */
typedef struct {
    double gamma, tan;
    complex_t scale;
    int from_uniform; /* start from all ones instead of reading the state, */
    int product;      /* with a product of spins that are not coupled */
    double pair_re[MOST_SPINS][PADDED], pair_im[MOST_SPINS][PADDED]; /* exp(-i gamma J_rq) as [r][q] */
    double low_re[LOW_SIZE], low_im[LOW_SIZE];                       /* exp(-i gamma low_costs) */
    double inner_re[INNER_SIZE],
        inner_im[INNER_SIZE]; /* scale exp(-i gamma C) of the spins from low to mid, or all above */
    double above_re[1 << MOST_ABOVE], above_im[1 << MOST_ABOVE]; /* _product.h */
    double local_re[1 << MOST_ABOVE][PADDED],
        local_im[1 << MOST_ABOVE][PADDED]; /* reals of the state's kind */
    double table_re[TABLE_SIZE] ALIGNED,
        table_im[TABLE_SIZE] ALIGNED; /* reals of the state's kind: low for all tabled spins */
} layer_t;

/* C itself where alpha is 1, else the values whose mean is its CVaR (tail_values in state.py). */
typedef struct {
    double sign, quantile, alpha;
    double
        scale; /* what |left> is multiplied by, to stay in single precision's range whatever the unit of C */
} observable_t;

typedef struct {
    double norm, first, second; /* sums of p, p C and p C**2 */
} moments_t;

typedef struct {
    void *re, *im;
} state_t;

/* Columns: the spins from `from` to `to` - 1, a tile of neighbouring columns at a time. */
typedef struct {
    int m, from, to, implicit_spin, width; /* a tile is 2**width columns */
    int in_place;                          /* few enough to need no scratch */
    double tan;
} columns_t;

/* Two neighbouring positions of a route: m stops are left for the first, and `run` routes share all up to the second. */
typedef struct {
    int64_t m, run;
} swap_t;

#endif
