/* SPDX-License-Identifier: MIT */
/* Vectors as small integers, with a bound on what the rounding did to a dot product.
 *
 * Both sides are first turned by the same fixed rotation, which changes no dot product but spreads
 * a vector over its components: CLIP puts most of the length of every vector into one or two
 * components, and rounding in steps of those would lose the others. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The bytes a stored code has before its units: scale and error, little-endian float32. */
#define CODE_HEAD_BYTES 8

struct code {
    float scale; /* of a unit; >= 0 */
    float error; /* at least the length of (rotated vector - scale * units); INFINITY with scale 0
                    for a vector that has no code: not finite, or longer than 1e36 */
};

/* ret_units [dim], each -127 to 127. */
struct code code_make(const float *vector, size_t dim, int8_t *ret_units);

/* A query and the constants of its bound: for every coded row x with a code (scale, error, units)
 *     |score(x, query) - scale * step * (units . query units)|
 *         <= error * by_error + scale * by_scale. */
struct code_query {
    int16_t *units; /* [stride], 64-byte aligned, zero past dim */
    double step, by_error, by_scale;
};

/* The vector must be finite; released with code_query_release. */
void code_query_init(struct code_query *q, const float *vector, size_t dim, size_t stride);
void code_query_release(struct code_query *q);

/* True when code_make can have made it. */
int code_is_possible(struct code c, const int8_t *units, size_t dim);
