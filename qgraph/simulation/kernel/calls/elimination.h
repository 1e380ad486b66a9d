/* In which order variables of a network are summed: the one that joins the fewest new pairs comes next.
 *
 * Source: min-fill, Koster, Bodlaender, van Hoesel, Electronic Notes in Discrete Mathematics 8, 2001,
 * section 3. Pairs count less among many neighbours, by a power that differs between trials. Scores are
 * perturbed at random. The order with the fewest products counts. */
#ifndef QGRAPH_ELIMINATION_H
#define QGRAPH_ELIMINATION_H

#include "../base/python_api.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../base/network.h"
#include "../base/product.h"
#include "../base/thread_pool.h"

enum { HOPELESS_TRIALS = 2, FIRST_TRIALS = 12, HARD_TRIALS = 60, MOST_TRIALS = 2000 };
static const double HARD = 1e13,
                    PRODUCTS_PER_TRIAL = 10; /* as long as a trial, by variable that is left and variable */

typedef struct {
    int variables, words, left;
    uint64_t *near; /* [variables][words]: which other variables share a tensor with each */
    int *fill;      /* of each variable: the pairs of its neighbours that share none; -1 once it is summed */
    int *degree;    /* of each variable: its neighbours */
    double *discount; /* of pairs, by the number of neighbours */
} elimination_t;

static int count_bits(const uint64_t *set, int words) {
    int count = 0;
    for (int w = 0; w < words; w++) count += __builtin_popcountll(set[w]);
    return count;
}

/* The next member from `start` on, or -1. */
static int next_bit(const uint64_t *set, int words, int start) {
    for (int w = start >> 6; w < words; w++) {
        uint64_t rest = w == start >> 6 ? set[w] & ~0ULL << (start & 63) : set[w];
        if (rest) return w << 6 | __builtin_ctzll(rest);
    }
    return -1;
}

#define FOR_BITS(v, set, words) for (int v = -1; (v = next_bit(set, words, v + 1)) >= 0;)

static int count_only(const uint64_t *set, const uint64_t *other, int words) {
    int count = 0;
    for (int w = 0; w < words; w++) count += __builtin_popcountll(set[w] & ~other[w]);
    return count;
}

static void count_fill(elimination_t *e, int v) {
    const uint64_t *mine = e->near + (size_t)v * e->words;
    int missing = 0;
    e->degree[v] = 0;
    FOR_BITS(u, mine, e->words) {
        const uint64_t *its = e->near + (size_t)u * e->words;
        missing += count_only(mine, its, e->words) - 1;
        e->degree[v]++;
    }
    e->fill[v] = missing / 2;
}

/* Two neighbours of a summed variable now share a tensor. */
static void join_pair(elimination_t *e, int a, int b) {
    int words = e->words;
    uint64_t *of_a = e->near + (size_t)a * words, *of_b = e->near + (size_t)b * words;
    for (int w = 0; w < words; w++)
        for (uint64_t both = of_a[w] & of_b[w]; both; both &= both - 1)
            e->fill[w << 6 | __builtin_ctzll(both)]--;
    e->fill[a] += count_only(of_a, of_b, words);
    e->fill[b] += count_only(of_b, of_a, words);
    of_a[b >> 6] |= 1ULL << (b & 63);
    of_b[a >> 6] |= 1ULL << (a & 63);
    e->degree[a]++;
    e->degree[b]++;
}

static void sum_over(elimination_t *e, int v) {
    int words = e->words;
    const uint64_t *mine = e->near + (size_t)v * words;
    FOR_BITS(u, mine, words) {
        uint64_t *its = e->near + (size_t)u * words;
        its[v >> 6] &= ~(1ULL << (v & 63));
        e->fill[u] -= count_only(its, mine, words);
        e->degree[u]--;
    }
    FOR_BITS(a, mine, words) {
        const uint64_t *of_a = e->near + (size_t)a * words;
        FOR_BITS(b, mine, words)
        if (b > a && !(of_a[b >> 6] >> (b & 63) & 1)) join_pair(e, a, b);
    }
    e->fill[v] = -1;
    e->left--;
}

static uint64_t next_random(uint64_t *state) { /* xorshift64* (Marsaglia 2003; Vigna, arXiv:1402.6246) */
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717ULL;
}

/* Sum over variables that join no new pair, in order. Such a sum is part of an order that costs the least. */
static int sum_simple(elimination_t *e, int32_t *order) {
    int count = 0;
    for (int v = 0; v < e->variables; v++)
        if (e->fill[v] == 0) {
            order[count++] = v;
            sum_over(e, v);
            v = -1;
        }
    return count;
}

static double random_share(uint64_t *state) { return (double)(next_random(state) >> 11) * 0x1p-53; }

