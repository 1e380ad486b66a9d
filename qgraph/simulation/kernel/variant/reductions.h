/* Sums over a state: probabilities, costs and moments. */
#ifndef QGRAPH_REDUCTIONS
#define QGRAPH_REDUCTIONS

#include <stddef.h>

#include "../base/costs.h"
#include "vectors.h"

/* C of one block: double[2**low]. */
static void NAME(block_costs)(const model_t *model, const group_t *group, size_t block,
                              double *restrict out) {
    double fields[PADDED];
    enter_block(model, group, block, 0, fields);
    out[0] = group->costs[block];
    add_linear(out, fields, model->low);
    for (size_t x = 0; x < (size_t)1 << model->low; x++) out[x] += model->low_costs[x];
}

static void NAME(costs)(const model_t *model, size_t number, double *out) {
    group_t group;
    enter_group(model, number, &group);
    enter_costs(model, &group);
    for (size_t block = 0; block < (size_t)1 << (model->mid - model->low); block++)
        NAME(block_costs)(model, &group, block, out + (block << model->low));
}

static void NAME(probabilities)(state_t state, size_t start, size_t count, double *restrict out) {
    const REAL *restrict re = (const REAL *)state.re + start, *restrict im = (const REAL *)state.im + start;
    for (size_t x = 0; x < count; x++) out[x] = (double)re[x] * re[x] + (double)im[x] * im[x];
}

INLINE double NAME(lane_sum)(vector_t v) {
    double sum = 0;
    UNROLL(int k = 0; k < VL; k++) sum += (double)v[k];
    return sum;
}

/* C on one block, scaled to stay below 1: the costs of the block alone, and the fields of the other spins on
 * the spins within a vector (`lane`) and on the other block spins (`above`). */
typedef struct {
    const REAL *own;
    vector_t lane;
    REAL above[LOW_SIZE >> LANES];
} TYPE(costs_t);

static void NAME(scale_own_costs)(const model_t *model, double scale, REAL *out) {
    for (size_t x = 0; x < (size_t)1 << model->low; x++) out[x] = (REAL)(model->low_costs[x] * scale);
}

INLINE void NAME(scale_outer_costs)(const model_t *model, const group_t *group, size_t block, double scale,
                                    TYPE(costs_t) *out) {
    double fields[PADDED], lane[VL], above[LOW_SIZE >> LANES];
    enter_block(model, group, block, 0, fields);
    lane[0] = 0;
    above[0] = group->costs[block];
    add_linear(lane, fields, LANES);
    add_linear(above, fields + LANES, model->low - LANES);
    UNROLL(int k = 0; k < VL; k++) out->lane[k] = (REAL)(lane[k] * scale);
    for (size_t g = 0; g < (size_t)1 << (model->low - LANES); g++) out->above[g] = (REAL)(above[g] * scale);
}

INLINE vector_t NAME(cost)(const TYPE(costs_t) *costs, size_t g) {
    return load(costs->own + g * VL) + (costs->lane + costs->above[g]);
}

/* Two sums of each kind, since each addition waits for the previous one. The sums are short, since they have
 * the precision of the state. */
INLINE moments_t NAME(block_moments)(const REAL *re, const REAL *im, size_t size,
                                     const TYPE(costs_t) *costs) {
    vector_t norm[2] = {{0}}, first[2] = {{0}}, second[2] = {{0}};
    for (size_t g = 0; g < size / VL; g += 2)
        UNROLL(int k = 0; k < 2; k++) {
            size_t x = (g + k) * VL;
            vector_t r = load(re + x), i = load(im + x), p = r * r + i * i, c = NAME(cost)(costs, g + k),
                     pc = p * c;
            norm[k] += p;
            first[k] += pc;
            second[k] += pc * c;
        }
    return (moments_t){NAME(lane_sum)(norm[0] + norm[1]), NAME(lane_sum)(first[0] + first[1]),
                       NAME(lane_sum)(second[0] + second[1])};
}

/* Im <left| C |right> of one block. */
INLINE double NAME(block_overlap)(const REAL *rr, const REAL *ri, const REAL *lr, const REAL *li, size_t size,
                                  const TYPE(costs_t) *costs) {
    vector_t sums[2] = {{0}};
    for (size_t g = 0; g < size / VL; g += 2)
        UNROLL(int k = 0; k < 2; k++) {
            size_t x = (g + k) * VL;
            sums[k] += NAME(cost)(costs, g + k) * (load(lr + x) * load(ri + x) - load(li + x) * load(rr + x));
        }
    return NAME(lane_sum)(sums[0] + sums[1]);
}

static void NAME(moments)(const model_t *model, state_t state, size_t number, moments_t *out) {
    int low = model->low;
    size_t size = (size_t)1 << low;
    group_t group;
    moments_t total = {0};
    REAL own[LOW_SIZE] ALIGNED;
    TYPE(costs_t) costs = {.own = own};
    double scale = scale_of(model);
    NAME(scale_own_costs)(model, scale, own);
    enter_group(model, number, &group);
    enter_costs(model, &group);
    for (size_t block = 0; block < (size_t)1 << (model->mid - low); block++) {
        size_t start = (number << model->mid) + (block << low);
        const REAL *re = (const REAL *)state.re + start, *im = (const REAL *)state.im + start;
        moments_t here = {0};
        if (low > LANES) {
            NAME(scale_outer_costs)(model, &group, block, scale, &costs);
            here = NAME(block_moments)(re, im, size, &costs);
            here.first /= scale;
            here.second /= scale * scale;
        } else {
            double few[VL];
            NAME(block_costs)(model, &group, block, few);
            for (size_t x = 0; x < size; x++) {
                double p = (double)re[x] * re[x] + (double)im[x] * im[x], pc = p * few[x];
                here.norm += p;
                here.first += pc;
                here.second += pc * few[x];
            }
        }
        total.norm += here.norm;
        total.first += here.first;
        total.second += here.second;
    }
    *out = total;
}

#endif
