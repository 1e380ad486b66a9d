/* Tensors over binary variables, and sums over products of them, each a step that can be taken back. */
#ifndef QGRAPH_TENSORS_H
#define QGRAPH_TENSORS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../base/kernels.h"
#include "../base/product.h"
#include "../base/thread_pool.h"

static const size_t WORK_AT_ONCE = (size_t)1 << 18; /* products of one task */

/* Variables are named by their place in the order of elimination. They are sorted: the last one to be summed
 * is the lowest bit of the index. */
typedef struct {
    int count;
    uint16_t variables[MOST_AXES];
    size_t offset; /* in the memory of all tensors */
    double *re, *im;
} tensor_t;

typedef struct {
    int factors, in[MOST_FACTORS], out; /* numbers of tensors */
} step_t;

/* Memory that tensors of `count` variables no longer use, in a list. */
typedef struct {
    size_t offset;
    int next;
} gap_t;

/* Steps that are only `planned` use no memory, and count what they would take. */
typedef struct {
    call_t *call;
    const kernels_t *kernels;
    char *space; /* all tensors, up to `top` of its `size` bytes */
    size_t size, top, peak;
    gap_t *gaps;
    int gap_count, unused[MOST_AXES + 1]; /* the first gap by the number of variables, or -1 */
    tensor_t *tensors;
    step_t *steps;
    int tensor_count, step_count, planned, keep; /* factors are kept for the way back */
    double products;                             /* of entries */
    size_t unchecked;                            /* products since the last check for interrupts */
} tape_t;

static size_t bytes_of(int count) {
    size_t bytes = ((size_t)2 << count) * sizeof(double);
    return bytes < ALIGNMENT ? ALIGNMENT : bytes;
}

static int allocate(tape_t *tape, tensor_t *t) {
    int gap = tape->unused[t->count];
    if (gap >= 0) {
        t->offset = tape->gaps[gap].offset;
        tape->unused[t->count] = tape->gaps[gap].next;
    } else {
        t->offset = tape->top;
        tape->top += bytes_of(t->count);
        if (tape->top > tape->peak) tape->peak = tape->top;
    }
    if (tape->planned) return 1;
    if (tape->top > tape->size) {
        tape->call->stopped = OUT_OF_MEMORY;
        return 0;
    }
    t->re = (double *)(tape->space + t->offset);
    t->im = t->re + ((size_t)1 << t->count);
    return 1;
}

static void discard(tape_t *tape, const tensor_t *t) {
    gap_t *gap = tape->gaps + tape->gap_count;
    *gap = (gap_t){t->offset, tape->unused[t->count]};
    tape->unused[t->count] = tape->gap_count++;
}

/* Lay the factors and the result side by side: walk through their variables in order. Returns how many. */
static int lay_out(product_t *p, const tensor_t *const *tensors, int factors) {
    int at[MOST_FACTORS + 1] = {0}, total = 0;
    p->factors = factors;
    p->block = p->summed = p->kept = 0;
    for (int f = 0; f <= factors; f++) {
        p->re[f == factors ? OUT : f] = tensors[f]->re;
        p->im[f == factors ? OUT : f] = tensors[f]->im;
    }
    for (;; total++) {
        int next = -1;
        for (int f = 0; f <= factors; f++)
            if (at[f] < tensors[f]->count && tensors[f]->variables[at[f]] > next)
                next = tensors[f]->variables[at[f]];
        if (next < 0) return total;
        int keeps = at[factors] < tensors[factors]->count && tensors[factors]->variables[at[factors]] == next;
        for (int f = 0; f <= factors; f++) {
            int has = at[f] < tensors[f]->count && tensors[f]->variables[at[f]] == next,
                row = f == factors ? OUT : f;
            size_t stride = has ? (size_t)1 << at[f] : 0;
            at[f] += has;
            if (total < BLOCK_AXES) p->of_block[row][p->block] = stride;
            else if (keeps) p->of_kept[row][p->kept] = stride;
            else p->of_summed[row][p->summed] = stride;
        }
        if (total < BLOCK_AXES) p->block++;
        else if (keeps) p->kept++;
        else p->summed++;
    }
}

typedef struct {
    const kernels_t *kernels;
    const product_t *product;
    size_t share;
} product_job_t;

static void sum_share(void *context, size_t number, void *scratch) {
    const product_job_t *job = context;
    size_t all = (size_t)1 << job->product->kept, from = number * job->share, to = from + job->share;
    (void)scratch;
    job->kernels->product_sum(job->product, from, to < all ? to : all);
}

/* Entries of the result are computed by any thread, each in the same order. Where a block adds several
 * entries up, they must be zero before. */
