/* Costs and fields of the Ising model, block by block: no array of all costs is ever formed. */
#ifndef QGRAPH_MODEL_H
#define QGRAPH_MODEL_H

#include "_kernels.h"

enum { GROUP_BITS = 20 /* log2 of the bytes of a group */ };

/* How many spins a group holds. It depends on the size alone, since it sets the order of rounding. Spins turn in pairs, so
 * that columns, with the mirror's spin, should have an even number of them, unless their tiles become too large. */
static int group_spins(int m, int mirror, int is_double) {
    int most = GROUP_BITS - 3 - is_double;
    if (m < 16) return m;
    int mid = m - 3 < most ? m - 3 : most;
    return mid - (m - mid <= 6 ? (m - mid + mirror) & 1 : 0);
}

/* What one group of blocks sees of the spins that select it. */
typedef struct {
    double base, inner_fields[MOST_INNER + 1]; /* of the spins from mid on: their costs, and what the inner spins see of them */
    double fields[PADDED];                     /* and what the spins below low see */
    double costs[INNER_SIZE];                  /* of its blocks: C without any term of the spins below low */
} group_t;

/* out[x] += sum_q fields[q] s_q(x) for all x of `bits` bits, out being filled for x = 0 ... by doubling. */
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

/* Energies of `count` spins from `first` on, alone: their fields and their couplings. */
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

/* The largest number of which all couplings and fields are multiples, if it is the smallest of them; else 0. */
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
        if (fabs(model->h[q]) > MOST_CODES * least || model->h[q] != least * nearbyint(model->h[q] / least)) return 0;
        for (int r = 0; r < q; r++) {
            double J = model->J[(size_t)q * m + r];
            if (fabs(J) > MOST_CODES * least || J != least * nearbyint(J / least)) return 0;
        }
    }
    return least;
}

/* What costs of the spins below low are, as whole numbers of steps: of each coupling and field, 0 or its size. */
static inline void find_codes(model_t *model) {
    int m = model->m, low = model->low, tabled = model->tabled;
    double total = 0, step;
    model->unit = model->coded ? find_unit(model) : 0, step = 2 * model->unit;
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
    if (total >= MOST_CODES * model->unit) {
        model->unit = 0;
        return;
    }
    for (int q = 0; q < PADDED; q++) {
        model->bounds[q] = (int32_t)lrint(bounds[q] / model->unit);
        for (int r = low; r < m; r++) model->steps[r][q] = q < low ? (int32_t)lrint(model->J[(size_t)r * m + q] / model->unit) : 0;
    }
    for (size_t row = 0; row < (size_t)1 << tabled; row++) {
        double costs[LOW_SIZE], fields[PADDED];
        costs[0] = inside;
        for (int q = 0; q < low; q++) {
            fields[q] = 0, costs[0] += tabled_bounds[q];
            for (int r = 0; r < tabled; r++) fields[q] += spin(row, r) * model->J[(size_t)(low + r) * m + q];
        }
        add_linear(costs, fields, low);
        int32_t *codes = model->codes + (row << low);
        for (size_t x = 0; x < (size_t)1 << low; x++) codes[x] = (int32_t)lrint((costs[x] + model->low_costs[x]) / step);
    }
}

static inline int count_independent(const model_t *model) {
    int count = 0, alone = 1;
    for (; count < model->m && alone; count += alone)
        for (int q = 0; q < count; q++) alone = alone && model->J[(size_t)count * model->m + q] == 0;
    return count;
}

static inline void prepare_model(model_t *model) {
    own_costs(model, 0, model->low, model->low_costs);
    own_costs(model, model->low, model->mid - model->low, model->inner_costs);
    find_codes(model);
}

