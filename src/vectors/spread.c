/* SPDX-License-Identifier: MIT */
/* Computes and caches the deviations of rows over a set of vectors. */
#include "vectors/spread.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "kernels/scan.h"

enum { ROWS_AT_ONCE = 512, SQUARINGS = 6 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the set ---- */

/* 64-bit FNV-1a over words. */
static uint64_t key_of(const float *vectors, size_t n)
{
    uint64_t key = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, &vectors[i], sizeof word);
        key = (key ^ word) * 1099511628211u;
    }
    return key;
}

/* Squares a symmetric matrix [n][n] and divides it by its trace, which is returned. */
static double square_matrix(double *matrix, size_t n)
{
    AUTO_FREE double *square = xmalloc(n * n * sizeof *square);
    double trace = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++) {
            double sum = 0;
            for (size_t j = 0; j < n; j++)
                sum += matrix[i * n + j] * matrix[k * n + j];
            square[i * n + k] = square[k * n + i] = sum;
        }
    for (size_t i = 0; i < n; i++)
        trace += square[i * n + i];
    for (size_t i = 0; trace > 0 && i < n * n; i++)
        matrix[i] = square[i] / trace;
    return trace;
}

/* Returns an upper bound of the largest eigenvalue of a symmetric matrix [n][n] without negative
 * ones, which is destroyed: the p-th root of the trace of its p-th power, p = 2^SQUARINGS. It is at
 * most the p-th root of n too large: 7 % for n = 64. */
static double bound_eigenvalue(double *matrix, size_t n)
{
    double power = 1, logarithm = 0; /* of the trace of the matrix to the power, as it was given */
    for (int i = 0; i < SQUARINGS; i++) {
        double trace = square_matrix(matrix, n);
        if (!(trace > 0))
            return 0;
        power *= 2;
        logarithm = 2 * logarithm + log(trace);
    }
    return exp(logarithm / power) * (1 + 1e-9);
}

static void center_vectors(const float *vectors, size_t n, size_t dim, float *ret_centered)
{
    for (size_t i = 0; i < dim; i++) {
        double mean = 0;
        for (size_t k = 0; k < n; k++)
            mean += (double)vectors[k * dim + i] / (double)n;
        for (size_t k = 0; k < n; k++)
            ret_centered[k * dim + i] = (float)((double)vectors[k * dim + i] - mean);
    }
}

static double bound_singular_value(const float *vectors, size_t n, size_t dim)
{
    AUTO_FREE double *products = xmalloc(n * n * sizeof *products);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++)
            products[i * n + k] = products[k * n + i] =
                vectors_score(vectors + i * dim, vectors + k * dim, dim);
    return sqrt(bound_eigenvalue(products, n));
}

void spread_set_init(struct spread_set *set, const float *vectors, size_t n, size_t dim,
                     size_t stride)
{
    AUTO_FREE float *centered = xmalloc(n * dim * sizeof *centered);
    double squares = 0;
    *set = (struct spread_set){.key = key_of(vectors, n * dim),
                               .n = n,
                               .dim = dim,
                               .queries = xcalloc(n, sizeof *set->queries)};
    center_vectors(vectors, n, dim, centered);
    for (size_t i = 0; i < n; i++) {
        code_query_init(&set->queries[i], centered + i * dim, dim, stride);
        squares += set->queries[i].by_scale * set->queries[i].by_scale;
    }
    set->by_error = bound_singular_value(centered, n, dim) / sqrt((double)n);
    set->by_scale = sqrt(squares / (double)n);
}

void spread_set_release(struct spread_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        code_query_release(&set->queries[i]);
    free(set->queries);
}

/* ---- deviations ---- */

static void compute_deviations(const struct vectors *v, const struct spread_set *set,
                               const struct rows_block *block, size_t first, size_t n,
                               float *ret_deviations)
{
    int32_t sums[ROWS_AT_ONCE];
    double squares[ROWS_AT_ONCE] = {0};
    for (size_t i = 0; i < set->n; i++) {
        double step = set->queries[i].step;
        scan_kernels()->dot(block->units + first * v->stride, n, v->stride, set->queries[i].units,
                            sums);
        for (size_t r = 0; r < n; r++)
            squares[r] += step * sums[r] * (step * sums[r]);
    }
    for (size_t r = 0; r < n; r++)
        ret_deviations[r] =
            (float)((double)block->scales[first + r] * sqrt(squares[r] / (double)set->n));
}

static void fill_block(const struct vectors *v, const struct spread_set *set, size_t index)
{
    struct rows_block *block = v->slots[index].block;
    size_t count = rows_in_block(v, index);
    if (!block->spread) {
        block->spread = xcalloc(1, sizeof *block->spread);
        block->spread->key = set->key;
    }
    struct spread *spread = block->spread;
    while (spread->key == set->key && spread->count < count) {
        size_t n = count - spread->count < ROWS_AT_ONCE ? count - spread->count : ROWS_AT_ONCE;
        compute_deviations(v, set, block, spread->count, n, spread->deviations + spread->count);
        spread->count += n;
    }
}

void spread_fill(const struct vectors *v, const struct spread_set *set)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < v->n_blocks; i++)
        fill_block(v, set, i);
    pthread_mutex_unlock(&lock);
}

void spread_get(const struct vectors *v, const struct spread_set *set, size_t block, size_t first,
                size_t n, float *ret_deviations)
{
    const struct rows_block *from = v->slots[block].block;
    if (from->spread->key == set->key)
        memcpy(ret_deviations, from->spread->deviations + first, n * sizeof *ret_deviations);
    else
        compute_deviations(v, set, from, first, n, ret_deviations);
}
