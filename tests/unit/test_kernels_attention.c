/* SPDX-License-Identifier: MIT */
/* Attention: the plain C variant against double precision, every other variant against the plain
 * one. */
#include "kernels/attention.h"

#include "base/memory.h"
#include "tap.h"

#define MOST_HEAD_DIM 128

static uint64_t state = 0x9e3779b97f4a7c15u;

static float random_value(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)(state >> 40) / 0x1p23f - 1;
}

/* Q, K and V side by side in rows, as the towers have them. */
struct arrays {
    struct attention_job job;
    void *rows, *out;
    float *scratch;
    size_t out_count;
};

static struct arrays arrays_new(size_t queries, size_t keys, size_t head_dim, bool causal,
                                enum value_type type)
{
    size_t stride = 3 * head_dim + 5;
    struct arrays a = {.out_count = queries * (head_dim + 1)};
    a.rows = xmalloc(keys * stride * value_bytes(type));
    for (size_t i = 0; i < keys * stride; i++)
        value_store(a.rows, type, i, 2 * random_value());
    a.out = xcalloc(a.out_count, value_bytes(type));
    a.scratch = xmalloc(attention_scratch_floats(keys, head_dim) * sizeof(float));
    a.job = (struct attention_job){
        .queries = queries,
        .keys = keys,
        .head_dim = head_dim,
        .causal = causal,
        .scale = 1 / sqrtf((float)head_dim),
        .type = type,
        .query = a.rows,
        .key = value_at(a.rows, type, head_dim),
        .value = value_at(a.rows, type, 2 * head_dim),
        .query_stride = stride,
        .key_stride = stride,
        .value_stride = stride,
        .out = a.out,
        .out_stride = head_dim + 1,
    };
    return a;
}

static void arrays_release(struct arrays *a)
{
    free(a->rows);
    free(a->out);
    free(a->scratch);
}

/* The result of query `query` [head_dim], straight from the definition. */
static void defined(const struct attention_job *job, size_t query, double *ret_mix)
{
    size_t seen = job->causal ? job->keys - job->queries + query + 1 : job->keys;
    double sum = 0;
    memset(ret_mix, 0, job->head_dim * sizeof *ret_mix);
    for (size_t key = 0; key < seen; key++) {
        double score = 0;
        for (size_t d = 0; d < job->head_dim; d++)
            score += (double)value_load(job->query, job->type, query * job->query_stride + d) *
                     value_load(job->key, job->type, key * job->key_stride + d);
        double weight = exp(score * job->scale);
        sum += weight;
        for (size_t d = 0; d < job->head_dim; d++)
            ret_mix[d] += weight * value_load(job->value, job->type, key * job->value_stride + d);
    }
    for (size_t d = 0; d < job->head_dim; d++)
        ret_mix[d] /= sum;
}

/* f32: weighted means of values below 2 with weights good to about 1e-6. bf16: as f32, then rounded
 * to 8 bits: half a step of 2^-7 below 2. */
static void check_variant(enum cpu_level level, size_t queries, size_t keys, size_t head_dim,
                          bool causal, enum value_type type)
{
    struct arrays a = arrays_new(queries, keys, head_dim, causal, type);
    attention_variant(level)(&a.job, a.scratch);
    double worst = 0, want[MOST_HEAD_DIM];
    bool outside = false;
    for (size_t query = 0; query < queries; query++) {
        const size_t at = query * a.job.out_stride;
        defined(&a.job, query, want);
        for (size_t i = 0; i < head_dim; i++)
            worst = fmax(worst, fabs(value_load(a.out, type, at + i) - want[i]));
        outside |= value_load(a.out, type, at + head_dim) != 0;
    }
    ok(worst < (type == VALUE_BF16 ? 0x1p-8 + 1e-5 : 1e-5) && !outside,
       "%s, %zu queries, %zu keys of %zu, %s%s: within %.1e", cpu_level_name(level), queries, keys,
       head_dim, type == VALUE_BF16 ? "bf16" : "f32", causal ? ", causal" : "", worst);
    arrays_release(&a);
}

static void check_extreme_scores(enum cpu_level level)
{
    struct arrays a = arrays_new(3, 40, 16, false, VALUE_F32);
    a.job.scale = 1000; /* one key wins; e^score itself would overflow */
    attention_variant(level)(&a.job, a.scratch);
    bool finite = true;
    for (size_t i = 0; i < a.out_count; i++)
        finite &= fabsf(((float *)a.out)[i]) <= 2;
    ok(finite, "%s: large scores do not overflow", cpu_level_name(level));
    arrays_release(&a);
}

int main(void)
{
    static const struct {
        size_t queries, keys, head_dim;
        bool causal;
    } cases[] = {
        {1, 1, 1, false},      {50, 50, 64, false}, {1, 50, 64, false}, {197, 197, 64, false},
        {257, 257, 64, false}, {7, 7, 64, true},    {1, 7, 64, true},   {77, 77, 32, true},
        {50, 50, 32, false},   {33, 65, 20, true},  {5, 5, 100, true},  {64, 64, 16, false},
    };
    for (enum cpu_level level = CPU_SCALAR; level <= CPU_AVX512; level++) {
        if (level > cpu_level()) {
            skip("this processor has no %s", cpu_level_name(level));
            continue;
        }
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            for (int type = VALUE_F32; type <= VALUE_BF16; type++)
                check_variant(level, cases[i].queries, cases[i].keys, cases[i].head_dim,
                              cases[i].causal, (enum value_type)type);
        check_extreme_scores(level);
    }
    return done_testing();
}
