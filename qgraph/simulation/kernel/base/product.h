/* A sum over products of tensors, whose axes are binary variables. */
#ifndef QGRAPH_PRODUCT_H
#define QGRAPH_PRODUCT_H

#include <stddef.h>

enum { MOST_FACTORS = 6, MOST_AXES = 48, BLOCK_AXES = 7, OUT = MOST_FACTORS };

/* The lowest variables of the product form blocks. Above them, some are summed and the others are kept.
 * Strides are those of each factor, and of the result in row OUT; 0 where a tensor lacks the variable. */
typedef struct {
    int factors, block, summed, kept;
    size_t of_block[MOST_FACTORS + 1][BLOCK_AXES], of_summed[MOST_FACTORS + 1][MOST_AXES],
        of_kept[MOST_FACTORS + 1][MOST_AXES];
    void *re[MOST_FACTORS + 1], *im[MOST_FACTORS + 1];
} product_t;

static inline size_t offset_of(const size_t *strides, int axes, size_t index) {
    size_t offset = 0;
    for (int a = 0; a < axes; a++) offset += (index >> a & 1) * strides[a];
    return offset;
}

/* What an index that rises by 1 adds to the offset, by the lowest bit that becomes 1. */
static inline void differences(const size_t *strides, int axes, size_t *out) {
    size_t below = 0;
    for (int a = 0; a < axes; a++) {
        out[a] = strides[a] - below;
        below += strides[a];
    }
}

#endif
