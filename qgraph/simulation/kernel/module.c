/* What Python calls. reference.py is the same mathematics in plain NumPy; README.md explains the passes.
 *
 * base/ and calls/ are compiled once, variant/ once per instruction set and precision. Sums are formed for
 * each group or tile and added in order, so that results do not depend on the number of threads. */
#include "base/python_api.h"

#include <string.h>

#include "base/compiler.h"
#include "base/kernels.h"
#include "base/thread_pool.h"
#include "calls/closed_form.h"
#include "calls/contraction.h"
#include "calls/elimination.h"
#include "calls/evolve.h"
#include "calls/gradient.h"
#include "calls/grover_mixer.h"
#include "calls/moments.h"
#include "calls/route_histogram.h"
#include "calls/sampling.h"
#include "calls/spin_histogram.h"
#include "calls/swap_mixer.h"

#if defined(__x86_64__)
BEGIN_TARGET(AVX_512)
#define REAL float
#define LANES 4
#define BUTTERFLY 4
#define LOOKUP 1
#define LOOKUP_LANES(low, high, level) \
    ((vector_t)_mm512_permutex2var_ps((__m512)(low), (__m512i)(level), (__m512)(high)))
#define TILTED 0
#define SUFFIX float_v4
#include "variant/variant.h"
#define REAL double
#define LANES 3
#define BUTTERFLY 4
#define LOOKUP 0
#define TILTED 0
#define SUFFIX double_v4
#include "variant/variant.h"
#define REAL float
#define LANES 4
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 1
#define SUFFIX float_v4_tilted
#include "variant/variant.h"
#define REAL double
#define LANES 3
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 1
#define SUFFIX double_v4_tilted
#include "variant/variant.h"
END_TARGET

BEGIN_TARGET("avx2,fma,bmi,bmi2")
#define REAL float
#define LANES 3
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 0
#define SUFFIX float_v3
#include "variant/variant.h"
#define REAL double
#define LANES 2
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 0
#define SUFFIX double_v3
#include "variant/variant.h"
#define REAL float
#define LANES 3
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 1
#define SUFFIX float_v3_tilted
#include "variant/variant.h"
#define REAL double
#define LANES 2
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 1
#define SUFFIX double_v3_tilted
#include "variant/variant.h"
END_TARGET
#endif

/* Arm has 32 vector registers of 128 bits, x86-64 has 16. */
#if defined(__aarch64__)
#define BASE_BUTTERFLY 4
#else
#define BASE_BUTTERFLY 3
#endif
#define REAL float
#define LANES 2
#define BUTTERFLY BASE_BUTTERFLY
#define LOOKUP 0
#define TILTED 0
#define SUFFIX float_base
#include "variant/variant.h"
#define REAL double
#define LANES 1
#define BUTTERFLY BASE_BUTTERFLY
#define LOOKUP 0
#define TILTED 0
#define SUFFIX double_base
#include "variant/variant.h"
#define REAL float
#define LANES 2
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 1
#define SUFFIX float_base_tilted
#include "variant/variant.h"
#define REAL double
#define LANES 1
#define BUTTERFLY 3
#define LOOKUP 0
#define TILTED 1
#define SUFFIX double_base_tilted
#include "variant/variant.h"

typedef struct {
    const char *name;
    const kernels_t *tables[4]; /* single, double, and the same for warm starts */
} variant_t;

static const variant_t VARIANTS[] = {
#if defined(__x86_64__)
    {"x86-64-v4",
     {&kernels_float_v4, &kernels_double_v4, &kernels_float_v4_tilted, &kernels_double_v4_tilted}},
    {"x86-64-v3",
     {&kernels_float_v3, &kernels_double_v3, &kernels_float_v3_tilted, &kernels_double_v3_tilted}},
#endif
    {"baseline",
     {&kernels_float_base, &kernels_double_base, &kernels_float_base_tilted, &kernels_double_base_tilted}},
};
enum { VARIANT_COUNT = sizeof VARIANTS / sizeof *VARIANTS };
static const variant_t *variant;

static int supported(const variant_t *candidate) {
#if defined(__x86_64__)
    int avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    if (strcmp(candidate->name, "x86-64-v3") == 0) return avx2;
    if (strcmp(candidate->name, "x86-64-v4") == 0)
        return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512cd");
#endif
    return strcmp(candidate->name, "baseline") == 0;
}

static void choose_variant(const variant_t *best) {
    variant = best;
    chosen = best->tables;
}

