/* SPDX-License-Identifier: MIT */
/* The AVX-512 variant of products with panels (panels_lanes.h). */
#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 16
#include "kernels/lanes.h"

static inline lanes lanes_from_f16(const uint16_t *values)
{
    return (lanes)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)values));
}

static inline lanes lanes_from_int8(const int8_t *values)
{
    __m512i wide = _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)values));
    return (lanes)_mm512_cvtepi32_ps(wide);
}

#include "kernels/panels_lanes.h"

void panel_multiply_avx512(const struct panel_job *job)
{
    panel_multiply_lanes(job);
}
#endif
