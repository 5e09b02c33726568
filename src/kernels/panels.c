/* SPDX-License-Identifier: MIT */
/* Products of a few rows with panels of weights: the scalar specification and the choice of a
 * variant. */
#include "kernels/panels.h"

#include <math.h>
#include <string.h>

#include "kernels/convert.h"
#include "kernels/value.h"

#define SCALAR_WIDTH 16

static float weight_at(const struct panel_job *job, size_t index)
{
    float value;
    switch (job->type) {
    case PANEL_F32:
        return ((const float *)job->weights)[index];
    case PANEL_F16:
        convert_kernels(CPU_SCALAR)->f16_to_f32((const uint16_t *)job->weights + index, 1, &value);
        return value;
    case PANEL_BF16:
        return value_from_bf16(((const uint16_t *)job->weights)[index]);
    case PANEL_INT8:
        return ((const int8_t *)job->weights)[index];
    }
    return 0;
}

static double finish_value(enum panel_finish finish, double value, double before)
{
    switch (finish) {
    case PANEL_QUICK_GELU:
        return value / (1 + exp(-1.702 * value));
    case PANEL_GELU:
        return value * (1 + erf(value / sqrt(2))) / 2;
    case PANEL_ADD:
        return before + value;
    case PANEL_PLAIN:
        break;
    }
    return value;
}

void panel_multiply_scalar(const struct panel_job *job)
{
    for (size_t row = 0; row < job->rows; row++)
        for (size_t column = 0; column < job->out; column++) {
            size_t panel = column / SCALAR_WIDTH, at = column % SCALAR_WIDTH;
            double sum = 0;
            for (size_t i = 0; i < job->in; i++)
                sum += (double)job->x[row * job->in + i] *
                       weight_at(job, (panel * job->in + i) * SCALAR_WIDTH + at);
            if (job->type == PANEL_INT8)
                sum *= job->scales[column];
            if (job->biases)
                sum += job->biases[column];
            float *y = &job->y[row * job->out + column];
            *y = (float)finish_value(job->finish, sum, *y);
        }
}

size_t panel_type_bytes(enum panel_type type)
{
    return type == PANEL_F32 ? 4 : type == PANEL_INT8 ? 1 : 2;
}

panel_function *panel_variant(enum cpu_level level)
{
#if defined(__x86_64__)
    if (level == CPU_AVX512)
        return panel_multiply_avx512;
    if (level == CPU_AVX2)
        return panel_multiply_avx2;
#endif
    (void)level;
    return panel_multiply_scalar;
}

size_t panel_width_at(enum cpu_level level)
{
    return level == CPU_AVX512 ? 32 : SCALAR_WIDTH;
}

void panel_multiply(const struct panel_job *job)
{
    panel_variant(cpu_level())(job);
}

size_t panel_width(void)
{
    return panel_width_at(cpu_level());
}
