/* SPDX-License-Identifier: MIT */
/* The transformer encoder: attention and MLP layers around a residual stream. */
#include "nn/encoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/attention.h"
#include "kernels/norm.h"
#include "nn/parallel.h"
#include "nn/product.h"
#include "nn/scratch.h"

struct layer {
    struct norm_values norm1, norm2;
    struct product query;     /* [width] -> [width] */
    struct product key_value; /* [width] -> [2 width]: keys, then values */
    struct product out;       /* [width] -> [width], added to the stream */
    struct product fc1;       /* [width] -> [mlp_width], activated */
    struct product fc2;       /* [mlp_width] -> [width], added to the stream */
};

struct encoder {
    size_t width, mlp_width, heads;
    float epsilon;
    bool causal;
    const struct packed_layer *packed; /* the layers' arrays are borrowed from these; or NULL */
    enum value_type type;
    size_t n_layers;
    struct layer *layers;
};

/* ---- Making and freeing. ---- */

static int layer_load(const struct linear_loader *loader, const struct layer_weights *weights,
                      enum activation activation, struct layer *layer, struct error *err)
{
    const struct linear_weights *query[] = {&weights->q}, *out[] = {&weights->out},
                                *key_value[] = {&weights->k, &weights->v}, *fc1[] = {&weights->fc1},
                                *fc2[] = {&weights->fc2};
    enum value_type type = loader->type;
    enum matmul_finish activate = activation == ACTIVATION_GELU ? MATMUL_GELU : MATMUL_QUICK_GELU;
    int code = norm_values_load(&weights->norm1, &layer->norm1, err);
    if (!code)
        code = norm_values_load(&weights->norm2, &layer->norm2, err);
    if (!code)
        code = linear_load(loader, query, 1, type, MATMUL_PLAIN, &layer->query.matmul, err);
    if (!code)
        code = linear_load(loader, key_value, 2, type, MATMUL_PLAIN, &layer->key_value.matmul, err);
    if (!code)
        code = linear_load(loader, out, 1, VALUE_F32, MATMUL_ADD, &layer->out.matmul, err);
    if (!code)
        code = linear_load(loader, fc1, 1, type, activate, &layer->fc1.matmul, err);
    if (!code)
        code = linear_load(loader, fc2, 1, VALUE_F32, MATMUL_ADD, &layer->fc2.matmul, err);
    return code;
}

static struct norm_values borrow_norm(const struct packed_norm *norm)
{
    return (struct norm_values){norm->gain, norm->bias};
}

static void layer_borrow(const struct packed_layer *packed, enum activation activation,
                         struct layer *layer)
{
    enum panel_finish activate = activation == ACTIVATION_GELU ? PANEL_GELU : PANEL_QUICK_GELU;
    layer->norm1 = borrow_norm(&packed->norm1);
    layer->norm2 = borrow_norm(&packed->norm2);
    layer->query = product_of(&packed->query, PANEL_PLAIN);
    layer->key_value = product_of(&packed->key_value, PANEL_PLAIN);
    layer->out = product_of(&packed->out, PANEL_ADD);
    layer->fc1 = product_of(&packed->fc1, activate);
    layer->fc2 = product_of(&packed->fc2, PANEL_ADD);
}

static void layer_release(struct layer *layer)
{
    norm_values_release(&layer->norm1);
    norm_values_release(&layer->norm2);
    matmul_free(layer->query.matmul);
    matmul_free(layer->key_value.matmul);
    matmul_free(layer->out.matmul);
    matmul_free(layer->fc1.matmul);
    matmul_free(layer->fc2.matmul);
}

struct load_run {
    struct matmul_engine *engine;
    const struct encoder_spec *spec;
    struct encoder *encoder;
    int n_threads;
    struct load_result {
        int code;
        struct error err;
    } * results; /* one per thread */
};

/* Layers index, index + n_threads, ... */
static void load_share(void *context, int index)
{
    const struct load_run *run = context;
    const struct encoder_spec *spec = run->spec;
    struct load_result *result = &run->results[index];
    AUTO(matmul_engine) *engine = NULL;
    struct scratch stage = {0};
    result->code = matmul_engine_new_like(run->engine, 1, &engine, &result->err);
    if (result->code)
        return;
    matmul_engine_enter(engine);
    struct linear_loader loader = {engine, spec->type, spec->typical_rows, &stage};
    for (size_t i = (size_t)index; i < run->encoder->n_layers && !result->code;
         i += (size_t)run->n_threads)
        result->code = layer_load(&loader, &spec->layers[i], spec->config->activation,
                                  &run->encoder->layers[i], &result->err);
    scratch_release(&stage);
}

