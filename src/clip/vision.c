#include "clip/vision.h"

#include <stdlib.h>
#include <string.h>

#include "clip/encoder.h"
#include "clip/parallel.h"
#include "clip/unit.h"

/* Tokens computed at once: enough for full speed of the products, and few enough that the working
 * memory stays at some tens of megabytes. */
#define BATCH_TOKENS 1024

struct vision {
    struct matmul_engine *engine;
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
    struct scratch squares; /* [n grid grid][3 patch_px patch_px] of type: the patches' pixels */
    struct scratch patches; /* [n grid grid][width] */
    struct scratch stream;  /* [n][tokens][width] */
    struct scratch pooled;  /* [n][width], the class token after the encoder */
    struct scratch normed;  /* [n][width] of type */
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
    struct linear_loader loader = {vision->engine, vision->type, rows, &stage};
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
    return encoder_new(vision->engine, &spec, &vision->encoder, err);
}

int vision_new(struct matmul_engine *engine, const struct clip_config *config,
               const struct clip_weights *weights, enum value_type type, struct vision **ret_vision,
               struct error *err)
{
    struct vision *vision = xcalloc(1, sizeof *vision);
    vision->engine = engine;
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
    scratch_release(&vision->squares);
    scratch_release(&vision->patches);
    scratch_release(&vision->stream);
    scratch_release(&vision->pooled);
    scratch_release(&vision->normed);
    free(vision);
}

struct pixels_loop {
    const struct vision *vision;
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
                    value_store(vision->squares.data, vision->type, at + x, row[x]);
            }
}

/* Task `index` is one picture: its tokens before the encoder. */
static void place_tokens(void *context, size_t index, int worker)
{
    (void)worker;
    const struct vision *vision = context;
    size_t width = vision->width, patches = vision->grid * vision->grid;
    const float *patch = (const float *)vision->patches.data + index * patches * width;
    float *token = (float *)vision->stream.data + index * (patches + 1) * width;
    const float *position = vision->position;
    for (size_t i = 0; i < width; i++)
        token[i] = vision->class_token[i] + position[i];
    for (size_t i = 0; i < patches * width; i++)
        token[width + i] = patch[i] + position[width + i];
}

static int make_tokens(struct vision *vision, const float *pixels, size_t n, struct error *err)
{
    int threads = matmul_engine_threads(vision->engine);
    size_t grid = vision->grid;
    struct pixels_loop loop = {vision, pixels};
    parallel_for(threads, n * grid, cut_patch_row, &loop);
    int code =
        matmul_run(vision->patch, n * grid * grid, vision->squares.data, vision->patches.data, err);
    if (code)
        return code;
    parallel_for(threads, n, place_tokens, vision);
    encoder_norm(vision->engine, &vision->pre, vision->epsilon, vision->width, vision->stream.data,
                 vision->width, n * token_count(vision), vision->stream.data, VALUE_F32);
    return 0;
}

static int reserve(struct vision *vision, size_t n, struct error *err)
{
    size_t patches = n * vision->grid * vision->grid, width = vision->width;
    size_t square = 3 * vision->patch_px * vision->patch_px;
    int code = scratch_reserve(&vision->squares, patches * square, value_bytes(vision->type), err);
    if (!code)
        code = scratch_reserve(&vision->patches, patches * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&vision->stream, (patches + n) * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&vision->pooled, n * width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&vision->normed, n * width, value_bytes(vision->type), err);
    return code;
}

static int embed_batch(struct vision *vision, const float *pixels, size_t n, float *ret_vectors,
                       struct error *err)
{
    int code = reserve(vision, n, err);
    if (!code)
        code = make_tokens(vision, pixels, n, err);
    struct encoder_batch batch = {.sequences = n, .tokens = token_count(vision), .wanted = 0};
    if (!code)
        code = encoder_run(vision->encoder, &batch, vision->stream.data, vision->pooled.data, err);
    if (code)
        return code;
    encoder_norm(vision->engine, &vision->post, vision->epsilon, vision->width, vision->pooled.data,
                 vision->width, n, vision->normed.data, vision->type);
    code = matmul_run(vision->projection, n, vision->normed.data, ret_vectors, err);
    for (size_t i = 0; i < n && !code; i++)
        unit_scale(ret_vectors + i * vision->dim, vision->dim);
    return code;
}

int vision_embed(struct vision *vision, const float *pixels, size_t n, float *ret_vectors,
                 struct error *err)
{
    size_t most = batch_size(vision), picture = 3 * vision->image_px * vision->image_px;
    size_t batches = (n + most - 1) / most;
    for (; batches; batches--) {
        size_t count = (n + batches - 1) / batches; /* even shares: few different sizes */
        int code = embed_batch(vision, pixels, count, ret_vectors, err);
        if (code)
            return code;
        pixels += count * picture;
        ret_vectors += count * vision->dim;
        n -= count;
    }
    return 0;
}
