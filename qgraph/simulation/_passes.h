/* Passes that read a state once: moments, histograms of the objective, sums for sampling. */

static PyObject *moments(PyObject *self, PyObject *args) {
    request_t request = {0};
    work_t work = {0};
    PyObject *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*py*y*i", &request.h, &request.J, &request.mirror, &request.arrays[0],
                          &request.arrays[1], &request.threads))
        return NULL;
    if (!(work.model = open_model(&request, &work.kernels, 0))) goto finish;
    size_t groups = group_count(work.model);
    if (!(work.parts = malloc(groups * sizeof *work.parts))) {
        PyErr_NoMemory();
        goto finish;
    }
    work.right = state_in(request.arrays);
    run_t run = begin(request.threads);
    for_all(&run, moments_group, &work, groups, 0);
    if (end(&run)) result = sum_moments(work.model, work.parts, 0);
finish:
    free(work.parts), free(work.model);
    release(&request);
    return result;
}

/* What a survey reads: groups of states with their costs and, where there is a state, probabilities. */
typedef struct {
    size_t groups, size;
    double copies; /* how many basis states each stored one stands for */
    const void *problem;
    void (*fill)(const void *problem, size_t group, double *costs, double *p);
} source_t;

/* A histogram's bin: sums of p, p C and p C**2, and the least and largest C seen. */
typedef struct {
    double weight, product, square, least, largest;
} bin_t;

enum {
    CHUNKS = 64, /* partial histograms, whatever the number of threads */
    LONGEST_PIECE = 1 << 16
};

typedef struct {
    const source_t *source;
    double low, high;
    size_t bins, chunks;
    bin_t *parts;
} survey_t;

static void clear_bins(bin_t *bins, size_t count) {
    for (size_t b = 0; b < count; b++) bins[b] = (bin_t){0, 0, 0, INFINITY, -INFINITY};
}

static void add_bin(bin_t *to, const bin_t *from, double copies) {
    to->weight += copies * from->weight, to->product += copies * from->product, to->square += copies * from->square;
    if (from->least < to->least) to->least = from->least;
    if (from->largest > to->largest) to->largest = from->largest;
}

/* One chunk of groups: costs below `low` or above `high` are left out. */
static void survey_chunk(void *context, size_t chunk, void *scratch) {
    const survey_t *survey = context;
    const source_t *source = survey->source;
    double *costs = scratch, *p = costs + source->size, scale = (double)survey->bins / (survey->high - survey->low);
    if (!isfinite(scale)) scale = 0; /* one cost, one bin */
    bin_t *bins = survey->parts + chunk * survey->bins;
    for (size_t group = source->groups * chunk / survey->chunks; group < source->groups * (chunk + 1) / survey->chunks; group++) {
        source->fill(source->problem, group, costs, p);
        for (size_t x = 0; x < source->size; x++) {
            double cost = costs[x];
            if (!(cost >= survey->low && cost <= survey->high)) continue;
            size_t place = survey->bins == 1 ? 0 : (size_t)((cost - survey->low) * scale);
            bin_t one = {p[x], p[x] * cost, p[x] * cost * cost, cost, cost};
            add_bin(bins + (place < survey->bins ? place : survey->bins - 1), &one, 1);
        }
    }
}

/* Fill out[bins]; false with an exception set if that failed. */
static int survey(const source_t *source, double low, double high, bin_t *out, size_t bins, int threads) {
    size_t chunks = source->groups < CHUNKS ? source->groups : CHUNKS;
    bin_t *parts = malloc(chunks * bins * sizeof *parts);
    if (!parts) return PyErr_NoMemory(), 0;
    clear_bins(parts, chunks * bins);
    clear_bins(out, bins);
    run_t run = begin(threads);
    survey_t context = {source, low, high, bins, chunks, parts};
    for_all(&run, survey_chunk, &context, chunks, 2 * sizeof(double) * source->size);
    for (size_t k = 0; k < chunks * bins; k++) add_bin(out + k % bins, parts + k, source->copies);
    free(parts);
    return end(&run);
}

static void fill_spins(const void *problem, size_t group, double *costs, double *p) {
    const work_t *work = problem;
    size_t size = (size_t)1 << work->model->mid;
    work->kernels->costs(work->model, group, costs);
    for (size_t x = 0; x < size; x++) p[x] = 1;
    if (work->right.re) work->kernels->probabilities(work->right, group << work->model->mid, size, p);
}

static source_t spins_source(const work_t *work) {
    return (source_t){group_count(work->model), (size_t)1 << work->model->mid, work->model->mirror ? 2 : 1, work, fill_spins};
}

/* Runs are read in pieces: those of a city without priorities are long, and every thread would hold one. */
static size_t pieces_of(const routes_t *routes) {
    size_t pieces = 1;
    while (routes->length % pieces || routes->length / pieces > LONGEST_PIECE) pieces++;
    return pieces;
}

