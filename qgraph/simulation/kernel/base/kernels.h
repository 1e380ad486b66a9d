/* The table of functions that are compiled once per instruction set and precision (variant/). */
#ifndef QGRAPH_KERNELS_H
#define QGRAPH_KERNELS_H

#include "product.h"
#include "types.h"

/* A group, a tile of columns or a run of routes is the work of one task; `before` is the tangent of the
 * previous layer, whose mixer is not finished yet. */
typedef struct {
    int low;
    size_t item;        /* bytes of a real */
    int step_spins;     /* vector loops need 2**step_spins amplitudes */
    int butterfly;      /* how many spins are mixed at once */
    int register_spins; /* the same and the spins within a vector */
    int lookup;         /* whether phases can be looked up by level */
    void (*prepare)(const model_t *, layer_t *);
    void (*prepare_product)(const model_t *, layer_t *);
    int (*group_unnormalized)(const model_t *);
    int (*register_unnormalized)(const model_t *);
    int (*independent_spins)(const model_t *);
    int (*columns_unnormalized)(const columns_t *);
    void (*start_group)(const model_t *, state_t, size_t group); /* of warm starts */
    void (*forward_group)(const model_t *, double before, const layer_t *, state_t, size_t group);
    void (*measure_group)(const model_t *, double before, state_t, size_t group, moments_t *);
    void (*forward_columns)(const columns_t *, double before, const model_t *, const layer_t *, state_t,
                            size_t tile, void *scratch);
    void (*backward_group)(const model_t *, const layer_t *, state_t right, state_t left, size_t group,
                           double sums[2]);
    void (*backward_columns)(const columns_t *, state_t right, state_t left, size_t tile, void *scratch,
                             double *sum);
    void (*seed)(const model_t *, const observable_t *, state_t right, state_t left, size_t group,
                 double sums[2]);
    void (*moments)(const model_t *, state_t, size_t group, moments_t *);
    void (*costs)(const model_t *, size_t group, double *); /* C of a whole group */
    void (*probabilities)(state_t, size_t start, size_t count, double *);
    complex_t (*forward_run)(state_t, size_t start, size_t count, int from_uniform, complex_t shift,
                             complex_t link, const complex_t *table);
    void (*backward_run)(state_t right, state_t left, size_t start, size_t count, const complex_t shift[2],
                         complex_t link, const complex_t *table, double base, const double *costs,
                         double sums[5]);
    void (*seed_run)(state_t right, state_t left, size_t start, size_t count, double base,
                     const double *costs, const observable_t *, double sums[6]);
    void (*subtract)(state_t, size_t start, size_t count, complex_t shift);
    double (*swap)(state_t right, state_t left, size_t start, size_t blocks, const swap_t *, size_t from,
                   size_t to, complex_t rotation);
    void (*product_sum)(const product_t *, size_t from, size_t to);
} kernels_t;

/* The tables in use: for single and for double precision, and the same for warm starts. */
static const kernels_t *const *chosen;

static inline const kernels_t *kernels_for(size_t item) { return chosen[item == sizeof(double)]; }

static inline const kernels_t *tilted_kernels_for(size_t item) {
    return chosen[2 + (item == sizeof(double))];
}

#endif
