/* SPDX-License-Identifier: MIT */
/* 16-bit floats to float32: the scalar specification and the choice of a variant. */
#include "kernels/convert.h"

#include <stdint.h>
#include <string.h>

#include "kernels/convert_isa.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are read in place");

static uint16_t load_16(const void *source, size_t i)
{
    uint16_t bits;
    memcpy(&bits, (const char *)source + 2 * i, sizeof bits);
    return bits;
}

static uint32_t f32_bits_of_f16(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = half >> 10 & 31, mantissa = half & 0x3ff;
    if (exponent == 31) /* infinity, or a NaN made quiet */
        return sign | 0x7f800000 | mantissa << 13 | (mantissa ? 0x00400000 : 0);
    if (exponent == 0) {
        if (mantissa == 0)
            return sign;
        int shift = __builtin_clz(mantissa) - 21; /* brings the leading one to bit 10 */
        exponent = (uint32_t)(1 - shift);
        mantissa = mantissa << shift & 0x3ff;
    }
    return sign | (exponent + 127 - 15) << 23 | mantissa << 13;
}

static void f16_to_f32(const void *source, size_t n, float *ret_values)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = f32_bits_of_f16(load_16(source, i));
        memcpy(ret_values + i, &bits, sizeof bits);
    }
}

static void bf16_to_f32(const void *source, size_t n, float *ret_values)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)load_16(source, i) << 16;
        memcpy(ret_values + i, &bits, sizeof bits);
    }
}

static const struct convert_kernels scalar = {f16_to_f32, bf16_to_f32};

const struct convert_kernels *convert_kernels(enum cpu_level level)
{
#if defined(__x86_64__)
    return level >= CPU_AVX2 ? &convert_kernels_avx2 : &scalar;
#else
    (void)level;
    return &scalar;
#endif
}
