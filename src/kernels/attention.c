/* SPDX-License-Identifier: MIT */
/* Scaled dot-product attention of one head: the scalar specification and the choice of a
 * variant.
 */
#include "kernels/attention.h"

#include <math.h>

#define PAD 32  /* elements: rows of the variants' scratch memory are padded to a multiple of it */
#define BLOCK 4 /* queries that the variants process together */

static size_t padded_rows(size_t n)
{
    return (n + PAD - 1) / PAD * PAD;
}

size_t attention_scratch_floats(size_t keys, size_t head_dim)
{
    size_t wide = padded_rows(head_dim), long_ = padded_rows(keys);
    return wide * long_ + keys * wide + BLOCK * (2 * wide + long_);
}

static float dot_scalar(const struct attention_job *job, size_t query, size_t key)
{
    float sum = 0;
    for (size_t i = 0; i < job->head_dim; i++)
        sum += value_load(job->query, job->type, query * job->query_stride + i) *
               value_load(job->key, job->type, key * job->key_stride + i);
    return sum * job->scale;
}

/* Turns scores into e^(score - largest); returns their sum. */
static float exponentiate_scores(float *scores, size_t n)
{
    float largest = scores[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        largest = fmaxf(largest, scores[i]);
    for (size_t i = 0; i < n; i++)
        sum += scores[i] = expf(scores[i] - largest);
    return sum;
}

void attention_head_scalar(const struct attention_job *job, float *scratch)
{
    for (size_t query = 0; query < job->queries; query++) {
        size_t seen = attention_seen(job, query);
        for (size_t key = 0; key < seen; key++)
            scratch[key] = dot_scalar(job, query, key);
        float sum = exponentiate_scores(scratch, seen);
        for (size_t i = 0; i < job->head_dim; i++) {
            float mix = 0;
            for (size_t key = 0; key < seen; key++)
                mix +=
                    scratch[key] * value_load(job->value, job->type, key * job->value_stride + i);
            value_store(job->out, job->type, query * job->out_stride + i, mix / sum);
        }
    }
}

attention_function *attention_variant(enum cpu_level level)
{
#if defined(__x86_64__)
    if (level == CPU_AVX512)
        return attention_head_avx512;
    if (level == CPU_AVX2)
        return attention_head_avx2;
#endif
    (void)level;
    return attention_head_scalar;
}

void attention_head(const struct attention_job *job, float *scratch)
{
    attention_variant(cpu_level())(job, scratch);
}
