/* SPDX-License-Identifier: MIT */
/* Computes the vector of a wanted picture: a text, a picture, or a sum of those. */
#include "search/wanted_embed.h"

#include <math.h>

#include "search/query.h"

#define SMALLEST_SUM 1e-3 /* minimum length; the direction of a shorter sum is meaningless */

static void add_scaled(const float *vector, double weight, size_t dim, double *sum)
{
    for (size_t i = 0; i < dim; i++)
        sum[i] += weight * vector[i];
}

static bool normalize_sum(const double *sum, size_t dim, float *ret_vector)
{
    double squares = 0;
    for (size_t i = 0; i < dim; i++)
        squares += sum[i] * sum[i];
    double length = sqrt(squares);
    for (size_t i = 0; length >= SMALLEST_SUM && i < dim; i++)
        ret_vector[i] = (float)(sum[i] / length);
    return length >= SMALLEST_SUM;
}

static int refuse_sum(struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "the parts of the query cancel each other out: nothing is left to search for");
}

int wanted_given_vector(const struct wanted *wanted, size_t dim, float *ret_vector,
                        struct error *err)
{
    if (wanted->size != dim)
        return error_set(err, ERR_INVALID,
                         "a vector of %zu numbers was given, and the model's have %zu",
                         wanted->size, dim);
    double largest = 0;
    for (size_t i = 0; i < dim; i++)
        largest = fmax(largest, fabs((double)wanted->vector[i]));
    AUTO_FREE double *sum = xcalloc(dim, sizeof *sum);
    add_scaled(wanted->vector, 1 / largest, dim, sum);
    return normalize_sum(sum, dim, ret_vector) ? 0 : refuse_sum(err);
}

static int sum_vector(struct store *store, struct clip *clip, const struct wanted *wanted,
                      float *ret_vector, bool *ret_truncated, struct error *err)
{
    size_t dim = clip_dim(clip);
    AUTO_FREE double *sum = xcalloc(dim, sizeof *sum);
    AUTO_FREE float *part = xmalloc(dim * sizeof *part);
    for (size_t i = 0; i < wanted->count; i++) {
        int rc = wanted_embed(store, clip, wanted->parts[i], part, ret_truncated, err);
        if (rc)
            return rc;
        add_scaled(part, wanted->parts[i]->weight, dim, sum);
    }
    return normalize_sum(sum, dim, ret_vector) ? 0 : refuse_sum(err);
}

int wanted_embed(struct store *store, struct clip *clip, const struct wanted *wanted,
                 float *ret_vector, bool *ret_truncated, struct error *err)
{
    struct search_request request = {.k = 1};
    bool truncated = false;
    if (wanted->kind == WANTED_SUM)
        return sum_vector(store, clip, wanted, ret_vector, ret_truncated, err);
    if (wanted->kind == WANTED_VECTOR)
        return wanted_given_vector(wanted, clip_dim(clip), ret_vector, err);
    if (wanted->kind == WANTED_TEXT)
        request.text = wanted->text;
    else if (wanted->kind == WANTED_FILE)
        request.like = wanted->text;
    else if (wanted->kind == WANTED_PHOTO)
        request.like_photo = wanted->photo;
    request.like_data = wanted->data;
    request.like_size = wanted->size;
    int rc = query_embed(store, clip, &request, ret_vector, &truncated, err);
    if (!rc && ret_truncated)
        *ret_truncated |= truncated;
    return rc;
}

bool wanted_has_text(const struct wanted *wanted)
{
    bool any = wanted->kind == WANTED_TEXT;
    for (size_t i = 0; !any && i < wanted->count; i++)
        any = wanted_has_text(wanted->parts[i]);
    return any;
}

struct reading wanted_reading(const struct clip *clip, const struct wanted *wanted)
{
    struct reading all = {.none = false};
    if (wanted->kind == WANTED_TEXT)
        return reading_of(clip, wanted->text);
    for (size_t i = 0; i < wanted->count; i++) {
        struct reading reading = wanted_reading(clip, wanted->parts[i]);
        all.none |= reading.none;
        all.some |= reading.some;
        all.language = reading.language ? reading.language : all.language;
    }
    return all;
}
