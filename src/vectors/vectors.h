/* SPDX-License-Identifier: MIT */
/* The exact index in memory: int8 codes scanned with SIMD, the few that can be among the best
 * rescored.
 *
 * A code is a vector rounded to int8 with its own scale, and the length of what rounding lost. By
 * Cauchy-Schwarz the true cosine lies within a known distance of the int8 product, so every row
 * that could belong to the k best is rescored and the result equals brute force over the float32
 * vectors: exact, not approximate.
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

/* Where the float32 truth is. Both are called only for the few candidates, from the searching
 * thread. */
struct vectors_source {
    void *context;
    /* The vector of photo `id` into ret_vector [dim]. */
    int (*fetch)(void *context, int64_t id, float *ret_vector, struct error *err);
    /* < 0 when a comes first among equal scores; NULL: by id. */
    int (*order)(void *context, int64_t a, int64_t b);
};

struct vectors *vectors_new(size_t dim); /* dim: 1 to LIMIT_MODEL_WIDTH */
void vectors_free(struct vectors *v);
DEFINE_AUTO(vectors, vectors_free)
size_t vectors_count(const struct vectors *v); /* without the rows that were removed */
size_t vectors_dim(const struct vectors *v);
void vectors_clear(struct vectors *v);

/* A snapshot: an index of its own with the rows of `v`, whose memory both share, so that it costs
 * some microseconds for each 100,000 rows. Either may then be changed, searched and freed whatever
 * happens to the other. Only who changes rows (forks, adds, removes, clears) must do so one at a
 * time, for all indexes that came of one. */
struct vectors *vectors_fork(const struct vectors *v);

/* Bytes of one stored code, and its making: for stores that keep codes beside the vectors.
 * Layout: scale and error, two little-endian float32, then dim int8 units of the rotated vector;
 * the same bytes on every machine. A store that keeps codes keeps VECTORS_CODE_VERSION with them
 * and makes them anew from the vectors when it differs. */
#define VECTORS_CODE_VERSION 1
size_t vectors_code_bytes(size_t dim);
void vectors_encode(const float *vector, size_t dim, void *ret_code);

/* Adds a row; ids are the caller's and should be unique. Any vector will do, of unit length or not:
 * one that is not finite (or longer than 1e36) is rescored by every search and ranked by its score,
 * NaN after all numbers. */
void vectors_add(struct vectors *v, int64_t id, const float *vector);
/* ERR_CORRUPT when the code has the wrong size or a scale, error or unit that no finite vector can
 * have; ERR_NO_MEMORY. */
int vectors_add_code(struct vectors *v, int64_t id, const void *code, size_t size,
                     struct error *err) MUST_CHECK;

/* Removes the rows of these ids [n], which are in ascending order; those it does not have are fine.
 * Returns how many rows went. The time is that of looking at the ids of the blocks of 4,096 rows
 * that may have them; of a block that has lost a quarter the others are copied. To replace a row,
 * remove it and add it again. */
size_t vectors_remove(struct vectors *v, const int64_t *ids, size_t n);

/* The min(k, count) best rows by dot product with `query` [dim], best first. `keep` (may be NULL)
 * filters rows by id, exactly; it gets source->context, is called from the searching thread, and
 * must answer alike when asked twice. ret_hits has room for k. ERR_INVALID when the query is not
 * finite; what fetch reports. Any number of threads may search at once while nobody changes the
 * index; a large one is scanned by several threads of its own, once for all who wait
 * (shared_pass.h). */
int vectors_search(const struct vectors *v, const float *query, size_t k,
                   const struct vectors_source *source, bool (*keep)(void *context, int64_t id),
                   struct vectors_hit *ret_hits, size_t *ret_count, struct error *err) MUST_CHECK;

/* The score as defined above; a and b are [dim]. */
double vectors_score(const float *a, const float *b, size_t dim);
