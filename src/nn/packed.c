/* SPDX-License-Identifier: MIT */
/* Places the parameters of a tower in a block of memory, and fills them in. */
#include "nn/packed.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/half.h"
#include "kernels/value.h"

void *packed_take(struct packed_walk *walk, size_t bytes)
{
    void *at = walk->block ? walk->block + walk->used : NULL;
    walk->used += (bytes + PANEL_ALIGN - 1) / PANEL_ALIGN * PANEL_ALIGN;
    return at;
}

/* ---- One matrix. ---- */

void packed_linear_place(struct packed_walk *walk, enum panel_type type, size_t in, size_t out,
                         bool biased, struct packed_linear *ret_linear)
{
    size_t columns = panel_count(out, panel_width()) * panel_width();
    struct packed_linear linear = {.in = in, .out = out, .type = type};
    linear.weights = packed_take(walk, columns * in * panel_type_bytes(type));
    if (type == PANEL_INT8)
        linear.scales = packed_take(walk, columns * sizeof(float));
    if (biased)
        linear.biases = packed_take(walk, columns * sizeof(float));
    *ret_linear = linear;
}

/* The weights of one part as float32, [out][in], or [in][out] when it is transposed. */
static int read_part(const struct linear_weights *part, struct scratch *stage,
                     const float **ret_values, struct error *err)
{
    int code = scratch_reserve(stage, part->weight.count, sizeof(float), err);
    if (code)
        return code;
    tensor_to_f32(&part->weight, 0, part->weight.count, stage->data);
    *ret_values = stage->data;
    return 0;
}

/* Puts a column's weights into its panel; `at` is the first, each next one `width` further. */
static void store_column(const struct packed_linear *linear, size_t at, size_t width,
                         const float *values, size_t stride, float per_unit)
{
    for (size_t i = 0; i < linear->in; i++, at += width) {
        float value = values[i * stride];
        switch (linear->type) {
        case PANEL_F32:
            ((float *)linear->weights)[at] = value;
            break;
        case PANEL_F16:
            ((uint16_t *)linear->weights)[at] = half_from_f32(value);
            break;
        case PANEL_BF16:
            ((uint16_t *)linear->weights)[at] = value_to_bf16(value);
            break;
        case PANEL_INT8:
            ((int8_t *)linear->weights)[at] = (int8_t)lrintf(value * per_unit);
            break;
        }
    }
}

static float largest_of(const float *values, size_t n, size_t stride)
{
    float largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmaxf(largest, fabsf(values[i * stride]));
    return largest;
}

static void fill_column(const struct packed_linear *linear, size_t column, const float *values,
                        size_t stride)
{
    size_t width = panel_width(), at = column / width * linear->in * width + column % width;
    float per_unit = 0;
    if (linear->type == PANEL_INT8) {
        float largest = largest_of(values, linear->in, stride);
        bool usable = largest > 1e-30f && isfinite(largest);
        per_unit = usable ? 127 / largest : 0;
        linear->scales[column] = usable ? largest / 127 : isfinite(largest) ? 0 : NAN;
    }
    store_column(linear, at, width, values, stride, per_unit);
}

int packed_linear_fill(struct packed_linear *linear, const struct linear_weights *const *parts,
                       size_t n_parts, struct scratch *stage, struct error *err)
{
    size_t columns = panel_count(linear->out, panel_width()) * panel_width(), at = 0;
    memset(linear->weights, 0, columns * linear->in * panel_type_bytes(linear->type));
    if (linear->scales)
        memset(linear->scales, 0, columns * sizeof(float));
    if (linear->biases)
        memset(linear->biases, 0, columns * sizeof(float));
    for (size_t i = 0; i < n_parts; at += parts[i++]->out) {
        const struct linear_weights *part = parts[i];
        const float *values;
        int code = read_part(part, stage, &values, err);
        if (code)
            return code;
        for (size_t j = 0; j < part->out; j++)
            fill_column(linear, at + j, part->transposed ? values + j : values + j * part->in,
                        part->transposed ? part->out : 1);
        if (linear->biases)
            tensor_to_f32(&part->bias, 0, part->out, linear->biases + at);
    }
    return 0;
}

static bool holds_exactly(enum panel_type type, const float *values, size_t n)
{
    bool exact = true;
    for (size_t i = 0; i < n && exact; i++)
        exact = type == PANEL_F16    ? half_is_exact(values[i])
                : type == PANEL_BF16 ? value_from_bf16(value_to_bf16(values[i])) == values[i]
                                     : type == PANEL_F32;
    return exact;
}

int packed_is_exact(const struct linear_weights *weights, enum panel_type type,
                    struct scratch *stage, bool *ret_exact, struct error *err)
{
    const float *values;
    int code = read_part(weights, stage, &values, err);
    if (!code)
        *ret_exact = holds_exactly(type, values, weights->weight.count);
    return code;
}

/* ---- Layers. ---- */

void packed_norm_place(struct packed_walk *walk, size_t width, struct packed_norm *ret_norm)
{
    ret_norm->gain = packed_take(walk, width * sizeof(float));
    ret_norm->bias = packed_take(walk, width * sizeof(float));
}

void packed_norm_fill(struct packed_norm *norm, const struct norm_weights *weights)
{
    tensor_to_f32(&weights->gain, 0, weights->gain.count, norm->gain);
    tensor_to_f32(&weights->bias, 0, weights->bias.count, norm->bias);
}

void packed_layer_place(struct packed_walk *walk, const struct tower_config *config,
                        enum panel_type type, struct packed_layer *ret_layer)
{
    size_t width = (size_t)config->width, hidden = (size_t)config->mlp_width;
    packed_norm_place(walk, width, &ret_layer->norm1);
    packed_norm_place(walk, width, &ret_layer->norm2);
    packed_linear_place(walk, type, width, width, true, &ret_layer->query);
    packed_linear_place(walk, type, width, 2 * width, true, &ret_layer->key_value);
    packed_linear_place(walk, type, width, width, true, &ret_layer->out);
    packed_linear_place(walk, type, width, hidden, true, &ret_layer->fc1);
    packed_linear_place(walk, type, hidden, width, true, &ret_layer->fc2);
}

void packed_layer_let_go(const struct packed_layer *layer)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t begin = (uintptr_t)layer->norm1.gain, end = (uintptr_t)layer->fc2.biases;
    begin = begin / page * page;
    end = end / page * page;
    madvise((void *)begin, end - begin, MADV_DONTNEED); /* best effort */
}

int packed_layer_fill(struct packed_layer *layer, const struct layer_weights *weights,
                      struct scratch *stage, struct error *err)
{
    const struct linear_weights *query[] = {&weights->q}, *out[] = {&weights->out},
                                *key_value[] = {&weights->k, &weights->v}, *fc1[] = {&weights->fc1},
                                *fc2[] = {&weights->fc2};
    packed_norm_fill(&layer->norm1, &weights->norm1);
    packed_norm_fill(&layer->norm2, &weights->norm2);
    int code = packed_linear_fill(&layer->query, query, 1, stage, err);
    if (!code)
        code = packed_linear_fill(&layer->key_value, key_value, 2, stage, err);
    if (!code)
        code = packed_linear_fill(&layer->out, out, 1, stage, err);
    if (!code)
        code = packed_linear_fill(&layer->fc1, fc1, 1, stage, err);
    if (!code)
        code = packed_linear_fill(&layer->fc2, fc2, 1, stage, err);
    return code;
}
