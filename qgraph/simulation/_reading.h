/* What a state is asked: probabilities, costs and moments. */

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

static void NAME(probabilities)(state_t state, size_t start, size_t count, double *restrict out) {
    const REAL *restrict re = (const REAL *)state.re + start, *restrict im = (const REAL *)state.im + start;
    for (size_t x = 0; x < count; x++) out[x] = (double)re[x] * re[x] + (double)im[x] * im[x];
}

/* As many amplitudes at a time as a vector holds in double precision. */
#define WIDE (LANES - (sizeof(REAL) == 4)) /* log2 of them */
#define wide_t NAME(wide)
typedef double wide_t __attribute__((vector_size(8 << WIDE), aligned(8), may_alias));
typedef REAL NAME(narrow) __attribute__((vector_size(sizeof(REAL) << WIDE), aligned(sizeof(REAL)), may_alias));

INLINE wide_t NAME(widen)(const REAL *p) { return __builtin_convertvector(*(const NAME(narrow) *)p, wide_t); }

INLINE double NAME(across)(wide_t v) {
    double sum = 0;
    UNROLL(int k = 0; k < 1 << WIDE; k++) sum += v[k];
    return sum;
}

/* One block, with its own costs, those of its lowest WIDE spins in the fields from outside, and those of the others. Two
 * sums of each kind, since an addition waits for the one before. */
INLINE moments_t NAME(block_moments)(const REAL *re, const REAL *im, size_t size, const double *own, wide_t near, const double *far) {
    wide_t norm[2] = {{0}}, first[2] = {{0}}, second[2] = {{0}};
    for (size_t g = 0; g < size >> WIDE; g += 2) {
        UNROLL(int k = 0; k < 2; k++) {
            size_t x = (g + k) << WIDE;
            wide_t r = NAME(widen)(re + x), i = NAME(widen)(im + x);
            wide_t p = r * r + i * i, c = near + (*(const wide_t *)(own + x) + far[g + k]), pc = p * c;
            norm[k] += p, first[k] += pc, second[k] += pc * c;
        }
    }
    return (moments_t){NAME(across)(norm[0] + norm[1]), NAME(across)(first[0] + first[1]), NAME(across)(second[0] + second[1])};
}

static void NAME(moments)(const model_t *model, state_t state, size_t number, moments_t *out) {
    group_t group;
    enter_group(model, number, &group);
    moments_t total = {0};
    size_t size = (size_t)1 << model->low;
    for (size_t block = 0; block < (size_t)1 << (model->mid - model->low); block++) {
        size_t start = (number << model->mid) + (block << model->low);
        const REAL *re = (const REAL *)state.re + start, *im = (const REAL *)state.im + start;
        moments_t here = {0};
        if (model->low > WIDE) {
            double fields[PADDED], near[1 << WIDE], far[LOW_SIZE >> WIDE];
            enter_block(model, &group, block, fields);
            near[0] = 0, far[0] = group.costs[block];
            add_linear(near, fields, WIDE);
            add_linear(far, fields + WIDE, model->low - WIDE);
            here = NAME(block_moments)(re, im, size, model->low_costs, *(const wide_t *)near, far);
        } else {
            double costs[1 << WIDE];
            NAME(block_costs)(model, &group, block, costs);
            for (size_t x = 0; x < size; x++) {
                double p = (double)re[x] * re[x] + (double)im[x] * im[x], pc = p * costs[x];
                here.norm += p, here.first += pc, here.second += pc * costs[x];
            }
        }
        total.norm += here.norm, total.first += here.first, total.second += here.second;
    }
    *out = total;
}
#undef wide_t
#undef WIDE
