/* SPDX-License-Identifier: MIT */
/* Grades how well a photo matches a query. A cosine alone is not enough, because cosines of
 * different queries, photos or models are not comparable.
 *
 * The contrast of a text and a photo x is the distance of their cosine from that of other texts:
 *
 *     (cos(text, x) - mean) / deviation
 *
 * with mean and deviation of cos(b, x) over the fixed texts b of clip/background.h, which are
 * unrelated to x. It depends on no other photo, so it is the same in a gallery of one and of a
 * million photos, and it needs no calibration per model: of the pairs of a photo and an unrelated
 * text, 98 % are below 1.7 (OpenAI's ViT-B/32) and 1.9 (mini).
 *
 * Measured over the five best photos of a search, as `search` and `ask` show them:
 *
 *                                                        none    weak    fair  strong
 *     ViT-B/32, things that are among 986 photos (49)      0 %     8 %    35 %    57 %
 *     ViT-B/32, things that are not (146)                 18 %    43 %    27 %    12 %
 *       ... among 99 photos                               54 %    36 %     9 %     1 %
 *       ... among 10 photos                               94 %     5 %     1 %     0 %
 *     mini, captions whose photo is among 125 (625)        1 %    28 %    43 %    28 %
 *     mini, things that are not among them (146)          42 %    51 %     7 %     0 %
 *
 * The AUC of the best contrast, as a classifier of whether the thing is in the gallery, is 0.844
 * (ViT-B/32) and 0.928 (mini). On the same data, the best cosine has 0.820 and 0.917; its z-score
 * in the query's distribution over the gallery 0.693 and 0.527; both corrections together 0.667
 * (ViT-B/32). The last two do not work at all in small galleries. The threshold of "none" is low
 * because missing a match is worse than showing a false weak match. tests/unit/test_strength.c
 * verifies the rates.
 *
 * Grading a photo takes 0.02 ms (512 numbers), regardless of the size of the gallery. */
#pragma once

#include <stddef.h>

enum search_strength {
    SEARCH_NONE, /* no nearer than an unrelated text: "nothing here matches" */
    SEARCH_WEAK,
    SEARCH_FAIR,
    SEARCH_STRONG,
};

/* Returns "none", "weak", "fair" or "strong". */
const char *search_strength_name(enum search_strength strength);

/* Grades a photo [dim] for a text query [dim]; background is [n][dim], n at least 2. All are unit
 * vectors of one model. */
enum search_strength search_text_strength(const float *query, const float *photo,
                                          const float *background, size_t n, size_t dim);
/* Returns the contrast as defined above; -INFINITY if it is undefined for these vectors. */
double search_contrast(const float *query, const float *photo, const float *background, size_t n,
                       size_t dim);

/* Returns the grade of a contrast. */
enum search_strength search_contrast_strength(double contrast);
/* Grades a photo for a picture query, by the correlation, over the background, of the query's and
 * the photo's cosines, which has the same scale for all models. */
enum search_strength search_picture_strength(const float *query, const float *photo,
                                             const float *background, size_t n, size_t dim);

/* The cosines of a vector with the background, for several contrasts of the same photo. */
enum { SEARCH_CHANCE_TEXTS = 64 };
struct search_chance {
    double cosines[SEARCH_CHANCE_TEXTS]; /* [n] */
    size_t n;
    double mean, deviation;
};
/* n: 2 to SEARCH_CHANCE_TEXTS. */
void search_chance_init(struct search_chance *chance, const float *vector, const float *background,
                        size_t n, size_t dim);
/* Returns what search_contrast does; `chance` is that of the photo. */
double search_chance_contrast(const struct search_chance *chance, const float *query,
                              const float *photo, size_t dim);
/* Returns the contrast of a picture query and a photo, scaled so that each grade has the same
 * threshold as for texts and both are comparable. */
double search_chance_picture(const struct search_chance *query, const struct search_chance *photo);
/* Returns that contrast for the correlation of both; it is monotone. */
double search_correlation_contrast(double correlation);
