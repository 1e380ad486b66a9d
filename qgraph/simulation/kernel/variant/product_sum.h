/* Sums over products of tensors, block by block (base/product.h). */
#ifndef QGRAPH_PRODUCT_SUM
#define QGRAPH_PRODUCT_SUM

#include "../base/product.h"
#include "vectors.h"

enum { NAME(CONTIGUOUS), NAME(CONSTANT), NAME(SCATTERED), NAME(ABSENT) };
enum { NAME(BLOCK_ROWS) = 1 << (BLOCK_AXES > LANES ? BLOCK_AXES - LANES : 0) };

/* How a tensor is read: the offset of each row of a block, and of each lane within a row. */
typedef struct {
    int mode;
    size_t rows[NAME(BLOCK_ROWS)], lanes[VL], at;
    size_t summed[MOST_AXES], kept[MOST_AXES];
    REAL *re, *im;
} TYPE(axis_t);

static void NAME(open_axis)(const product_t *p, int f, TYPE(axis_t) *axis) {
    const size_t *strides = p->of_block[f];
    int contiguous = 1, constant = 1;
    for (int a = 0; a < LANES; a++) {
        contiguous &= strides[a] == (size_t)1 << a;
        constant &= strides[a] == 0;
    }
    axis->mode = contiguous ? NAME(CONTIGUOUS) : constant ? NAME(CONSTANT) : NAME(SCATTERED);
    for (int lane = 0; lane < VL; lane++) axis->lanes[lane] = offset_of(strides, LANES, lane);
    for (int row = 0; row < 1 << (p->block - LANES); row++)
        axis->rows[row] = offset_of(strides + LANES, p->block - LANES, row);
    differences(p->of_summed[f], p->summed, axis->summed);
    differences(p->of_kept[f], p->kept, axis->kept);
    axis->re = p->re[f];
    axis->im = p->im[f];
}

INLINE vector_t NAME(fetch)(const REAL *x, int mode, const size_t *lanes) {
    if (mode == NAME(CONTIGUOUS)) return load(x);
    if (mode == NAME(CONSTANT)) return *x - (vector_t){0};
    vector_t v;
    UNROLL(int lane = 0; lane < VL; lane++) v[lane] = x[lanes[lane]];
    return v;
}

/* Add the products of a block, for all values of the summed variables. */
INLINE void NAME(sum_block)(const product_t *p, const TYPE(axis_t) *axes, int first, int second, int rows,
                            vector_t *sum_re, vector_t *sum_im) {
    size_t at[MOST_FACTORS];
    for (int f = 0; f < p->factors; f++) at[f] = axes[f].at;
    for (int row = 0; row < rows; row++) sum_re[row] = sum_im[row] = (vector_t){0};
    for (size_t s = 1;; s++) {
        for (int row = 0; row < rows; row++) {
            size_t x = at[0] + axes[0].rows[row];
            vector_t re = NAME(fetch)(axes[0].re + x, first, axes[0].lanes),
                     im = NAME(fetch)(axes[0].im + x, first, axes[0].lanes);
            if (second != NAME(ABSENT)) {
                size_t y = at[1] + axes[1].rows[row];
                vector_t other_re = NAME(fetch)(axes[1].re + y, second, axes[1].lanes),
                         other_im = NAME(fetch)(axes[1].im + y, second, axes[1].lanes);
                vector_t both = re * other_re - im * other_im;
                im = re * other_im + im * other_re;
                re = both;
                for (int f = 2; f < p->factors; f++) {
                    size_t z = at[f] + axes[f].rows[row];
                    other_re = NAME(fetch)(axes[f].re + z, axes[f].mode, axes[f].lanes);
                    other_im = NAME(fetch)(axes[f].im + z, axes[f].mode, axes[f].lanes);
                    both = re * other_re - im * other_im;
                    im = re * other_im + im * other_re;
                    re = both;
                }
            }
            sum_re[row] += re;
            sum_im[row] += im;
        }
        if (s >> p->summed) break;
        for (int f = 0; f < p->factors; f++) at[f] += axes[f].summed[__builtin_ctzll(s)];
    }
}

