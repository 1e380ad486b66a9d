/* Vectors of one instruction set and precision, and the mixer on them.
 *
 * The includer defines REAL, LANES (log2 of the reals in a vector), RADIX (log2 of the vectors held in
 * registers at a time; twice as many, for real and imaginary parts, must fit) and NAME(x).
 */

#define VL (1 << LANES)
#define HELD (1 << RADIX)
#define FIRST (LANES + RADIX)
#define UNROLL _Pragma("GCC unroll 16") for
#define vector_t NAME(vector)
#define load NAME(load)
#define store NAME(store)

typedef REAL vector_t __attribute__((vector_size(VL * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

INLINE vector_t load(const REAL *p) { return *(const vector_t *)p; }
INLINE void store(REAL *p, vector_t v) { *(vector_t *)p = v; }

#if LANES == 4
#define PERMUTE(x, f) \
    __builtin_shufflevector(x, x, f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15))
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

/* The vector whose lane k is lane k with bit q flipped. */
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

/* 1 - i t X on two amplitudes. */
INLINE void NAME(mix)(vector_t *ar, vector_t *ai, vector_t *br, vector_t *bi, vector_t t) {
    vector_t xr = *ar + t * *bi, xi = *ai - t * *br;
    vector_t yr = *br + t * *ai, yi = *bi - t * *ar;
    *ar = xr, *ai = xi, *br = yr, *bi = yi;
}

/* All spins that vary within a vector. */
INLINE void NAME(mix_lanes)(vector_t *re, vector_t *im, vector_t t) {
    UNROLL(int q = 0; q < LANES; q++) {
        vector_t r = *re + t * NAME(flip)(*im, q), i = *im - t * NAME(flip)(*re, q);
        *re = r, *im = i;
    }
}

/* All spins that vary among the 2**k vectors held. */
INLINE void NAME(mix_held)(vector_t *re, vector_t *im, vector_t t, int k) {
    UNROLL(int q = 0; q < k; q++) {
        UNROLL(int a = 0; a < 1 << k; a++) {
            int b = a | 1 << q;
            if (a != b) NAME(mix)(re + a, im + a, re + b, im + b, t);
        }
    }
}

/* Spins first to first + k - 1 of 2**bits amplitudes; first >= LANES. */
INLINE void NAME(sweep_k)(REAL *re, REAL *im, int bits, int first, int k, vector_t t) {
    size_t step = (size_t)1 << first, run = step << k;
    for (size_t start = 0; start < (size_t)1 << bits; start += run)
        for (size_t j = start; j < start + step; j += VL) {
            vector_t r[HELD], i[HELD];
            UNROLL(int e = 0; e < 1 << k; e++) r[e] = load(re + j + e * step), i[e] = load(im + j + e * step);
            NAME(mix_held)(r, i, t, k);
            UNROLL(int e = 0; e < 1 << k; e++) store(re + j + e * step, r[e]), store(im + j + e * step, i[e]);
        }
}

/* Spins first to last - 1 of 2**bits amplitudes; first >= LANES. */
static void NAME(sweep)(REAL *re, REAL *im, int bits, int first, int last, REAL tangent) {
    vector_t t = tangent - (vector_t){0};
    while (first < last) {
        int left = last - first, k = left < RADIX ? left : left == RADIX + 1 ? 2 : RADIX;
        if (k == 1) NAME(sweep_k)(re, im, bits, first, 1, t);
        else if (k == 2) NAME(sweep_k)(re, im, bits, first, 2, t);
#if RADIX == 3
        else NAME(sweep_k)(re, im, bits, first, 3, t);
#endif
        first += k;
    }
}

/* 1 - i t X on the top spin of a mirrored state: amplitude j of a with amplitude count - 1 - j of b. */
INLINE void NAME(mirror_run)(REAL *ar, REAL *ai, REAL *br, REAL *bi, size_t count, vector_t t) {
    for (size_t j = 0; j < count; j += VL) {
        size_t k = count - VL - j;
        vector_t xr = load(ar + j), xi = load(ai + j);
        vector_t yr = NAME(reverse)(load(br + k)), yi = NAME(reverse)(load(bi + k));
        NAME(mix)(&xr, &xi, &yr, &yi, t);
        store(ar + j, xr), store(ai + j, xi);
        store(br + k, NAME(reverse)(yr)), store(bi + k, NAME(reverse)(yi));
    }
}

/* Mixing for states smaller than the vector loops need. */
static void NAME(mix_scalar)(REAL *re, REAL *im, int bits, REAL t) {
    size_t size = (size_t)1 << bits;
    for (int q = 0; q < bits; q++)
        for (size_t a = 0; a < size; a++) {
            size_t b = a | (size_t)1 << q;
            if (a == b) continue;
            REAL ar = re[a] + t * im[b], ai = im[a] - t * re[b];
            REAL br = re[b] + t * im[a], bi = im[b] - t * re[a];
            re[a] = ar, im[a] = ai, re[b] = br, im[b] = bi;
        }
}

static void NAME(mirror_scalar)(REAL *re, REAL *im, size_t size, REAL t) {
    for (size_t a = 0; a < size / 2; a++) {
        size_t b = size - 1 - a;
        REAL ar = re[a] + t * im[b], ai = im[a] - t * re[b];
        REAL br = re[b] + t * im[a], bi = im[b] - t * re[a];
        re[a] = ar, im[a] = ai, re[b] = br, im[b] = bi;
    }
    if (size == 1) { /* a single stored amplitude is its own mirror image */
        REAL r = re[0] + t * im[0], i = im[0] - t * re[0];
        re[0] = r, im[0] = i;
    }
}
