/* What defines a variant. These are set before variant.h is included, and unset after it. */
#ifndef QGRAPH_PARAMETERS
#define QGRAPH_PARAMETERS

#ifndef REAL
#error "REAL: the type of an amplitude's real and imaginary part, float or double"
#endif
#ifndef LANES
#error "LANES: log2 of the reals in a vector"
#endif
#ifndef BUTTERFLY
#error "BUTTERFLY: how many spins are mixed at once, in 2**BUTTERFLY vectors that registers hold"
#endif
#ifndef LOOKUP
#error "LOOKUP: 1 where a permutation of two vectors looks phases up (LOOKUP_LANES), else 0"
#endif
#if LOOKUP && !defined(LOOKUP_LANES)
#error "LOOKUP_LANES(low, high, index): lane k of the result is lane index[k] of the vectors low and high"
#endif
#ifndef TILTED
#error "TILTED: 1 for warm starts, where each spin has a mixer of its own, else 0"
#endif
#ifndef SUFFIX
#error "SUFFIX: the ending of all names of this variant"
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)
#define TYPE(x) NAME(x) /* the same for types; .clang-format knows them by it */

#define VL (1 << LANES)
#define STEP_VECTORS \
    (1 << (BUTTERFLY - 1)) /* vectors of real parts, and as many of imaginary parts, in one step of a loop */
#define STEP_SPINS (LANES + BUTTERFLY - 1) /* a step has 2**STEP_SPINS amplitudes */
#define BUTTERFLY_SIZE (1 << BUTTERFLY)
#define BATCH (STEP_VECTORS / 2)

/* An unrolled loop: arrays of vectors stay in registers if their indices are constants. */
#define UNROLL _Pragma("GCC unroll 16") for

#endif