/* Several entries of a block are added up where the result does not have all of its variables. */
static void NAME(leave_block)(const TYPE(axis_t) *out, int rows, const vector_t *re, const vector_t *im,
                              int unique) {
    for (int row = 0; row < rows; row++) {
        REAL *to_re = out->re + out->at + out->rows[row], *to_im = out->im + out->at + out->rows[row];
        if (unique && out->mode == NAME(CONTIGUOUS)) {
            store(to_re, re[row]);
            store(to_im, im[row]);
            continue;
        }
        for (int lane = 0; lane < VL; lane++) {
            to_re[out->lanes[lane]] += re[row][lane];
            to_im[out->lanes[lane]] += im[row][lane];
        }
    }
}

/* A product of few variables, entry by entry. */
static void NAME(sum_small)(const product_t *p) {
    for (size_t x = 0; x < (size_t)1 << p->block; x++) {
        size_t at = offset_of(p->of_block[0], p->block, x);
        REAL re = ((REAL *)p->re[0])[at], im = ((REAL *)p->im[0])[at];
        for (int f = 1; f < p->factors; f++) {
            at = offset_of(p->of_block[f], p->block, x);
            REAL other_re = ((REAL *)p->re[f])[at], other_im = ((REAL *)p->im[f])[at];
            REAL both = re * other_re - im * other_im;
            im = re * other_im + im * other_re;
            re = both;
        }
        at = offset_of(p->of_block[OUT], p->block, x);
        ((REAL *)p->re[OUT])[at] += re;
        ((REAL *)p->im[OUT])[at] += im;
    }
}

#define WITH_SECOND(first)                                                                         \
    switch (second) {                                                                              \
    case NAME(CONTIGUOUS): NAME(sum_block)(p, axes, first, NAME(CONTIGUOUS), rows, re, im); break; \
    case NAME(CONSTANT): NAME(sum_block)(p, axes, first, NAME(CONSTANT), rows, re, im); break;     \
    case NAME(SCATTERED): NAME(sum_block)(p, axes, first, NAME(SCATTERED), rows, re, im); break;   \
    default: NAME(sum_block)(p, axes, first, NAME(ABSENT), rows, re, im);                          \
    }

/* The result for the values `from` to `to` - 1 of the kept variables. It is zero before. */
static void NAME(product_sum)(const product_t *p, size_t from, size_t to) {
    if (p->block < LANES) {
        NAME(sum_small)(p);
        return;
    }
    TYPE(axis_t) axes[MOST_FACTORS + 1];
    vector_t re[NAME(BLOCK_ROWS)], im[NAME(BLOCK_ROWS)];
    int rows = 1 << (p->block - LANES), unique = 1;
    for (int f = 0; f <= p->factors; f++) {
        TYPE(axis_t) *axis = axes + (f == p->factors ? OUT : f);
        NAME(open_axis)(p, f == p->factors ? OUT : f, axis);
        axis->at = offset_of(p->of_kept[f == p->factors ? OUT : f], p->kept, from);
    }
    for (int a = 0; a < p->block; a++) unique &= p->of_block[OUT][a] != 0;
    int first = axes[0].mode, second = p->factors > 1 ? axes[1].mode : NAME(ABSENT);
    for (size_t k = from; k < to; k++) {
        if (first == NAME(CONTIGUOUS)) WITH_SECOND(NAME(CONTIGUOUS))
        else if (first == NAME(CONSTANT)) WITH_SECOND(NAME(CONSTANT))
        else WITH_SECOND(NAME(SCATTERED))
        NAME(leave_block)(axes + OUT, rows, re, im, unique);
        if (k + 1 == to) break;
        int bit = __builtin_ctzll(k + 1);
        for (int f = 0; f < p->factors; f++) axes[f].at += axes[f].kept[bit];
        axes[OUT].at += axes[OUT].kept[bit];
    }
}

#undef WITH_SECOND

#endif
