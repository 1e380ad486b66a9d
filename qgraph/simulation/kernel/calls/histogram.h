/* Histograms of the objective, weighted with the probabilities of a state. */
#ifndef QGRAPH_HISTOGRAM_H
#define QGRAPH_HISTOGRAM_H

#include "../base/python_api.h"

#include <math.h>
#include <stdlib.h>

#include "../base/thread_pool.h"

/* Groups of basis states with their costs and, where there is a state, their probabilities; else weights of
 * 1. */
typedef struct {
    size_t groups, size;
    double copies; /* how many basis states each stored one represents */
    const void *problem;
    void (*fill)(const void *problem, size_t group, double *costs, double *p);
} cost_source_t;

/* A bin of a histogram: sums of p, p C and p C**2, the least and the largest C. */
typedef struct {
    double weight, product, square, least, largest;
} bin_t;

enum { CHUNKS = 64 /* partial histograms, for any number of threads */ };

typedef struct {
    const cost_source_t *source;
    double low, high;
    size_t bins, chunks;
    bin_t *parts;
} histogram_t;

static void clear_bins(bin_t *bins, size_t count) {
    for (size_t b = 0; b < count; b++) bins[b] = (bin_t){0, 0, 0, INFINITY, -INFINITY};
}

static void add_bin(bin_t *to, const bin_t *from, double copies) {
    to->weight += copies * from->weight;
    to->product += copies * from->product;
    to->square += copies * from->square;
    if (from->least < to->least) to->least = from->least;
    if (from->largest > to->largest) to->largest = from->largest;
}

/* One chunk of groups. Costs below `low` or above `high` are not counted. */
static void histogram_chunk(void *context, size_t chunk, void *scratch) {
    const histogram_t *histogram = context;
    const cost_source_t *source = histogram->source;
    double *costs = scratch, *p = costs + source->size, range = histogram->high - histogram->low;
    double unit = range < 1e-250 ? 0x1p250 : 1; /* the bins of a tiny range have no finite inverse */
    double scale = (double)histogram->bins / (range * unit);
    if (!isfinite(scale)) scale = 0; /* all costs are equal: one bin */
    bin_t *bins = histogram->parts + chunk * histogram->bins;
    for (size_t group = source->groups * chunk / histogram->chunks;
         group < source->groups * (chunk + 1) / histogram->chunks; group++) {
        source->fill(source->problem, group, costs, p);
        for (size_t x = 0; x < source->size; x++) {
            double cost = costs[x];
            if (!(cost >= histogram->low && cost <= histogram->high)) continue;
            size_t place = histogram->bins == 1 ? 0 : (size_t)((cost - histogram->low) * unit * scale);
            bin_t one = {p[x], p[x] * cost, p[x] * cost * cost, cost, cost};
            add_bin(bins + (place < histogram->bins ? place : histogram->bins - 1), &one, 1);
        }
    }
}

/* Fill out[bins]. Returns 0, with an exception set, if that failed. */
static int fill_histogram(const cost_source_t *source, double low, double high, bin_t *out, size_t bins,
                          int threads) {
    size_t chunks = source->groups < CHUNKS ? source->groups : CHUNKS;
    bin_t *parts = malloc(chunks * bins * sizeof *parts);
    if (!parts) {
        PyErr_NoMemory();
        return 0;
    }
    clear_bins(parts, chunks * bins);
    clear_bins(out, bins);
    call_t call = begin_call(threads);
    histogram_t context = {source, low, high, bins, chunks, parts};
    for_all(&call, histogram_chunk, &context, chunks, 2 * sizeof(double) * source->size);
    for (size_t k = 0; k < chunks * bins; k++) add_bin(out + k % bins, parts + k, source->copies);
    free(parts);
    return end_call(&call);
}

#endif
