/* Cost levels: where all couplings and fields are multiples of one unit, costs are whole numbers of steps of
 * 2 unit. If there are few levels, the phases of all of them fit two vectors, and each phase is looked up by
 * its level. */
#ifndef QGRAPH_LEVELS_H
#define QGRAPH_LEVELS_H

#include <math.h>
#include <string.h>

#include "costs.h"

/* The smallest coupling or field, if all others are multiples of it; else 0. */
static inline double find_unit(const model_t *model) {
    double least = INFINITY;
    int m = model->m;
    for (int q = 0; q < m; q++) {
        if (model->h[q] != 0) least = fmin(least, fabs(model->h[q]));
        for (int r = 0; r < q; r++)
            if (model->J[(size_t)q * m + r] != 0) least = fmin(least, fabs(model->J[(size_t)q * m + r]));
    }
    if (!isnormal(least)) return 0;
    for (int q = 0; q < m; q++) {
        if (fabs(model->h[q]) > MOST_LEVELS * least || model->h[q] != least * nearbyint(model->h[q] / least))
            return 0;
        for (int r = 0; r < q; r++) {
            double J = model->J[(size_t)q * m + r];
            if (fabs(J) > MOST_LEVELS * least || J != least * nearbyint(J / least)) return 0;
        }
    }
    return least;
}

/* The levels of the terms with block spins. Each term counts from its minimum, so that it adds 0 or its
 * size. */
static inline void find_levels(model_t *model) {
    int m = model->m, low = model->low, tabled = model->tabled;
    double total = 0, step;
    model->unit = model->lookup ? find_unit(model) : 0;
    step = 2 * model->unit;
    if (model->unit == 0) return;
    double inside = 0, tabled_bounds[PADDED] = {0}, bounds[PADDED] = {0};
    for (int q = 0; q < low; q++) {
        const double *row = model->J + (size_t)q * m;
        inside += fabs(model->h[q]);
        for (int r = 0; r < q; r++) inside += fabs(row[r]);
        for (int r = low; r < low + tabled; r++) tabled_bounds[q] += fabs(row[r]);
        for (int r = low + tabled; r < m; r++) bounds[q] += fabs(row[r]);
        total += bounds[q] + tabled_bounds[q];
    }
    model->shift = total += inside;
    if (total >= MOST_LEVELS * model->unit) {
        model->unit = 0;
        return;
    }
    for (int q = 0; q < PADDED; q++) {
        model->bounds[q] = (int32_t)lrint(bounds[q] / model->unit);
        for (int r = low; r < m; r++)
            model->units[r][q] = q < low ? (int32_t)lrint(model->J[(size_t)r * m + q] / model->unit) : 0;
    }
    for (size_t row = 0; row < (size_t)1 << tabled; row++) {
        double costs[LOW_SIZE], fields[PADDED];
        costs[0] = inside;
        for (int q = 0; q < low; q++) {
            fields[q] = 0;
            costs[0] += tabled_bounds[q];
            for (int r = 0; r < tabled; r++) fields[q] += spin(row, r) * model->J[(size_t)(low + r) * m + q];
        }
        add_linear(costs, fields, low);
        int32_t *levels = model->levels + (row << low);
        for (size_t x = 0; x < (size_t)1 << low; x++)
            levels[x] = (int32_t)lrint((costs[x] + model->low_costs[x]) / step);
    }
}

static inline void prepare_model(model_t *model) {
    own_costs(model, 0, model->low, model->low_costs);
    own_costs(model, model->low, model->mid - model->low, model->inner_costs);
    find_levels(model);
}

#endif
