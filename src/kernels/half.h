/* SPDX-License-Identifier: MIT */
/* float32 to float16 (IEEE 754 binary16), one value at a time; convert.h has the way back. */
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Whether a float16 has exactly this value. Infinities and NaN count as not. */
static inline bool half_is_exact(float value)
{
    float size = fabsf(value);
    if (!(size <= 65504))
        return false;
    if (size < 0x1p-14f) /* a multiple of the smallest subnormal */
        return rintf(size * 0x1p24f) == size * 0x1p24f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x1fff) == 0;
}

/* Rounds to nearest, ties to even; to an infinity above 65520. NaN stays NaN. */
static inline uint16_t half_from_f32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    float size = fabsf(value);
    if (isnan(value))
        return sign | 0x7e00;
    if (size >= 65520)
        return sign | 0x7c00;
    if (size < 0x1p-14f)
        return sign | (uint16_t)rintf(size * 0x1p24f);
    uint32_t rounded = (bits & 0x7fffffff) + 0xfff + (bits >> 13 & 1);
    return sign | (uint16_t)((rounded >> 13) - ((127 - 15) << 10));
}
