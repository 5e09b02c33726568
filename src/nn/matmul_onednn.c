/* SPDX-License-Identifier: MIT */
/* Implements matmul.h with oneDNN's C interface, version 2 or 3. */
#include "nn/matmul.h"

#include <dnnl.h>
#include <dnnl_debug.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "nn/matmul_onednn_version.h"
#include "nn/parallel.h"

/* ---- The engine and its programs. ---- */

/* A program is a product compiled for one shape. The cache holds texts of every length up to 77
 * tokens and a few batch sizes; beyond that, the least recently used program is evicted. */
#define PROGRAMS_MAX 256

struct program {
    struct matmul_spec spec;
    bool biased;
    size_t rows;
    size_t last_used;
    dnnl_primitive_t primitive;
    dnnl_memory_t x, y; /* bound to data in each run */
};

struct matmul_engine {
    dnnl_engine_t engine;
    bool owns_engine;
    dnnl_stream_t stream;
    int threads;
    size_t runs;
    size_t n_programs;
    struct program programs[PROGRAMS_MAX];
};

struct matmul {
    struct matmul_spec spec;
    void *weight_data, *bias_data;
    dnnl_memory_t weight, bias; /* bias: NULL when there is none */
};

/* Held while primitives are created: ThreadSanitizer reports races in oneDNN 2.6's cache of
 * primitives otherwise. Running them needs no lock. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static int fail_onednn(dnnl_status_t status, struct error *err)
{
    int code = status == dnnl_out_of_memory   ? ERR_NO_MEMORY
               : status == dnnl_unimplemented ? ERR_UNSUPPORTED
                                              : ERR_IO;
    return error_set(err, code, "oneDNN cannot compute the matrix product: %s",
                     dnnl_status2str(status));
}

bool matmul_has_bf16(void)
{
    /* The number of an instruction set contains the bits of all those that it includes. */
    int isa = (int)dnnl_get_effective_cpu_isa(), bf16 = (int)dnnl_cpu_isa_avx512_core_bf16;
    return (isa & bf16) == bf16;
}

int matmul_engine_new(int threads, struct matmul_engine **ret_engine, struct error *err)
{
    AUTO(matmul_engine) *engine = xcalloc(1, sizeof *engine);
    engine->threads = threads;
    engine->owns_engine = true;
    dnnl_status_t status = dnnl_engine_create(&engine->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        status = dnnl_stream_create(&engine->stream, engine->engine, dnnl_stream_default_flags);
    if (status != dnnl_success)
        return fail_onednn(status, err);
    *ret_engine = engine;
    engine = NULL;
    return 0;
}

int matmul_engine_new_like(const struct matmul_engine *model, int threads,
                           struct matmul_engine **ret_engine, struct error *err)
{
    AUTO(matmul_engine) *engine = xcalloc(1, sizeof *engine);
    engine->threads = threads;
    engine->engine = model->engine;
    dnnl_status_t status =
        dnnl_stream_create(&engine->stream, engine->engine, dnnl_stream_default_flags);
    if (status != dnnl_success)
        return fail_onednn(status, err);
    *ret_engine = engine;
    engine = NULL;
    return 0;
}

static void program_release(struct program *program)
{
    if (program->primitive)
        dnnl_primitive_destroy(program->primitive);
    if (program->x)
        dnnl_memory_destroy(program->x);
    if (program->y)
        dnnl_memory_destroy(program->y);
}

void matmul_engine_free(struct matmul_engine *engine)
{
    if (!engine)
        return;
    for (size_t i = 0; i < engine->n_programs; i++)
        program_release(&engine->programs[i]);
    if (engine->stream)
        dnnl_stream_destroy(engine->stream);
    if (engine->engine && engine->owns_engine)
        dnnl_engine_destroy(engine->engine);
    free(engine);
}

int matmul_engine_threads(const struct matmul_engine *engine)
{
    return engine->threads;
}

void matmul_engine_enter(const struct matmul_engine *engine)
{
    parallel_set_threads(engine->threads);
}

static dnnl_data_type_t type_of(enum value_type type)
{
    return type == VALUE_BF16 ? dnnl_bf16 : dnnl_f32;
}

static dnnl_status_t add_finish(dnnl_post_ops_t ops, enum matmul_finish finish)
{
    switch (finish) {
    case MATMUL_QUICK_GELU:
        return append_function(ops, dnnl_eltwise_swish, 1.702f);
    case MATMUL_GELU:
        return append_function(ops, dnnl_eltwise_gelu_erf, 0);
    case MATMUL_ADD:
        return append_sum(ops);
    case MATMUL_PLAIN:
        break;
    }
    return dnnl_success;
}

static dnnl_status_t make_attributes(enum matmul_finish finish, dnnl_primitive_attr_t *ret)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(ret);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success)
        status = add_finish(ops, finish);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*ret, ops);
    if (ops)
        dnnl_post_ops_destroy(ops);
    return status;
}

