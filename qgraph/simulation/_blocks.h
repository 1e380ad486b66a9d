/* A group of blocks: its phases and the spins below `mid`. */

enum NAME(order) { NAME(FRESH), NAME(PHASES_FIRST), NAME(PHASES_LAST) };

/* The lowest FIRST spins of a block, and its phases. */
INLINE void NAME(mix_first)(REAL *re, REAL *im, int bits, const NAME(phases_t) *phases, enum NAME(order) order, vector_t t) {
    for (size_t g = 0; g < (size_t)1 << (bits - FIRST); g++) {
        vector_t r[HELD], i[HELD];
        UNROLL(int e = 0; e < HELD; e++) {
            size_t at = (g << FIRST) + e * VL;
            if (order != NAME(FRESH)) r[e] = load(re + at), i[e] = load(im + at);
            if (order != NAME(PHASES_LAST)) NAME(turn)(r + e, i + e, phases, g, e, order == NAME(FRESH));
            NAME(mix_lanes)(r + e, i + e, t);
        }
        NAME(mix_held)(r, i, t, RADIX);
        UNROLL(int e = 0; e < HELD; e++) {
            size_t at = (g << FIRST) + e * VL;
            if (order == NAME(PHASES_LAST)) NAME(turn)(r + e, i + e, phases, g, e, 0);
            store(re + at, r[e]), store(im + at, i[e]);
        }
    }
}

/* A state too small for vectors: one block is all of it. */
static void NAME(forward_scalar)(const model_t *model, const layer_t *layer, REAL *re, REAL *im) {
    size_t size = (size_t)1 << model->m;
    for (size_t x = 0; x < size; x++) {
        complex_t w = times(layer->scale, (complex_t){layer->low_re[x], layer->low_im[x]});
        if (!layer->fresh) w = times(w, (complex_t){re[x], im[x]});
        re[x] = (REAL)w.re, im[x] = (REAL)w.im;
    }
    NAME(mix_scalar)(re, im, model->m, (REAL)layer->tan);
    if (model->mirror) NAME(mirror_scalar)(re, im, size, (REAL)layer->tan);
}

static void NAME(forward_group)(const model_t *model, const layer_t *layer, state_t state, size_t number) {
    int low = model->low, mid = model->mid;
    REAL *re = (REAL *)state.re + (number << mid), *im = (REAL *)state.im + (number << mid), tangent = (REAL)layer->tan;
    if (low < FIRST) {
        NAME(forward_scalar)(model, layer, re, im);
        return;
    }
    REAL low_re[LOW_SIZE] ALIGNED, low_im[LOW_SIZE] ALIGNED;
    for (int x = 0; x < 1 << low; x++) low_re[x] = (REAL)layer->low_re[x], low_im[x] = (REAL)layer->low_im[x];
    vector_t t = tangent - (vector_t){0};
    group_t group;
    NAME(fields_t) fields;
    enter_group(model, number, &group);
    NAME(enter_fields)(model, layer, number, &fields);
    for (size_t block = 0; block < (size_t)1 << (mid - low); block++) {
        REAL *block_re = re + (block << low), *block_im = im + (block << low);
        NAME(phases_t) phases ALIGNED = {.low_re = low_re, .low_im = low_im};
        NAME(next_fields)(model, layer, block, &fields);
        complex_t scale = times(layer->scale, unit(-layer->gamma * group.costs[block]));
        NAME(phases)(low, fields.re[0], fields.im[0], scale, &phases);
        if (layer->fresh) NAME(mix_first)(block_re, block_im, low, &phases, NAME(FRESH), t);
        else NAME(mix_first)(block_re, block_im, low, &phases, NAME(PHASES_FIRST), t);
        NAME(sweep)(block_re, block_im, low, FIRST, low, tangent);
    }
    NAME(sweep)(re, im, mid, low, mid, tangent);
    if (model->mirror && mid == model->m) {
        size_t half = (size_t)1 << (mid - 1);
        NAME(mirror_run)(re, im, re + half, im + half, half, t);
    }
}
