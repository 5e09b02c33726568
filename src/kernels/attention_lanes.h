/* SPDX-License-Identifier: MIT */
/* Attention in SIMD lanes: the body of the AVX2 and AVX-512 variants. See attention.h.
 *
 * K is transposed and V copied into the scratch once, as float32 with rows padded to whole tiles.
 * Both products, Q K^T and the weights times V, then have the same form: four rows times a matrix
 * whose rows are lanes. */
#pragma once

#include "kernels/attention.h"
#include "kernels/lanes.h"

#define TILE (2 * LANES) /* columns of a tile */
#define BLOCK 4          /* rows of a tile: queries processed together */
#define PAD 32           /* as in attention_scratch_floats: a multiple of every TILE */
#define HIDDEN (-1e30f)  /* the score of a masked key: its weight is about 1e-38 */

struct attention_scratch {
    size_t wide, length; /* head_dim and keys, padded */
    float *key;          /* [head_dim][length]: K transposed */
    float *value;        /* [keys][wide] */
    float *query;        /* [BLOCK][wide], scaled */
    float *weight;       /* [BLOCK][length] */
    float *mix;          /* [BLOCK][wide] */
};

static inline struct attention_scratch lay_out(const struct attention_job *job, float *scratch)
{
    struct attention_scratch s;
    s.wide = (job->head_dim + PAD - 1) / PAD * PAD;
    s.length = (job->keys + PAD - 1) / PAD * PAD;
    s.key = scratch;
    s.value = s.key + s.wide * s.length;
    s.query = s.value + job->keys * s.wide;
    s.weight = s.query + BLOCK * s.wide;
    s.mix = s.weight + BLOCK * s.length;
    return s;
}

/* Converts one row of `type` to float32, with zeros up to `padded`. */
static inline void copy_row(const void *in, enum value_type type, size_t n, size_t padded,
                            float scale, float *out)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        lanes_store(out + i, lanes_read(in, type, i) * scale);
    for (; i < n; i++)
        out[i] = value_load(in, type, i) * scale;
    for (; i < padded; i++)
        out[i] = 0;
}

static inline void copy_values(const struct attention_job *job, const struct attention_scratch *s)
{
    for (size_t key = 0; key < job->keys; key++)
        copy_row(value_at_const(job->value, job->type, key * job->value_stride), job->type,
                 job->head_dim, s->wide, 1, s->value + key * s->wide);
}

static inline void transpose_keys(const struct attention_job *job,
                                  const struct attention_scratch *s)
{
    for (size_t key = 0; key < job->keys; key++) {
        const void *in = value_at_const(job->key, job->type, key * job->key_stride);
        copy_row(in, job->type, job->head_dim, s->wide, 1, s->mix);
        for (size_t i = 0; i < job->head_dim; i++)
            s->key[i * s->length + key] = s->mix[i];
    }
    for (size_t i = 0; i < job->head_dim; i++)
        memset(s->key + i * s->length + job->keys, 0, (s->length - job->keys) * sizeof(float));
}

/* One tile of c = a b: 4 rows of a, `depth` long and a_stride apart, times depth rows of b. */
static inline void multiply_tile(const float *a, size_t a_stride, size_t depth, const float *b,
                                 size_t b_stride, float *c, size_t c_stride)
{
    lanes c00 = {0}, c01 = {0}, c10 = {0}, c11 = {0};
    lanes c20 = {0}, c21 = {0}, c30 = {0}, c31 = {0};
    const float *a1 = a + a_stride, *a2 = a1 + a_stride, *a3 = a2 + a_stride;
    for (size_t i = 0; i < depth; i++, b += b_stride) {
        lanes b0 = lanes_load(b), b1 = lanes_load(b + LANES);
        c00 += a[i] * b0;
        c01 += a[i] * b1;
        c10 += a1[i] * b0;
        c11 += a1[i] * b1;
        c20 += a2[i] * b0;
        c21 += a2[i] * b1;
        c30 += a3[i] * b0;
        c31 += a3[i] * b1;
    }
    lanes_store(c, c00);
    lanes_store(c + LANES, c01);
    lanes_store(c + c_stride, c10);
    lanes_store(c + c_stride + LANES, c11);
    lanes_store(c + 2 * c_stride, c20);
    lanes_store(c + 2 * c_stride + LANES, c21);
    lanes_store(c + 3 * c_stride, c30);
    lanes_store(c + 3 * c_stride + LANES, c31);
}

static inline void multiply(const float *a, size_t a_stride, size_t depth, const float *b, float *c,
                            size_t columns)
{
    for (size_t column = 0; column < columns; column += TILE)
        multiply_tile(a, a_stride, depth, b + column, columns, c + column, columns);
}

/* Turns the scores of a whole padded row into e^(score - largest); returns their sum. */
static inline float exponentiate_row(float *scores, size_t seen, size_t length)
{
    for (size_t i = seen; i < length; i++)
        scores[i] = HIDDEN;
    lanes largest = lanes_load(scores), sum = {0};
    for (size_t i = LANES; i < length; i += LANES)
        largest = lanes_max(largest, lanes_load(scores + i));
    float top = lanes_largest(largest);
    for (size_t i = 0; i < length; i += LANES) {
        lanes e = lanes_exp(lanes_load(scores + i) - top);
        lanes_store(scores + i, e);
        sum += e;
    }
    return lanes_sum(sum);
}

/* Queries [first, first + n), n <= BLOCK. The unused rows of a short block repeat the old content
 * of the scratch memory. */
static inline void attend_block(const struct attention_job *job, const struct attention_scratch *s,
                                size_t first, size_t n)
{
    float sums[BLOCK] = {1, 1, 1, 1};
    for (size_t row = 0; row < n; row++)
        copy_row(value_at_const(job->query, job->type, (first + row) * job->query_stride),
                 job->type, job->head_dim, s->wide, job->scale, s->query + row * s->wide);
    multiply(s->query, s->wide, job->head_dim, s->key, s->weight, s->length);
    for (size_t row = 0; row < n; row++)
        sums[row] = exponentiate_row(s->weight + row * s->length, attention_seen(job, first + row),
                                     s->length);
    multiply(s->weight, s->length, job->keys, s->value, s->mix, s->wide);
    for (size_t row = 0; row < n; row++) {
        const float *mix = s->mix + row * s->wide;
        void *out = value_at(job->out, job->type, (first + row) * job->out_stride);
        size_t i = 0;
        for (; i + LANES <= job->head_dim; i += LANES)
            lanes_write(out, job->type, i, lanes_load(mix + i) / sums[row]);
        for (; i < job->head_dim; i++)
            value_store(out, job->type, i, mix[i] / sums[row]);
    }
}

static inline void attention_head_lanes(const struct attention_job *job, float *scratch)
{
    struct attention_scratch s = lay_out(job, scratch);
    copy_values(job, &s);
    transpose_keys(job, &s);
    memset(s.query, 0, BLOCK * s.wide * sizeof *s.query);
    for (size_t first = 0; first < job->queries; first += BLOCK)
        attend_block(job, &s, first, job->queries - first < BLOCK ? job->queries - first : BLOCK);
}
