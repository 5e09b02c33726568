/* SPDX-License-Identifier: MIT */
/* Codes: int8 approximations of vectors, with a bound on the rounding error of dot products.
 *
 * The same fixed rotation is first applied to vectors and queries. It changes no dot product, but
 * spreads a vector over its components: CLIP puts most of the length of every vector into one or
 * two components, and rounding in steps that fit those would lose the others. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The size of the head of a stored code, which precedes its units: scale and error, little-endian
 * float32. */
#define CODE_HEAD_BYTES 8

struct code {
    float scale; /* value of one unit; >= 0 */
    float error; /* at least the length of (rotated vector - scale * units); INFINITY, with scale 0,
                    for a vector without a code: not finite, or longer than 1e36 */
};

/* Makes a code with ret_units [dim], each -127 to 127. */
struct code code_make(const float *vector, size_t dim, int8_t *ret_units);

/* A query and the constants of its bound: for every row x with a code (scale, error, units)
 *     |score(x, query) - scale * step * (units . query units)|
 *         <= error * by_error + scale * by_scale. */
struct code_query {
    int16_t *units; /* [stride], 64-byte aligned, zero past dim */
    double step, by_error, by_scale;
};

/* The vector must be finite. Release the query with code_query_release. */
void code_query_init(struct code_query *q, const float *vector, size_t dim, size_t stride);
void code_query_release(struct code_query *q);

/* Returns true if code_make can have made this code. */
int code_is_possible(struct code c, const int8_t *units, size_t dim);
