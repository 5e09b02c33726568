/* SPDX-License-Identifier: MIT */
/* The AVX-512 variant of the scan, with VNNI. */
#include <immintrin.h>

#include "kernels/scan.h"

/* Widens thirty-two codes to int16; VNNI's vpdpwssd multiplies, adds pairs and accumulates without
 * saturating. */
static inline __m512i accumulate_codes(__m512i sum, const int8_t *row, __m512i query)
{
    __m512i wide = _mm512_cvtepi8_epi16(_mm256_load_si256((const __m256i *)row));
    return _mm512_dpwssd_epi32(sum, wide, query);
}

/* _mm512_reduce_add_epi32 would do its last addition on C ints, whose overflow is undefined. */
static inline int32_t add_lanes(__m512i v)
{
    __m256i eight = _mm256_add_epi32(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1))));
}

static int32_t dot_row(const int8_t *row, size_t stride, const int16_t *query)
{
    __m512i a = _mm512_setzero_si512(), b = a;
    for (size_t i = 0; i < stride; i += 64) {
        _mm_prefetch((const char *)((uintptr_t)row + i + SCAN_AHEAD_BYTES), _MM_HINT_T0);
        a = accumulate_codes(a, row + i, _mm512_load_si512(query + i));
        b = accumulate_codes(b, row + i + 32, _mm512_load_si512(query + i + 32));
    }
    return add_lanes(_mm512_add_epi32(a, b));
}

void scan_dot_avx512(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                     int32_t *ret_sums)
{
    for (size_t r = 0; r < n; r++)
        ret_sums[r] = dot_row(rows + r * stride, stride, query);
}
