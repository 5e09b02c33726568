#include <immintrin.h>

#include "kernels/scan.h"

/* Sixteen codes widened to int16 and multiplied: vpmaddwd adds two products of at most 2^22 each,
 * so nothing saturates (vpmaddubsw, which takes the bytes as they are, would). */
static inline __m256i accumulate(__m256i sum, const int8_t *row, __m256i query)
{
    __m256i wide = _mm256_cvtepi8_epi16(_mm_load_si128((const __m128i *)row));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(wide, query));
}

static inline int32_t add_lanes(__m256i v)
{
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    __m128i one = _mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1)));
    return _mm_cvtsi128_si32(one);
}

static void dot_four(const int8_t *rows, size_t stride, const int16_t *query, int32_t *ret_sums)
{
    __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
    for (size_t i = 0; i < stride; i += 16) {
        __m256i q = _mm256_load_si256((const __m256i *)(query + i));
        a = accumulate(a, rows + i, q);
        b = accumulate(b, rows + stride + i, q);
        c = accumulate(c, rows + 2 * stride + i, q);
        d = accumulate(d, rows + 3 * stride + i, q);
    }
    ret_sums[0] = add_lanes(a);
    ret_sums[1] = add_lanes(b);
    ret_sums[2] = add_lanes(c);
    ret_sums[3] = add_lanes(d);
}

static int32_t dot_one(const int8_t *row, size_t stride, const int16_t *query)
{
    __m256i a = _mm256_setzero_si256(), b = a;
    for (size_t i = 0; i < stride; i += 32) {
        a = accumulate(a, row + i, _mm256_load_si256((const __m256i *)(query + i)));
        b = accumulate(b, row + i + 16, _mm256_load_si256((const __m256i *)(query + i + 16)));
    }
    return add_lanes(_mm256_add_epi32(a, b));
}

void scan_dot_avx2(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                   int32_t *ret_sums)
{
    size_t r = 0;
    for (; r + 4 <= n; r += 4)
        dot_four(rows + r * stride, stride, query, ret_sums + r);
    for (; r < n; r++)
        ret_sums[r] = dot_one(rows + r * stride, stride, query);
}
