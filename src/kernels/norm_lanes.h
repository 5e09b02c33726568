/* SPDX-License-Identifier: MIT */
/* Layer norm in SIMD lanes: the body of the AVX2 and AVX-512 variants. See norm.h. */
#pragma once

#include <math.h>

#include "kernels/lanes.h"
#include "kernels/norm.h"

static inline float row_mean(const float *in, size_t width)
{
    lanes sum = {0};
    float rest = 0;
    size_t i = 0;
    for (; i + LANES <= width; i += LANES)
        sum += lanes_load(in + i);
    for (; i < width; i++)
        rest += in[i];
    return (lanes_sum(sum) + rest) / (float)width;
}

static inline float row_variance(const float *in, size_t width, float mean)
{
    lanes sum = {0};
    float rest = 0;
    size_t i = 0;
    for (; i + LANES <= width; i += LANES) {
        lanes off = lanes_load(in + i) - mean;
        sum += off * off;
    }
    for (; i < width; i++)
        rest += (in[i] - mean) * (in[i] - mean);
    return (lanes_sum(sum) + rest) / (float)width;
}

static inline void norm_row(const struct norm_job *job, const float *in, void *out)
{
    float mean = row_mean(in, job->width);
    float scale = 1 / sqrtf(row_variance(in, job->width, mean) + job->epsilon);
    size_t i = 0;
    for (; i + LANES <= job->width; i += LANES) {
        lanes v = (lanes_load(in + i) - mean) * scale;
        v = v * lanes_load(job->gain + i) + lanes_load(job->bias + i);
        lanes_write(out, job->out_type, i, v);
    }
    for (; i < job->width; i++)
        value_store(out, job->out_type, i, (in[i] - mean) * scale * job->gain[i] + job->bias[i]);
}

static inline void norm_rows_lanes(const struct norm_job *job)
{
    for (size_t row = 0; row < job->rows; row++)
        norm_row(job, job->in + row * job->in_stride,
                 value_at(job->out, job->out_type, row * job->width));
}
