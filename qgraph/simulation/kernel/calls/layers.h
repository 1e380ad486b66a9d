/* What evolving forward and backward share: a layer with all that the kernels need. */
#ifndef QGRAPH_LAYERS_H
#define QGRAPH_LAYERS_H

#include <math.h>

#include "../base/kernels.h"
#include "../base/levels.h"
#include "../base/phase_factors.h"
#include "column_plan.h"

static const double LARGEST_ANGLE = 1e9;

/* beta = reduced + quarters * pi / 2 with reduced in [-pi/4, pi/4]. Two parts of pi / 2 are not precise
 * enough beyond LARGEST_ANGLE; there the sine and cosine of the C library reduce first, with all digits of
 * pi. */
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
    layer_t *layer; /* the layer that this pass begins, or NULL */
    double before;  /* the tangent of the previous layer, whose mixer this pass continues */
    columns_t columns;
    const model_t *permuted; /* the model in the order of spins of this pass (permuted_t) */
    double *sums;            /* for each group or tile */
    moments_t *parts;        /* for each group, or NULL */
    int mean_only;           /* only <C> is needed, and not the state */
} work_t;

/* X on every spin maps C(s) to C(-s). It commutes with the mixer and leaves a flip-symmetric state as it is.
 * On other states it is never applied: moved to the front through the phases, it flips the fields of the
 * earlier layers and leaves the uniform superposition as it is. Warm starts have no quarter turns. */
static int flips(const model_t *model, double beta) {
    long long quarters;
    reduce(beta, &quarters);
    return !model->flip_symmetric && !model->tilted && quarters % 2 != 0;
}

static void flip_fields(model_t *model) {
    for (int q = 0; q < model->m; q++) model->h[q] = -model->h[q];
    prepare_model(model);
}

/* How many spins outside the register spins are mixed by 1 - i tan X without its norm. */
static int count_unnormalized(const model_t *model, const kernels_t *kernels, const columns_t *plan,
                              int passes) {
    int count = kernels->group_unnormalized(model);
    for (int pass = 0; pass < passes; pass++) count += kernels->columns_unnormalized(plan + pass);
    return count;
}

/* Prepare exp(-i beta B) exp(-i gamma C), without X on every spin. `from_uniform` and `product` are set
 * before. */
static void open_layer(const model_t *model, const kernels_t *kernels, int unnormalized, double gamma,
                       double beta, layer_t *layer) {
    long long quarters;
    int n = model->m + model->flip_symmetric;
    double reduced = reduce(beta, &quarters);
    /* The norm is that of the rounded tangent in use. So rounding is an error of the angle, and the norm does
     * not drift. */
    layer->gamma = gamma;
    layer->tan = kernels->item == sizeof(float) ? (double)(float)tan(reduced) : tan(reduced);
    layer->scale = unit(-M_PI_2 * (double)(quarters * n % 4));
    double size =
        pow(1 + layer->tan * layer->tan, -0.5 * unnormalized) * (layer->from_uniform ? pow(2, -0.5 * n) : 1);
    layer->scale.re *= size;
    layer->scale.im *= size;
    if (model->tilted) {
        layer->tan = beta;
        layer->scale = (complex_t){1, 0};
    }
    layer->inner_re[0] = layer->scale.re;
    layer->inner_im[0] = layer->scale.im;
    own_phases(model, gamma, model->low, (covers_all_above(model) ? model->m : model->mid) - model->low,
               layer->inner_re, layer->inner_im);
    (layer->product ? kernels->prepare_product : kernels->prepare)(model, layer);
}

static size_t group_count(const model_t *model) { return (size_t)1 << (model->m - model->mid); }

#endif
