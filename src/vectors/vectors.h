/* SPDX-License-Identifier: MIT */
/* The exact in-memory index: it scans int8 codes with SIMD, and rescores the few rows that can be
 * among the best.
 *
 * A code is a vector rounded to int8 with its own scale, and the length of its rounding error. By
 * Cauchy-Schwarz, the true cosine is within a known distance of the int8 product. Every row that
 * could be among the k best is rescored, so the result is exact: it equals brute force over the
 * float32 vectors.
 *
 * The score of a row is the dot product of the float32 vectors summed in double precision in one
 * fixed order: the same number on every CPU. Ties break by `order` (the store gives path order). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

struct vectors;

struct vectors_hit {
    int64_t id;
    double score;
};

/* The source of the float32 vectors. Both functions are called only for the few candidates, from
 * the searching thread. */
struct vectors_source {
    void *context;
    /* Gets the vector of photo `id` into ret_vector [dim]. */
    int (*fetch)(void *context, int64_t id, float *ret_vector, struct error *err);
    /* Returns < 0 if a comes before b at equal scores; NULL: order by id. */
    int (*order)(void *context, int64_t a, int64_t b);
};

struct vectors *vectors_new(size_t dim); /* dim: 1 to LIMIT_MODEL_WIDTH */
void vectors_free(struct vectors *v);
DEFINE_AUTO(vectors, vectors_free)
size_t vectors_count(const struct vectors *v); /* without removed rows */
size_t vectors_dim(const struct vectors *v);
void vectors_clear(struct vectors *v);

/* Makes a snapshot: a separate index with the rows of `v`. Both share the memory of the rows, so a
 * fork takes a few microseconds per 100,000 rows. Each index may then be changed, searched and
 * freed independently of the other. Calls that change rows (fork, add, remove, clear) must be
 * serialised among all indexes forked from the same one. */
struct vectors *vectors_fork(const struct vectors *v);

/* The size of a stored code, and its encoder, for stores that keep codes with the vectors. Layout:
 * scale and error, two little-endian float32, then dim int8 units of the rotated vector; the bytes
 * are the same on every machine. A store that keeps codes records VECTORS_CODE_VERSION, and
 * recomputes them from the vectors if it differs. */
#define VECTORS_CODE_VERSION 1
size_t vectors_code_bytes(size_t dim);
void vectors_encode(const float *vector, size_t dim, void *ret_code);

/* Adds a row; the caller assigns ids, which should be unique. The vector need not have unit length.
 * A vector that is not finite (or is longer than 1e36) is rescored by every search and ranked by
 * its score, NaN after all numbers. */
void vectors_add(struct vectors *v, int64_t id, const float *vector);
/* Adds a row with a stored code. ERR_CORRUPT if the code has the wrong size, or a scale, error or
 * unit that no finite vector can have; ERR_NO_MEMORY. */
int vectors_add_code(struct vectors *v, int64_t id, const void *code, size_t size,
                     struct error *err) MUST_CHECK;

/* Removes the rows with these ids [n], which are in ascending order; unknown ids are ignored.
 * Returns the number of removed rows. It scans the ids of the blocks of 4,096 rows that may contain
 * them, and copies the remaining rows of a block that has lost a quarter of its rows. To replace a
 * row, remove it and add it again. */
size_t vectors_remove(struct vectors *v, const int64_t *ids, size_t n);

/* Finds the min(k, count) best rows by dot product with `query` [dim], best first. `keep` (may be
 * NULL) filters rows by id, exactly; it gets source->context, is called from the searching thread,
 * and must always return the same value for an id. ret_hits has room for k. ERR_INVALID if the
 * query is not finite; also the errors of `fetch`. Any number of threads may search concurrently
 * while no thread changes the index. A large index is scanned by several internal threads, and
 * concurrent searches share a scan (shared_scan.h). */
int vectors_search(const struct vectors *v, const float *query, size_t k,
                   const struct vectors_source *source, bool (*keep)(void *context, int64_t id),
                   struct vectors_hit *ret_hits, size_t *ret_count, struct error *err) MUST_CHECK;

/* A range of a number, of which only an approximation is known. */
struct vectors_range {
    double least, most;
};

/* Grades that are computed from a row's dot products with `queries` [n][dim], n at least 1, and
 * from its deviation: the standard deviation of its dot products with the vectors `background`
 * [background_count][dim]. */
struct vectors_grading {
    const float *queries, *background;
    size_t n, background_count;
    /* Returns the range of a row's grade. `products` is [n]. A row without a code has ranges from
     * -INFINITY (the deviation from 0) to INFINITY. Called from the searching thread only. */
    struct vectors_range (*grade)(void *context, int64_t id, const struct vectors_range *products,
                                  struct vectors_range deviation);
    void *context;
};

/* Finds the rows that can be among the k with the best grades, by the codes alone: the caller
 * computes their true grades. *ret_ids [*ret_count], in ascending order, is the caller's to free;
 * *ret_total is the number of rows that `keep` (may be NULL) keeps. Deviations are cached with the
 * rows, for the first `background`; it should be the same in all calls. ERR_INVALID if a query or
 * the background is not finite. */
int vectors_candidates(const struct vectors *v, const struct vectors_grading *grading, size_t k,
                       bool (*keep)(void *context, int64_t id), void *keep_context,
                       int64_t **ret_ids, size_t *ret_count, size_t *ret_total,
                       struct error *err) MUST_CHECK;

/* Returns the score as defined above; a and b are [dim]. */
double vectors_score(const float *a, const float *b, size_t dim);
