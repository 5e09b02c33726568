/* SPDX-License-Identifier: MIT */
/* The AVX2 variant of the conversions from 16-bit floats. */
#if defined(__x86_64__)

#include "kernels/convert_isa.h"

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 8 };

static __m128i load_lanes(const void *source, size_t first)
{
    return _mm_loadu_si128((const __m128i *)(const void *)((const char *)source + 2 * first));
}

/* Fewer than LANES values after the last whole vector; the others are zero. */
static __m128i load_rest(const void *source, size_t first, size_t n)
{
    uint16_t lanes[LANES] = {0};
    memcpy(lanes, (const char *)source + 2 * first, 2 * (n - first));
    return _mm_loadu_si128((const __m128i *)(const void *)lanes);
}

static void store_rest(float *ret_values, size_t first, size_t n, __m256 values)
{
    float lanes[LANES];
    _mm256_storeu_ps(lanes, values);
    memcpy(ret_values + first, lanes, (n - first) * sizeof *lanes);
}

static __m256 of_bf16(__m128i halves)
{
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

static void f16_to_f32(const void *source, size_t n, float *ret_values)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        _mm256_storeu_ps(ret_values + i, _mm256_cvtph_ps(load_lanes(source, i)));
    if (i < n)
        store_rest(ret_values, i, n, _mm256_cvtph_ps(load_rest(source, i, n)));
}

static void bf16_to_f32(const void *source, size_t n, float *ret_values)
{
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        _mm256_storeu_ps(ret_values + i, of_bf16(load_lanes(source, i)));
    if (i < n)
        store_rest(ret_values, i, n, of_bf16(load_rest(source, i, n)));
}

const struct convert_kernels convert_kernels_avx2 = {f16_to_f32, bf16_to_f32};

#else
extern int convert_avx2_is_for_x86_64; /* ISO C forbids an empty translation unit */
#endif
