/* SPDX-License-Identifier: MIT */
/* LANES floats as one value, for code that the AVX2 and AVX-512 variants share. The including file
 * sets their number by `#define LANES 8` or 16. These are GNU vector types (gcc and clang) with
 * ordinary arithmetic operators; a vector type needs a typedef to have a name. */
#pragma once

#include "kernels/value.h"

#define LANE_BYTES (LANES * 4)

typedef float lanes __attribute__((vector_size(LANE_BYTES)));
typedef int32_t int_lanes __attribute__((vector_size(LANE_BYTES)));
typedef uint32_t bit_lanes __attribute__((vector_size(LANE_BYTES)));
typedef uint16_t half_lanes __attribute__((vector_size(LANE_BYTES / 2)));

static inline lanes lanes_of(float value)
{
    return value - (lanes){0};
}

static inline lanes lanes_load(const float *values)
{
    lanes v;
    memcpy(&v, values, sizeof v);
    return v;
}

static inline void lanes_store(float *values, lanes v)
{
    memcpy(values, &v, sizeof v);
}

static inline lanes lanes_from_bf16(const uint16_t *values)
{
    half_lanes half;
    memcpy(&half, values, sizeof half);
    return (lanes)(__builtin_convertvector(half, bit_lanes) << 16);
}

static inline void lanes_to_bf16(uint16_t *values, lanes v)
{
    bit_lanes bits = (bit_lanes)v;
    bits = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    half_lanes half = __builtin_convertvector(bits, half_lanes);
    memcpy(values, &half, sizeof half);
}

/* LANES elements from `index` of an array of `type`. */
static inline lanes lanes_read(const void *values, enum value_type type, size_t index)
{
    return type == VALUE_BF16 ? lanes_from_bf16((const uint16_t *)values + index)
                              : lanes_load((const float *)values + index);
}

static inline void lanes_write(void *values, enum value_type type, size_t index, lanes v)
{
    if (type == VALUE_BF16)
        lanes_to_bf16((uint16_t *)values + index, v);
    else
        lanes_store((float *)values + index, v);
}

static inline lanes lanes_max(lanes a, lanes b)
{
    return (lanes)(((int_lanes)a & (a > b)) | ((int_lanes)b & ~(a > b)));
}

static inline float lanes_sum(lanes v)
{
    float sum = 0;
    for (int i = 0; i < LANES; i++)
        sum += v[i];
    return sum;
}

static inline float lanes_largest(lanes v)
{
    float largest = v[0];
    for (int i = 1; i < LANES; i++)
        largest = v[i] > largest ? v[i] : largest;
    return largest;
}

/* e^x for x <= 0, within 2 units in the last place; about 1e-38 for all x below -87. x = n ln 2 + r
 * with |r| <= ln 2 / 2: the Taylor series of e^r up to r^7 (remainder below 6e-9), and n added to
 * the exponent bits. Adding 1.5 * 2^23 rounds to the nearest integer. */
static inline lanes lanes_exp(lanes x)
{
    const float shift = 0x1.8p23f;
    x = lanes_max(x, lanes_of(-87.0f));
    lanes shifted = x * 0x1.715476p0f + shift;
    lanes n = shifted - shift;
    lanes r = x - n * 0x1.62e4p-1f; /* ln 2 in two parts: the first has few enough bits that */
    r = r - n * 0x1.7f7d1cp-20f;    /* n times it is exact */
    lanes sum = r * (1.0f / 5040) + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    return (lanes)((int_lanes)sum + ((int_lanes)shifted << 23));
}
