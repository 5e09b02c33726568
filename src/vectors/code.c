/* SPDX-License-Identifier: MIT */
/* Makes codes and computes the bound, as follows. R is the rotation (orthogonal), u = 2^-53.
 *
 *   row:    R x = s q + dx      s a float32, q integers,            |dx| <= e
 *   query:  R y = t p + dy      t a double,  p integers of 16 bits, |dy| <= f
 *
 *   x.y = Rx.Ry = s t (q.p) + s q.dy + dx.Ry
 *   |x.y - s t (q.p)| <= s |q| f + e |y| <= s (128 sqrt(dim)) f + e |y|          (Cauchy-Schwarz)
 *
 * The rest is floating point, each part below a few thousand u relative to the lengths involved:
 * - R x is computed in double: log2(dim) + 3 <= 16 roundings a component, an error of length
 *   <= 16 u |x|; e and f are made larger by 1e-12 of |x| and |y|.
 * - vectors_score adds dim/8 + 3 terms in a row: it is off by <= 1027 u |x| |y| (dim <= 8192).
 * - s * t * (q.p), and the sum with its radius, round four times.
 * SLACK = 1e-11 times (s 128 sqrt(dim) + e) |y|, where the bracket is at least |x|, is more than
 * ten times all of them together. q.p itself is exact: p is kept so small that it fits 32 bits. */
#include "vectors/code.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"

#define SLACK 1e-11
#define CODE_MAX_LENGTH 1e36

/* Returns +1 or -1 for each component. It must never change, because stored codes depend on it. */
static double sign_of(size_t i)
{
    uint32_t h = (uint32_t)i * 0x9E3779B9u;
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
    return (h ^ (h >> 13)) & 1 ? -1.0 : 1.0;
}

/* Computes the Walsh-Hadamard transform of n = 2^m values, scaled to preserve lengths. */
static void hadamard(double *v, size_t n)
{
    for (size_t half = 1; half < n; half *= 2)
        for (size_t start = 0; start < n; start += 2 * half)
            for (size_t i = start; i < start + half; i++) {
                double a = v[i], b = v[i + half];
                v[i] = a + b;
                v[i + half] = a - b;
            }
    double scale = 1.0 / sqrt((double)n);
    for (size_t i = 0; i < n; i++)
        v[i] *= scale;
}

/* Applies the signs, then a transform to each block of a power of two, into which dim is split,
 * largest first. */
static void rotate(const float *vector, size_t dim, double *ret_rotated)
{
    for (size_t i = 0; i < dim; i++)
        ret_rotated[i] = sign_of(i) * (double)vector[i];
    for (size_t start = 0; start < dim;) {
        size_t n = 1;
        while (2 * n <= dim - start)
            n *= 2;
        hadamard(ret_rotated + start, n);
        start += n;
    }
}

static double length(const double *v, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static double largest(const double *v, size_t dim)
{
    double most = 0;
    for (size_t i = 0; i < dim; i++)
        most = fmax(most, fabs(v[i]));
    return most;
}

/* Returns the smallest float32 that is not below `value`. */
static float round_up(double value)
{
    float f = (float)value;
    return (double)f < value ? nextafterf(f, INFINITY) : f;
}

struct code code_make(const float *vector, size_t dim, int8_t *ret_units)
{
    AUTO_FREE double *v = xmalloc(dim * sizeof *v);
    rotate(vector, dim, v);
    double size = length(v, dim);
    if (!(size < CODE_MAX_LENGTH)) { /* also for NaN */
        memset(ret_units, 0, dim);
        return (struct code){0, INFINITY};
    }
    struct code c = {round_up(largest(v, dim) / 127), 0};
    double inverse = c.scale > 0 ? 1.0 / (double)c.scale : 0;
    for (size_t i = 0; i < dim; i++) {
        double unit = fmax(-127, fmin(127, nearbyint(v[i] * inverse)));
        ret_units[i] = (int8_t)unit;
        v[i] -= (double)c.scale * unit;
    }
    c.error = round_up(length(v, dim) + 1e-12 * size);
    return c;
}

int code_is_possible(struct code c, const int8_t *units, size_t dim)
{
    if (!(c.scale >= 0 && c.error >= 0 && c.scale < CODE_MAX_LENGTH))
        return 0;
    /* The maximum error is half a unit in every component, plus the two roundings up. */
    if ((double)c.error > 0.501 * (double)c.scale * sqrt((double)dim) + 1e-36)
        return 0;
    return memchr(units, -128, dim) == NULL;
}

void code_query_init(struct code_query *q, const float *vector, size_t dim, size_t stride)
{
    AUTO_FREE double *v = xmalloc(dim * sizeof *v);
    rotate(vector, dim, v);
    double size = length(v, dim);
    double most_units = fmin(INT16_MAX, floor((double)INT32_MAX / (128.0 * (double)dim)));
    q->units = aligned_alloc(64, stride * sizeof *q->units);
    if (!q->units)
        memory_exhausted(stride * sizeof *q->units);
    memset(q->units, 0, stride * sizeof *q->units);
    q->step = largest(v, dim) / most_units;
    for (size_t i = 0; i < dim && q->step > 0; i++) {
        double unit = fmax(-most_units, fmin(most_units, nearbyint(v[i] / q->step)));
        q->units[i] = (int16_t)unit;
        v[i] -= q->step * unit;
    }
    double lost = length(v, dim) + 1e-12 * size;
    /* DBL_MIN prevents infinity * by_error from being NaN if the query is zero. */
    q->by_error = size * (1 + SLACK) + DBL_MIN;
    q->by_scale = 128 * sqrt((double)dim) * (lost * (1 + SLACK) + SLACK * size);
}

void code_query_release(struct code_query *q)
{
    free(q->units);
    q->units = NULL;
}
