/* SPDX-License-Identifier: MIT */
/* The number formats of the towers' activations and weights.
 *
 * bf16 is the upper half of a float32: 8 bits of exponent, 7 of fraction. It is rounded to nearest,
 * ties to even; values are finite. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum value_type { VALUE_F32, VALUE_BF16 };

static inline size_t value_bytes(enum value_type type)
{
    return type == VALUE_BF16 ? 2 : 4;
}

static inline float value_from_bf16(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t value_to_bf16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/* Element `index` of an array of `type`. */
static inline float value_load(const void *values, enum value_type type, size_t index)
{
    return type == VALUE_BF16 ? value_from_bf16(((const uint16_t *)values)[index])
                              : ((const float *)values)[index];
}

static inline void value_store(void *values, enum value_type type, size_t index, float value)
{
    if (type == VALUE_BF16)
        ((uint16_t *)values)[index] = value_to_bf16(value);
    else
        ((float *)values)[index] = value;
}

/* The address of element `index`. */
static inline void *value_at(void *values, enum value_type type, size_t index)
{
    return (char *)values + index * value_bytes(type);
}

static inline const void *value_at_const(const void *values, enum value_type type, size_t index)
{
    return (const char *)values + index * value_bytes(type);
}
