/* SPDX-License-Identifier: MIT */
/* Resampling of RGB rows: the scalar specification and the choice of a variant. */
#include "kernels/resize.h"

static int32_t weight_at(const struct resize_block *weights, int tap)
{
    const struct resize_block *block = &weights[tap / RESIZE_BLOCK];
    int lane = tap % RESIZE_BLOCK;
    return block->high[lane] * RESIZE_SPLIT + block->low[lane];
}

static uint8_t clip_to_byte(int32_t sum)
{
    int32_t value = sum >> RESIZE_PRECISION_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static void resize_across_scalar(const uint8_t *in, const struct resize_taps *taps, uint8_t *out)
{
    for (int i = 0; i < taps->n_outputs; i++, out += 3) {
        const struct resize_block *weights = taps->weights + (size_t)i * (size_t)taps->blocks;
        const uint8_t *pixel = in + 3 * (size_t)taps->first[i];
        int32_t sum[3] = {1 << (RESIZE_PRECISION_BITS - 1), 1 << (RESIZE_PRECISION_BITS - 1),
                          1 << (RESIZE_PRECISION_BITS - 1)};
        for (int k = 0; k < taps->counts[i]; k++, pixel += 3)
            for (int c = 0; c < 3; c++)
                sum[c] += pixel[c] * weight_at(weights, k);
        for (int c = 0; c < 3; c++)
            out[c] = clip_to_byte(sum[c]);
    }
}

static void resize_down_scalar(const uint8_t *in, size_t stride, const struct resize_taps *taps,
                               int i, size_t n_bytes, uint8_t *out)
{
    const struct resize_block *weights = taps->weights + (size_t)i * (size_t)taps->blocks;
    const uint8_t *column = in + (size_t)taps->first[i] * stride;
    for (size_t x = 0; x < n_bytes; x++, column++) {
        int32_t sum = 1 << (RESIZE_PRECISION_BITS - 1);
        for (int k = 0; k < taps->counts[i]; k++)
            sum += column[(size_t)k * stride] * weight_at(weights, k);
        out[x] = clip_to_byte(sum);
    }
}

const struct resize_kernels resize_kernels_scalar = {"scalar", resize_across_scalar,
                                                     resize_down_scalar};

const struct resize_kernels *resize_kernels(enum cpu_level level)
{
#if defined(__x86_64__)
    if (level >= CPU_AVX2)
        return &resize_kernels_avx2;
#endif
    (void)level;
    return &resize_kernels_scalar;
}
