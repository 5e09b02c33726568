/* SPDX-License-Identifier: MIT */
/* Grades how well a photo matches, by its contrast with background texts. */
#include "search/strength.h"

#include <math.h>
#include <string.h>

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

typedef float lanes __attribute__((vector_size(4 * sizeof(float))));

static inline lanes load_lanes(const float *from)
{
    lanes loaded;
    memcpy(&loaded, from, sizeof loaded);
    return loaded;
}

/* Computes the cosines of a with the rows b [4][dim], each summed as in cosine_of. Four rows at a
 * time are several times as fast as one after the other. */
static void four_cosines(const float *a, const float *b, size_t dim, double ret_cosines[4])
{
    lanes sums[4] = {{0}};
    size_t i = 0;
    for (; i + 4 <= dim; i += 4) {
        lanes own = load_lanes(a + i);
        sums[0] += own * load_lanes(b + i);
        sums[1] += own * load_lanes(b + dim + i);
        sums[2] += own * load_lanes(b + 2 * dim + i);
        sums[3] += own * load_lanes(b + 3 * dim + i);
    }
    for (; i < dim; i++)
        for (size_t row = 0; row < 4; row++)
            sums[row][0] += a[i] * b[row * dim + i];
    for (size_t row = 0; row < 4; row++)
        ret_cosines[row] = (double)sums[row][0] + sums[row][1] + sums[row][2] + sums[row][3];
}

void search_chance_init(struct search_chance *chance, const float *vector, const float *background,
                        size_t n, size_t dim)
{
    double sum = 0, squares = 0;
    size_t i = 0;
    chance->n = n;
    for (; i + 4 <= n; i += 4)
        four_cosines(vector, background + i * dim, dim, chance->cosines + i);
    for (; i < n; i++)
        chance->cosines[i] = cosine_of(vector, background + i * dim, dim);
    for (i = 0; i < n; i++) {
        sum += chance->cosines[i];
        squares += chance->cosines[i] * chance->cosines[i];
    }
    chance->mean = sum / (double)n;
    double variance = squares / (double)n - chance->mean * chance->mean;
    chance->deviation = variance > 0 ? sqrt(variance) : 0;
}

double search_chance_contrast(const struct search_chance *chance, const float *query,
                              const float *photo, size_t dim)
{
    return chance->deviation > 0 ? (cosine_of(query, photo, dim) - chance->mean) / chance->deviation
                                 : -INFINITY;
}

double search_contrast(const float *query, const float *photo, const float *background, size_t n,
                       size_t dim)
{
    struct search_chance chance;
    search_chance_init(&chance, photo, background, n, dim);
    return search_chance_contrast(&chance, query, photo, dim);
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

static double correlation_of(const struct search_chance *query, const struct search_chance *photo)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0, count = (double)query->n;
    for (size_t i = 0; i < query->n; i++) {
        double a = query->cosines[i], b = photo->cosines[i];
        x += a, y += b, xx += a * a, yy += b * b, xy += a * b;
    }
    double spread = sqrt((xx - x * x / count) * (yy - y * y / count));
    return spread > 0 ? (xy - x * y / count) / spread : 0;
}

enum search_strength search_picture_strength(const float *query, const float *photo,
                                             const float *background, size_t n, size_t dim)
{
    struct search_chance of_query, of_photo;
    search_chance_init(&of_query, query, background, n, dim);
    search_chance_init(&of_photo, photo, background, n, dim);
    return grade_value(correlation_of(&of_query, &of_photo), PICTURE_WEAK, PICTURE_FAIR,
                       PICTURE_STRONG);
}

double search_chance_picture(const struct search_chance *query, const struct search_chance *photo)
{
    return search_correlation_contrast(correlation_of(query, photo));
}

/* Interpolates linearly between the grades, and extrapolates beyond the last. */
double search_correlation_contrast(double value)
{
    if (value < PICTURE_FAIR)
        return WEAK + (FAIR - WEAK) * (value - PICTURE_WEAK) / (PICTURE_FAIR - PICTURE_WEAK);
    return FAIR + (STRONG - FAIR) * (value - PICTURE_FAIR) / (PICTURE_STRONG - PICTURE_FAIR);
}
