/* SPDX-License-Identifier: MIT */
/* The vision tower: pixels to vectors, in batches and on several threads. */
#include "clip/vision_tower.h"

#include <stdlib.h>
#include <string.h>

#include "nn/encoder.h"
#include "nn/parallel.h"
#include "nn/unit.h"

/* Tokens computed at once: enough for full speed of the products, and few enough that the working
 * memory stays at some tens of megabytes. */
#define BATCH_TOKENS 1024

/* Tokens that make a lane worth while: with fewer, reading the weights costs more than products. */
#define LANE_TOKENS 192

/* What one thread of control needs beside the weights. */
struct lane {
    struct encoder_work work;
    struct scratch squares; /* [n grid grid][3 patch_px patch_px] of type: the patches' pixels */
    struct scratch patches; /* [n grid grid][width] */
    struct scratch stream;  /* [n][tokens][width] */
    struct scratch pooled;  /* [n][width], the class token after the encoder */
    struct scratch normed;  /* [n][width] of type */
};

struct vision {
    enum value_type type;
    size_t dim, width, image_px, patch_px;
    size_t grid; /* patches of a side */
    float epsilon;
    struct matmul *patch;      /* [3 patch_px patch_px] -> [width] */
    struct matmul *projection; /* [width] -> [dim] */
    float *class_token;        /* [width] */
    float *position;           /* [tokens][width] */
    struct norm_values pre, post;
    struct encoder *encoder;
    struct lane whole; /* all threads on one batch, for few pictures */
    int n_lanes;
    struct lane *lanes; /* one thread on a batch of its own, for many */
};

static size_t token_count(const struct vision *vision)
{
    return vision->grid * vision->grid + 1;
}

static size_t batch_size(const struct vision *vision)
{
    size_t n = BATCH_TOKENS / token_count(vision);
    return n ? n : 1;
}

static int load_parameters(struct vision *vision, const struct clip_weights *weights,
                           struct error *err)
{
    int code = linear_floats(&weights->class_token, &vision->class_token, err);
    if (!code)
        code = linear_floats(&weights->vision_position, &vision->position, err);
    if (!code)
        code = norm_values_load(&weights->vision_pre, &vision->pre, err);
    if (!code)
        code = norm_values_load(&weights->vision_post, &vision->post, err);
    return code;
}

static int load_products(struct vision *vision, const struct clip_config *config,
                         const struct clip_weights *weights, struct error *err)
{
    size_t rows = batch_size(vision) * token_count(vision);
    const struct linear_weights *patch[] = {&weights->patch},
                                *projection[] = {&weights->vision_projection};
    struct scratch stage = {0};
    struct linear_loader loader = {vision->whole.work.engine, vision->type, rows, &stage};
    int code = linear_load(&loader, patch, 1, VALUE_F32, MATMUL_PLAIN, &vision->patch, err);
    if (!code)
        code =
            linear_load(&loader, projection, 1, VALUE_F32, MATMUL_PLAIN, &vision->projection, err);
    scratch_release(&stage);
    if (code)
        return code;
    struct encoder_spec spec = {.config = &config->vision,
                                .layers = weights->vision_layers,
                                .type = vision->type,
                                .typical_rows = rows};
    return encoder_new(vision->whole.work.engine, &spec, &vision->encoder, err);
}

static int make_lanes(struct vision *vision, struct error *err)
{
    struct matmul_engine *engine = vision->whole.work.engine;
    int code = 0, n = matmul_engine_threads(engine);
    vision->lanes = xcalloc((size_t)n, sizeof *vision->lanes);
    for (; vision->n_lanes < n && !code; vision->n_lanes++)
        code = matmul_engine_new_like(engine, 1, &vision->lanes[vision->n_lanes].work.engine, err);
    return code;
}

static void lane_release(struct lane *lane)
{
    encoder_work_release(&lane->work);
    scratch_release(&lane->squares);
    scratch_release(&lane->patches);
    scratch_release(&lane->stream);
    scratch_release(&lane->pooled);
    scratch_release(&lane->normed);
}

