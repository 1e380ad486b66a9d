/* The kernel's inner loops, included once per instruction set and precision.
 *
 * The includer defines REAL, LANES (log2 of the reals in a vector), RADIX (log2 of the vectors held in
 * registers at a time; twice as many, for real and imaginary parts, must fit) and NAME(x).
 */

#define VL (1 << LANES)
#define HELD (1 << RADIX)
#define FIRST (LANES + RADIX)
#define UNROLL _Pragma("GCC unroll 16") for
#define vector_t NAME(vector)
#define load NAME(load)
#define store NAME(store)

typedef REAL vector_t __attribute__((vector_size(VL * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

INLINE vector_t load(const REAL *p) { return *(const vector_t *)p; }
INLINE void store(REAL *p, vector_t v) { *(vector_t *)p = v; }

#if LANES == 4
#define PERMUTE(x, f) \
    __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15))
#elif LANES == 3
#define PERMUTE(x, f) __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7))
#elif LANES == 2
#define PERMUTE(x, f) __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3))
#else
#define PERMUTE(x, f) __builtin_shufflevector(x, x, f(0), f(1))
#endif
#define FLIP0(k) ((k) ^ 1)
#define FLIP1(k) ((k) ^ 2)
#define FLIP2(k) ((k) ^ 4)
#define FLIP3(k) ((k) ^ 8)
#define BACK(k) (VL - 1 - (k))

INLINE vector_t NAME(reverse)(vector_t x) { return PERMUTE(x, BACK); }

/* The vector whose lane k is lane k with bit q flipped. */
INLINE vector_t NAME(flip)(vector_t x, int q) {
    (void)q;
#if LANES >= 4
    if (q == 3) return PERMUTE(x, FLIP3);
#endif
#if LANES >= 3
    if (q == 2) return PERMUTE(x, FLIP2);
#endif
#if LANES >= 2
    if (q == 1) return PERMUTE(x, FLIP1);
#endif
    return PERMUTE(x, FLIP0);
}

/* 1 - i t X on two amplitudes. */
INLINE void NAME(mix)(vector_t *ar, vector_t *ai, vector_t *br, vector_t *bi, vector_t t) {
    vector_t xr = *ar + t * *bi, xi = *ai - t * *br;
    vector_t yr = *br + t * *ai, yi = *bi - t * *ar;
    *ar = xr, *ai = xi, *br = yr, *bi = yi;
}

/* All spins that vary within a vector. */
INLINE void NAME(mix_lanes)(vector_t *re, vector_t *im, vector_t t) {
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t r = *re + t * NAME(flip)(*im, q), i = *im - t * NAME(flip)(*re, q);
        *re = r, *im = i;
    }
}

/* All spins that vary among the 2**k vectors held. */
INLINE void NAME(mix_held)(vector_t *re, vector_t *im, vector_t t, int k) {
    UNROLL(int q = 0; q < k; q++) {
        UNROLL(int a = 0; a < 1 << k; a++) {
            int b = a | 1 << q;
            if (a != b) NAME(mix)(re + a, im + a, re + b, im + b, t);
        }
    }
}

/* Spins first to first + k - 1 of 2**bits amplitudes; first >= LANES. */
INLINE void NAME(sweep_k)(REAL *re, REAL *im, int bits, int first, int k, vector_t t) {
    size_t step = (size_t)1 << first, run = step << k;
    for (size_t start = 0; start < (size_t)1 << bits; start += run)
        for (size_t j = start; j < start + step; j += VL) {
            vector_t r[HELD], i[HELD];
            UNROLL(int e = 0; e < 1 << k; e++) r[e] = load(re + j + e * step), i[e] = load(im + j + e * step);
            NAME(mix_held)(r, i, t, k);
            UNROLL(int e = 0; e < 1 << k; e++) store(re + j + e * step, r[e]), store(im + j + e * step, i[e]);
        }
}

