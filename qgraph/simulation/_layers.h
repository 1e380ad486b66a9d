/* Layers forward and backward: which groups and columns there are, and in which order. */

enum {
    TILE_BITS = 20, /* log2 of the bytes of a tile in scratch */
    MOST_ROWS = 10, /* log2 */
    MOST_COLUMNS = 4
};
static const double MOST_TURNED = 1e9;

/* The passes over the spins above a group, evenly; a tile in scratch is 2**arrays arrays. */
static int plan_columns(const model_t *model, const kernels_t *kernels, int arrays, columns_t plan[MOST_COLUMNS]) {
    int left = model->m - model->mid, passes = (left + MOST_ROWS - 1) / MOST_ROWS, from = model->mid;
    for (int pass = 0; pass < passes; pass++) {
        int spins = left / passes + (pass < left % passes), to = from + spins;
        int width = TILE_BITS - (kernels->item == sizeof(double) ? 3 : 2) - arrays - spins;
        if (width > MOST_LOW - 1) width = MOST_LOW - 1;
        if (width < kernels->least) width = kernels->least;
        plan[pass] = (columns_t){model->m, from, to, model->mirror && to == model->m, width, 0};
        from = to;
    }
    return passes;
}

static size_t tile_count(const columns_t *c) { return (size_t)1 << (c->m - (c->to - c->from) - c->width - c->mirror); }

static size_t tile_bytes(const columns_t *c, int arrays, size_t item) {
    return ((item << (c->to - c->from + c->width)) + APART) * (size_t)arrays;
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
    layer_t *layer;  /* the one opened, or none */
    double before;   /* the tangent of the one not yet done everywhere */
    columns_t columns;
    const model_t *permuted; /* for the phases of columns */
    double *sums;      /* per group or tile */
    moments_t *parts;  /* per group, if they are wanted */
} work_t;

static void moments_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    (void)scratch;
    work->kernels->moments(work->model, work->right, number, work->parts + number);
}

static void forward_group(void *context, size_t number, void *scratch) {
    work_t *work = context;
    work->kernels->forward_group(work->model, work->before, work->layer, work->right, number);
    if (work->parts) moments_group(work, number, scratch);
}

static void forward_columns(void *context, size_t number, void *scratch) {
    work_t *work = context;
    work->kernels->forward_columns(&work->columns, work->before, work->permuted, work->layer, work->right, number, scratch);
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

/* How many spins of a layer the kernels mix without the norm of 1 - i tan X. */
static int count_singles(const model_t *model, const kernels_t *kernels, const columns_t *plan, int passes) {
    int count = kernels->group_singles(model, 1);
    for (int pass = 0; pass < passes; pass++) count += kernels->columns_singles(plan + pass);
    return count;
}

/* exp(-i beta B) exp(-i gamma C) as a layer, but for X on every spin. */
static void open_layer(const model_t *model, const kernels_t *kernels, int singles, double gamma, double beta, int fresh, layer_t *layer) {
    long long quarters;
    int n = model->m + model->mirror;
    double reduced = reduce(beta, &quarters);
    /* The norm is that of the tangent in use, rounded: what is left is an angle's error, and no drift of the norm. */
    layer->gamma = gamma, layer->tan = kernels->item == sizeof(float) ? (double)(float)tan(reduced) : tan(reduced), layer->fresh = fresh;
    layer->scale = unit(-gamma * model->offset - M_PI_2 * (double)(quarters * n % 4));
    double size = pow(1 + layer->tan * layer->tan, -0.5 * singles) * (fresh ? pow(2, -0.5 * n) : 1);
    layer->scale.re *= size, layer->scale.im *= size;
    kernels->prepare(model, layer);
}

static size_t group_count(const model_t *model) { return (size_t)1 << (model->m - model->mid); }

static double total(const double *values, size_t count, size_t step) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += values[k * step];
    return sum;
}

/* The model as the phases of columns want it: the spins of a row's amplitudes first, then those that select the row. */
typedef struct {
    model_t model;
    double J[MOST_SPINS * MOST_SPINS];
} permuted_t;

static void permute(const model_t *model, const columns_t *c, permuted_t *out) {
    int m = model->m, order[MOST_SPINS], count = 0;
    for (int q = 0; q < c->width; q++) order[count++] = q;
    for (int q = c->from; q < c->to; q++) order[count++] = q;
    for (int q = c->width; q < c->from; q++) order[count++] = q;
    out->model.m = m, out->model.mirror = model->mirror, out->model.offset = model->offset, out->model.J = out->J;
    out->model.low = c->width, out->model.mid = c->width + c->to - c->from;
    out->model.tabled = c->to - c->from < TABLED ? c->to - c->from : TABLED;
    for (int q = 0; q < m; q++) {
        out->model.h[q] = model->h[order[q]];
        for (int r = 0; r < m; r++) out->J[(size_t)q * m + r] = model->J[(size_t)order[q] * m + order[r]];
    }
    prepare_model(&out->model);
}

/* All of a call to evolve. */
typedef struct {
    work_t work;
    run_t run;
    layer_t layer;
    permuted_t permuted;
    columns_t plan[MOST_COLUMNS];
    int passes, singles, permuted_ready;
} evolution_t;

static PyObject *sum_moments(const model_t *model, const moments_t *parts) {
    moments_t all = {0};
    double both = model->mirror ? 2 : 1;
    for (size_t g = 0; g < group_count(model); g++)
        all.norm += parts[g].norm, all.first += parts[g].first, all.second += parts[g].second;
    return Py_BuildValue("ddd", both * all.norm, both * all.first, both * all.second);
}

