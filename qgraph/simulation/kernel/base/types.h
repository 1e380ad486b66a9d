/* Types that all parts of the kernel share: the model, a layer, a state.
 *
 * A state of m spins is two arrays of 2**m reals, the real and the imaginary parts. With `flip_symmetric` it
 * is half of a state of m + 1 spins that does not change when all spins flip. The last spin is implicit:
 * index i stands for itself with the implicit spin up, and for the complement of i with the implicit spin
 * down; h holds the couplings to the implicit spin.
 *
 * Block spins (below `low`) vary within a block of amplitudes, which fits the first-level cache. Inner spins
 * (from `low` to `mid` - 1) select a block within a group, which fits the second-level cache. Column spins
 * (from `mid` on) select the group. */
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
    LONGEST_SUM = 1 << 12, /* reals are summed in the precision of the state up to this length */
    MOST_ABOVE = 5,        /* block spins above the register spins */
    TABLED = 2, /* inner spins (the lowest ones) whose phases are in the table of a layer; at most */
    TABLE_SIZE = LOW_SIZE / 2 << TABLED,
    MOST_LEVELS = 32,
    ARRAY_GAP = 2560, /* bytes between arrays in scratch, so that they do not compete for cache sets */
    PADDED = 16       /* MOST_LOW, rounded up to whole vectors */
};

static inline double spin(size_t bits, int q) { return bits >> q & 1 ? -1.0 : 1.0; }

/* A spin of a warm start: its mixer is exp(-i beta (x X + z Z)), and its amplitudes are `start` at first. */
typedef struct {
    double x, z, start[2];
} tilt_t;

/* C = sum_q h_q s_q + sum_{q<r} J_qr s_q s_r, with J symmetric, m x m, and zero on the diagonal. Python adds
 * the constant of C to the results. */
typedef struct {
    int m, flip_symmetric, low, mid, tabled;
    int lookup;                   /* whether levels may be used: the instruction set can look phases up */
    int independent;              /* how many of the lowest spins are not coupled with each other */
    int tilted;                   /* a warm start */
    tilt_t tilts[2 * MOST_SPINS]; /* and its spins; twice as many, since tiles read them from any bit on */
    double h[MOST_SPINS];
    const double *J;
    double low_costs[LOW_SIZE];     /* of the block spins alone: their fields and their couplings */
    double inner_costs[INNER_SIZE]; /* of the inner spins alone */
    /* Costs as levels (levels.h). All h and J are multiples of `unit`; it is 0 where levels are not used. */
    double unit;
    double shift;                      /* sum of |h| and |J| over all terms with a block spin */
    int32_t units[MOST_SPINS][PADDED]; /* J_rq / unit as [r][q], q a block spin */
    int32_t bounds[PADDED];     /* for each block spin: sum of |J| / unit over the spins above the tabled */
    int32_t levels[TABLE_SIZE]; /* (costs of block and tabled spins + shift) / 2 unit */
} model_t;

/* One layer exp(-i beta B) exp(-i gamma C). Pairs of spins are rotated exactly. A spin that is mixed alone
 * is multiplied by 1 - i tan X, without the norm cos(beta). `scale` has the norms of all such spins, and
 * the phase of the quarter turns that `tan` leaves out. With a warm start, `tan` is beta itself. */
typedef struct {
    double gamma, tan;
    complex_t scale;
    int from_uniform; /* the first layer: the state before it is not read */
    int product;      /* and the register spins are independent, so that it is a product over them */
    double pair_re[MOST_SPINS][PADDED], pair_im[MOST_SPINS][PADDED]; /* exp(-i gamma J_rq) as [r][q] */
    double low_re[LOW_SIZE], low_im[LOW_SIZE];                       /* exp(-i gamma low_costs) */
    /* scale exp(-i gamma C) of the inner spins, or of all spins above a block (covers_all_above) */
    double inner_re[INNER_SIZE], inner_im[INNER_SIZE];
    /* exp(-i gamma C) of the block spins above the register spins, for product_start.h */
    double above_re[1 << MOST_ABOVE], above_im[1 << MOST_ABOVE];
    /* exp(-i gamma field) on each register spin, given the block spins above; reals of the state's type */
    double local_re[1 << MOST_ABOVE][PADDED], local_im[1 << MOST_ABOVE][PADDED];
    /* phases of a block for all values of the tabled spins, or of all levels; reals of the state's type */
    double table_re[TABLE_SIZE] ALIGNED, table_im[TABLE_SIZE] ALIGNED;
} layer_t;

/* C itself where alpha is 1, else the values whose mean is its CVaR (see `tail` in readout.py). */
typedef struct {
    double sign, quantile, alpha;
    double scale; /* a factor of |left> that keeps it in the range of single precision */
} observable_t;

typedef struct {
    double norm, first, second; /* sums of p, p C and p C**2 */
} moments_t;

typedef struct {
    void *re, *im;
} state_t;

/* A pass over columns mixes the spins from `from` to `to` - 1, and the implicit spin if `implicit_spin` is 1.
 * It works on one tile of neighbouring columns at a time. */
typedef struct {
    int m, from, to, implicit_spin, width; /* a tile is 2**width columns */
    int in_place;                          /* the rows are few: the tile is not copied to scratch */
    double tan;
    const tilt_t *tilts; /* of all spins */
} columns_t;

/* Two neighbouring positions of a route: m stops remain for the first one, and `run` routes agree up to the
 * second one. */
typedef struct {
    int64_t m, run;
} swap_t;

#endif
