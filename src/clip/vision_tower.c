/* SPDX-License-Identifier: MIT */
/* The vision tower: pixels to vectors, in batches and on several threads. */
#include "clip/vision_tower.h"

#include <stdlib.h>
#include <string.h>

#include "nn/encoder.h"
#include "nn/parallel.h"
#include "nn/unit.h"

/* Tokens per batch: enough for full speed of the products, few enough to keep the working memory at
 * some tens of megabytes. */
#define BATCH_TOKENS 1024

/* Tokens that make a worker worth while: with fewer, reading the weights costs more than products.
 */
#define WORKER_TOKENS 192

/* What one thread of control needs besides the weights. */
struct worker {
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
    struct worker whole; /* all threads on one batch: for few pictures */
    int n_workers;
    struct worker *workers; /* one thread each, on its own batch: for many pictures */
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

static int make_workers(struct vision *vision, struct error *err)
{
    struct matmul_engine *engine = vision->whole.work.engine;
    int code = 0, n = matmul_engine_threads(engine);
    vision->workers = xcalloc((size_t)n, sizeof *vision->workers);
    for (; vision->n_workers < n && !code; vision->n_workers++)
        code =
            matmul_engine_new_like(engine, 1, &vision->workers[vision->n_workers].work.engine, err);
    return code;
}

static void worker_release(struct worker *worker)
{
    encoder_work_release(&worker->work);
    scratch_release(&worker->squares);
    scratch_release(&worker->patches);
    scratch_release(&worker->stream);
    scratch_release(&worker->pooled);
    scratch_release(&worker->normed);
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
        code = make_workers(vision, err);
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
    for (int i = 0; i < vision->n_workers; i++) {
        worker_release(&vision->workers[i]);
        matmul_engine_free(vision->workers[i].work.engine);
    }
    free(vision->workers);
    worker_release(&vision->whole);
    free(vision);
}

struct pixels_loop {
    const struct vision *vision;
    const struct worker *worker;
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
                    value_store(loop->worker->squares.data, vision->type, at + x, row[x]);
            }
}

/* Task `index` is one picture: its tokens before the encoder. */
static void place_tokens(void *context, size_t index, int worker)
{
    (void)worker;
    const struct pixels_loop *loop = context;
    const struct vision *vision = loop->vision;
    size_t width = vision->width, patches = vision->grid * vision->grid;
    const float *patch = (const float *)loop->worker->patches.data + index * patches * width;
    float *token = (float *)loop->worker->stream.data + index * (patches + 1) * width;
    const float *position = vision->position;
    for (size_t i = 0; i < width; i++)
        token[i] = vision->class_token[i] + position[i];
    for (size_t i = 0; i < patches * width; i++)
        token[width + i] = patch[i] + position[width + i];
}

static int make_tokens(const struct vision *vision, struct worker *worker, const float *pixels,
                       size_t n, struct error *err)
{
    struct matmul_engine *engine = worker->work.engine;
    int threads = matmul_engine_threads(engine);
    size_t grid = vision->grid;
    struct pixels_loop loop = {vision, worker, pixels};
    parallel_for(threads, n * grid, cut_patch_row, &loop);
    int code = matmul_run(vision->patch, engine, n * grid * grid, worker->squares.data,
                          worker->patches.data, err);
    if (code)
        return code;
    parallel_for(threads, n, place_tokens, &loop);
    encoder_norm(engine, &vision->pre, vision->epsilon, vision->width, worker->stream.data,
                 vision->width, n * token_count(vision), worker->stream.data, VALUE_F32);
    return 0;
}

static int reserve_scratch(const struct vision *vision, struct worker *worker, size_t n,
                           struct error *err)
{
    size_t patches = n * vision->grid * vision->grid, width = vision->width;
    size_t square = 3 * vision->patch_px * vision->patch_px;
    int code = scratch_reserve(&worker->squares, patches * square, value_bytes(vision->type), err);
    if (!code)
        code = scratch_reserve(&worker->patches, patches * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&worker->stream, (patches + n) * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&worker->pooled, n * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&worker->normed, n * width, value_bytes(vision->type), err);
    return code;
}

static int embed_batch(const struct vision *vision, struct worker *worker, const float *pixels,
                       size_t n, float *ret_vectors, struct error *err)
{
    int code = reserve_scratch(vision, worker, n, err);
    if (!code)
        code = make_tokens(vision, worker, pixels, n, err);
    struct encoder_batch batch = {.sequences = n, .tokens = token_count(vision), .wanted = 0};
    if (!code)
        code = encoder_run(vision->encoder, &worker->work, &batch, worker->stream.data,
                           worker->pooled.data, err);
    if (code)
        return code;
    encoder_norm(worker->work.engine, &vision->post, vision->epsilon, vision->width,
                 worker->pooled.data, vision->width, n, worker->normed.data, vision->type);
    code = matmul_run(vision->projection, worker->work.engine, n, worker->normed.data, ret_vectors,
                      err);
    for (size_t i = 0; i < n && !code; i++)
        code = unit_scale(ret_vectors + i * vision->dim, vision->dim, err);
    return code;
}

static int embed_share(const struct vision *vision, struct worker *worker, const float *pixels,
                       size_t n, float *ret_vectors, struct error *err)
{
    size_t most = batch_size(vision), picture = 3 * vision->image_px * vision->image_px;
    size_t batches = (n + most - 1) / most;
    for (; batches; batches--) {
        size_t count =
            (n + batches - 1) / batches; /* equal shares, so that few different sizes occur */
        int code = embed_batch(vision, worker, pixels, count, ret_vectors, err);
        if (code)
            return code;
        pixels += count * picture;
        ret_vectors += count * vision->dim;
        n -= count;
    }
    return 0;
}

struct workers_run {
    const struct vision *vision;
    const float *pixels;
    size_t n;
    float *vectors;
    struct worker_result {
        int code;
        struct error err;
    } * results; /* one each */
};

static void run_worker(void *context, int index)
{
    const struct workers_run *run = context;
    const struct vision *vision = run->vision;
    struct worker *worker = &vision->workers[index];
    size_t workers = (size_t)vision->n_workers, at = (size_t)index;
    size_t begin = run->n * at / workers, end = run->n * (at + 1) / workers;
    size_t picture = 3 * vision->image_px * vision->image_px;
    struct worker_result *result = &run->results[index];
    matmul_engine_enter(worker->work.engine);
    result->code = embed_share(vision, worker, run->pixels + begin * picture, end - begin,
                               run->vectors + begin * vision->dim, &result->err);
}

static int embed_on_workers(struct vision *vision, const float *pixels, size_t n,
                            float *ret_vectors, struct error *err)
{
    AUTO_FREE struct worker_result *results = xcalloc((size_t)vision->n_workers, sizeof *results);
    struct workers_run run = {vision, pixels, n, ret_vectors, results};
    parallel_threads(vision->n_workers, run_worker, &run);
    for (int i = 0; i < vision->n_workers; i++)
        if (results[i].code)
            return error_set(err, results[i].code, "%s", results[i].err.message);
    return 0;
}

int vision_embed(struct vision *vision, const float *pixels, size_t n, float *ret_vectors,
                 struct error *err)
{
    if (vision->n_workers > 1 &&
        n / (size_t)vision->n_workers * token_count(vision) >= WORKER_TOKENS)
        return embed_on_workers(vision, pixels, n, ret_vectors, err);
    return embed_share(vision, &vision->whole, pixels, n, ret_vectors, err);
}