static void fill_routes(const void *problem, size_t group, double *costs, double *p) {
    const routes_t *routes = problem;
    size_t pieces = pieces_of(routes), size = routes->length / pieces, from = group % pieces * size;
    run_of_routes_t run = find_run(routes, group / pieces);
    for (size_t x = 0; x < size; x++) costs[x] = run.base + ((double *)routes->inner.buf)[run.inner + from + x], p[x] = 1;
    if (routes->right.re) routes->kernels->probabilities(routes->right, run.start + from, size, p);
}

/* histogram(..., re, im, ...): with empty arrays, every basis state has weight 1. */
static PyObject *histogram(PyObject *self, PyObject *args) {
    request_t request = {0};
    work_t work = {0};
    Py_buffer out = {0};
    double low, high;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*py*y*ddw*i", &request.h, &request.J, &request.mirror, &request.arrays[0],
                          &request.arrays[1], &low, &high, &out, &request.threads))
        return NULL;
    model_t *model = open_model(&request, &work.kernels, 1);
    if ((work.model = model)) {
        work.right = state_in(request.arrays);
        source_t source = spins_source(&work);
        done = survey(&source, low, high, out.buf, out.len / sizeof(bin_t), request.threads);
    }
    free(model);
    PyBuffer_Release(&out);
    release(&request);
    return done ? Py_NewRef(Py_None) : NULL;
}

static PyObject *histogram_routes(PyObject *self, PyObject *args) {
    routes_t routes = {0};
    Py_buffer out = {0};
    double low, high;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*ddw*i", &routes.outer, &routes.last, &routes.links, &routes.inner, &routes.arrays[0],
                          &routes.arrays[1], &low, &high, &out, &routes.threads))
        return NULL;
    if (open_routes(&routes, 1)) {
        size_t pieces = pieces_of(&routes);
        source_t source = {routes.pairs * pieces, routes.length / pieces, 1, &routes, fill_routes};
        done = survey(&source, low, high, out.buf, out.len / sizeof(bin_t), routes.threads);
    }
    close_routes(&routes);
    PyBuffer_Release(&out);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* Sums and maxima of p over runs of equal length. */
typedef struct {
    const kernels_t *kernels;
    state_t state;
    size_t length;
    double *sums, *maxima;
} runs_t;

static void sum_run(void *context, size_t number, void *scratch) {
    const runs_t *runs = context;
    double *p = scratch, sum = 0, largest = 0;
    runs->kernels->probabilities(runs->state, number * runs->length, runs->length, p);
    for (size_t x = 0; x < runs->length; x++) {
        sum += p[x];
        if (p[x] > largest) largest = p[x];
    }
    runs->sums[number] = sum, runs->maxima[number] = largest;
}

/* The size of the state's items, from the length of its arrays and a power of two of amplitudes. */
static const kernels_t *kernels_of(const Py_buffer *array) { return chosen->by_precision[array->itemsize == sizeof(double)]; }

static PyObject *sums(PyObject *self, PyObject *args) {
    Py_buffer re = {0}, im = {0}, sums = {0}, maxima = {0};
    int threads;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*w*w*i", &re, &im, &sums, &maxima, &threads)) return NULL;
    size_t count = sums.len / sizeof(double), length = re.len / re.itemsize / count;
    runs_t runs = {kernels_of(&re), {re.buf, im.buf}, length, sums.buf, maxima.buf};
    run_t run = begin(threads);
    for_all(&run, sum_run, &runs, count, length * sizeof(double));
    int done = end(&run);
    PyBuffer_Release(&re), PyBuffer_Release(&im), PyBuffer_Release(&sums), PyBuffer_Release(&maxima);
    return done ? Py_NewRef(Py_None) : NULL;
}

/* For points in increasing order: the first index at which the running sum of p exceeds the point. */
static PyObject *locate(PyObject *self, PyObject *args) {
    Py_buffer re = {0}, im = {0}, sums = {0}, points = {0}, found = {0};
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*w*", &re, &im, &sums, &points, &found)) return NULL;
    size_t count = sums.len / sizeof(double), length = re.len / re.itemsize / count, shots = points.len / sizeof(double);
    double *p = malloc(length * sizeof(double));
    int done = p != NULL;
    if (!done) PyErr_NoMemory();
    const kernels_t *kernels = kernels_of(&re);
    run_t run = begin(1);
    double before = 0, reached = 0;
    size_t at = 0, x = 0, filled = SIZE_MAX;
    for (size_t shot = 0; done && shot < shots && !run.stopped; shot++) {
        double point = ((double *)points.buf)[shot];
        while (at + 1 < count && before + ((double *)sums.buf)[at] <= point) before += ((double *)sums.buf)[at++];
        if (filled != at) {
            kernels->probabilities((state_t){re.buf, im.buf}, at * length, length, p);
            filled = at, x = 0, reached = before;
        }
        while (x + 1 < length && reached + p[x] <= point) reached += p[x++];
        ((int64_t *)found.buf)[shot] = (int64_t)(at * length + x);
        run.stopped = interrupted(&run);
    }
    done = end(&run) && done;
    free(p);
    PyBuffer_Release(&re), PyBuffer_Release(&im), PyBuffer_Release(&sums), PyBuffer_Release(&points), PyBuffer_Release(&found);
    return done ? Py_NewRef(Py_None) : NULL;
}
