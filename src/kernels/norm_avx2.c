/* SPDX-License-Identifier: MIT */
/* The AVX2 variant of layer norm (norm_lanes.h). */
#if defined(__x86_64__)
#define LANES 8
#include "kernels/norm_lanes.h"

void norm_rows_avx2(const struct norm_job *job)
{
    norm_rows_lanes(job);
}
#endif
