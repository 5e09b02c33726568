/* SPDX-License-Identifier: MIT */
/* The AVX2 variant of attention (attention_lanes.h). */
#if defined(__x86_64__)
#define LANES 8
#include "kernels/attention_lanes.h"

void attention_head_avx2(const struct attention_job *job, float *scratch)
{
    attention_head_lanes(job, scratch);
}
#endif
