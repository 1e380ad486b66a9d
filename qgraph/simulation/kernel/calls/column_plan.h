/* The passes over columns: which spins each one mixes, and how wide its tiles are. */
#ifndef QGRAPH_COLUMN_PLAN_H
#define QGRAPH_COLUMN_PLAN_H

#include "../base/kernels.h"

enum {
    TILE_BITS = 19, /* log2 of the bytes of a tile in scratch, */
    ROW_BITS = 10,  /* or of twice as many, if its rows would be shorter than this */
    MOST_COLUMNS = 4
};
#ifndef MOST_ROWS /* log2 of the rows of a tile; fewer, so that tests see more passes */
#define MOST_ROWS 10
#endif
#ifndef MOST_IN_PLACE /* spins that are turned without scratch, the mirror's included: those that are turned at once */
#define MOST_IN_PLACE kernels->butterfly
#endif

/* The passes over the spins above a group, evenly; a tile in scratch is 2**arrays arrays. */
static int plan_columns(const model_t *model, const kernels_t *kernels, int arrays,
                        columns_t plan[MOST_COLUMNS]) {
    int left = model->m - model->mid, passes = (left + MOST_ROWS - 1) / MOST_ROWS, from = model->mid;
    for (int pass = 0; pass < passes; pass++) {
        int spins = left / passes + (pass < left % passes), to = from + spins;
        int implicit_spin = model->flip_symmetric && to == model->m,
            in_place = spins + implicit_spin <= MOST_IN_PLACE;
        int item = kernels->item == sizeof(double) ? 3 : 2, width = TILE_BITS - item - arrays - spins;
        if (width < ROW_BITS - item) width++;
        if (in_place || width > MOST_LOW - 1) width = MOST_LOW - 1;
        if (width < kernels->step_spins) width = kernels->step_spins;
        plan[pass] = (columns_t){model->m, from, to, implicit_spin, width, in_place, 0};
        from = to;
    }
    return passes;
}

static size_t tile_count(const columns_t *c) {
    return (size_t)1 << (c->m - (c->to - c->from) - c->width - c->implicit_spin);
}

static size_t tile_bytes(const columns_t *c, int arrays, size_t item) {
    return c->in_place ? 0 : ((item << (c->to - c->from + c->width)) + ARRAY_GAP) * (size_t)arrays;
}

#endif
