/* Scaling to unit length. */
#pragma once

#include <math.h>
#include <stddef.h>

/* A vector of zeros stays as it is. */
static inline void unit_scale(float *vector, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)vector[i] * vector[i];
    float scale = sum > 0 ? (float)(1 / sqrt(sum)) : 0;
    for (size_t i = 0; i < n; i++)
        vector[i] *= scale;
}
