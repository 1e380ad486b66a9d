/* The passes over columns: which spins each pass mixes, and how wide its tiles are. */
#ifndef QGRAPH_COLUMN_PLAN_H
#define QGRAPH_COLUMN_PLAN_H

#include "../base/kernels.h"

enum {
    TILE_BITS = 19, /* log2 of the bytes of a tile in scratch */
    ROW_BITS = 10,  /* log2 of the bytes of a row; a tile is twice as large where rows would be shorter */
    MOST_COLUMNS = 4
};
/* Two limits that the sanitizer build lowers, so that small states need several passes and scratch. */
#ifndef MOST_ROWS /* log2 of the rows of a tile */
#define MOST_ROWS 10
#endif
#ifndef MOST_IN_PLACE /* spins that are mixed without scratch, the implicit one included */
#define MOST_IN_PLACE kernels->butterfly
#endif

/* The column spins, divided evenly into passes. A tile in scratch is 2**arrays arrays. */
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
        plan[pass] = (columns_t){model->m, from, to, implicit_spin, width, in_place, 0, model->tilts};
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
