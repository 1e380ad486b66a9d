/* The sum over all variables of a network, and its derivatives by all angles.
 *
 * Variables are summed one after another (bucket elimination: Dechter, Artificial Intelligence 113, 1999,
 * section 3); those whose tensors have no further variables are summed together with the one before. */
#ifndef QGRAPH_CONTRACTION_H
#define QGRAPH_CONTRACTION_H

#include "../base/python_api.h"

#include "../base/network.h"
#include "tensors.h"

/* Tensors are multiplied first if their product lacks so many variables of the whole step. */
enum { SMALLER = 2, MANY = 24 };

typedef struct {
    tape_t tape;
    const network_t *network;
    uint16_t *place; /* of each variable in the order of elimination */
    int *waiting;    /* tensors that no step has used, by their first variable to be summed: heads of lists */
    int *next;       /* of each tensor in its list, or -1 */
    int *gathered;   /* the tensors of the step in work */
    int *stamp;      /* of each variable: the last step that has it */
    int *uses;       /* of each variable: the waiting tensors that have it */
} contraction_t;

static void put_away(contraction_t *c, int number) {
    const tensor_t *t = c->tape.tensors + number;
    int list = t->count ? t->variables[t->count - 1] : c->network->variables;
    for (int v = 0; v < t->count; v++) c->uses[t->variables[v]]++;
    c->next[number] = c->waiting[list];
    c->waiting[list] = number;
}

static int gather(contraction_t *c, int list, int count) {
    for (int t = c->waiting[list]; t >= 0; t = c->next[t]) {
        const tensor_t *tensor = c->tape.tensors + t;
        for (int v = 0; v < tensor->count; v++) c->uses[tensor->variables[v]]--;
        c->gathered[count++] = t;
    }
    c->waiting[list] = -1;
    return count;
}

/* The place in an entry's index of each end of a link: its stride, or 0 where it is fixed. */
static void link_strides(const contraction_t *c, const link_t *link, int strides[2], int bits[2]) {
    int free_a = c->network->fixed[link->a] < 0, free_b = link->b >= 0 && c->network->fixed[link->b] < 0;
    int a_is_low = free_b && c->place[link->a] > c->place[link->b];
    strides[0] = free_a ? (free_b && !a_is_low ? 2 : 1) : 0;
    strides[1] = free_b ? (free_a && a_is_low ? 2 : 1) : 0;
    bits[0] = free_a ? 0 : c->network->fixed[link->a];
    bits[1] = link->b < 0 || free_b ? 0 : c->network->fixed[link->b];
}

static int open_links(contraction_t *c) {
    const network_t *n = c->network;
    for (int k = 0; k < n->count; k++) {
        const link_t *link = n->links + k;
        tensor_t *t = c->tape.tensors + new_tensor(&c->tape);
        int strides[2], bits[2];
        link_strides(c, link, strides, bits);
        t->count = (strides[0] > 0) + (strides[1] > 0);
        if (strides[0]) t->variables[strides[0] - 1] = c->place[link->a];
        if (strides[1]) t->variables[strides[1] - 1] = c->place[link->b];
        if (!allocate(&c->tape, t)) return 0;
        for (int x = 0; !c->tape.planned && x <= (strides[0] > 0); x++)
            for (int y = 0; y <= (strides[1] > 0); y++) {
                double complex entry = link_entry(n, k, bits[0] + x, bits[1] + y, 0);
                int at = x * strides[0] + y * strides[1];
                t->re[at] = creal(entry);
                t->im[at] = cimag(entry);
            }
        put_away(c, k);
    }
    return 1;
}

/* The variables of a set, given as bits over a list of them. */
static int members(uint64_t set, const uint16_t *variables, uint16_t *out) {
    int count = 0;
    for (; set; set &= set - 1) out[count++] = variables[__builtin_ctzll(set)];
    return count;
}

/* Replace two of the gathered tensors by their product. Returns how many are left. */
static int merge(contraction_t *c, int one, int other, uint64_t *sets, int count, const uint16_t *variables) {
    uint16_t both[MOST_AXES];
    int in[2] = {c->gathered[one], c->gathered[other]};
    sets[one] |= sets[other];
    c->gathered[one] = append_step(&c->tape, in, 2, both, members(sets[one], variables, both));
    sets[other] = sets[--count];
    c->gathered[other] = c->gathered[count];
    return count;
}

