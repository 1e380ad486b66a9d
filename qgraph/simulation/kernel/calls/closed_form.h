/* Depth 1 in closed form: the terms of each node and each pair, and their derivatives by gamma.
 *
 * Source: Ozaeta, van Dam, McMahon, arXiv:2012.03421, section 3. Neighbours are listed by node, sorted. */
#ifndef QGRAPH_CLOSED_FORM_H
#define QGRAPH_CLOSED_FORM_H

#include "../base/python_api.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct {
    double value, slope; /* a function of gamma and its derivative, as a dual number */
} dual_t;

static inline dual_t product(dual_t a, dual_t b) {
    return (dual_t){a.value * b.value, a.value * b.slope + a.slope * b.value};
}

/* The angle 2 gamma rate: its cosine and its sine. */
typedef struct {
    double rate, cosine, sine;
} wave_t;

static inline wave_t wave(double rate, double gamma) {
    return (wave_t){rate, cos(2 * rate * gamma), sin(2 * rate * gamma)};
}

static inline dual_t cosine(wave_t a) { return (dual_t){a.cosine, -2 * a.rate * a.sine}; }

static inline dual_t sine(wave_t a) { return (dual_t){a.sine, 2 * a.rate * a.cosine}; }

static inline wave_t sum(wave_t a, wave_t b) {
    return (wave_t){a.rate + b.rate, a.cosine * b.cosine - a.sine * b.sine,
                    a.sine * b.cosine + a.cosine * b.sine};
}

static inline wave_t negative(wave_t a) { return (wave_t){-a.rate, a.cosine, -a.sine}; }

typedef struct {
    const int64_t *starts, *neighbours;
    const wave_t *entries, *fields; /* for each entry of `neighbours`; for each node */
} neighbourhood_t;

/* Products over the neighbours k of i and j other than i and j: single[0] of cos(2 gamma J_ik), single[1] of
 * cos(2 gamma J_jk), sums[0] with J_ik + J_jk, sums[1] with J_ik - J_jk. Returns the entry of the coupling of
 * i and j, or -1. */
static int64_t neighbour_products(const neighbourhood_t *all, int64_t i, int64_t j, dual_t single[2],
                                  dual_t sums[2]) {
    int64_t a = all->starts[i], b = all->starts[j], own = -1;
    const int64_t a_end = all->starts[i + 1], b_end = all->starts[j + 1];
    single[0] = single[1] = sums[0] = sums[1] = (dual_t){1, 0};
    while (a < a_end || b < b_end) {
        int64_t of_i = a < a_end ? all->neighbours[a] : INT64_MAX,
                of_j = b < b_end ? all->neighbours[b] : INT64_MAX;
        if (of_i == j) {
            own = a++;
        } else if (of_j == i) {
            b++;
        } else if (of_i == of_j) {
            wave_t u = all->entries[a++], v = all->entries[b++];
            single[0] = product(single[0], cosine(u));
            single[1] = product(single[1], cosine(v));
            sums[0] = product(sums[0], cosine(sum(u, v)));
            sums[1] = product(sums[1], cosine(sum(u, negative(v))));
        } else {
            int side = of_j < of_i;
            dual_t factor = cosine(all->entries[side ? b++ : a++]);
            single[side] = product(single[side], factor);
            for (int s = 0; s < 2; s++) sums[s] = product(sums[s], factor);
        }
    }
    return own;
}

/* Equal rates that follow each other share their sine and cosine. */
static void fill_waves(size_t count, const double *rates, double gamma, wave_t *out) {
    for (size_t k = 0; k < count; k++)
        out[k] = k && rates[k] == rates[k - 1] ? out[k - 1] : wave(rates[k], gamma);
}

static void closed_form(const neighbourhood_t *all, size_t n, size_t pairs, const int64_t *ends,
                        double *nodes, double *out) {
    for (size_t i = 0; i < n; i++) {
        dual_t whole = sine(all->fields[i]);
        for (int64_t e = all->starts[i]; e < all->starts[i + 1]; e++)
            whole = product(whole, cosine(all->entries[e]));
        nodes[2 * i] = whole.value;
        nodes[2 * i + 1] = whole.slope;
    }
    for (size_t p = 0; p < pairs; p++) {
        int64_t i = ends[2 * p], j = ends[2 * p + 1];
        wave_t hi = all->fields[i], hj = all->fields[j];
        dual_t single[2], sums[2], tilt = {0, 0};
        int64_t own = neighbour_products(all, i, j, single, sums);
        if (own >= 0) {
            dual_t left = product(cosine(hi), single[0]), right = product(cosine(hj), single[1]);
            tilt = product(sine(all->entries[own]),
                           (dual_t){left.value + right.value, left.slope + right.slope});
        }
        dual_t plus = product(cosine(sum(hi, hj)), sums[0]),
               minus = product(cosine(sum(hi, negative(hj))), sums[1]);
        out[4 * p] = tilt.value;
        out[4 * p + 1] = tilt.slope;
        out[4 * p + 2] = minus.value - plus.value;
        out[4 * p + 3] = minus.slope - plus.slope;
    }
}

static PyObject *py_depth_one(PyObject *self, PyObject *args) {
    Py_buffer starts, neighbours, couplings, h, ends, nodes, pairs;
    double gamma;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*dw*w*", &starts, &neighbours, &couplings, &h, &ends, &gamma,
                          &nodes, &pairs))
        return NULL;
    size_t entries = neighbours.len / sizeof(int64_t), n = h.len / sizeof(double),
           count = ends.len / (2 * sizeof(int64_t));
    wave_t *waves = malloc((entries + n + 1) * sizeof *waves);
    if (waves) {
        neighbourhood_t all = {starts.buf, neighbours.buf, waves, waves + entries};
        Py_BEGIN_ALLOW_THREADS
        fill_waves(entries, couplings.buf, gamma, waves);
        fill_waves(n, h.buf, gamma, waves + entries);
        closed_form(&all, n, count, ends.buf, nodes.buf, pairs.buf);
        Py_END_ALLOW_THREADS
    } else {
        PyErr_NoMemory();
    }
    free(waves);
    Py_buffer *all[] = {&starts, &neighbours, &couplings, &h, &ends, &nodes, &pairs};
    for (int b = 0; b < 7; b++) PyBuffer_Release(all[b]);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

#endif