/* Sum over all that are left. Returns the number of products, or infinity if it exceeds `most`. */
static double sum_greedily(elimination_t *e, call_t *call, int32_t *order, double power, double noise,
                           uint64_t *random, double most) {
    double cost = 0;
    for (int n = 0; n < e->variables; n++) e->discount[n] = pow(1 + n, -power);
    while (e->left && !call->stopped) {
        double least = INFINITY;
        int best = -1;
        for (int v = 0; v < e->variables; v++) {
            if (e->fill[v] < 0) continue;
            double score = e->fill[v] * e->discount[e->degree[v]] * (1 + noise * random_share(random));
            if (score < least) {
                least = score;
                best = v;
            }
        }
        cost += exp2(1 + e->degree[best]);
        if (!(cost < most)) return INFINITY;
        *order++ = best;
        sum_over(e, best);
        call->stopped = interrupted(call);
    }
    return call->stopped ? INFINITY : cost;
}

/* Trials go on while they take less time than the products of the best order. Returns infinity where no order
 * of so few variables at a time is found. */
static double search_orders(elimination_t *e, call_t *call, uint64_t *near, int *fill, int32_t *tried,
                            int32_t *order) {
    size_t bytes = (size_t)e->variables * e->words * sizeof *near;
    int simple = sum_simple(e, order), left = e->left;
    uint64_t random = 88172645463325252ULL;
    double hopeless = exp2(MOST_AXES), least = hopeless, good = 1.5;
    double each = PRODUCTS_PER_TRIAL * left * e->variables;
    memcpy(near, e->near, bytes);
    memcpy(fill, e->fill, 2 * e->variables * sizeof *fill);
    for (int trial = 0; trial < FIRST_TRIALS + (int)fmin(MOST_TRIALS, least / each); trial++) {
        if (trial >= HOPELESS_TRIALS && least == hopeless) break;
        if (trial >= HARD_TRIALS && least > HARD) break; /* it takes hours in any case */
        double share = random_share(&random), noise = trial % 4 < 2 ? 0.3 : 0.9,
               power = trial > FIRST_TRIALS / 2 && trial % 2 ? good + 0.3 * (share - 0.5) : 0.5 + 2 * share;
        e->left = left;
        memcpy(e->near, near, bytes);
        memcpy(e->fill, fill, 2 * e->variables * sizeof *fill);
        double cost = sum_greedily(e, call, tried, power, noise, &random, least);
        if (cost < least) {
            least = cost;
            good = power;
            memcpy(order + simple, tried, left * sizeof *tried);
        }
        if (call->stopped || !left) break;
    }
    return least == hopeless ? INFINITY : least;
}

static void join_links(elimination_t *e, const link_t *links, size_t count) {
    for (size_t k = 0; k < count; k++) {
        int a = links[k].a, b = links[k].b;
        if (b < 0) continue;
        e->near[(size_t)a * e->words + (b >> 6)] |= 1ULL << (b & 63);
        e->near[(size_t)b * e->words + (a >> 6)] |= 1ULL << (a & 63);
    }
}

/* elimination(links, order, shares): the best order, and the number of products that have each variable
 * in this order. */
static PyObject *py_elimination(PyObject *self, PyObject *args) {
    Py_buffer links, order, shares;
    int done = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*w*w*", &links, &order, &shares)) return NULL;
    int n = (int)(order.len / sizeof(int32_t)), words = (n + 63) / 64;
    size_t count = links.len / sizeof(link_t), size = (size_t)n * words;
    elimination_t e = {n,
                       words,
                       n,
                       calloc(size + 1, sizeof(uint64_t)),
                       malloc(2 * (n + 1) * sizeof(int)),
                       NULL,
                       malloc((n + 1) * sizeof(double))};
    e.degree = e.fill ? e.fill + n : NULL; /* copied with it */
    uint64_t *near = malloc((size + 1) * sizeof *near);
    int *fill = malloc(2 * (n + 1) * sizeof *fill);
    int32_t *tried = malloc((n + 1) * sizeof *tried);
    if (e.near && e.fill && e.discount && near && fill && tried) {
        call_t call = begin_call(1);
        join_links(&e, links.buf, count);
        for (int v = 0; v < n; v++) count_fill(&e, v);
        double least = search_orders(&e, &call, near, fill, tried, order.buf);
        memset(e.near, 0, size * sizeof *near);
        join_links(&e, links.buf, count);
        for (int v = 0; v < n; v++) ((double *)shares.buf)[v] = isinf(least) ? least : 0;
        for (int v = 0; v < n && !call.stopped && !isinf(least); v++) {
            int variable = ((int32_t *)order.buf)[v];
            const uint64_t *mine = e.near + (size_t)variable * words;
            double products = exp2(1 + count_bits(mine, words));
            ((double *)shares.buf)[variable] += products;
            FOR_BITS(u, mine, words)((double *)shares.buf)[u] += products;
            sum_over(&e, variable);
        }
        done = end_call(&call);
    } else {
        PyErr_NoMemory();
    }
    void *memory[] = {e.near, e.fill, e.discount, near, fill, tried};
    for (int m = 0; m < 6; m++) free(memory[m]);
    Py_buffer *all[] = {&links, &order, &shares};
    for (int b = 0; b < 3; b++) PyBuffer_Release(all[b]);
    if (!done) return NULL;
    Py_RETURN_NONE;
}

#endif
