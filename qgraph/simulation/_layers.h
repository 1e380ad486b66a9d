/* Layers forward and backward: which groups and columns there are, and in which order. */

enum { TILE_BITS = 20 /* log2 of the bytes of a tile in scratch */ };
static const double MOST_TURNED = 1e9;

/* The passes over the spins above a group: at most 8 spins at a time, evenly. */
static int plan_columns(const model_t *model, double tan, int vectors, size_t item, columns_t plan[4]) {
    int left = model->m - model->mid, passes = (left + 7) / 8, from = model->mid;
    for (int pass = 0; pass < passes; pass++) {
        int spins = left / passes + (pass < left % passes), to = from + spins;
        int width = TILE_BITS - (item == sizeof(double) ? 3 : 2) - vectors - spins;
        if (width > 9) width = 9;
        if (width < 5) width = 5;
        plan[pass] = (columns_t){model->m, from, to, model->mirror && to == model->m, width, tan};
        from = to;
    }
    return passes;
}

static size_t tile_count(const columns_t *c) { return (size_t)1 << (c->m - (c->to - c->from) - c->width - c->mirror); }

static size_t tile_bytes(const columns_t *c, int arrays, size_t item) {
    return ((((size_t)1 << (c->to - c->from + c->width)) + 32 * 16) * arrays) * item;
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
    layer_t *layer;
    columns_t columns;
    double *sums; /* per group or tile */
    double mixed; /* cos(beta) ** -2 per spin already taken back */
} work_t;

static void forward_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->forward_group(work->model, work->layer, work->right, number);
}

static void forward_columns(void *context, size_t number, void *scratch) {
    work_t *work = context;
    work->kernels->forward_columns(&work->columns, work->right, number, scratch);
}

static void backward_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->backward_group(work->model, work->layer, work->right, work->left, number, work->sums + 2 * number);
}

static void backward_columns(void *context, size_t number, void *scratch) {
    work_t *work = context;
    work->kernels->backward_columns(&work->columns, work->right, work->left, number, scratch, work->sums + number);
}

static void seed_group(void *context, size_t number, void *scratch) {
    work_t *work = ((void **)context)[0];
    (void)scratch;
    work->kernels->seed(work->model, ((void **)context)[1], work->right, work->left, number, work->sums + 2 * number);
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

/* exp(-i beta B) exp(-i gamma C) as a layer, but for X on every spin. */
static void open_layer(const model_t *model, const kernels_t *kernels, double gamma, double beta, layer_t *layer) {
    long long quarters;
    int n = model->m + model->mirror;
    double reduced = reduce(beta, &quarters);
    /* The norm is that of the tangent in use, rounded: what is left is an angle's error, and no drift of the norm. */
    layer->gamma = gamma, layer->tan = kernels->item == sizeof(float) ? (double)(float)tan(reduced) : tan(reduced), layer->fresh = 0;
    layer->scale = unit(-gamma * model->offset - M_PI_2 * (double)(quarters * n % 4));
    double size = pow(1 + layer->tan * layer->tan, -0.5 * n);
    layer->scale.re *= size, layer->scale.im *= size;
    kernels->prepare(model, layer);
}

static size_t group_count(const model_t *model) { return (size_t)1 << (model->m - model->mid); }

static double total(const double *values, size_t count, size_t step) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += values[k * step];
    return sum;
}

/* evolve(h, J, offset, mirror, re, im, gammas, betas, threads): from the uniform superposition. */
static PyObject *evolve(PyObject *self, PyObject *args) {
    request_t request = {0};
    Py_buffer gammas = {0}, betas = {0};
    const kernels_t *kernels;
    model_t *model = NULL;
    layer_t *layer = NULL;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*dpw*w*y*y*i", &request.h, &request.J, &request.offset, &request.mirror, &request.arrays[0],
                          &request.arrays[1], &gammas, &betas, &request.threads))
        return NULL;
    if (!(model = open_model(&request, &kernels, 0))) goto finish;
    if (!(layer = malloc(sizeof *layer))) {
        PyErr_NoMemory();
        goto finish;
    }
    size_t depth = gammas.len / sizeof(double);
    const double *gamma = gammas.buf, *beta = betas.buf;
    run_t run = begin(request.threads);
    work_t work = {.model = model, .kernels = kernels, .right = state_in(request.arrays), .layer = layer};
    for (size_t l = 0; l < depth; l++)
        if (turns_over(model, beta[l])) turn_over(model);
    for (size_t l = 0; l < depth && !run.stopped; l++) {
        open_layer(model, kernels, gamma[l], beta[l], layer);
        if (l == 0) {
            double uniform = pow(2, -0.5 * (model->m + model->mirror));
            layer->fresh = 1, layer->scale.re *= uniform, layer->scale.im *= uniform;
        }
        for_all(&run, forward_group, &work, group_count(model), 0);
        columns_t plan[4];
        int passes = plan_columns(model, layer->tan, 2, kernels->item, plan);
        for (int pass = 0; pass < passes; pass++) {
            work.columns = plan[pass];
            for_all(&run, forward_columns, &work, tile_count(plan + pass), tile_bytes(plan + pass, 4, kernels->item));
        }
        if (turns_over(model, beta[l])) turn_over(model);
    }
    done = end(&run);