int vision_new(struct matmul_engine *engine, const struct clip_config *config,
               const struct clip_weights *weights, enum value_type type, struct vision **ret_vision,
               struct error *err)
{
    struct vision *vision = xcalloc(1, sizeof *vision);
    vision->whole.work.engine = engine;
    vision->type = type;
    vision->dim = (size_t)config->dim;
    vision->width = (size_t)config->vision.width;
    vision->image_px = (size_t)config->image_px;
    vision->patch_px = (size_t)config->patch_px;
    vision->grid = vision->image_px / vision->patch_px;
    vision->epsilon = config->vision.epsilon;
    int code = load_parameters(vision, weights, err);
    if (!code)
        code = load_products(vision, config, weights, err);
    if (!code)
        code = make_lanes(vision, err);
    if (code)
        vision_free(vision);
    else
        *ret_vision = vision;
    return code;
}

void vision_free(struct vision *vision)
{
    if (!vision)
        return;
    encoder_free(vision->encoder);
    matmul_free(vision->patch);
    matmul_free(vision->projection);
    free(vision->class_token);
    free(vision->position);
    norm_values_release(&vision->pre);
    norm_values_release(&vision->post);
    for (int i = 0; i < vision->n_lanes; i++) {
        lane_release(&vision->lanes[i]);
        matmul_engine_free(vision->lanes[i].work.engine);
    }
    free(vision->lanes);
    lane_release(&vision->whole);
    free(vision);
}

struct pixels_loop {
    const struct vision *vision;
    const struct lane *lane;
    const float *pixels;
};

/* Task `index` is one row of patches of one picture: their pixels in order channel, y, x. */
static void cut_patch_row(void *context, size_t index, int worker)
{
    (void)worker;
    const struct pixels_loop *loop = context;
    const struct vision *vision = loop->vision;
    size_t side = vision->image_px, patch = vision->patch_px, grid = vision->grid;
    const float *picture = loop->pixels + index / grid * 3 * side * side;
    size_t top = index % grid * patch, at = index * grid * 3 * patch * patch;
    for (size_t column = 0; column < grid; column++)
        for (size_t channel = 0; channel < 3; channel++)
            for (size_t y = 0; y < patch; y++, at += patch) {
                const float *row = picture + (channel * side + top + y) * side + column * patch;
                for (size_t x = 0; x < patch; x++)
                    value_store(loop->lane->squares.data, vision->type, at + x, row[x]);
            }
}

/* Task `index` is one picture: its tokens before the encoder. */
static void place_tokens(void *context, size_t index, int worker)
{
    (void)worker;
    const struct pixels_loop *loop = context;
    const struct vision *vision = loop->vision;
    size_t width = vision->width, patches = vision->grid * vision->grid;
    const float *patch = (const float *)loop->lane->patches.data + index * patches * width;
    float *token = (float *)loop->lane->stream.data + index * (patches + 1) * width;
    const float *position = vision->position;
    for (size_t i = 0; i < width; i++)
        token[i] = vision->class_token[i] + position[i];
    for (size_t i = 0; i < patches * width; i++)
        token[width + i] = patch[i] + position[width + i];
}

static int make_tokens(const struct vision *vision, struct lane *lane, const float *pixels,
                       size_t n, struct error *err)
{
    struct matmul_engine *engine = lane->work.engine;
    int threads = matmul_engine_threads(engine);
    size_t grid = vision->grid;
    struct pixels_loop loop = {vision, lane, pixels};
    parallel_for(threads, n * grid, cut_patch_row, &loop);
    int code = matmul_run(vision->patch, engine, n * grid * grid, lane->squares.data,
                          lane->patches.data, err);
    if (code)
        return code;
    parallel_for(threads, n, place_tokens, &loop);
    encoder_norm(engine, &vision->pre, vision->epsilon, vision->width, lane->stream.data,
                 vision->width, n * token_count(vision), lane->stream.data, VALUE_F32);
    return 0;
}

