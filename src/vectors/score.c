/* SPDX-License-Identifier: MIT */
/* Computes the score of two vectors: a dot product whose bits do not depend on the compiler. */
#include "vectors/vectors.h"

/* Keeps eight running sums and adds them as a tree. The product of two float32 is exact in double,
 * so only the additions round. The compiler may fuse multiplications and additions, or keep the
 * eight sums in vector registers, without changing a bit of the result. */
double vectors_score(const float *a, const float *b, size_t dim)
{
    double sum[8] = {0};
    size_t i = 0;
    for (; i + 8 <= dim; i += 8)
        for (size_t j = 0; j < 8; j++)
            sum[j] += (double)a[i + j] * (double)b[i + j];
    for (size_t j = 0; i < dim; i++, j++)
        sum[j] += (double)a[i] * (double)b[i];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}