/* One pass over the state, over groups (at = 0) or columns: what is left of the layer before, if anything, and what can
 * be done of the next, if it has angles. */
static void pass_over(evolution_t *all, int at, double before, const double *gamma, const double *beta, int fresh) {
    work_t *work = &all->work;
    const kernels_t *kernels = work->kernels;
    const model_t *model = work->model;
    if (at > 0) work->columns = all->plan[at - 1];
    if (gamma && at > 0) {
        if (!all->permuted_ready) permute(model, &work->columns, &all->permuted);
        all->permuted_ready = 1, model = &all->permuted.model;
    }
    if (gamma) open_layer(model, kernels, all->singles, *gamma, *beta, fresh, &all->layer);
    work->before = before, work->permuted = model, work->layer = gamma ? &all->layer : NULL;
    if (at == 0) for_all(&all->run, forward_group, work, group_count(model), 0);
    else for_all(&all->run, forward_columns, work, tile_count(&work->columns), tile_bytes(&work->columns, 4, kernels->item));
}

/* The factors of a mixer commute, so the passes over the state go down from the last columns to the groups and up again,
 * and where they turn, the rest of one layer, the next one's phases and the first of its mixer are done at once. The last
 * pass is over groups, which are measured while they are at hand. */
static void run_layers(evolution_t *all, const double *gamma, const double *beta, size_t depth, moments_t *parts) {
    model_t *model = all->work.model;
    int at = depth % 2 ? all->passes : 0;
    for (size_t l = 0; l < depth; l++)
        if (turns_over(model, beta[l])) turn_over(model);
    for (size_t l = 0; l < depth && !all->run.stopped; l++) {
        int step = at ? -1 : 1, last = l + 1 == depth;
        if (l == 0 || all->passes == 0) pass_over(all, at, 0, gamma + l, beta + l, l == 0);
        double tangent = all->layer.tan;
        if (turns_over(model, beta[l])) turn_over(model), all->permuted_ready = 0;
        for (int pass = 1; pass <= all->passes; pass++) {
            int turns = pass == all->passes && !last;
            if (pass == all->passes && last) all->work.parts = parts;
            pass_over(all, at += step, tangent, turns ? gamma + l + 1 : NULL, turns ? beta + l + 1 : NULL, 0);
        }
    }
    if (all->work.parts == NULL) { /* the last layer's model has its fields turned until the layer is done */
        all->work.parts = parts;
        for_all(&all->run, moments_group, &all->work, group_count(model), 0);
    }
}

/* evolve(h, J, offset, mirror, re, im, gammas, betas, threads): from the uniform superposition; the state's moments. */
static PyObject *evolve(PyObject *self, PyObject *args) {
    request_t request = {0};
    Py_buffer gammas = {0}, betas = {0};
    const kernels_t *kernels;
    model_t *model = NULL;
    evolution_t *all = NULL;
    moments_t *parts = NULL;
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*dpw*w*y*y*i", &request.h, &request.J, &request.offset, &request.mirror, &request.arrays[0],
                          &request.arrays[1], &gammas, &betas, &request.threads))
        return NULL;
    if (!(model = open_model(&request, &kernels, 0))) goto finish;
    if (!(all = malloc(sizeof *all)) || !(parts = malloc(group_count(model) * sizeof *parts))) {
        PyErr_NoMemory();
        goto finish;
    }
    all->work = (work_t){.model = model, .kernels = kernels, .right = state_in(request.arrays)};
    all->passes = plan_columns(model, kernels, 2, all->plan), all->singles = count_singles(model, kernels, all->plan, all->passes);
    all->permuted_ready = 0;
    all->run = begin(request.threads);
    run_layers(all, gammas.buf, betas.buf, gammas.len / sizeof(double), parts);
    if (end(&all->run)) result = sum_moments(model, parts);
finish:
    free(all), free(parts), free(model);
    PyBuffer_Release(&gammas), PyBuffer_Release(&betas);
    release(&request);
    return result;
}

/* Take one layer back on both states and return its two derivatives. */
static void take_back(run_t *run, work_t *work, double gamma, double beta, double out[2]) {
    model_t *model = work->model;
    const kernels_t *kernels = work->kernels;
    columns_t plan[MOST_COLUMNS];
    int passes = plan_columns(model, kernels, 3, plan), singles = 0;
    if (turns_over(model, beta)) turn_over(model);
    open_layer(model, kernels, count_singles(model, kernels, plan, passes), -gamma, -beta, 0, work->layer);
    double shrink = 1 / (1 + work->layer->tan * work->layer->tan), mixer = 0; /* per spin so far without its norm */
    for (int pass = 0; pass < passes; pass++) {
        work->columns = plan[pass], work->columns.tan = work->layer->tan;
        size_t tiles = tile_count(plan + pass);
        for_all(run, backward_columns, work, tiles, tile_bytes(plan + pass, 8, kernels->item));
        singles += kernels->columns_singles(plan + pass);
        mixer += pow(shrink, singles - plan[pass].mirror) * total(work->sums, tiles, 1);
    }
    for_all(run, backward_group, work, group_count(model), 0);
    mixer += pow(shrink, singles + kernels->group_singles(model, 0)) * total(work->sums, group_count(model), 2);
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
    columns_t plan[MOST_COLUMNS];
    int passes = plan_columns(model, kernels, 3, plan);
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