static int reserve_scratch(const struct vision *vision, struct lane *lane, size_t n,
                           struct error *err)
{
    size_t patches = n * vision->grid * vision->grid, width = vision->width;
    size_t square = 3 * vision->patch_px * vision->patch_px;
    int code = scratch_reserve(&lane->squares, patches * square, value_bytes(vision->type), err);
    if (!code)
        code = scratch_reserve(&lane->patches, patches * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&lane->stream, (patches + n) * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&lane->pooled, n * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&lane->normed, n * width, value_bytes(vision->type), err);
    return code;
}

static int embed_batch(const struct vision *vision, struct lane *lane, const float *pixels,
                       size_t n, float *ret_vectors, struct error *err)
{
    int code = reserve_scratch(vision, lane, n, err);
    if (!code)
        code = make_tokens(vision, lane, pixels, n, err);
    struct encoder_batch batch = {.sequences = n, .tokens = token_count(vision), .wanted = 0};
    if (!code)
        code = encoder_run(vision->encoder, &lane->work, &batch, lane->stream.data,
                           lane->pooled.data, err);
    if (code)
        return code;
    encoder_norm(lane->work.engine, &vision->post, vision->epsilon, vision->width,
                 lane->pooled.data, vision->width, n, lane->normed.data, vision->type);
    code =
        matmul_run(vision->projection, lane->work.engine, n, lane->normed.data, ret_vectors, err);
    for (size_t i = 0; i < n && !code; i++)
        code = unit_scale(ret_vectors + i * vision->dim, vision->dim, err);
    return code;
}

static int embed_share(const struct vision *vision, struct lane *lane, const float *pixels,
                       size_t n, float *ret_vectors, struct error *err)
{
    size_t most = batch_size(vision), picture = 3 * vision->image_px * vision->image_px;
    size_t batches = (n + most - 1) / most;
    for (; batches; batches--) {
        size_t count = (n + batches - 1) / batches; /* even shares: few different sizes */
        int code = embed_batch(vision, lane, pixels, count, ret_vectors, err);
        if (code)
            return code;
        pixels += count * picture;
        ret_vectors += count * vision->dim;
        n -= count;
    }
    return 0;
}

struct lanes_run {
    const struct vision *vision;
    const float *pixels;
    size_t n;
    float *vectors;
    struct lane_result {
        int code;
        struct error err;
    } * results; /* one each */
};

static void embed_lane(void *context, int index)
{
    const struct lanes_run *run = context;
    const struct vision *vision = run->vision;
    struct lane *lane = &vision->lanes[index];
    size_t lanes = (size_t)vision->n_lanes, at = (size_t)index;
    size_t begin = run->n * at / lanes, end = run->n * (at + 1) / lanes;
    size_t picture = 3 * vision->image_px * vision->image_px;
    struct lane_result *result = &run->results[index];
    matmul_engine_enter(lane->work.engine);
    result->code = embed_share(vision, lane, run->pixels + begin * picture, end - begin,
                               run->vectors + begin * vision->dim, &result->err);
}

static int embed_in_lanes(struct vision *vision, const float *pixels, size_t n, float *ret_vectors,
                          struct error *err)
{
    AUTO_FREE struct lane_result *results = xcalloc((size_t)vision->n_lanes, sizeof *results);
    struct lanes_run run = {vision, pixels, n, ret_vectors, results};
    parallel_lanes(vision->n_lanes, embed_lane, &run);
    for (int i = 0; i < vision->n_lanes; i++)
        if (results[i].code)
            return error_set(err, results[i].code, "%s", results[i].err.message);
    return 0;
}

int vision_embed(struct vision *vision, const float *pixels, size_t n, float *ret_vectors,
                 struct error *err)
{
    if (vision->n_lanes > 1 && n / (size_t)vision->n_lanes * token_count(vision) >= LANE_TOKENS)
        return embed_in_lanes(vision, pixels, n, ret_vectors, err);
    return embed_share(vision, &vision->whole, pixels, n, ret_vectors, err);
}
