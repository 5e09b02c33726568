#include <immintrin.h>

#include "kernels/scan.h"

/* Thirty-two codes widened to int16; VNNI's vpdpwssd multiplies, adds pairs and accumulates without
 * saturating. */
static inline __m512i accumulate(__m512i sum, const int8_t *row, __m512i query)
{
    __m512i wide = _mm512_cvtepi8_epi16(_mm256_load_si256((const __m256i *)row));
    return _mm512_dpwssd_epi32(sum, wide, query);
}

static void dot_four(const int8_t *rows, size_t stride, const int16_t *query, int32_t *ret_sums)
{
    __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
    for (size_t i = 0; i < stride; i += 32) {
        __m512i q = _mm512_load_si512(query + i);
        a = accumulate(a, rows + i, q);
        b = accumulate(b, rows + stride + i, q);
        c = accumulate(c, rows + 2 * stride + i, q);
        d = accumulate(d, rows + 3 * stride + i, q);
    }
    ret_sums[0] = _mm512_reduce_add_epi32(a);
    ret_sums[1] = _mm512_reduce_add_epi32(b);
    ret_sums[2] = _mm512_reduce_add_epi32(c);
    ret_sums[3] = _mm512_reduce_add_epi32(d);
}

static int32_t dot_one(const int8_t *row, size_t stride, const int16_t *query)
{
    __m512i a = _mm512_setzero_si512(), b = a;
    for (size_t i = 0; i < stride; i += 64) {
        a = accumulate(a, row + i, _mm512_load_si512(query + i));
        b = accumulate(b, row + i + 32, _mm512_load_si512(query + i + 32));
    }
    return _mm512_reduce_add_epi32(_mm512_add_epi32(a, b));
}

void scan_dot_avx512(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                     int32_t *ret_sums)
{
    size_t r = 0;
    for (; r + 4 <= n; r += 4)
        dot_four(rows + r * stride, stride, query, ret_sums + r);
    for (; r < n; r++)
        ret_sums[r] = dot_one(rows + r * stride, stride, query);
}
