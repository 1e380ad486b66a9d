/* The last pass where only <C> is needed: amplitudes are summed while they are in registers, and not stored.
 *
 * Where the register spins are independent, they are not mixed. Instead the mixer is applied to Z: it becomes
 * cos(2 beta) Z + sin(2 beta) Y, and each term of C has at most one such factor. */
#ifndef QGRAPH_MEASURED_PASS
#define QGRAPH_MEASURED_PASS

#include "../base/costs.h"
#include "butterfly.h"
#include "group_pass.h"
#include "product_start.h"
#include "reductions.h"

/* Sums over the vectors of a butterfly, lane by lane: of p; for the spins q that select a vector, of p s_q
 * and <Y_q> / 2; for the spins within a vector, of <Y_q> / 2 without its sign. */
typedef struct {
    vector_t p, vector_z[BUTTERFLY], vector_y[BUTTERFLY], lane_y[LANES];
} TYPE(paulis_t);

INLINE void NAME(sum_paulis)(const REAL *re, const REAL *im, size_t ahead, TYPE(paulis_t) *out) {
    vector_t waiting[BUTTERFLY];
    UNROLL(int q = 0; q < BUTTERFLY; q++) out->vector_z[q] = out->vector_y[q] = (vector_t){0};
    UNROLL(int q = 0; q < LANES; q++) out->lane_y[q] = (vector_t){0};
    UNROLL(int v = 0; v < BUTTERFLY_SIZE; v++) {
        size_t at = v * VL;
        vector_t r = load(re + at), i = load(im + at), p = r * r + i * i;
        if (ahead) {
            __builtin_prefetch(re + at + ahead, 1, 2);
            __builtin_prefetch(im + at + ahead, 1, 2);
        }
        UNROLL(int q = 0; q < LANES; q++) out->lane_y[q] += r * NAME(flip)(i, q);
        UNROLL(int q = 0; q < BUTTERFLY; q++) {
            vector_t flipped = load(im + (v ^ 1 << q) * VL);
            if (v >> q & 1) out->vector_y[q] -= r * flipped;
            else out->vector_y[q] += r * flipped;
        }
        int ones = __builtin_ctz(~v);
        UNROLL(int q = 0; q < BUTTERFLY; q++)
            if (q < ones) {
                out->vector_z[q] += waiting[q] - p;
                p += waiting[q];
            }
        if (ones < BUTTERFLY) waiting[ones] = p;
        else out->p = p;
    }
}

/* The block spins above the register spins, for all their values: their fields on the register spins, and
 * their own costs. */
typedef struct {
    double fields[1 << MOST_ABOVE][PADDED], own[1 << MOST_ABOVE];
} TYPE(above_t);

static void NAME(find_above)(const model_t *model, TYPE(above_t) *out) {
    int low = model->low, register_spins = NAME(count_register_spins)(model);
    own_costs(model, register_spins, low - register_spins, out->own);
    for (size_t above = 0; above < (size_t)1 << (low - register_spins); above++)
        for (int q = 0; q < register_spins; q++) {
            double field = model->h[q];
            for (int r = register_spins; r < low; r++)
                field += spin(above, r - register_spins) * model->J[(size_t)r * model->m + q];
            out->fields[above][q] = field;
        }
}

/* C after the mixer on the register spins, where Z is cosine Z + sine Y, summed lane by lane. */
INLINE vector_t NAME(mixed_cost)(const TYPE(paulis_t) *sums, double constant, const double *fields,
                                 double cosine, double sine) {
    vector_t cost = (REAL)constant - (vector_t){0}, sum = {0};
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t s = NAME(lane_spins)(q);
        cost += s * (REAL)(cosine * fields[q]);
        sum += s * (REAL)(sine * fields[q]) * sums->lane_y[q];
    }
    UNROLL(int q = 0; q < BUTTERFLY; q++) {
        double field = fields[LANES + q];
        sum += (REAL)(cosine * field) * sums->vector_z[q] + (REAL)(sine * field) * sums->vector_y[q];
    }
    return sum + cost * sums->p;
}