static inline void enter_group(const model_t *model, size_t number, group_t *group) {
    int m = model->m, low = model->low, mid = model->mid;
    group->base = 0;
    memset(group->fields, 0, sizeof group->fields), memset(group->inner_fields, 0, sizeof group->inner_fields);
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

/* The phases of a group's blocks: of all terms without the spins below low, and the layer's scale. */
typedef struct {
    double re[INNER_SIZE], im[INNER_SIZE];
} scalars_t;

/* (re, im)[x] *= prod_q fields[q] ** s_q(x) for all x of `bits` bits, (re, im)[0] being given alone. */
static inline void multiply_linear(double *restrict re, double *restrict im, const complex_t *fields, int bits) {
    for (int q = 0; q < bits; q++) {
        size_t half = (size_t)1 << q;
        for (size_t x = 0; x < half; x++) {
            double a = re[x] * fields[q].re, b = im[x] * fields[q].im, c = re[x] * fields[q].im, d = im[x] * fields[q].re;
            re[x] = a - b, im[x] = c + d;
            re[x + half] = a + b, im[x + half] = d - c;
        }
    }
}

/* (re, im)[x] = (re, im)[0] exp(-i gamma C), C being the energy of `count` spins from `first` on, alone. */
static inline void own_phases(const model_t *model, double gamma, int first, int count, double *restrict re, double *restrict im) {
    for (int q = 0; q < count; q++) {
        const double *row = model->J + (size_t)(first + q) * model->m + first;
        double field_re[LOW_SIZE], field_im[LOW_SIZE];
        complex_t field = unit(-gamma * model->h[first + q]), pairs[MOST_INNER];
        for (int r = 0; r < q; r++) pairs[r] = unit(-gamma * row[r]);
        field_re[0] = field.re, field_im[0] = field.im;
        multiply_linear(field_re, field_im, pairs, q);
        size_t half = (size_t)1 << q;
        for (size_t x = 0; x < half; x++) {
            double a = re[x] * field_re[x], b = im[x] * field_im[x], c = re[x] * field_im[x], d = im[x] * field_re[x];
            re[x] = a - b, im[x] = c + d;
            re[x + half] = a + b, im[x + half] = d - c;
        }
    }
}

/* Whether a layer has the phases of all spins from low on, and not only up to mid. */
static inline int in_layer(const model_t *model) { return model->m - model->low <= MOST_INNER; }

static inline void enter_scalars(const model_t *model, const layer_t *layer, size_t number, scalars_t *out) {
    int low = model->low, mid = model->mid, inner = mid - low;
    double base = 0, inner_fields[MOST_INNER + 1] = {0};
    for (int r = mid; r < model->m; r++) {
        const double *row = model->J + (size_t)r * model->m;
        double s = spin(number, r - mid), field = model->h[r];
        for (int q = mid; q < r; q++) field += row[q] * spin(number, q - mid);
        base += s * field;
        for (int q = low; q < mid; q++) inner_fields[q - low] += s * row[q];
    }
    complex_t fields[MOST_INNER + 1], alone = unit(-layer->gamma * base);
    for (int q = 0; q < inner; q++) fields[q] = unit(-layer->gamma * inner_fields[q]);
    out->re[0] = alone.re, out->im[0] = alone.im;
    multiply_linear(out->re, out->im, fields, inner);
    for (size_t x = 0; x < (size_t)1 << inner; x++) {
        complex_t all = times((complex_t){out->re[x], out->im[x]}, (complex_t){layer->inner_re[x], layer->inner_im[x]});
        out->re[x] = all.re, out->im[x] = all.im;
    }
}

/* The fields on the spins below low that one block of a group sees, but for the lowest `skipped` spins that select it. */
static inline void enter_block(const model_t *model, const group_t *group, size_t block, int skipped, double fields[PADDED]) {
    memcpy(fields, group->fields, PADDED * sizeof(double));
    for (int r = model->low + skipped; r < model->mid; r++) {
        const double *row = model->J + (size_t)r * model->m;
        double s = spin(block, r - model->low);
        for (int q = 0; q < model->low; q++) fields[q] += s * row[q];
    }
}

/* 1 over a bound on the observable, from one on C. */
static inline double scale_for(const observable_t *observable, double largest) {
    double bound = observable->alpha == 1 ? largest : fabs(observable->quantile) + 2 * largest / observable->alpha;
    return isnormal(bound) && isnormal(1 / bound) ? 1 / bound : 1;
}

static inline double largest_cost(const model_t *model) {
    double sum = 0;
    for (int q = 0; q < model->m; q++) {
        sum += fabs(model->h[q]);
        for (int r = 0; r < q; r++) sum += fabs(model->J[(size_t)q * model->m + r]);
    }
    return sum;
}

/* A power of two that brings all costs below 1, so that their squares stay in single precision's range. */
static inline double scale_of(const model_t *model) {
    double largest = largest_cost(model);
    return isnormal(largest) ? ldexp(1, -ilogb(largest) - 1) : 1;
}

static inline double observed(const observable_t *observable, double cost) {
    if (observable->alpha == 1) return cost;
    double beyond = observable->sign * (cost - observable->quantile);
    return observable->quantile + observable->sign * (beyond < 0 ? beyond : 0) / observable->alpha;
}

#endif
