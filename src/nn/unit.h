/* SPDX-License-Identifier: MIT */
/* Scaling to unit length. */
#pragma once

#include <math.h>
#include <stddef.h>

#include "base/error.h"

/* ERR_CORRUPT when the vector has no direction: only broken weights give zeros, infinities or NaN.
 */
static inline int unit_scale(float *vector, size_t n, struct error *err)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)vector[i] * vector[i];
    if (!(sum > 0) || !isfinite(sum))
        return error_set(err, ERR_CORRUPT,
                         "the model computed an invalid vector: its weights are damaged; pull "
                         "or copy the model again");
    float scale = (float)(1 / sqrt(sum));
    for (size_t i = 0; i < n; i++)
        vector[i] *= scale;
    return 0;
}
