/* What going through a circuit forward and backward share: passes over groups and columns, and layers. */

enum {
    TILE_BITS = 19, /* log2 of the bytes of a tile in scratch, */
    ROW_BITS = 10,  /* or of twice as many, if its rows would be shorter than this */
    MOST_COLUMNS = 4
};
#ifndef MOST_ROWS /* log2 of the rows of a tile; fewer, so that tests see more passes */
#define MOST_ROWS 10
#endif
#ifndef MOST_IN_PLACE /* spins that are turned without scratch, the mirror's included: those that are turned at once */
#define MOST_IN_PLACE kernels->window
#endif
static const double MOST_TURNED = 1e9;

/* The passes over the spins above a group, evenly; a tile in scratch is 2**arrays arrays. */
static int plan_columns(const model_t *model, const kernels_t *kernels, int arrays, columns_t plan[MOST_COLUMNS]) {
    int left = model->m - model->mid, passes = (left + MOST_ROWS - 1) / MOST_ROWS, from = model->mid;
    for (int pass = 0; pass < passes; pass++) {
        int spins = left / passes + (pass < left % passes), to = from + spins;
        int mirror = model->mirror && to == model->m, in_place = spins + mirror <= MOST_IN_PLACE;
        int item = kernels->item == sizeof(double) ? 3 : 2, width = TILE_BITS - item - arrays - spins;
        if (width < ROW_BITS - item) width++;
        if (in_place || width > MOST_LOW - 1) width = MOST_LOW - 1;
        if (width < kernels->least) width = kernels->least;
        plan[pass] = (columns_t){model->m, from, to, mirror, width, in_place, 0};
        from = to;
    }
    return passes;
}

static size_t tile_count(const columns_t *c) { return (size_t)1 << (c->m - (c->to - c->from) - c->width - c->mirror); }

static size_t tile_bytes(const columns_t *c, int arrays, size_t item) {
    return c->in_place ? 0 : ((item << (c->to - c->from + c->width)) + APART) * (size_t)arrays;
}

/* beta = reduced + quarters * pi / 2 with reduced in [-pi/4, pi/4]. Beyond MOST_TURNED two parts of pi / 2 are too
 * few, and the library's sine and cosine, which know pi to the last bit, go first. */
static double reduce(double beta, long long *quarters) {
    if (fabs(beta) > MOST_TURNED) beta = atan2(sin(beta), cos(beta));
    double whole = nearbyint(beta / M_PI_2);
    *quarters = (long long)fmod(whole, 4);
    return fma(-whole, 6.123233995736766e-17, fma(-whole, M_PI_2, beta));
}

typedef struct {
    model_t *model;
    const kernels_t *kernels;
    state_t right, left;
    layer_t *layer; /* the one opened, or none */
    double before;  /* the tangent of the one not yet done everywhere */
    columns_t columns;
    const model_t *permuted; /* for the phases of columns */
    double *sums;            /* per group or tile */
    moments_t *parts;        /* per group, if they are wanted */
    int mean_only;           /* of the moments, and the state is not needed */
} work_t;

static void moments_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->moments(work->model, work->right, number, work->parts + number);
}

/* X on every spin turns C(s) into C(-s). It commutes with the mixer, does nothing to a mirrored state, and on other
 * states is never done: pushed through the phases, it flips the fields of the earlier layers and ends at the uniform
 * superposition, which it leaves alone. */
static int turns_over(const model_t *model, double beta) {
    long long quarters;
    reduce(beta, &quarters);
    return !model->mirror && quarters % 2 != 0;
}

static void turn_over(model_t *model) {
    for (int q = 0; q < model->m; q++) model->h[q] = -model->h[q];
    prepare_model(model);
}

/* How many spins of a layer, but for near ones, the kernels mix without the norm of 1 - i tan X. */
static int count_singles(const model_t *model, const kernels_t *kernels, const columns_t *plan, int passes) {
    int count = kernels->group_singles(model);
    for (int pass = 0; pass < passes; pass++) count += kernels->columns_singles(plan + pass);
    return count;
}

/* exp(-i beta B) exp(-i gamma C) as a layer, but for X on every spin; whether it is fresh and free is already there. */
static void open_layer(const model_t *model, const kernels_t *kernels, int singles, double gamma, double beta, layer_t *layer) {
    long long quarters;
    int n = model->m + model->mirror;
    double reduced = reduce(beta, &quarters);
    /* The norm is that of the tangent in use, rounded: what is left is an angle's error, and no drift of the norm. */
    layer->gamma = gamma, layer->tan = kernels->item == sizeof(float) ? (double)(float)tan(reduced) : tan(reduced);
    layer->scale = unit(-M_PI_2 * (double)(quarters * n % 4));
    double size = pow(1 + layer->tan * layer->tan, -0.5 * singles) * (layer->fresh ? pow(2, -0.5 * n) : 1);
    layer->scale.re *= size, layer->scale.im *= size;
    layer->inner_re[0] = layer->scale.re, layer->inner_im[0] = layer->scale.im;
    own_phases(model, gamma, model->low, (in_layer(model) ? model->m : model->mid) - model->low, layer->inner_re, layer->inner_im);
    (layer->free ? kernels->prepare_free : kernels->prepare)(model, layer);
}

static size_t group_count(const model_t *model) { return (size_t)1 << (model->m - model->mid); }

static double total(const double *values, size_t count, size_t step) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += values[k * step];
    return sum;
}
