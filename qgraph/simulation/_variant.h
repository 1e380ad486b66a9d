/* One set of kernels: the includer defines REAL, LANES, RADIX and SUFFIX. */

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)

#include "_vectors.h"
#include "_phases.h"
#include "_tiles.h"
#include "_reading.h"
#include "_product.h"
#include "_blocks.h"
#include "_measured.h"
#include "_columns.h"
#include "_adjoint.h"
#include "_routes.h"
#include "_swaps.h"

static const kernels_t NAME(kernels) = {
    .low = sizeof(REAL) == 4 ? MOST_LOW : MOST_LOW - 1,
    .item = sizeof(REAL),
    .least = FIRST,
    .window = WINDOW,
    .near = LANES + WINDOW,
#if CODED
    .coded = 1,
#endif
    .prepare = NAME(prepare),
    .prepare_free = NAME(prepare_free),
    .group_singles = NAME(group_singles),
    .near_singles = NAME(near_singles),
    .free_spins = NAME(free_spins),
    .columns_singles = NAME(columns_singles),
    .forward_group = NAME(forward_group),
    .measure_group = NAME(measure_group),
    .forward_columns = NAME(forward_columns),
    .backward_group = NAME(backward_group),
    .backward_columns = NAME(backward_columns),
    .seed = NAME(seed),
    .moments = NAME(moments),
    .costs = NAME(costs),
    .probabilities = NAME(probabilities),
    .turn_run = NAME(turn_run),
    .return_run = NAME(return_run),
    .seed_run = NAME(seed_run),
    .subtract = NAME(subtract),
    .swap = NAME(swap),
};

#undef REAL
#undef LANES
#undef RADIX
#undef SUFFIX
#undef JOIN_
#undef JOIN
#undef NAME
#undef VL
#undef HELD
#undef WINDOW
#undef HELD_NEAR
#undef MOST_PARTS
#undef WINDOW_SIZE
#undef TOGETHER
#undef TURNS_BACK
#undef turn_t
#undef code_t
#undef TURN_BLOCK
#undef WHOLE
#undef CODED
#undef LOOK_UP
#undef FIRST
#undef UNROLL
#undef PERMUTE
#undef FLIP0
#undef FLIP1
#undef FLIP2
#undef FLIP3
#undef BACK
#undef vector_t
#undef load
#undef store
