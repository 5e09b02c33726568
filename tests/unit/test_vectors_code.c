/* SPDX-License-Identifier: MIT */
/* The inequality that makes the index exact (vectors/code.h), checked row by row: it must hold for
 * every pair, and must be nearly reached by some, or it would be too wide to be worth stating. */
#include <stdint.h>

#include "base/memory.h"
#include "kernels/scan.h"
#include "tap.h"
#include "vectors/code.h"
#include "vectors/vectors.h"

static uint64_t state = 1234567890123u;

static double next_uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) * 0x1p-52 - 1;
}

/* Uniform, or with one component a hundred times the others, of length about `size`. */
static void fill(float *v, size_t dim, double size)
{
    double spike = next_uniform() > 0 ? 1 : 100;
    for (size_t i = 0; i < dim; i++)
        v[i] = (float)(next_uniform() * size / sqrt((double)dim) * (i == dim / 3 ? spike : 1));
}

struct outcome {
    size_t violations;
    double worst; /* the largest part of the radius that was needed */
};

static void check_pair(const float *x, const float *y, size_t dim, struct outcome *ret_outcome)
{
    size_t stride = (dim + SCAN_ALIGN - 1) / SCAN_ALIGN * SCAN_ALIGN;
    AUTO_FREE int8_t *units = aligned_alloc(64, stride);
    memset(units, 0, stride);
    struct code c = code_make(x, dim, units);
    struct code_query q;
    code_query_init(&q, y, dim, stride);
    int64_t sum = 0; /* of 64 bits: shows when 32 are too few */
    for (size_t i = 0; i < dim; i++)
        sum += (int64_t)units[i] * q.units[i];
    int32_t kernel_sum;
    scan_kernels()->dot(units, 1, stride, q.units, &kernel_sum);
    double middle = (double)c.scale * q.step * kernel_sum;
    double radius = (double)c.error * q.by_error + (double)c.scale * q.by_scale;
    double part = fabs(vectors_score(x, y, dim) - middle) / radius;
    ret_outcome->violations +=
        !(part <= 1) || sum != kernel_sum || !code_is_possible(c, units, dim);
    ret_outcome->worst = fmax(ret_outcome->worst, part);
    code_query_release(&q);
}

static struct outcome check_dim(size_t dim, size_t pairs, double row_size, double query_size)
{
    struct outcome o = {0, 0};
    AUTO_FREE float *x = xmalloc(dim * sizeof *x);
    AUTO_FREE float *y = xmalloc(dim * sizeof *y);
    for (size_t i = 0; i < pairs; i++) {
        fill(x, dim, row_size);
        fill(y, dim, query_size);
        check_pair(x, y, dim, &o);
        check_pair(x, x, dim, &o);
    }
    return o;
}

int main(void)
{
    static const size_t dims[] = {1, 2, 3, 7, 64, 65, 512, 768, 1000, 8192};
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
        struct outcome o = check_dim(dims[d], 20000 / (dims[d] + 10) + 20, 1, 1);
        ok(o.violations == 0, "dim %zu: within the bound", dims[d]);
    }
    static const double sizes[] = {1e-44, 1e-38, 1e-20, 1, 1e20, 1e34};
    for (int i = 0; i < 36; i++) {
        double x = sizes[i / 6], y = sizes[i % 6];
        ok(check_dim(5, 50, x, y).violations == 0, "lengths %g and %g: within the bound", x, y);
    }
    ok(check_dim(2, 20000, 1, 1).worst > 0.9, "dim 2: some pair needs nine tenths of the bound");
    return done_testing();
}
