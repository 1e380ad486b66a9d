/* What makes a variant: whoever includes variant.h defines these first, and variant.h undefines them. */
#ifndef QGRAPH_PARAMETERS
#define QGRAPH_PARAMETERS

#ifndef REAL
#error "REAL: the type of an amplitude's parts, float or double"
#endif
#ifndef LANES
#error "LANES: log2 of the reals in a vector"
#endif
#ifndef RADIX
#error "RADIX: log2 of half the vectors that registers hold beside what is needed to work on them"
#endif
#ifndef CODED
#error "CODED: 1 where two vectors of phases can be looked up in (then LOOK_UP(low, high, code) does so), else 0"
#endif
#if CODED && !defined(LOOK_UP)
#error "LOOK_UP(low, high, code): the lanes that code names of two vectors"
#endif
#ifndef SUFFIX
#error "SUFFIX: what the names of this variant end in"
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define NAME(x) JOIN(x, SUFFIX)

#define VL (1 << LANES)
#define HELD (1 << RADIX)
#define FIRST (LANES + RADIX)
#define WINDOW (RADIX + 1)
#define WINDOW_SIZE (1 << WINDOW)
#define TOGETHER (HELD / 2)

/* A loop that is unrolled: arrays of vectors with constant indices stay in registers. */
#define UNROLL _Pragma("GCC unroll 16") for

#endif