/* Multiply the gathered tensors, and sum over the last variables of `variables`: all but `kept`. */
static void join(contraction_t *c, int count, const uint16_t *variables, int all, int kept) {
    tape_t *tape = &c->tape;
    uint64_t sets[count];
    for (int k = 0; k < all; k++) c->place[c->network->variables + variables[k]] = (uint16_t)k;
    for (int f = 0; f < count; f++) {
        const tensor_t *t = tape->tensors + c->gathered[f];
        sets[f] = 0;
        for (int v = 0; v < t->count; v++)
            sets[f] |= 1ULL << c->place[c->network->variables + t->variables[v]];
    }
    /* A node with many neighbours has many equal sets: the search for the best pair would take too long. */
    for (int f = 0; f < count; f++)
        for (int g = f + 1; g < count && count > MANY && !tape->call->stopped;)
            if (sets[f] == sets[g]) count = merge(c, f, g, sets, count, variables);
            else g++;
    while (count > 1 && !tape->call->stopped) {
        int least = MOST_AXES + 1, one = 0, other = 1;
        for (int f = 0; f < count; f++)
            for (int g = f + 1; g < count; g++) {
                int size = __builtin_popcountll(sets[f] | sets[g]);
                if (size >= least) continue;
                least = size;
                one = f;
                other = g;
            }
        if (count <= MOST_FACTORS && least > all - SMALLER) break;
        count = merge(c, one, other, sets, count, variables);
    }
    if (tape->call->stopped) return; /* too many factors may be left for one step */
    put_away(c, append_step(tape, c->gathered, count, variables, kept));
}

/* The step that sums over a variable. Returns 0 where it would take too many variables at once. */
static int sum_next(contraction_t *c, int first) {
    int count = gather(c, first, 0), all = 0;
    uint16_t variables[MOST_AXES], sorted[MOST_AXES];
    if (!count) return 1;
    for (int f = 0; f < count; f++) {
        const tensor_t *t = c->tape.tensors + c->gathered[f];
        for (int v = 0; v < t->count; v++) {
            int variable = t->variables[v];
            if (c->stamp[variable] == first) continue;
            if (all == MOST_AXES) return 0;
            c->stamp[variable] = first;
            int at = all++;
            for (; at && variables[at - 1] < variable; at--) variables[at] = variables[at - 1];
            variables[at] = (uint16_t)variable;
        }
    }
    memcpy(sorted, variables, sizeof sorted);
    int kept = all - 1;
    while (kept) {
        int list = sorted[kept - 1], inside = 1, others = c->uses[list];
        for (int t = c->waiting[list]; t >= 0; t = c->next[t]) {
            others--;
            for (int v = 0; v < c->tape.tensors[t].count; v++)
                inside &= c->stamp[c->tape.tensors[t].variables[v]] == first;
        }
        if (!inside || others) break;
        count = gather(c, list, count);
        kept--;
    }
    join(c, count, sorted, all, kept);
    return 1;
}

/* Returns the tensor of the whole sum, or -1. */
static int sum_all(contraction_t *c) {
    int end = c->network->variables;
    const uint16_t none[1] = {0};
    if (!open_links(c)) return -1;
    for (int v = 0; v < end && !c->tape.call->stopped; v++)
        if (!sum_next(c, v)) return -1;
    if (c->tape.call->stopped) return -1;
    join(c, gather(c, end, 0), none, 0, 0);
    return c->tape.call->stopped ? -1 : c->waiting[end];
}

static double complex entry_of(const tensor_t *t, size_t at) { return t->re[at] + I * t->im[at]; }

/* Derivatives by the angles of all layers: gammas, then betas. */
static void collect_slopes(const contraction_t *c, const tensor_t *slopes, double *out) {
    const network_t *n = c->network;
    for (int k = 0; k < n->count; k++) {
        const link_t *link = n->links + k;
        int strides[2], bits[2];
        link_strides(c, link, strides, bits);
        double total = 0;
        for (int x = 0; x <= (strides[0] > 0); x++)
            for (int y = 0; y <= (strides[1] > 0); y++)
                total += creal(entry_of(slopes + k, x * strides[0] + y * strides[1]) *
                               link_entry(n, k, bits[0] + x, bits[1] + y, 1));
        out[link->layer + (link->what == PHASE ? 0 : n->depth)] += total;
    }
}

