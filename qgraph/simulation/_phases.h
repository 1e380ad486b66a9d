/* The cost's phases, block by block: no array of all of them is ever formed. */

/* The phases of one block: `low`, a table over the block, times near, over its lowest FIRST spins, times far,
 * over the others. */
typedef struct {
    const REAL *low_re, *low_im;
    vector_t near_re[HELD], near_im[HELD];
    REAL far_re[LOW_SIZE >> FIRST], far_im[LOW_SIZE >> FIRST];
} NAME(phases_t);

INLINE void NAME(dephase)(vector_t *re, vector_t *im, const NAME(phases_t) *phases, size_t g, int e, int fresh) {
    size_t at = (g << FIRST) + e * VL;
    vector_t fr = phases->far_re[g] - (vector_t){0}, fi = phases->far_im[g] - (vector_t){0};
    vector_t nr = phases->near_re[e], ni = phases->near_im[e];
    vector_t lr = load(phases->low_re + at), li = load(phases->low_im + at);
    vector_t ur = nr * fr - ni * fi, ui = nr * fi + ni * fr;
    vector_t wr = ur * lr - ui * li, wi = ur * li + ui * lr;
    if (!fresh) {
        vector_t xr = *re * wr - *im * wi, xi = *re * wi + *im * wr;
        wr = xr, wi = xi;
    }
    *re = wr, *im = wi;
}

static void NAME(prepare)(const model_t *model, layer_t *layer) {
    int low = model->low;
    for (size_t x = 0; x < (size_t)1 << (model->mid - low); x++) {
        complex_t all = times(layer->scale, unit(-layer->gamma * model->inner_costs[x]));
        layer->inner_re[x] = all.re, layer->inner_im[x] = all.im;
    }
    for (int r = low; r < model->m; r++)
        for (int q = 0; q < low; q++) {
            complex_t pair = unit(-layer->gamma * model->J[(size_t)r * model->m + q]);
            layer->pair_re[r][q] = pair.re, layer->pair_im[r][q] = pair.im;
        }
    for (int r = low; r < model->m; r++)
        for (int q = low; q < PADDED; q++) layer->pair_re[r][q] = 1, layer->pair_im[r][q] = 0;
    double *restrict re = layer->low_re, *restrict im = layer->low_im, field_re[LOW_SIZE], field_im[LOW_SIZE];
    re[0] = 1, im[0] = 0;
    for (int q = 0; q < low; q++) {
        size_t half = (size_t)1 << q;
        complex_t field = unit(-layer->gamma * model->h[q]);
        field_re[0] = field.re, field_im[0] = field.im;
        for (int r = 0; r < q; r++) {
            complex_t w = unit(-layer->gamma * model->J[(size_t)q * model->m + r]);
            for (size_t x = 0; x < (size_t)1 << r; x++) {
                double a = field_re[x] * w.re, b = field_im[x] * w.im, c = field_re[x] * w.im, d = field_im[x] * w.re;
                field_re[x] = a - b, field_im[x] = c + d;
                field_re[x + ((size_t)1 << r)] = a + b, field_im[x + ((size_t)1 << r)] = d - c;
            }
        }
        for (size_t x = 0; x < half; x++) {
            double a = re[x] * field_re[x], b = im[x] * field_im[x], c = re[x] * field_im[x], d = im[x] * field_re[x];
            re[x] = a - b, im[x] = c + d;
            re[x + half] = a + b, im[x + half] = d - c;
        }
    }
}

/* exp(-i gamma sum_r J_rq s_r) for each q below low, by the spins from mid on (levels[inner]) and then, a
 * spin a level, by those of the block: blocks in order share all but the levels that changed. */
typedef struct {
    double re[MOST_INNER + 1][PADDED], im[MOST_INNER + 1][PADDED];
} NAME(fields_t);

INLINE void NAME(turn_fields)(const layer_t *layer, int r, double s, const double *re, const double *im, double *to_re, double *to_im) {
    for (int q = 0; q < PADDED; q++) {
        double wr = layer->pair_re[r][q], wi = s * layer->pair_im[r][q];
        double a = re[q] * wr - im[q] * wi, b = re[q] * wi + im[q] * wr;
        to_re[q] = a, to_im[q] = b;
    }
}

static void NAME(enter_fields)(const model_t *model, const layer_t *layer, size_t group, NAME(fields_t) *fields) {
    int inner = model->mid - model->low;
    for (int q = 0; q < PADDED; q++) fields->re[inner][q] = 1, fields->im[inner][q] = 0;
    for (int r = model->mid; r < model->m; r++)
        NAME(turn_fields)(layer, r, spin(group, r - model->mid), fields->re[inner], fields->im[inner], fields->re[inner], fields->im[inner]);
}

/* For all blocks that share the bits from `least` on with `block`: levels[least]. */
static void NAME(next_fields)(const model_t *model, const layer_t *layer, size_t block, int least, NAME(fields_t) *fields) {
    int inner = model->mid - model->low, level = block == 0 ? inner : __builtin_ctzll(block) + 1;
    while (level-- > least)
        NAME(turn_fields)(layer, model->low + level, spin(block, level), fields->re[level + 1], fields->im[level + 1], fields->re[level], fields->im[level]);
}

INLINE void NAME(phases)(int low, const double *re, const double *im, complex_t scale, NAME(phases_t) *out) {
    vector_t nr[HELD], ni[HELD];
    nr[0] = 1 - (vector_t){0}, ni[0] = (vector_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t wr = (REAL)re[q] - (vector_t){0}, spins;
        UNROLL(int k = 0; k < VL; k++) spins[k] = k >> q & 1 ? -1 : 1;
        vector_t wi = (REAL)im[q] * spins;
        vector_t a = nr[0] * wr - ni[0] * wi, b = nr[0] * wi + ni[0] * wr;
        nr[0] = a, ni[0] = b;
    }
    UNROLL(int q = 0; q < RADIX; q++) {
        UNROLL(int e = 0; e < 1 << q; e++) {
            REAL wr = (REAL)re[LANES + q], wi = (REAL)im[LANES + q];
            vector_t a = nr[e] * wr, b = ni[e] * wi, c = nr[e] * wi, d = ni[e] * wr;
            nr[e] = a - b, ni[e] = c + d;
            nr[e | 1 << q] = a + b, ni[e | 1 << q] = d - c;
        }
    }
    UNROLL(int e = 0; e < HELD; e++) out->near_re[e] = nr[e], out->near_im[e] = ni[e];
    complex_t far[LOW_SIZE >> FIRST];
    far[0] = scale;
    for (int q = FIRST; q < low; q++)
        for (int g = 0; g < 1 << (q - FIRST); g++) {
            complex_t here = far[g];
            far[g] = times(here, (complex_t){re[q], im[q]});
            far[g + (1 << (q - FIRST))] = times(here, (complex_t){re[q], -im[q]});
        }
    for (int g = 0; g < 1 << (low - FIRST); g++) out->far_re[g] = (REAL)far[g].re, out->far_im[g] = (REAL)far[g].im;
}