static int load_layers(struct matmul_engine *engine, const struct encoder_spec *spec,
                       struct encoder *encoder, struct error *err)
{
    int n_threads = matmul_engine_threads(engine);
    AUTO_FREE struct load_result *results = xcalloc((size_t)n_threads, sizeof *results);
    struct load_run run = {engine, spec, encoder, n_threads, results};
    parallel_threads(n_threads, load_share, &run);
    matmul_engine_enter(engine); /* undoes the effect of running the first share on this thread */
    for (int i = 0; i < n_threads; i++)
        if (results[i].code)
            return error_set(err, results[i].code, "%s", results[i].err.message);
    return 0;
}

int encoder_new(struct matmul_engine *engine, const struct encoder_spec *spec,
                struct encoder **ret_encoder, struct error *err)
{
    const struct tower_config *config = spec->config;
    AUTO(encoder) *encoder = xcalloc(1, sizeof *encoder);
    encoder->width = (size_t)config->width;
    encoder->mlp_width = (size_t)config->mlp_width;
    encoder->heads = (size_t)config->heads;
    encoder->epsilon = config->epsilon;
    encoder->causal = spec->causal;
    encoder->type = spec->type;
    encoder->n_layers = (size_t)config->layers;
    encoder->layers = xcalloc(encoder->n_layers, sizeof *encoder->layers);
    encoder->packed = spec->packed;
    for (size_t i = 0; spec->packed && i < encoder->n_layers; i++)
        layer_borrow(&spec->packed[i], config->activation, &encoder->layers[i]);
    int code = spec->packed ? 0 : load_layers(engine, spec, encoder, err);
    if (code)
        return code;
    *ret_encoder = encoder;
    encoder = NULL;
    return 0;
}

void encoder_free(struct encoder *encoder)
{
    if (!encoder)
        return;
    for (size_t i = 0; i < encoder->n_layers && !encoder->packed; i++)
        layer_release(&encoder->layers[i]);
    free(encoder->layers);
    free(encoder);
}

void encoder_work_release(struct encoder_work *work)
{
    scratch_release(&work->normed);
    scratch_release(&work->query);
    scratch_release(&work->key_value);
    scratch_release(&work->hidden);
    scratch_release(&work->attention);
}

static int threads_of(const struct matmul_engine *engine)
{
    return engine ? matmul_engine_threads(engine) : 1;
}

/* ---- Layer norm. ---- */

#define NORM_ROWS 16 /* rows of one task: enough work to justify the overhead */

static void norm_share(void *context, size_t index, int worker)
{
    (void)worker;
    struct norm_job job = *(const struct norm_job *)context;
    size_t first = index * NORM_ROWS, left = job.rows - first;
    job.rows = left < NORM_ROWS ? left : NORM_ROWS;
    job.in += first * job.in_stride;
    job.out = value_at(job.out, job.out_type, first * job.width);
    norm_rows(&job);
}

void encoder_norm(const struct matmul_engine *engine, const struct norm_values *values,
                  float epsilon, size_t width, const float *in, size_t in_stride, size_t rows,
                  void *out, enum value_type out_type)
{
    struct norm_job job = {.rows = rows,
                           .width = width,
                           .in = in,
                           .in_stride = in_stride,
                           .gain = values->gain,
                           .bias = values->bias,
                           .epsilon = epsilon,
                           .out = out,
                           .out_type = out_type};
    parallel_for(threads_of(engine), (rows + NORM_ROWS - 1) / NORM_ROWS, norm_share, &job);
}

static void norm_tokens(const struct encoder *encoder, const struct encoder_work *work,
                        const struct norm_values *values, const float *in, size_t in_stride,
                        size_t rows)
{
    encoder_norm(work->engine, values, encoder->epsilon, encoder->width, in, in_stride, rows,
                 work->normed.data, encoder->type);
}

/* ---- Attention. ---- */

struct attention_loop {
    const struct encoder *encoder;
    const struct encoder_work *work;
    size_t queries, keys; /* per sequence */
    size_t scratch_floats;
};

/* Task `index` is one head of one sequence. */
static void attend_head(void *context, size_t index, int worker)
{
    const struct attention_loop *loop = context;
    const struct encoder *encoder = loop->encoder;
    const struct encoder_work *work = loop->work;
    enum value_type type = encoder->type;
    size_t width = encoder->width, head_dim = width / encoder->heads;
    size_t sequence = index / encoder->heads, at = index % encoder->heads * head_dim;
    size_t query_at = sequence * loop->queries * width + at;
    size_t key_at = sequence * loop->keys * 2 * width + at;
    struct attention_job job = {
        .queries = loop->queries,
        .keys = loop->keys,
        .head_dim = head_dim,
        .causal = encoder->causal,
        .scale = 1 / sqrtf((float)head_dim),
        .type = type,
        .query = value_at_const(work->query.data, type, query_at),
        .key = value_at_const(work->key_value.data, type, key_at),
        .value = value_at_const(work->key_value.data, type, key_at + width),
        .query_stride = width,
        .key_stride = 2 * width,
        .value_stride = 2 * width,
        .out = value_at(work->normed.data, type, query_at),
        .out_stride = width,
    };
    float *scratch = work->attention.data;
    attention_head(&job, scratch + (size_t)worker * loop->scratch_floats);
}

