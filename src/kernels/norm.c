/* SPDX-License-Identifier: MIT */
/* Layer norm of rows: the scalar specification and the choice of a variant. */
#include "kernels/norm.h"

#include <math.h>

void norm_rows_scalar(const struct norm_job *job)
{
    for (size_t row = 0; row < job->rows; row++) {
        const float *in = job->in + row * job->in_stride;
        void *out = value_at(job->out, job->out_type, row * job->width);
        double mean = 0, variance = 0;
        for (size_t i = 0; i < job->width; i++)
            mean += in[i];
        mean /= (double)job->width;
        for (size_t i = 0; i < job->width; i++)
            variance += (in[i] - mean) * (in[i] - mean);
        variance /= (double)job->width;
        double scale = 1 / sqrt(variance + (double)job->epsilon);
        for (size_t i = 0; i < job->width; i++)
            value_store(out, job->out_type, i,
                        (float)((in[i] - mean) * scale) * job->gain[i] + job->bias[i]);
    }
}

norm_function *norm_variant(enum cpu_level level)
{
#if defined(__x86_64__)
    if (level == CPU_AVX512)
        return norm_rows_avx512;
    if (level == CPU_AVX2)
        return norm_rows_avx2;
#endif
    (void)level;
    return norm_rows_scalar;
}

void norm_rows(const struct norm_job *job)
{
    norm_variant(cpu_level())(job);
}
