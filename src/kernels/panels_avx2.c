/* SPDX-License-Identifier: MIT */
/* The AVX2 variant of products with panels (panels_lanes.h). */
#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 8
#include "kernels/lanes.h"

static inline lanes lanes_from_f16(const uint16_t *values)
{
    return (lanes)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)values));
}

static inline lanes lanes_from_int8(const int8_t *values)
{
    __m256i wide = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)values));
    return (lanes)_mm256_cvtepi32_ps(wide);
}

#include "kernels/panels_lanes.h"

void panel_multiply_avx2(const struct panel_job *job)
{
    panel_multiply_lanes(job);
}
#endif