/* The norm and scale <C> of a block whose independent register spins are not mixed. */
INLINE void NAME(measure_independent)(const REAL *re, const REAL *im, const model_t *model,
                                      const group_t *group, const TYPE(above_t) *above, size_t block,
                                      double cosine, double sine, double scale, size_t ahead, vector_t *norm,
                                      vector_t *first) {
    int low = model->low, register_spins = NAME(count_register_spins)(model);
    double from[PADDED], constant[1 << MOST_ABOVE];
    enter_block(model, group, block, 0, from);
    constant[0] = group->costs[block];
    add_linear(constant, from + register_spins, low - register_spins);
    for (size_t x = 0; x < (size_t)1 << (low - register_spins); x++) {
        double fields[PADDED];
        TYPE(paulis_t) sums;
        for (int q = 0; q < register_spins; q++) fields[q] = from[q] + above->fields[x][q];
        NAME(sum_paulis)(re + (x << register_spins), im + (x << register_spins), ahead, &sums);
        *first += NAME(mixed_cost)(&sums, scale * (constant[x] + above->own[x]), fields, scale * cosine,
                                   scale * sine);
        *norm += sums.p;
    }
}

/* The same for any block, where only the spins within a vector are not mixed yet. */
INLINE void NAME(measure_lanes)(const REAL *re, const REAL *im, int low, const TYPE(costs_t) *costs,
                                const rotation_t *rotation, size_t ahead, vector_t *norm, vector_t *first) {
    for (size_t g = 0; g < (size_t)1 << (low - LANES); g += BATCH) {
        vector_t r[BATCH], i[BATCH];
        UNROLL(int v = 0; v < BATCH; v++) {
            size_t at = (g + v) * VL;
            r[v] = load(re + at);
            i[v] = load(im + at);
            if (ahead) {
                __builtin_prefetch(re + at + ahead, 1, 2);
                __builtin_prefetch(im + at + ahead, 1, 2);
            }
        }
        NAME(mix_lanes)(r, i, BATCH, rotation->tan);
        UNROLL(int v = 0; v < BATCH; v++) {
            vector_t p = r[v] * r[v] + i[v] * i[v];
            *norm += p;
            *first += p * NAME(cost)(costs, g + v);
        }
    }
}

/* The norm and <C> of a group, where the mixer of the last layer is complete except on the spins of the
 * group. The state is left incomplete. */
static void NAME(measure_group)(const model_t *model, double before, state_t state, size_t number,
                                moments_t *out) {
    int low = model->low, mid = model->mid, chunk = NAME(chunk_spins)(model),
        independent = NAME(independent_spins)(model) > 0;
    REAL *re = (REAL *)state.re + (number << mid), *im = (REAL *)state.im + (number << mid),
         own[LOW_SIZE] ALIGNED;
    size_t ahead = mid < model->m ? (size_t)1 << mid : 0, blocks = (size_t)1 << (chunk - low);
    double scale = scale_of(model), cosine = (1 - before * before) / (1 + before * before),
           sine = 4 * before / (1 + before * before);
    rotation_t rotation = NAME(rotation)(before, model->tilts);
    TYPE(costs_t) costs = {.own = own};
    TYPE(above_t) above;
    group_t group;
    moments_t total = {0};
    enter_group(model, number, &group);
    enter_costs(model, &group);
    if (independent) NAME(find_above)(model, &above);
    else NAME(scale_own_costs)(model, scale, own);
    NAME(sweep)(re, im, mid, chunk, mid, &rotation);
    for (size_t start = 0; start < (size_t)1 << (mid - low); start += blocks) {
        vector_t norm = {0}, first = {0};
        NAME(sweep)(re + (start << low), im + (start << low), chunk, NAME(count_register_spins)(model), chunk,
                    &rotation);
        for (size_t block = start; block < start + blocks; block++) {
            REAL *here_re = re + (block << low), *here_im = im + (block << low);
            if (independent)
                NAME(measure_independent)(here_re, here_im, model, &group, &above, block, cosine, sine, scale,
                                          ahead, &norm, &first);
            else {
                NAME(mix_lowest)(here_re, here_im, low, &rotation);
                NAME(scale_outer_costs)(model, &group, block, scale, &costs);
                NAME(measure_lanes)(here_re, here_im, low, &costs, &rotation, ahead, &norm, &first);
            }
        }
        total.norm += NAME(lane_sum)(norm);
        total.first += NAME(lane_sum)(first) / scale;
    }
    *out = total;
}

#endif
