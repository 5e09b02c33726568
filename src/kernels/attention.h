/* SPDX-License-Identifier: MIT */
/* Scaled dot-product attention of one head: out = softmax(scale * Q K^T) V, row by row.
 * Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.1.
 *
 * Sums are float32 whatever the type of the arrays. Rows of Q, K, V and out are head_dim wide and
 * lie `stride` elements apart, so that a head can be a slice of wider rows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kernels/cpu.h"
#include "kernels/value.h"

struct attention_job {
    size_t queries, keys, head_dim;
    /* The last query sees all keys, the one before it all but the last, ...; queries <= keys. */
    bool causal;
    float scale;
    enum value_type type;
    const void *query, *key, *value;
    size_t query_stride, key_stride, value_stride;
    void *out;
    size_t out_stride;
};

typedef void attention_function(const struct attention_job *job, float *scratch);

/* Floats of scratch memory that a job of these sizes needs, with any variant. */
size_t attention_scratch_floats(size_t keys, size_t head_dim);

/* The fastest variant that cpu_level() allows. */
attention_function attention_head;
/* The variant of one level, for tests and benchmarks; the CPU must support it. */
attention_function *attention_variant(enum cpu_level level);

attention_function attention_head_scalar;
#if defined(__x86_64__)
attention_function attention_head_avx2;
attention_function attention_head_avx512;
#endif

/* Keys that query number `index` of the job sees. */
static inline size_t attention_seen(const struct attention_job *job, size_t index)
{
    return job->causal ? job->keys - (job->queries - 1 - index) : job->keys;
}
