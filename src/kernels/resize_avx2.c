/* SPDX-License-Identifier: MIT */
/* The AVX2 variant of resampling. */
#if defined(__x86_64__)

#include "kernels/resize.h"

#include <immintrin.h>
#include <string.h>

#define HALF (1 << (RESIZE_PRECISION_BITS - 1))
#define SPLIT_BITS 11 /* RESIZE_SPLIT = 1 << SPLIT_BITS */

_Static_assert(RESIZE_SPLIT == 1 << SPLIT_BITS, "the halves are joined by a shift");

/* Four pixels, 12 bytes and no more, in both 128-bit lanes. */
static __m256i load_pixels(const uint8_t *pixel)
{
    int32_t last;
    memcpy(&last, pixel + 8, 4);
    __m128i low = _mm_loadl_epi64((const __m128i *)(const void *)pixel);
    return _mm256_broadcastsi128_si256(_mm_insert_epi32(low, last, 2));
}

/* The same for fewer than four pixels. */
static __m256i load_some_pixels(const uint8_t *pixel, int n)
{
    uint8_t padded[16] = {0};
    memcpy(padded, pixel, 3 * (size_t)n);
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)padded));
}

/* 16-bit lanes: r0 r1 r2 r3 g0 g1 g2 g3 | b0 b1 b2 b3 0 0 0 0 */
static __m256i split_channels(__m256i pixels)
{
    const __m256i order =
        _mm256_setr_epi8(0, -1, 3, -1, 6, -1, 9, -1, 1, -1, 4, -1, 7, -1, 10, -1, 2, -1, 5, -1, 8,
                         -1, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    return _mm256_shuffle_epi8(pixels, order);
}

struct sums {
    __m256i high, low;
};

static struct sums add_block(struct sums sums, __m256i pixels, const struct resize_block *block)
{
    __m256i channels = split_channels(pixels);
    long long high, low;
    memcpy(&high, block->high, sizeof high);
    memcpy(&low, block->low, sizeof low);
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(channels, _mm256_set1_epi64x(high)));
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(channels, _mm256_set1_epi64x(low)));
    return sums;
}

/* Joins the halves, adds each channel's two lanes, rounds and clips: R, G, B in the low bytes. */
static uint32_t finish_pixel(struct sums sums)
{
    __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(sums.high, SPLIT_BITS), sums.low);
    __m128i rgb = _mm_hadd_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    rgb = _mm_srai_epi32(_mm_add_epi32(rgb, _mm_set1_epi32(HALF)), RESIZE_PRECISION_BITS);
    rgb = _mm_packs_epi32(rgb, rgb);
    return (uint32_t)_mm_cvtsi128_si32(_mm_packus_epi16(rgb, rgb));
}

static void resize_across(const uint8_t *in, const struct resize_taps *taps, uint8_t *out)
{
    const struct resize_block *block = taps->weights;
    for (int i = 0; i < taps->n_outputs; i++, block += taps->blocks, out += 3) {
        const uint8_t *pixel = in + 3 * (size_t)taps->first[i];
        struct sums sums = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        int whole = (taps->n_inputs - taps->first[i]) /
                    RESIZE_BLOCK; /* blocks that can be read whole; their weights may be 0 */
        whole = whole < taps->blocks ? whole : taps->blocks;
        int rest = taps->counts[i] - whole * RESIZE_BLOCK;
        for (int k = 0; k < whole; k++, pixel += 3 * RESIZE_BLOCK)
            sums = add_block(sums, load_pixels(pixel), block + k);
        if (rest > 0)
            sums = add_block(sums, load_some_pixels(pixel, rest), block + whole);
        uint32_t rgb = finish_pixel(sums);
        out[0] = (uint8_t)rgb;
        out[1] = (uint8_t)(rgb >> 8);
        out[2] = (uint8_t)(rgb >> 16);
    }
}

/* Interleaves two rows byte by byte in 16-bit lanes, and multiplies by the two rows' weights. */
static void add_rows(struct sums sums[2], __m128i row0, __m128i row1,
                     const struct resize_block *block, int lane)
{
    int32_t high, low;
    memcpy(&high, block->high + lane, sizeof high);
    memcpy(&low, block->low + lane, sizeof low);
    __m256i first = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(row0, row1));
    __m256i second = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(row0, row1));
    __m256i highs = _mm256_set1_epi32(high), lows = _mm256_set1_epi32(low);
    sums[0].high = _mm256_add_epi32(sums[0].high, _mm256_madd_epi16(first, highs));
    sums[0].low = _mm256_add_epi32(sums[0].low, _mm256_madd_epi16(first, lows));
    sums[1].high = _mm256_add_epi32(sums[1].high, _mm256_madd_epi16(second, highs));
    sums[1].low = _mm256_add_epi32(sums[1].low, _mm256_madd_epi16(second, lows));
}

static __m256i finish_sums(struct sums sums)
{
    __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(sums.high, SPLIT_BITS), sums.low);
    return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(HALF)), RESIZE_PRECISION_BITS);
}

/* Sixteen bytes of the output row. */
static __m128i blend_column(const uint8_t *column, size_t stride, const struct resize_block *block,
                            int count)
{
    struct sums sums[2] = {{_mm256_setzero_si256(), _mm256_setzero_si256()},
                           {_mm256_setzero_si256(), _mm256_setzero_si256()}};
    for (int k = 0; k < count; k += 2, column += 2 * stride) {
        __m128i row0 = _mm_loadu_si128((const __m128i *)(const void *)column);
        __m128i row1 = _mm_setzero_si128();
        if (k + 1 < count)
            row1 = _mm_loadu_si128((const __m128i *)(const void *)(column + stride));
        add_rows(sums, row0, row1, block + k / RESIZE_BLOCK, k % RESIZE_BLOCK);
    }
    __m256i words = _mm256_packs_epi32(finish_sums(sums[0]), finish_sums(sums[1]));
    words = _mm256_permute4x64_epi64(words, _MM_SHUFFLE(3, 1, 2, 0));
    return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

static void resize_down(const uint8_t *in, size_t stride, const struct resize_taps *taps, int i,
                        size_t n_bytes, uint8_t *out)
{
    const struct resize_block *block = taps->weights + (size_t)i * (size_t)taps->blocks;
    const uint8_t *column = in + (size_t)taps->first[i] * stride;
    if (n_bytes < 16) {
        resize_kernels_scalar.down(in, stride, taps, i, n_bytes, out);
        return;
    }
    for (size_t x = 0; x < n_bytes; x += 16) {
        size_t at =
            x + 16 <= n_bytes ? x : n_bytes - 16; /* the last step overlaps the one before */
        __m128i bytes = blend_column(column + at, stride, block, taps->counts[i]);
        _mm_storeu_si128((__m128i *)(void *)(out + at), bytes);
    }
}

const struct resize_kernels resize_kernels_avx2 = {"avx2", resize_across, resize_down};

#endif