static PyObject *py_features(PyObject *self, PyObject *none) {
    (void)self;
    (void)none;
    PyObject *names = PyList_New(0);
    for (int v = 0; names && v < VARIANT_COUNT; v++) {
        if (!supported(VARIANTS + v)) continue;
        PyObject *name = PyUnicode_FromString(VARIANTS[v].name);
        if (!name || PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names ? Py_BuildValue("{s:N,s:s}", "supported", names, "chosen", variant->name) : NULL;
}

static PyObject *py_choose(PyObject *self, PyObject *args) {
    const char *name;
    (void)self;
    if (!PyArg_ParseTuple(args, "s", &name)) return NULL;
    for (int v = 0; v < VARIANT_COUNT; v++)
        if (strcmp(VARIANTS[v].name, name) == 0 && supported(VARIANTS + v)) {
            choose_variant(VARIANTS + v);
            Py_RETURN_NONE;
        }
    return PyErr_Format(PyExc_ValueError, "instruction set %s is not supported here", name);
}

static PyObject *py_independent_spins(PyObject *self, PyObject *args) {
    Py_ssize_t item;
    (void)self;
    if (!PyArg_ParseTuple(args, "n", &item)) return NULL;
    return PyLong_FromLong(kernels_for((size_t)item)->register_spins);
}

static PyObject *py_limit(PyObject *self, PyObject *args) {
    double seconds;
    (void)self;
    if (!PyArg_ParseTuple(args, "d", &seconds)) return NULL;
    deadline = now() + seconds;
    Py_RETURN_NONE;
}

/* The types of all arguments are in _kernels.pyi. */
static PyMethodDef METHODS[] = {
    {"features", py_features, METH_NOARGS, "features(): the supported instruction sets, and the one in use"},
    {"choose", py_choose, METH_VARARGS, "choose(name): use one of the supported instruction sets"},
    {"limit", py_limit, METH_VARARGS,
     "limit(seconds): later calls from this thread raise TimeoutError after this time; inf for no limit"},
    {"independent_spins", py_independent_spins, METH_VARARGS,
     "independent_spins(itemsize): states cost less if this many of the lowest spins are not coupled"},
    {"evolve", py_evolve, METH_VARARGS,
     "evolve(h, J, flip_symmetric, thetas, re, im, gammas, betas, threads) -> (norm, <C>, <C C>)"},
    {"expectation", py_expectation, METH_VARARGS,
     "expectation(h, J, flip_symmetric, thetas, re, im, gammas, betas, threads) -> (norm, <C>)"},
    {"evolve_only", py_evolve_only, METH_VARARGS,
     "evolve_only(h, J, flip_symmetric, thetas, re, im, gammas, betas, threads): nothing is measured"},
    {"gradient", py_gradient, METH_VARARGS,
     "gradient(h, J, flip_symmetric, thetas, measured_h, measured_J, re, im, left_re, left_im, "
     "gammas, betas, sign, quantile, alpha, out, threads)"},
    {"moments", py_moments, METH_VARARGS,
     "moments(h, J, flip_symmetric, re, im, threads) -> (norm, <C>, <C C>)"},
    {"histogram", py_histogram, METH_VARARGS,
     "histogram(h, J, flip_symmetric, re, im, low, high, out[bins, 5], threads)"},
    {"evolve_routes", py_evolve_routes, METH_VARARGS,
     "evolve_routes(outer, last, links, inner, re, im, gammas, betas, threads)"},
    {"gradient_routes", py_gradient_routes, METH_VARARGS,
     "gradient_routes(outer, last, links, inner, re, im, left_re, left_im, gammas, betas, "
     "sign, quantile, alpha, out, threads)"},
    {"evolve_swaps", py_evolve_swaps, METH_VARARGS,
     "evolve_swaps(outer, last, links, inner, swaps[s, 2], re, im, gammas, betas, threads)"},
    {"gradient_swaps", py_gradient_swaps, METH_VARARGS,
     "gradient_swaps(outer, last, links, inner, swaps[s, 2], re, im, left_re, left_im, gammas, betas, "
     "sign, quantile, alpha, out, threads)"},
    {"histogram_routes", py_histogram_routes, METH_VARARGS,
     "histogram_routes(outer, last, links, inner, re, im, low, high, out[bins, 5], threads)"},
    {"sums", py_sums, METH_VARARGS,
     "sums(re, im, sums, maxima, threads): sums and maxima of probabilities over runs of equal length"},
    {"locate", py_locate, METH_VARARGS,
     "locate(re, im, sums, points, found): where the running sum of probabilities exceeds the points"},
    {"depth_one", py_depth_one, METH_VARARGS,
     "depth_one(starts, neighbours, couplings, h, ends, gamma, nodes[n, 2], pairs[k, 4]): values and slopes"},
    {"elimination", py_elimination, METH_VARARGS,
     "elimination(links, order, shares): the order of the sums of a network, and the products by variable"},
    {"contraction", py_contraction, METH_VARARGS,
     "contraction(links, rates, fixed, order, gammas, betas, planned, space, slopes, threads)"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, .m_name = "_kernels", .m_size = 0,
                                    .m_methods = METHODS};

PyMODINIT_FUNC PyInit__kernels(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    const variant_t *best = VARIANTS;
    while (!supported(best)) best++;
    choose_variant(best);
    watch_forks();
    return PyModule_Create(&MODULE);
}
