/* SPDX-License-Identifier: MIT */
/* Grades how well a photo matches, by its contrast with background texts. */
#include "search/strength.h"

#include <math.h>

/* Minimum contrasts of the grades. */
#define WEAK 2.0
#define FAIR 3.0
#define STRONG 4.0

/* Minimum correlations of the grades. Of pairs of unrelated photos, half are above 0.33 (ViT-B/32)
 * and 0.19 (mini), and 2 % above 0.63 and 0.70; of pairs with the same subject, half are above 0.51
 * and 0.69. */
#define PICTURE_WEAK 0.1
#define PICTURE_FAIR 0.5
#define PICTURE_STRONG 0.7

const char *search_strength_name(enum search_strength strength)
{
    static const char *const names[] = {"none", "weak", "fair", "strong"};
    return names[strength];
}

static enum search_strength grade_value(double value, double weak, double fair, double strong)
{
    if (!(value >= weak)) /* NaN is not a match */
        return SEARCH_NONE;
    return value >= strong ? SEARCH_STRONG : value >= fair ? SEARCH_FAIR : SEARCH_WEAK;
}

/* Uses four sums, so that additions do not wait for each other. */
static double cosine_of(const float *a, const float *b, size_t dim)
{
    float sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= dim; i += 4)
        for (size_t j = 0; j < 4; j++)
            sums[j] += a[i + j] * b[i + j];
    for (; i < dim; i++)
        sums[0] += a[i] * b[i];
    return (double)sums[0] + sums[1] + sums[2] + sums[3];
}

double search_contrast(const float *query, const float *photo, const float *background, size_t n,
                       size_t dim)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        double c = cosine_of(photo, background + i * dim, dim);
        sum += c;
        squares += c * c;
    }
    double mean = sum / (double)n, variance = squares / (double)n - mean * mean;
    return variance > 0 ? (cosine_of(query, photo, dim) - mean) / sqrt(variance) : -INFINITY;
}

enum search_strength search_contrast_strength(double contrast)
{
    return grade_value(contrast, WEAK, FAIR, STRONG);
}

enum search_strength search_text_strength(const float *query, const float *photo,
                                          const float *background, size_t n, size_t dim)
{
    return grade_value(search_contrast(query, photo, background, n, dim), WEAK, FAIR, STRONG);
}

static double correlation_of(const float *query, const float *photo, const float *background,
                             size_t n, size_t dim)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0, count = (double)n;
    for (size_t i = 0; i < n; i++) {
        double a = cosine_of(query, background + i * dim, dim);
        double b = cosine_of(photo, background + i * dim, dim);
        x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    double spread = sqrt((xx - x * x / count) * (yy - y * y / count));
    return spread > 0 ? (xy - x * y / count) / spread : 0;
}

enum search_strength search_picture_strength(const float *query, const float *photo,
                                             const float *background, size_t n, size_t dim)
{
    return grade_value(correlation_of(query, photo, background, n, dim), PICTURE_WEAK, PICTURE_FAIR,
                       PICTURE_STRONG);
}

/* Interpolates linearly between the grades, and extrapolates beyond the last. */
double search_picture_contrast(const float *query, const float *photo, const float *background,
                               size_t n, size_t dim)
{
    double value = correlation_of(query, photo, background, n, dim);
    if (value < PICTURE_FAIR)
        return WEAK + (FAIR - WEAK) * (value - PICTURE_WEAK) / (PICTURE_FAIR - PICTURE_WEAK);
    return FAIR + (STRONG - FAIR) * (value - PICTURE_FAIR) / (PICTURE_STRONG - PICTURE_FAIR);
}
