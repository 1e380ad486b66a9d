/* The adjoint gradient (Jones and Gacon, arXiv:2009.02823): two states, right = |state> and left = O|state>,
 * are evolved backward layer by layer. Derivatives are sums of Im <left| H |right>. */
#ifndef QGRAPH_ADJOINT
#define QGRAPH_ADJOINT

#include "../base/costs.h"
#include "../base/observable.h"
#include "column_pass.h"
#include "group_pass.h"
#include "overlaps.h"
#include "phases.h"
#include "reductions.h"
#include "scalar_mixer.h"
#include "tile_mixer.h"

/* left = scale O(C) right. sums: the norm and <O>. */
static void NAME(seed)(const model_t *model, const observable_t *observable, state_t right, state_t left,
                       size_t number, double sums[2]) {
    group_t group;
    enter_group(model, number, &group);
    enter_costs(model, &group);
    sums[0] = sums[1] = 0;
    size_t size = (size_t)1 << model->low;
    for (size_t block = 0; block < (size_t)1 << (model->mid - model->low); block++) {
        double costs[LOW_SIZE] ALIGNED, norm = 0, value = 0;
        size_t start = (number << model->mid) + (block << model->low);
        const REAL *restrict re = (const REAL *)right.re + start, *restrict im =
                                                                      (const REAL *)right.im + start;
        REAL *restrict left_re = (REAL *)left.re + start, *restrict left_im = (REAL *)left.im + start;
        NAME(block_costs)(model, &group, block, costs);
        if (observable->alpha != 1)
            for (size_t x = 0; x < size; x++) costs[x] = observed(observable, costs[x]);
        _Pragma("omp simd reduction(+ : norm, value)") for (size_t x = 0; x < size; x++) {
            double p = (double)re[x] * re[x] + (double)im[x] * im[x];
            norm += p;
            value += p * costs[x];
            REAL scaled = (REAL)(costs[x] * observable->scale);
            left_re[x] = scaled * re[x];
            left_im[x] = scaled * im[x];
        }
        sums[0] += norm;
        sums[1] += value;
    }
}

static void NAME(backward_scalar)(const model_t *model, const layer_t *layer, REAL *const arrays[4],
                                  double sums[2]) {
    size_t size = (size_t)1 << model->m;
    for (int side = 0; side < 4; side += 2)
        if (model->flip_symmetric)
            NAME(mix_implicit_scalar)(arrays[side], arrays[side + 1], size, (REAL)layer->tan);
    sums[0] = NAME(overlap_x_scalar)(arrays[0], arrays[1], arrays[2], arrays[3], model->m,
                                     model->flip_symmetric, model->tilts);
    for (int side = 0; side < 4; side += 2)
        NAME(mix_scalar)(arrays[side], arrays[side + 1], model->m, layer->tan, model->tilts);
    sums[1] = 0;
    for (size_t x = 0; x < size; x++) {
        complex_t w = times(layer->scale, (complex_t){layer->low_re[x], layer->low_im[x]});
        for (int side = 0; side < 4; side += 2) {
            complex_t v = times(w, (complex_t){arrays[side][x], arrays[side + 1][x]});
            arrays[side][x] = (REAL)v.re;
            arrays[side + 1][x] = (REAL)v.im;
        }
        sums[1] +=
            model->low_costs[x] * ((double)arrays[2][x] * arrays[1][x] - (double)arrays[3][x] * arrays[0][x]);
    }
}

/* One layer backward on a group, after all columns. Mixers commute, so the overlaps with B may be summed when
 * other spins are already mixed. sums[0] is over the spins of the group and the implicit spin, with all spins
 * mixed except the register spins. sums[1] is the overlap with C, when all is done and the norm is restored.
 * `layer` is the inverse layer: its gamma and tan have the opposite sign. */
static void NAME(backward_group)(const model_t *model, const layer_t *layer, state_t right, state_t left,
                                 size_t number, double sums[2]) {
    int low = model->low, mid = model->mid;
    size_t at = number << mid;
    REAL *const a[4] = {(REAL *)right.re + at, (REAL *)right.im + at, (REAL *)left.re + at,
                        (REAL *)left.im + at};
    if (low < STEP_SPINS) {
        NAME(backward_scalar)(model, layer, a, sums);
        return;
    }
    rotation_t rotation = NAME(rotation)(layer->tan, model->tilts);
    size_t half = (size_t)1 << (mid - 1);
    int implicit_spin = NAME(group_has_implicit)(model), register_spins = NAME(count_register_spins)(model);
    for (int side = 0; side < 4; side += 2) {
        NAME(sweep_with_implicit)(a[side], a[side + 1], mid, NAME(chunk_spins)(model), implicit_spin,
                                  &rotation);
        NAME(sweep)(a[side], a[side + 1], mid, register_spins, NAME(chunk_spins)(model), &rotation);
    }
    sums[0] = NAME(overlap_x)(a[0], a[1], a[2], a[3], mid, low, mid, model->tilts);
    if (implicit_spin)
        sums[0] += NAME(overlap_implicit)(a[0], a[1], a[2], a[3], a[0] + half, a[1] + half, a[2] + half,
                                          a[3] + half, half);
    sums[1] = 0;
    TYPE(phase_source_t) source;
    TYPE(phases_t) phases ALIGNED;
    NAME(enter_phases)(model, layer, number, &source);
    group_t group;
    enter_group(model, number, &group);
    enter_costs(model, &group);
    REAL own[LOW_SIZE] ALIGNED;
    TYPE(costs_t) costs = {.own = own};
    double scale = scale_of(model);
    NAME(scale_own_costs)(model, scale, own);
    for (size_t block = 0; block < (size_t)1 << (mid - low); block++) {
        size_t x = block << low;
        sums[0] += NAME(overlap_x)(a[0] + x, a[1] + x, a[2] + x, a[3] + x, low, 0, low, model->tilts);
        NAME(block_phases)(&source, block, &phases);
        for (int side = 0; side < 4; side += 2) {
            NAME(mix_lowest)(a[side] + x, a[side + 1] + x, low, &rotation);
            UPDATE_BLOCK(model, a[side] + x, a[side + 1] + x, WHOLE(low), &phases, 0, &rotation, NULL, 0);
        }
        NAME(scale_outer_costs)(model, &group, block, scale, &costs);
        sums[1] +=
            NAME(block_overlap)(a[0] + x, a[1] + x, a[2] + x, a[3] + x, (size_t)1 << low, &costs) / scale;
    }
}

/* The spins of a tile on both states. *sum is the overlap with their B, when all of them are mixed. */
static void NAME(backward_columns)(const columns_t *c, state_t right, state_t left, size_t number,
                                   void *scratch, double *sum) {
    TYPE(tile_t) tile = NAME(find_tile)(c, number);
    const state_t states[2] = {right, left};
    TYPE(rows_t) rows[2][2], work[2][2];
    rotation_t rotation = NAME(rotation_of)(c, c->tan);
    for (int s = 0; s < 2; s++) {
        scratch = NAME(place_tile)(c, &tile, states[s], scratch, rows[s], work[s]);
        NAME(load_tile)(c, &tile, rows[s], work[s], 0, &rotation);
    }
    *sum = NAME(overlap_x_tile)(c, &tile, work[0], work[1]);
    for (int s = 0; s < 2; s++) NAME(store_tile)(c, &tile, rows[s], work[s], 0, &rotation);
}

#endif