static void run_product(tape_t *tape, const product_t *p, const tensor_t *out, int total) {
    int each_once = p->block == BLOCK_AXES;
    for (int a = 0; a < p->block; a++) each_once &= p->of_block[OUT][a] != 0;
    if (!each_once) memset(out->re, 0, bytes_of(out->count));
    size_t work = (size_t)p->factors << total, kept = (size_t)1 << p->kept;
    if (work <= WORK_AT_ONCE) {
        tape->kernels->product_sum(p, 0, kept);
        tape->unchecked += work;
        if (tape->unchecked > WORK_AT_ONCE) {
            tape->unchecked = 0;
            tape->call->stopped = interrupted(tape->call);
        }
        return;
    }
    size_t tasks = work / WORK_AT_ONCE < kept ? work / WORK_AT_ONCE : kept;
    product_job_t job = {tape->kernels, p, (kept + tasks - 1) / tasks};
    for_all(tape->call, sum_share, &job, (kept + job.share - 1) / job.share, 0);
}

/* tensors[factors] = the sum of the products of the others over all variables that it does not have. A long
 * sum with a small result is split: its highest variables are kept at first, and summed at the end. */
static void sum_product(tape_t *tape, tensor_t *const *tensors, int factors) {
    product_t p;
    int total = lay_out(&p, (const tensor_t *const *)tensors, factors);
    tape->products += (double)factors * exp2(total);
    int apart = 0;
    while (apart < p.summed && ((size_t)factors << (total - p.kept - apart)) > WORK_AT_ONCE) apart++;
    if (!apart) {
        if (!tape->planned && !tape->call->stopped) run_product(tape, &p, tensors[factors], total);
        return;
    }
    tensor_t *out = tensors[factors], parts = *out;
    parts.count = out->count + apart;
    if (!allocate(tape, &parts)) return;
    if (!tape->planned) {
        for (int a = 0; a < apart; a++) {
            int from = --p.summed;
            for (int f = 0; f < factors; f++) p.of_kept[f][p.kept] = p.of_summed[f][from];
            p.of_kept[OUT][p.kept++] = (size_t)1 << (out->count + apart - 1 - a);
        }
        p.re[OUT] = parts.re;
        p.im[OUT] = parts.im;
        run_product(tape, &p, &parts, total);
        memset(out->re, 0, bytes_of(out->count));
        size_t size = (size_t)1 << out->count;
        for (size_t k = 0; k < (size_t)2 << parts.count; k++) { /* both planes, one after the other */
            size_t plane = k >> parts.count;
            out->re[(k & (size - 1)) + plane * size] += parts.re[k];
        }
    }
    discard(tape, &parts);
}

static int new_tensor(tape_t *tape) {
    tape->tensors[tape->tensor_count] = (tensor_t){0};
    return tape->tensor_count++;
}

/* Append a step, with a new tensor of the given variables as its result. */
static int append_step(tape_t *tape, const int *in, int factors, const uint16_t *variables, int count) {
    step_t *step = tape->steps + tape->step_count++;
    tensor_t *tensors[MOST_FACTORS + 1];
    *step = (step_t){.factors = factors, .out = new_tensor(tape)};
    tensor_t *out = tape->tensors + step->out;
    out->count = count;
    memcpy(out->variables, variables, count * sizeof *variables);
    for (int f = 0; f < factors; f++) tensors[f] = tape->tensors + (step->in[f] = in[f]);
    tensors[factors] = out;
    if (allocate(tape, out)) sum_product(tape, tensors, factors);
    for (int f = 0; f < factors && !tape->keep; f++) discard(tape, tensors[f]);
    return step->out;
}

/* From the derivatives by the result of a step, `slopes[out]`, to those by its factors. */
static void take_step_back(tape_t *tape, const step_t *step, tensor_t *slopes) {
    tensor_t *tensors[MOST_FACTORS + 1];
    for (int f = 0; f < step->factors && !tape->call->stopped; f++) {
        tensor_t *slope = slopes + step->in[f];
        *slope = tape->tensors[step->in[f]];
        slope->re = slope->im = NULL;
        if (!allocate(tape, slope)) return;
        tensors[0] = slopes + step->out;
        for (int g = 0, to = 1; g < step->factors; g++)
            if (g != f) tensors[to++] = tape->tensors + step->in[g];
        tensors[step->factors] = slope;
        sum_product(tape, tensors, step->factors);
    }
    discard(tape, slopes + step->out);
    for (int f = 0; f < step->factors; f++) discard(tape, tape->tensors + step->in[f]);
}

#endif
