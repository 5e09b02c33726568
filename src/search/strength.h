/* SPDX-License-Identifier: MIT */
/* How well a photo matches, in words a person can use: a cosine alone means nothing between
 * queries, photos or models.
 *
 * The contrast of a text and a photo x is how far the text stands out from what chance gives:
 *     (cos(text, x) - mean) / deviation
 * with mean and deviation of cos(b, x) over the fixed texts b of clip/background.h, which have
 * nothing to do with x. It needs no other photo, so that it is the same in a gallery of one and of
 * a million, and no scale of the model's: 98 % of the pairs of a photo and a text that does not fit
 * are below 1.7 (OpenAI's ViT-B/32) and 1.9 (mini).
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
 * AUC of the best contrast, there or not there: 0.844 (ViT-B/32) and 0.928 (mini). On the same
 * data the best cosine has 0.820 and 0.917; its z-score in the query's own distribution over the
 * gallery 0.693 and 0.527; after both corrections 0.667 (ViT-B/32). The last two do not work in
 * small galleries at all. "None" is set so low because calling a match nothing is worse than
 * showing nothing as a weak match. tests/unit/test_strength.c holds the rates.
 *
 * A photo costs 0.02 ms (512 numbers): nothing depends on how many the gallery has. */
#pragma once

#include <stddef.h>

enum search_strength {
    SEARCH_NONE, /* no nearer than an unrelated text would be: "nothing here matches" */
    SEARCH_WEAK,
    SEARCH_FAIR,
    SEARCH_STRONG,
};

/* "none", "weak", "fair", "strong". */
const char *search_strength_name(enum search_strength strength);

/* Of a photo [dim] for the query [dim], a text; background [n][dim]; n at least 2. All are unit
 * vectors of one model. */
enum search_strength search_text_strength(const float *query, const float *photo,
                                          const float *background, size_t n, size_t dim);
/* The contrast as defined above; -INFINITY where the vectors allow none. */
double search_contrast(const float *query, const float *photo, const float *background, size_t n,
                       size_t dim);

/* How well a photo of such a contrast matches. */
enum search_strength search_contrast_strength(double contrast);
/* The same for a query that is a picture, on a scale where each grade begins where it does for
 * texts, so that both can be compared. */
double search_picture_contrast(const float *query, const float *photo, const float *background,
                               size_t n, size_t dim);

/* The same for a query that is a picture: by the correlation, over the background, of its and the
 * photo's cosines, which is of one scale for all models. */
enum search_strength search_picture_strength(const float *query, const float *photo,
                                             const float *background, size_t n, size_t dim);