/* Spins first to last - 1 of 2**bits amplitudes; first >= LANES. */
static void NAME(sweep)(REAL *re, REAL *im, int bits, int first, int last, REAL tangent) {
    vector_t t = tangent - (vector_t){0};
    while (first < last) {
        int left = last - first, k = left < RADIX ? left : left == RADIX + 1 ? 2 : RADIX;
        if (k == 1) NAME(sweep_k)(re, im, bits, first, 1, t);
        else if (k == 2) NAME(sweep_k)(re, im, bits, first, 2, t);
#if RADIX == 3
        else NAME(sweep_k)(re, im, bits, first, 3, t);
#endif
        first += k;
    }
}

/* 1 - i t X on the top spin of a mirrored state: amplitude j of a with amplitude count - 1 - j of b. */
INLINE void NAME(mirror_run)(REAL *ar, REAL *ai, REAL *br, REAL *bi, size_t count, vector_t t) {
    for (size_t j = 0; j < count; j += VL) {
        size_t k = count - VL - j;
        vector_t xr = load(ar + j), xi = load(ai + j);
        vector_t yr = NAME(reverse)(load(br + k)), yi = NAME(reverse)(load(bi + k));
        NAME(mix)(&xr, &xi, &yr, &yi, t);
        store(ar + j, xr), store(ai + j, xi);
        store(br + k, NAME(reverse)(yr)), store(bi + k, NAME(reverse)(yi));
    }
}

/* The phases of one block: `low`, a table over the block, times near, over its lowest FIRST spins, times far,
 * over the others. */
typedef struct {
    const REAL *low_re, *low_im;
    vector_t near_re[HELD], near_im[HELD];
    REAL far_re[LOW_SIZE >> FIRST], far_im[LOW_SIZE >> FIRST];
} NAME(phases_t);