/* Reads query and key_value of the work, and writes its normed [sequences][queries][width]. */
static void attend_heads(const struct encoder *encoder, const struct encoder_work *work,
                         const struct encoder_batch *batch, size_t queries)
{
    struct attention_loop loop = {
        encoder, work, queries, batch->tokens,
        attention_scratch_floats(batch->tokens, encoder->width / encoder->heads)};
    parallel_for(threads_of(work->engine), batch->sequences * encoder->heads, attend_head, &loop);
}

/* ---- Layers. ---- */

/* The part of a layer after the attention, on `rows` rows of the stream. */
static int finish_layer(const struct encoder *encoder, const struct encoder_work *work,
                        const struct layer *layer, size_t rows, float *stream, struct error *err)
{
    int code = product_run(&layer->out, work->engine, rows, work->normed.data, stream, err);
    if (code)
        return code;
    norm_tokens(encoder, work, &layer->norm2, stream, encoder->width, rows);
    code = product_run(&layer->fc1, work->engine, rows, work->normed.data, work->hidden.data, err);
    if (!code)
        code = product_run(&layer->fc2, work->engine, rows, work->hidden.data, stream, err);
    return code;
}

static int run_layer(const struct encoder *encoder, const struct encoder_work *work,
                     const struct layer *layer, const struct encoder_batch *batch, float *stream,
                     struct error *err)
{
    size_t rows = batch->sequences * batch->tokens;
    norm_tokens(encoder, work, &layer->norm1, stream, encoder->width, rows);
    int code =
        product_run(&layer->query, work->engine, rows, work->normed.data, work->query.data, err);
    if (!code)
        code = product_run(&layer->key_value, work->engine, rows, work->normed.data,
                           work->key_value.data, err);
    if (code)
        return code;
    attend_heads(encoder, work, batch, batch->tokens);
    return finish_layer(encoder, work, layer, rows, stream, err);
}

/* The last layer: only the wanted token of each sequence continues, into ret_tokens. */
static int run_last_layer(const struct encoder *encoder, const struct encoder_work *work,
                          const struct layer *layer, const struct encoder_batch *batch,
                          const float *stream, float *ret_tokens, struct error *err)
{
    size_t width = encoder->width, stride = batch->tokens * width;
    const float *wanted = stream + batch->wanted * width;
    norm_tokens(encoder, work, &layer->norm1, stream, width, batch->sequences * batch->tokens);
    int code = product_run(&layer->key_value, work->engine, batch->sequences * batch->tokens,
                           work->normed.data, work->key_value.data, err);
    if (code)
        return code;
    norm_tokens(encoder, work, &layer->norm1, wanted, stride, batch->sequences);
    code = product_run(&layer->query, work->engine, batch->sequences, work->normed.data,
                       work->query.data, err);
    if (code)
        return code;
    attend_heads(encoder, work, batch, 1);
    for (size_t i = 0; i < batch->sequences; i++)
        memcpy(ret_tokens + i * width, wanted + i * stride, width * sizeof *ret_tokens);
    return finish_layer(encoder, work, layer, batch->sequences, ret_tokens, err);
}

static int reserve_work(const struct encoder *encoder, struct encoder_work *work,
                        const struct encoder_batch *batch, struct error *err)
{
    size_t rows = batch->sequences * batch->tokens, bytes = value_bytes(encoder->type);
    size_t threads = (size_t)threads_of(work->engine);
    size_t floats = attention_scratch_floats(batch->tokens, encoder->width / encoder->heads);
    int code = scratch_reserve(&work->normed, rows * encoder->width, bytes, err);
    if (!code)
        code = scratch_reserve(&work->query, rows * encoder->width, bytes, err);
    if (!code)
        code = scratch_reserve(&work->key_value, rows * 2 * encoder->width, bytes, err);
    if (!code)
        code = scratch_reserve(&work->hidden, rows * encoder->mlp_width, bytes, err);
    if (!code)
        code = scratch_reserve(&work->attention, threads * floats, sizeof(float), err);
    return code;
}

int encoder_run(const struct encoder *encoder, struct encoder_work *work,
                const struct encoder_batch *batch, float *stream, float *ret_tokens,
                struct error *err)
{
    size_t last = encoder->n_layers - 1;
    int code = reserve_work(encoder, work, batch, err);
    for (size_t i = 0; i <= last && !code; i++) {
        const struct layer *layer = &encoder->layers[i];
        code = i < last ? run_layer(encoder, work, layer, batch, stream, err)
                        : run_last_layer(encoder, work, layer, batch, stream, ret_tokens, err);
        if (work->lets_go)
            packed_layer_let_go(&encoder->packed[i]);
    }
    return code;
}
