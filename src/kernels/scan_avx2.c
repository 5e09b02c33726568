/* SPDX-License-Identifier: MIT */
/* The AVX2 variant of the scan. */
#include <immintrin.h>

#include "kernels/scan.h"

/* Widens sixteen codes to int16 and multiplies them. vpmaddwd adds two products of at most 2^22
 * each, so nothing saturates; vpmaddubsw, which takes bytes directly, could saturate. */
static inline __m256i accumulate_codes(__m256i sum, const int8_t *row, const int16_t *query)
{
    __m256i wide = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)row));
    __m256i q = _mm256_load_si256((const __m256i *)query);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(wide, q));
}

static inline int32_t add_lanes(__m256i v)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    __m128i one = _mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1)));
    return _mm_cvtsi128_si32(one);
}

static int32_t dot_row(const int8_t *row, size_t stride, const int16_t *query)
{
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (size_t i = 0; i < stride; i += 64) {
        _mm_prefetch((const char *)((uintptr_t)row + i + SCAN_AHEAD_BYTES), _MM_HINT_T0);
        a = accumulate_codes(a, row + i, query + i);
        b = accumulate_codes(b, row + i + 16, query + i + 16);
        c = accumulate_codes(c, row + i + 32, query + i + 32);
        d = accumulate_codes(d, row + i + 48, query + i + 48);
    }
    return add_lanes(_mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d)));
}

void scan_dot_avx2(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                   int32_t *ret_sums)
{
    for (size_t r = 0; r < n; r++)
        ret_sums[r] = dot_row(rows + r * stride, stride, query);
}