/* Describes the product of `rows` rows. weight: the packed layout, or NULL to let oneDNN choose. */
static dnnl_status_t describe_operands(const struct matmul_engine *engine,
                                       const struct matmul_spec *spec, bool biased, size_t rows,
                                       LAYOUT_REF weight, dnnl_primitive_desc_t *ret_desc)
{
    struct layout x = {0}, any = {0}, bias = {0}, y = {0};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_data_type_t in = type_of(spec->inputs), out = type_of(spec->outputs);
    dnnl_status_t status = layout_init(&x, rows, spec->in, in, dnnl_ab);
    if (status == dnnl_success)
        status = layout_init(&any, spec->in, spec->out, in, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = layout_init(&bias, 1, spec->out, dnnl_f32, dnnl_ab);
    if (status == dnnl_success)
        status = layout_init(&y, rows, spec->out, out, dnnl_ab);
    if (status == dnnl_success)
        status = make_attributes(spec->finish, &attributes);
    if (status == dnnl_success)
        status = describe_product(ret_desc, engine->engine, LAYOUT_ARG(&x),
                                  weight ? weight : LAYOUT_ARG(&any),
                                  biased ? LAYOUT_ARG(&bias) : NULL, LAYOUT_ARG(&y), attributes);
    if (attributes)
        dnnl_primitive_attr_destroy(attributes);
    layout_release(&x);
    layout_release(&any);
    layout_release(&bias);
    layout_release(&y);
    return status;
}

/* ---- Packing weights. ---- */

static dnnl_status_t reorder_weights(const struct matmul_engine *engine, dnnl_memory_t from,
                                     LAYOUT_REF in, dnnl_memory_t to, LAYOUT_REF out)
{
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t primitive = NULL;
    pthread_mutex_lock(&making);
    dnnl_status_t status =
        dnnl_reorder_primitive_desc_create(&desc, in, engine->engine, out, engine->engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&primitive, desc);
    pthread_mutex_unlock(&making);
    if (status == dnnl_success) {
        dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
        status = dnnl_primitive_execute(primitive, engine->stream, 2, args);
    }
    if (status == dnnl_success)
        status = dnnl_stream_wait(engine->stream);
    if (primitive)
        dnnl_primitive_destroy(primitive);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    return status;
}

static int pack_weight(struct matmul *matmul, const struct matmul_engine *engine,
                       const float *weight, bool transposed, LAYOUT_REF packed, struct error *err)
{
    int code = try_alloc(dnnl_memory_desc_get_size(packed), 1, LIMIT_TOWER_BYTES,
                         &matmul->weight_data, err);
    if (code)
        return error_add(err, "the model's weights");
    struct layout plain = {0};
    dnnl_memory_t source = NULL;
    dnnl_status_t status = layout_init(&plain, matmul->spec.in, matmul->spec.out, dnnl_f32,
                                       transposed ? dnnl_ab : dnnl_ba);
    if (status == dnnl_success)
        status = dnnl_memory_create(&source, LAYOUT_ARG(&plain), engine->engine, (void *)weight);
    if (status == dnnl_success)
        status = dnnl_memory_create(&matmul->weight, packed, engine->engine, matmul->weight_data);
    if (status == dnnl_success)
        status = reorder_weights(engine, source, LAYOUT_ARG(&plain), matmul->weight, packed);
    if (source)
        dnnl_memory_destroy(source);
    layout_release(&plain);
    return status == dnnl_success ? 0 : fail_onednn(status, err);
}

static int copy_bias(struct matmul *matmul, const struct matmul_engine *engine, const float *bias,
                     struct error *err)
{
    size_t out = matmul->spec.out;
    int code = try_alloc(out, sizeof *bias, LIMIT_TOWER_BYTES, &matmul->bias_data, err);
    if (code)
        return code;
    memcpy(matmul->bias_data, bias, out * sizeof *bias);
    struct layout layout = {0};
    dnnl_status_t status = layout_init(&layout, 1, out, dnnl_f32, dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_memory_create(&matmul->bias, LAYOUT_ARG(&layout), engine->engine,
                                    matmul->bias_data);
    layout_release(&layout);
    return status == dnnl_success ? 0 : fail_onednn(status, err);
}

int matmul_new(struct matmul_engine *engine, const struct matmul_spec *spec, const float *weight,
               bool transposed, const float *bias, struct matmul **ret_matmul, struct error *err)
{
    AUTO(matmul) *matmul = xcalloc(1, sizeof *matmul);
    matmul->spec = *spec;
    dnnl_primitive_desc_t desc = NULL;
    pthread_mutex_lock(&making);
    dnnl_status_t status =
        describe_operands(engine, spec, bias != NULL, spec->typical_rows, NULL, &desc);
    pthread_mutex_unlock(&making);
    if (status != dnnl_success)
        return fail_onednn(status, err);
    LAYOUT_REF packed = dnnl_primitive_desc_query_md(desc, dnnl_query_weights_md, 0);
    int code = pack_weight(matmul, engine, weight, transposed, packed, err);
    dnnl_primitive_desc_destroy(desc);
    if (!code && bias)
        code = copy_bias(matmul, engine, bias, err);
    if (code)
        return code;
    *ret_matmul = matmul;
    matmul = NULL;
    return 0;
}

void matmul_free(struct matmul *matmul)
{
    if (!matmul)
        return;
    if (matmul->weight)
        dnnl_memory_destroy(matmul->weight);
    if (matmul->bias)
        dnnl_memory_destroy(matmul->bias);
    free(matmul->weight_data);
    free(matmul->bias_data);
    free(matmul);
}

/* ---- Running. ---- */

static bool fits_rows(const struct program *program, const struct matmul *matmul, size_t rows)
{
    const struct matmul_spec *have = &program->spec, *want = &matmul->spec;
    return program->rows == rows && have->in == want->in && have->out == want->out &&
           have->inputs == want->inputs && have->outputs == want->outputs &&
           have->finish == want->finish && have->typical_rows == want->typical_rows &&
           program->biased == (matmul->bias != NULL);
}

/* Returns an empty slot, evicting the least recently used program when all are taken. */
static struct program *make_room(struct matmul_engine *engine)
{
    if (engine->n_programs < PROGRAMS_MAX)
        return &engine->programs[engine->n_programs++];
    struct program *oldest = &engine->programs[0];
    for (size_t i = 1; i < PROGRAMS_MAX; i++)
        if (engine->programs[i].last_used < oldest->last_used)
            oldest = &engine->programs[i];
    program_release(oldest);
    return oldest;
}

static dnnl_status_t compile_program(const struct matmul *matmul,
                                     const struct matmul_engine *engine, size_t rows,
                                     struct program *program)
{
    *program = (struct program){.spec = matmul->spec, .biased = matmul->bias != NULL, .rows = rows};
    struct layout x = {0}, y = {0};
    dnnl_primitive_desc_t desc = NULL;
    LAYOUT_REF packed = NULL;
    dnnl_status_t status = dnnl_memory_get_memory_desc(matmul->weight, &packed);
    if (status == dnnl_success)
        status = describe_operands(engine, &matmul->spec, program->biased, rows, packed, &desc);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&program->primitive, desc);
    if (status == dnnl_success)
        status = layout_init(&x, rows, matmul->spec.in, type_of(matmul->spec.inputs), dnnl_ab);
    if (status == dnnl_success)
        status = layout_init(&y, rows, matmul->spec.out, type_of(matmul->spec.outputs), dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_memory_create(&program->x, LAYOUT_ARG(&x), engine->engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success)
        status = dnnl_memory_create(&program->y, LAYOUT_ARG(&y), engine->engine, DNNL_MEMORY_NONE);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    layout_release(&x);
    layout_release(&y);
    return status;
}

static dnnl_status_t find_program(const struct matmul *matmul, struct matmul_engine *engine,
                                  size_t rows, struct program **ret_program)
{
    for (size_t i = 0; i < engine->n_programs; i++)
        if (fits_rows(&engine->programs[i], matmul, rows)) {
            *ret_program = &engine->programs[i];
            return dnnl_success;
        }
    struct program *program = make_room(engine);
    pthread_mutex_lock(&making);
    dnnl_status_t status = compile_program(matmul, engine, rows, program);
    pthread_mutex_unlock(&making);
    if (status != dnnl_success) {
        program_release(program);
        *program = (struct program){0};
        return status;
    }
    *ret_program = program;
    return dnnl_success;
}

int matmul_run(const struct matmul *matmul, struct matmul_engine *engine, size_t rows,
               const void *x, void *y, struct error *err)
{
    struct program *program;
    dnnl_status_t status = find_program(matmul, engine, rows, &program);
    if (status == dnnl_success)
        status = dnnl_memory_set_data_handle(program->x, (void *)x);
    if (status == dnnl_success)
        status = dnnl_memory_set_data_handle(program->y, y);
    if (status != dnnl_success)
        return fail_onednn(status, err);
    program->last_used = ++engine->runs;
    dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, program->x},
                              {DNNL_ARG_WEIGHTS, matmul->weight},
                              {DNNL_ARG_DST, program->y},
                              {DNNL_ARG_BIAS, matmul->bias}};
    status = dnnl_primitive_execute(program->primitive, engine->stream, matmul->bias ? 4 : 3, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(engine->stream);
    return status == dnnl_success ? 0 : fail_onednn(status, err);
}

void matmul_version(char *ret_version, size_t size)
{
    const dnnl_version_t *version = dnnl_version();
    snprintf(ret_version, size, "%d.%d.%d", version->major, version->minor, version->patch);
}
