/* SPDX-License-Identifier: MIT */
/* Loads stored weights as matrix products and float32 parameters. */
#include "nn/linear.h"

#include <stdlib.h>

#include "base/limits.h"
#include "nn/scratch.h"

static bool in_place(const struct linear_weights *part)
{
    return part->weight.type == TENSOR_F32 && (uintptr_t)part->weight.data % sizeof(float) == 0;
}

/* The weights of all parts in sequence as float32, [out][in] ([in][out] when transposed). */
static int gather_weights(const struct linear_loader *loader,
                          const struct linear_weights *const *parts, size_t n_parts,
                          const float **ret_weights, struct error *err)
{
    if (n_parts == 1 && in_place(parts[0])) {
        *ret_weights = parts[0]->weight.data;
        return 0;
    }
    size_t count = 0;
    for (size_t i = 0; i < n_parts; i++)
        count += parts[i]->weight.count;
    int code = scratch_reserve(loader->stage, count, sizeof(float), err);
    if (code)
        return code;
    float *to = loader->stage->data;
    *ret_weights = to;
    for (size_t i = 0; i < n_parts; to += parts[i++]->weight.count)
        tensor_to_f32(&parts[i]->weight, 0, parts[i]->weight.count, to);
    return 0;
}

/* The biases of all parts in sequence; NULL when they have none. */
static int gather_biases(const struct linear_weights *const *parts, size_t n_parts, size_t out,
                         float **ret_biases, struct error *err)
{
    void *block = NULL;
    *ret_biases = NULL;
    if (parts[0]->bias.count == 0)
        return 0;
    int code = try_alloc(out, sizeof(float), LIMIT_TOWER_BYTES, &block, err);
    if (code)
        return code;
    float *to = *ret_biases = block;
    for (size_t i = 0; i < n_parts; to += parts[i++]->bias.count)
        tensor_to_f32(&parts[i]->bias, 0, parts[i]->bias.count, to);
    return 0;
}

int linear_load(const struct linear_loader *loader, const struct linear_weights *const *parts,
                size_t n_parts, enum value_type outputs, enum matmul_finish finish,
                struct matmul **ret_matmul, struct error *err)
{
    const float *weights;
    AUTO_FREE float *biases = NULL;
    struct matmul_spec spec = {.in = parts[0]->in,
                               .inputs = loader->type,
                               .outputs = outputs,
                               .finish = finish,
                               .typical_rows = loader->typical_rows};
    for (size_t i = 0; i < n_parts; i++)
        spec.out += parts[i]->out;
    int code = gather_weights(loader, parts, n_parts, &weights, err);
    if (!code)
        code = gather_biases(parts, n_parts, spec.out, &biases, err);
    if (!code)
        code = matmul_new(loader->engine, &spec, weights, parts[0]->transposed, biases, ret_matmul,
                          err);
    return code;
}

int linear_floats(const struct tensor *tensor, float **ret_values, struct error *err)
{
    void *block;
    int code = try_alloc(tensor->count, sizeof(float), LIMIT_TOWER_BYTES, &block, err);
    if (code)
        return code;
    tensor_to_f32(tensor, 0, tensor->count, block);
    *ret_values = block;
    return 0;
}

int norm_values_load(const struct norm_weights *weights, struct norm_values *ret_values,
                     struct error *err)
{
    struct norm_values values = {0};
    int code = linear_floats(&weights->gain, &values.gain, err);
    if (!code)
        code = linear_floats(&weights->bias, &values.bias, err);
    if (code)
        norm_values_release(&values);
    else
        *ret_values = values;
    return code;
}

void norm_values_release(struct norm_values *values)
{
    free(values->gain);
    free(values->bias);
    *values = (struct norm_values){0};
}
