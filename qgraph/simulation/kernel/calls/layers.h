/* What going through a circuit forward and backward share: one layer, ready for the kernels. */
#ifndef QGRAPH_LAYERS_H
#define QGRAPH_LAYERS_H

#include <math.h>

#include "../base/kernels.h"
#include "../base/levels.h"
#include "../base/phase_factors.h"
#include "column_plan.h"

static const double LARGEST_ANGLE = 1e9;

/* beta = reduced + quarters * pi / 2 with reduced in [-pi/4, pi/4]. Beyond MOST_TURNED two parts of pi / 2 are too
 * few, and the library's sine and cosine, which know pi to the last bit, go first. */
static double reduce(double beta, long long *quarters) {
    if (fabs(beta) > LARGEST_ANGLE) beta = atan2(sin(beta), cos(beta));
    double whole = nearbyint(beta / M_PI_2);
    *quarters = (long long)fmod(whole, 4);
    return fma(-whole, 6.123233995736766e-17, fma(-whole, M_PI_2, beta));
}

typedef struct {
    model_t *model;
    const kernels_t *kernels;
    state_t right, left;
    layer_t *layer; /* the one opened, or none */
    double before;  /* the tangent of the one not yet done everywhere */
    columns_t columns;
    const model_t *permuted; /* for the phases of columns */
    double *sums;            /* per group or tile */
    moments_t *parts;        /* per group, if they are wanted */
    int mean_only;           /* of the moments, and the state is not needed */
} work_t;

/* X on every spin turns C(s) into C(-s). It commutes with the mixer, does nothing to a mirrored state, and on other
 * states is never done: pushed through the phases, it flips the fields of the earlier layers and ends at the uniform
 * superposition, which it leaves alone. */
static int flips(const model_t *model, double beta) {
    long long quarters;
    reduce(beta, &quarters);
    return !model->flip_symmetric && quarters % 2 != 0;
}

static void flip_fields(model_t *model) {
    for (int q = 0; q < model->m; q++) model->h[q] = -model->h[q];
    prepare_model(model);
}

/* How many spins of a layer, but for near ones, the kernels mix without the norm of 1 - i tan X. */
static int count_unnormalized(const model_t *model, const kernels_t *kernels, const columns_t *plan,
                              int passes) {
    int count = kernels->group_unnormalized(model);
    for (int pass = 0; pass < passes; pass++) count += kernels->columns_unnormalized(plan + pass);
    return count;
}

/* exp(-i beta B) exp(-i gamma C) as a layer, but for X on every spin; whether it is fresh and free is already there. */
static void open_layer(const model_t *model, const kernels_t *kernels, int unnormalized, double gamma,
                       double beta, layer_t *layer) {
    long long quarters;
    int n = model->m + model->flip_symmetric;
    double reduced = reduce(beta, &quarters);
    /* The norm is that of the tangent in use, rounded: what is left is an angle's error, and no drift of the norm. */
    layer->gamma = gamma;
    layer->tan = kernels->item == sizeof(float) ? (double)(float)tan(reduced) : tan(reduced);
    layer->scale = unit(-M_PI_2 * (double)(quarters * n % 4));
    double size =
        pow(1 + layer->tan * layer->tan, -0.5 * unnormalized) * (layer->from_uniform ? pow(2, -0.5 * n) : 1);
    layer->scale.re *= size;
    layer->scale.im *= size;
    layer->inner_re[0] = layer->scale.re;
    layer->inner_im[0] = layer->scale.im;
    own_phases(model, gamma, model->low, (in_layer(model) ? model->m : model->mid) - model->low,
               layer->inner_re, layer->inner_im);
    (layer->product ? kernels->prepare_product : kernels->prepare)(model, layer);
}

static size_t group_count(const model_t *model) { return (size_t)1 << (model->m - model->mid); }

#endif
