/* SPDX-License-Identifier: MIT */
/* Ranks the photos of a search. Private to search/. */
#pragma once

#include "search/label_names.h"

struct ranked {
    int64_t id;
    double score;
    size_t names; /* number of names of the query that the photo has */
    int lead;     /* grades by which a photo without a name must be better to come before it */
};

/* Grades n photos for the query: an enum search_strength each, or -1 if unknown because the photo
 * was deleted or its vector is not sound. */
struct rank_judge {
    int (*grade)(void *context, const struct ranked *photos, size_t n, int *ret_grades,
                 struct error *err);
    void *context;
};

/* Gets at most request->k photos into ret_photos, which has room for them: first the photos with
 * certain names of the query, more names before fewer, then those with uncertain names, then all
 * others; ties by score, then by path. A name is a strong preference: photos without one come
 * before such a photo only if they match clearly better, by two grades of `judge` if the name is
 * uncertain, by three otherwise ("strong" instead of "none"), and never if the query asks for
 * nothing but names. `judge` is called for nothing else. The first request->skip elements of
 * ret_photos may be left unset. */
int rank_photos(struct store *store, const float *query, const struct search_request *request,
                const struct names *names, const struct rank_judge *judge,
                struct ranked *ret_photos, size_t *ret_count, struct error *err) MUST_CHECK;
