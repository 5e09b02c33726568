/* SPDX-License-Identifier: MIT */
/* The AVX-512 variant of layer norm (norm_lanes.h). */
#if defined(__x86_64__)
#define LANES 16
#include "kernels/norm_lanes.h"

void norm_rows_avx512(const struct norm_job *job)
{
    norm_rows_lanes(job);
}
#endif
