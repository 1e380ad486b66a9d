/* One variant: the kernels of one instruction set and precision. parameters.h says what must be defined. */

#include "../base/kernels.h"
#include "parameters.h"

#include "adjoint.h"
#include "column_pass.h"
#include "group_pass.h"
#include "reductions.h"
#if !TILTED
#include "measured_pass.h"
#include "product_start.h"
#include "product_sum.h"
#include "route_runs.h"
#include "swaps.h"
#endif

static const kernels_t NAME(kernels) = {
    .low = sizeof(REAL) == 4 ? MOST_LOW : MOST_LOW - 1,
    .item = sizeof(REAL),
    .step_spins = STEP_SPINS,
    .butterfly = BUTTERFLY,
    .register_spins = LANES + BUTTERFLY,
    .lookup = LOOKUP,
    .prepare = NAME(prepare),
    .group_unnormalized = NAME(group_unnormalized),
    .register_unnormalized = NAME(register_unnormalized),
    .columns_unnormalized = NAME(columns_unnormalized),
    .forward_group = NAME(forward_group),
    .forward_columns = NAME(forward_columns),
    .backward_group = NAME(backward_group),
    .backward_columns = NAME(backward_columns),
    .seed = NAME(seed),
    .moments = NAME(moments),
    .costs = NAME(costs),
    .probabilities = NAME(probabilities),
#if TILTED
    .start_group = NAME(start_group),
#else
    .prepare_product = NAME(prepare_product),
    .independent_spins = NAME(independent_spins),
    .measure_group = NAME(measure_group),
    .forward_run = NAME(forward_run),
    .backward_run = NAME(backward_run),
    .seed_run = NAME(seed_run),
    .subtract = NAME(subtract),
    .swap = NAME(swap),
    .product_sum = NAME(product_sum),
#endif
};

#include "undefine.h"
