/* The tensor network of a light cone: binary variables, and tensors of one or two of them.
 *
 * A tensor is a row of `links`: its variables (the second is -1 for a field), what it is, its layer, and its
 * side (1 for the state, -1 for its conjugate). Its `rate` is a coupling or a field; gamma multiplies it. */
#ifndef QGRAPH_NETWORK_H
#define QGRAPH_NETWORK_H

#include <complex.h>
#include <math.h>
#include <stdint.h>

enum { MIXER, PHASE, MEASURED };

typedef struct {
    int32_t a, b, what, layer, side;
    int32_t halved; /* times 1/2: once for each node, from its start in |+> on both sides */
} link_t;

typedef struct {
    const link_t *links;
    const double *rates, *gammas, *betas;
    const int8_t *fixed;  /* of each variable: the value that it is fixed to, or -1 */
    const int32_t *order; /* all variables, in the order of elimination */
    int count, variables, depth;
} network_t;

/* The entry of a tensor for bits x and y, or its derivative by the angle. */
static double complex link_entry(const network_t *n, int number, int x, int y, int derivative) {
    const link_t *link = n->links + number;
    double half = link->halved ? 0.5 : 1, beta = n->betas[link->layer];
    if (link->what == PHASE) {
        double turn = -link->side * n->rates[number] * (x == y ? 1 : -1);
        double complex phase = half * cexp(I * n->gammas[link->layer] * turn);
        return derivative ? I * turn * phase : phase;
    }
    if (link->what == MIXER) {
        double same = derivative ? -sin(beta) : cos(beta), other = derivative ? cos(beta) : sin(beta);
        return half * (x == y ? same : -I * link->side * other);
    }
    /* sum of (-1)**z <x|exp(-i beta X)|z> <z|exp(i beta X)|y> over z */
    double same = derivative ? -2 * sin(2 * beta) : cos(2 * beta),
           other = derivative ? 2 * cos(2 * beta) : sin(2 * beta);
    return half * (x ? -1 : 1) * (x == y ? same : I * other);
}

#endif
