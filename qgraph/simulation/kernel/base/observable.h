/* The observable that gradients are of: the objective itself, or the values whose mean is its CVaR. */
#ifndef QGRAPH_OBSERVABLE_H
#define QGRAPH_OBSERVABLE_H

#include <math.h>

#include "types.h"

/* 1 / (a bound of the observable), from a bound of C. */
static inline double scale_for(const observable_t *observable, double largest) {
    double bound =
        observable->alpha == 1 ? largest : fabs(observable->quantile) + 2 * largest / observable->alpha;
    return isnormal(bound) && isnormal(1 / bound) ? 1 / bound : 1;
}

static inline double observed(const observable_t *observable, double cost) {
    if (observable->alpha == 1) return cost;
    double beyond = observable->sign * (cost - observable->quantile);
    return observable->quantile + observable->sign * (beyond < 0 ? beyond : 0) / observable->alpha;
}

#endif
