/* What differs between compilers and processors. */
#ifndef QGRAPH_COMPILER_H
#define QGRAPH_COMPILER_H

#define INLINE static inline __attribute__((always_inline))
#define ALIGNED __attribute__((aligned(64)))

/* The compiler must keep x in a vector register. */
#if defined(__x86_64__)
#define KEEP(x) __asm__("" : "+v"(x))
#elif defined(__aarch64__)
#define KEEP(x) __asm__("" : "+w"(x))
#else
#define KEEP(x) (void)(x)
#endif

/* Functions between BEGIN_TARGET and END_TARGET use these instructions. */
#if defined(__x86_64__)
#include <immintrin.h>
#define PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define BEGIN_TARGET(features) \
    PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define END_TARGET _Pragma("clang attribute pop")
#define AVX_512 "avx512f,avx512vl,avx512bw,avx512dq,avx512cd,fma,bmi,bmi2"
#else
#define BEGIN_TARGET(features) _Pragma("GCC push_options") PRAGMA(GCC target(features))
#define END_TARGET _Pragma("GCC pop_options")
/* clang ignores the whole list if it does not know one name, and the last is gcc's own. */
#define AVX_512 "avx512f,avx512vl,avx512bw,avx512dq,avx512cd,fma,bmi,bmi2,prefer-vector-width=512"
#endif
#endif

#endif