INLINE void NAME(turn)(vector_t *re, vector_t *im, const NAME(phases_t) *phases, size_t g, int e, int fresh) {
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

enum NAME(order) { NAME(FRESH), NAME(PHASES_FIRST), NAME(PHASES_LAST) };

/* The lowest FIRST spins of a block, and its phases. */
INLINE void NAME(mix_first)(REAL *re, REAL *im, int bits, const NAME(phases_t) *phases, enum NAME(order) order, vector_t t) {
    for (size_t g = 0; g < (size_t)1 << (bits - FIRST); g++) {
        vector_t r[HELD], i[HELD];
        UNROLL(int e = 0; e < HELD; e++) {
            size_t at = (g << FIRST) + e * VL;
            if (order != NAME(FRESH)) r[e] = load(re + at), i[e] = load(im + at);
            if (order != NAME(PHASES_LAST)) NAME(turn)(r + e, i + e, phases, g, e, order == NAME(FRESH));
            NAME(mix_lanes)(r + e, i + e, t);
        }
        NAME(mix_held)(r, i, t, RADIX);
        UNROLL(int e = 0; e < HELD; e++) {
            size_t at = (g << FIRST) + e * VL;
            if (order == NAME(PHASES_LAST)) NAME(turn)(r + e, i + e, phases, g, e, 0);
            store(re + at, r[e]), store(im + at, i[e]);
        }
    }
}

/* Mixing for states smaller than the vector loops need. */
static void NAME(mix_scalar)(REAL *re, REAL *im, int bits, REAL t) {
    size_t size = (size_t)1 << bits;
    for (int q = 0; q < bits; q++)
        for (size_t a = 0; a < size; a++) {
            size_t b = a | (size_t)1 << q;
            if (a == b) continue;
            REAL ar = re[a] + t * im[b], ai = im[a] - t * re[b];
            REAL br = re[b] + t * im[a], bi = im[b] - t * re[a];
            re[a] = ar, im[a] = ai, re[b] = br, im[b] = bi;
        }
}

static void NAME(mirror_scalar)(REAL *re, REAL *im, size_t size, REAL t) {
    for (size_t a = 0; a < size / 2; a++) {
        size_t b = size - 1 - a;
        REAL ar = re[a] + t * im[b], ai = im[a] - t * re[b];
        REAL br = re[b] + t * im[a], bi = im[b] - t * re[a];
        re[a] = ar, im[a] = ai, re[b] = br, im[b] = bi;
    }
    if (size == 1) { /* a single stored amplitude is its own mirror image */
        REAL r = re[0] + t * im[0], i = im[0] - t * re[0];
        re[0] = r, im[0] = i;
    }
}

/* C - offset of one block: double[2**low]. */
static void NAME(block_costs)(const model_t *model, const group_t *group, size_t block, double *restrict out) {
    double fields[PADDED];
    enter_block(model, group, block, fields);
    out[0] = group->costs[block];
    add_linear(out, fields, model->low);
    for (size_t x = 0; x < (size_t)1 << model->low; x++) out[x] += model->low_costs[x];
}

static void NAME(costs)(const model_t *model, size_t number, double *out) {
    group_t group;
    enter_group(model, number, &group);
    for (size_t block = 0; block < (size_t)1 << (model->mid - model->low); block++)
        NAME(block_costs)(model, &group, block, out + (block << model->low));
}

static void NAME(prepare)(const model_t *model, layer_t *layer) {
    int low = model->low;
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

static void NAME(next_fields)(const model_t *model, const layer_t *layer, size_t block, NAME(fields_t) *fields) {
    int inner = model->mid - model->low, level = block == 0 ? inner : __builtin_ctzll(block) + 1;
    while (level-- > 0)
        NAME(turn_fields)(layer, model->low + level, spin(block, level), fields->re[level + 1], fields->im[level + 1], fields->re[level], fields->im[level]);
}

INLINE void NAME(phases)(int low, const double *re, const double *im, complex_t scale, NAME(phases_t) *out) {
    vector_t nr[HELD], ni[HELD];
    nr[0] = 1 - (vector_t){0}, ni[0] = (vector_t){0};
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t wr = (REAL)re[q] - (vector_t){0}, wi;
        UNROLL(int k = 0; k < VL; k++) wi[k] = (REAL)(k >> q & 1 ? -im[q] : im[q]);
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

/* A state too small for vectors: one block is all of it. */
static void NAME(forward_scalar)(const model_t *model, const layer_t *layer, REAL *re, REAL *im) {
    size_t size = (size_t)1 << model->m;
    for (size_t x = 0; x < size; x++) {
        complex_t w = times(layer->scale, (complex_t){layer->low_re[x], layer->low_im[x]});
        if (!layer->fresh) w = times(w, (complex_t){re[x], im[x]});
        re[x] = (REAL)w.re, im[x] = (REAL)w.im;
    }
    NAME(mix_scalar)(re, im, model->m, (REAL)layer->tan);
    if (model->mirror) NAME(mirror_scalar)(re, im, size, (REAL)layer->tan);
}

static void NAME(forward_group)(const model_t *model, const layer_t *layer, state_t state, size_t number) {
    int low = model->low, mid = model->mid;
    REAL *re = (REAL *)state.re + (number << mid), *im = (REAL *)state.im + (number << mid), tangent = (REAL)layer->tan;
    if (low < FIRST) {
        NAME(forward_scalar)(model, layer, re, im);
        return;
    }
    REAL low_re[LOW_SIZE] ALIGNED, low_im[LOW_SIZE] ALIGNED;
    for (int x = 0; x < 1 << low; x++) low_re[x] = (REAL)layer->low_re[x], low_im[x] = (REAL)layer->low_im[x];
    vector_t t = tangent - (vector_t){0};
    group_t group;
    NAME(fields_t) fields;
    enter_group(model, number, &group);
    NAME(enter_fields)(model, layer, number, &fields);
    for (size_t block = 0; block < (size_t)1 << (mid - low); block++) {
        REAL *block_re = re + (block << low), *block_im = im + (block << low);
        NAME(phases_t) phases ALIGNED = {.low_re = low_re, .low_im = low_im};
        NAME(next_fields)(model, layer, block, &fields);
        complex_t scale = times(layer->scale, unit(-layer->gamma * group.costs[block]));
        NAME(phases)(low, fields.re[0], fields.im[0], scale, &phases);
        if (layer->fresh) NAME(mix_first)(block_re, block_im, low, &phases, NAME(FRESH), t);
        else NAME(mix_first)(block_re, block_im, low, &phases, NAME(PHASES_FIRST), t);
        NAME(sweep)(block_re, block_im, low, FIRST, low, tangent);
    }
    NAME(sweep)(re, im, mid, low, mid, tangent);
    if (model->mirror && mid == model->m) {
        size_t half = (size_t)1 << (mid - 1);
        NAME(mirror_run)(re, im, re + half, im + half, half, t);
    }
}

/* Spins of a tile's highest k rows, from memory to scratch. */
INLINE void NAME(gather_k)(const REAL *re, const REAL *im, size_t stride, size_t rows, size_t width, int k, REAL *to_re, REAL *to_im, vector_t t) {
    size_t step = rows >> k;
    for (size_t row = 0; row < step; row++)
        for (size_t j = 0; j < width; j += VL) {
            vector_t r[HELD], i[HELD];
            UNROLL(int e = 0; e < 1 << k; e++) {
                size_t at = (row + e * step) * stride + j;
                r[e] = load(re + at), i[e] = load(im + at);
            }
            NAME(mix_held)(r, i, t, k);
            UNROLL(int e = 0; e < 1 << k; e++) {
                size_t at = (row + e * step) * width + j;
                store(to_re + at, r[e]), store(to_im + at, i[e]);
            }
        }
}

INLINE int NAME(gather)(const REAL *re, const REAL *im, size_t stride, int spins, size_t width, REAL *to_re, REAL *to_im, vector_t t) {
    size_t rows = (size_t)1 << spins;
    if (spins >= RADIX) {
        NAME(gather_k)(re, im, stride, rows, width, RADIX, to_re, to_im, t);
        return RADIX;
    }
    if (spins == 2) NAME(gather_k)(re, im, stride, rows, width, 2, to_re, to_im, t);
    else NAME(gather_k)(re, im, stride, rows, width, 1, to_re, to_im, t);
    return spins;
}

/* The two runs of columns of a tile, `here` and, if mirrored, its mirror image `there`. */
typedef struct {
    size_t stride, rows, width, here, there;
} NAME(tile_t);

INLINE NAME(tile_t) NAME(find_tile)(const columns_t *c, size_t number) {
    NAME(tile_t) tile = {.stride = (size_t)1 << c->from, .rows = (size_t)1 << (c->to - c->from), .width = (size_t)1 << c->width};
    size_t tiles = (tile.stride >> c->width) >> c->mirror;
    size_t start = number / tiles << c->to, column = number % tiles << c->width;
    tile.here = start + column;
    tile.there = start + tile.stride - tile.width - column;
    return tile;
}

INLINE void NAME(prefetch)(const REAL *p) { __builtin_prefetch(p, 1, 2); }

/* Rows of a tile, with the mirror image, from scratch to memory; the columns next to them are fetched. */
INLINE void NAME(scatter)(const columns_t *c, const NAME(tile_t) *tile, state_t state, const REAL *ar, const REAL *ai, const REAL *br,
                          const REAL *bi, size_t first, size_t count) {
    size_t width = tile->width;
    vector_t t = (REAL)c->tan - (vector_t){0};
    for (size_t row = first; row < first + count; row++) {
        size_t other = tile->rows - 1 - row;
        REAL *to_re = (REAL *)state.re + tile->here + row * tile->stride, *to_im = (REAL *)state.im + tile->here + row * tile->stride;
        const REAL *from_re = ar + row * width, *from_im = ai + row * width;
        if (!c->mirror) {
            for (size_t j = 0; j < width; j += VL) {
                NAME(prefetch)(to_re + width + j), NAME(prefetch)(to_im + width + j);
                store(to_re + j, load(from_re + j)), store(to_im + j, load(from_im + j));
            }
            continue;
        }
        size_t back = tile->there + other * tile->stride;
        REAL *back_re = (REAL *)state.re + back, *back_im = (REAL *)state.im + back;
        for (size_t j = 0; j < width; j += VL) {
            size_t k = width - VL - j;
            NAME(prefetch)(to_re + width + j), NAME(prefetch)(to_im + width + j);
            NAME(prefetch)(back_re - VL - j), NAME(prefetch)(back_im - VL - j);
            vector_t xr = load(from_re + j), xi = load(from_im + j);
            vector_t yr = NAME(reverse)(load(br + other * width + k)), yi = NAME(reverse)(load(bi + other * width + k));
            NAME(mix)(&xr, &xi, &yr, &yi, t);
            store(to_re + j, xr), store(to_im + j, xi);
            store(back_re + k, NAME(reverse)(yr)), store(back_im + k, NAME(reverse)(yi));
        }
    }
}

static void NAME(forward_columns)(const columns_t *c, state_t state, size_t number, void *scratch) {
    NAME(tile_t) tile = NAME(find_tile)(c, number);
    size_t stride = tile.stride, rows = tile.rows, width = tile.width, area = rows * width + 32 * VL;
    int spins = c->to - c->from;
    REAL *re = state.re, *im = state.im, tangent = (REAL)c->tan;
    REAL *ar = scratch, *ai = ar + area, *br = ai + area, *bi = br + area;
    vector_t t = tangent - (vector_t){0};
    int done = NAME(gather)(re + tile.here, im + tile.here, stride, spins, width, ar, ai, t);
    if (c->mirror) NAME(gather)(re + tile.there, im + tile.there, stride, spins, width, br, bi, t);
    int bits = spins - done + c->width;
    size_t run = rows >> done;
    for (size_t first = 0; first < rows; first += run) {
        size_t opposite = rows - run - first;
        NAME(sweep)(ar + first * width, ai + first * width, bits, c->width, bits, tangent);
        if (c->mirror) NAME(sweep)(br + opposite * width, bi + opposite * width, bits, c->width, bits, tangent);
        NAME(scatter)(c, &tile, state, ar, ai, br, bi, first, run);
    }
}

static void NAME(probabilities)(state_t state, size_t start, size_t count, double *restrict out) {
    const REAL *restrict re = (const REAL *)state.re + start, *restrict im = (const REAL *)state.im + start;
    for (size_t x = 0; x < count; x++) out[x] = (double)re[x] * re[x] + (double)im[x] * im[x];
}

static void NAME(moments)(const model_t *model, state_t state, size_t number, moments_t *out) {
    group_t group;
    enter_group(model, number, &group);
    moments_t total = {0};
    size_t size = (size_t)1 << model->low;
    for (size_t block = 0; block < (size_t)1 << (model->mid - model->low); block++) {
        double costs[LOW_SIZE] ALIGNED, norm = 0, first = 0, second = 0;
        size_t start = (number << model->mid) + (block << model->low);
        const REAL *restrict re = (const REAL *)state.re + start, *restrict im = (const REAL *)state.im + start;
        NAME(block_costs)(model, &group, block, costs);
        _Pragma("omp simd reduction(+ : norm, first, second)") for (size_t x = 0; x < size; x++) {
            double p = (double)re[x] * re[x] + (double)im[x] * im[x], pc = p * costs[x];
            norm += p, first += pc, second += pc * costs[x];
        }
        total.norm += norm, total.first += first, total.second += second;
    }
    *out = total;
}