finish:
    free(layer), free(model);
    PyBuffer_Release(&gammas), PyBuffer_Release(&betas);
    release(&request);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* Take one layer back on both states and return its two derivatives. */
static void take_back(run_t *run, work_t *work, double gamma, double beta, double out[2]) {
    model_t *model = work->model;
    size_t item = work->kernels->item;
    int spins = 0, n = model->m + model->mirror;
    if (turns_over(model, beta)) turn_over(model);
    open_layer(model, work->kernels, -gamma, -beta, work->layer);
    double shrink = cos(atan(work->layer->tan)), mixer = 0;
    columns_t plan[4];
    int passes = plan_columns(model, work->layer->tan, 3, item, plan);
    for (int pass = 0; pass < passes; pass++) {
        work->columns = plan[pass];
        size_t tiles = tile_count(plan + pass);
        for_all(run, backward_columns, work, tiles, tile_bytes(plan + pass, 8, item));
        spins += plan[pass].to - plan[pass].from;
        mixer += pow(shrink, 2 * spins) * total(work->sums, tiles, 1);
        spins += plan[pass].mirror;
    }
    for_all(run, backward_group, work, group_count(model), 0);
    mixer += pow(shrink, 2 * (n - model->low)) * total(work->sums, group_count(model), 2);
    double cost = total(work->sums + 1, group_count(model), 2);
    double both = model->mirror ? 2 : 1;
    out[0] = 2 * both * cost, out[1] = 2 * both * mixer;
}

/* gradient(...) -> <O> of c = C - offset: the state is taken back to the uniform superposition; out is
 * float64[2, depth]. */
static PyObject *gradient(PyObject *self, PyObject *args) {
    request_t request = {0};
    Py_buffer gammas = {0}, betas = {0}, out = {0};
    observable_t observable;
    const kernels_t *kernels;
    model_t *model = NULL;
    layer_t *layer = NULL;
    double *sums = NULL, norm = 0, value = 0;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*dpw*w*w*w*y*y*dddw*i", &request.h, &request.J, &request.offset, &request.mirror,
                          &request.arrays[0], &request.arrays[1], &request.arrays[2], &request.arrays[3], &gammas, &betas,
                          &observable.sign, &observable.quantile, &observable.alpha, &out, &request.threads))
        return NULL;
    if (!(model = open_model(&request, &kernels, 0))) goto finish;
    if (model->mid < model->m && model->mid > model->low + 1) model->mid--; /* two states share the cache */
    prepare_model(model);
    observable.scale = scale_for(&observable, largest_cost(model));
    size_t groups = group_count(model), most = 2 * groups, depth = gammas.len / sizeof(double);
    columns_t plan[4];
    int passes = plan_columns(model, 0, 3, kernels->item, plan);
    for (int pass = 0; pass < passes; pass++)
        if (tile_count(plan + pass) > most) most = tile_count(plan + pass);
    if (!(layer = malloc(sizeof *layer)) || !(sums = malloc(most * sizeof *sums))) {
        PyErr_NoMemory();
        goto finish;
    }
    run_t run = begin(request.threads);
    work_t work = {.model = model, .kernels = kernels, .layer = layer, .sums = sums};
    work.right = state_in(request.arrays), work.left = state_in(request.arrays + 2);
    void *context[2] = {&work, &observable};
    for_all(&run, seed_group, context, groups, 0);
    norm = total(sums, groups, 2), value = total(sums + 1, groups, 2);
    for (size_t l = depth; l-- > 0 && !run.stopped;) {
        double derivatives[2];
        take_back(&run, &work, ((double *)gammas.buf)[l], ((double *)betas.buf)[l], derivatives);
        ((double *)out.buf)[l] = derivatives[0] / observable.scale;
        ((double *)out.buf)[depth + l] = derivatives[1] / observable.scale;
    }
    done = end(&run);
finish:
    free(sums), free(layer), free(model);
    PyBuffer_Release(&gammas), PyBuffer_Release(&betas), PyBuffer_Release(&out);
    release(&request);
    return done ? PyFloat_FromDouble(value / norm) : NULL;
}
