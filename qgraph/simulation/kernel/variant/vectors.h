/* Vectors of one instruction set and precision. */
#ifndef QGRAPH_VECTORS
#define QGRAPH_VECTORS

#include <stddef.h>

#include "../base/compiler.h"
#include "parameters.h"

#define vector_t NAME(vector)
#define load NAME(load)
#define store NAME(store)

typedef REAL vector_t __attribute__((vector_size(VL * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

INLINE vector_t load(const REAL *p) { return *(const vector_t *)p; }
INLINE void store(REAL *p, vector_t v) { *(vector_t *)p = v; }

/* Load into a register and keep it there; compilers would load again at the second use. */
INLINE vector_t NAME(load_once)(const REAL *p) {
    vector_t x = load(p);
    KEEP(x);
    return x;
}

/* Prefetch an address that is soon read and written. */
INLINE void NAME(prefetch)(const REAL *p) { __builtin_prefetch(p, 1, 2); }

#if LANES == 4
#define PERMUTE(x, f)                                                                                       \
    __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), \
                            f(12), f(13), f(14), f(15))
#elif LANES == 3
#define PERMUTE(x, f) __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7))
#elif LANES == 2
#define PERMUTE(x, f) __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3))
#else
#define PERMUTE(x, f) __builtin_shufflevector(x, x, f(0), f(1))
#endif
#define FLIP0(k) ((k) ^ 1)
#define FLIP1(k) ((k) ^ 2)
#define FLIP2(k) ((k) ^ 4)
#define FLIP3(k) ((k) ^ 8)
#define BACK(k) (VL - 1 - (k))

INLINE vector_t NAME(reverse)(vector_t x) { return PERMUTE(x, BACK); }

/* Lane k of the result is lane k with bit q flipped. */
INLINE vector_t NAME(flip)(vector_t x, int q) {
    (void)q;
#if LANES >= 4
    if (q == 3) return PERMUTE(x, FLIP3);
#endif
#if LANES >= 3
    if (q == 2) return PERMUTE(x, FLIP2);
#endif
#if LANES >= 2
    if (q == 1) return PERMUTE(x, FLIP1);
#endif
    return PERMUTE(x, FLIP0);
}

/* +1 in the lanes where bit q is 0, -1 in the others. */
INLINE vector_t NAME(lane_spins)(int q) {
    vector_t spins;
    UNROLL(int k = 0; k < VL; k++) spins[k] = k >> q & 1 ? -1 : 1;
    return spins;
}

#endif