static void differentiate(contraction_t *c, int whole, double *out) {
    tape_t *tape = &c->tape;
    tensor_t *slopes = calloc(tape->tensor_count, sizeof *slopes);
    if (!slopes) {
        tape->call->stopped = OUT_OF_MEMORY;
        return;
    }
    if (allocate(tape, slopes + whole) && !tape->planned) {
        slopes[whole].re[0] = 1;
        slopes[whole].im[0] = 0;
    }
    for (int s = tape->step_count; s-- > 0 && !tape->call->stopped;)
        take_step_back(tape, tape->steps + s, slopes);
    if (!tape->planned && !tape->call->stopped) collect_slopes(c, slopes, out);
    free(slopes);
}

/* The arguments are explained in _kernels.pyi. */
static PyObject *py_contraction(PyObject *self, PyObject *args) {
    Py_buffer links, rates, fixed, order, gammas, betas, space, out;
    int planned, threads, whole = -1, done = 0;
    double value = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*pw*w*i", &links, &rates, &fixed, &order, &gammas, &betas,
                          &planned, &space, &out, &threads))
        return NULL;
    network_t n = {links.buf,
                   rates.buf,
                   gammas.buf,
                   betas.buf,
                   fixed.buf,
                   order.buf,
                   (int)(links.len / sizeof(link_t)),
                   (int)fixed.len,
                   (int)(gammas.len / sizeof(double))};
    /* Each step uses up at least one tensor, or sums over a variable. */
    size_t most = 2 * (size_t)n.count + n.variables + 2;
    contraction_t c = {.network = &n,
                       .place = malloc((2 * n.variables + 1) * sizeof(uint16_t)),
                       .waiting = malloc((n.variables + 1) * sizeof(int)),
                       .next = malloc(most * sizeof(int)),
                       .gathered = malloc(most * sizeof(int)),
                       .stamp = malloc((n.variables + 1) * sizeof(int)),
                       .uses = calloc(n.variables + 1, sizeof(int))};
    c.tape.kernels = kernels_for(sizeof(double));
    c.tape.planned = planned;
    c.tape.keep = out.len > 0;
    c.tape.space = (char *)space.buf + (ALIGNMENT - (uintptr_t)space.buf % ALIGNMENT) % ALIGNMENT;
    c.tape.size = space.len < ALIGNMENT ? 0 : (size_t)space.len - ALIGNMENT;
    c.tape.gaps = malloc(4 * most * sizeof(gap_t));
    for (int k = 0; k <= MOST_AXES; k++) c.tape.unused[k] = -1;
    c.tape.tensors = malloc(most * sizeof(tensor_t));
    c.tape.steps = malloc(most * sizeof(step_t));
    call_t call = begin_call(threads);
    c.tape.call = &call;
    if (!c.place || !c.waiting || !c.next || !c.gathered || !c.stamp || !c.uses || !c.tape.gaps ||
        !c.tape.tensors || !c.tape.steps) {
        call.stopped = OUT_OF_MEMORY;
    } else {
        for (int v = 0; v < n.variables; v++) c.place[n.order[v]] = (uint16_t)v;
        for (int v = 0; v <= n.variables; v++) c.waiting[v] = c.stamp[v] = -1;
        whole = sum_all(&c);
        if (whole >= 0 && !planned) value = creal(entry_of(c.tape.tensors + whole, 0));
        if (whole >= 0 && out.len) differentiate(&c, whole, out.buf);
    }
    free(c.place);
    free(c.waiting);
    free(c.next);
    free(c.gathered);
    free(c.stamp);
    free(c.uses);
    free(c.tape.gaps);
    free(c.tape.tensors);
    free(c.tape.steps);
    done = end_call(&call);
    Py_buffer *all[] = {&links, &rates, &fixed, &order, &gammas, &betas, &space, &out};
    for (int b = 0; b < 8; b++) PyBuffer_Release(all[b]);
    if (!done) return NULL;
    double bytes = whole < 0 ? INFINITY : (double)(c.tape.peak + ALIGNMENT);
    return planned ? Py_BuildValue("dd", whole < 0 ? INFINITY : c.tape.products, bytes)
                   : PyFloat_FromDouble(value);
}

#endif
