/* SPDX-License-Identifier: MIT */
/* The AVX-512 variant of attention (attention_lanes.h). */
#if defined(__x86_64__)
#define LANES 16
#include "kernels/attention_lanes.h"

void attention_head_avx512(const struct attention_job *job, float *scratch)
{
    attention_head_lanes(job, scratch);
}
#endif
