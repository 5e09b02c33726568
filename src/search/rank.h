/* SPDX-License-Identifier: MIT */
/* The photos of a search, in their order. Private to search/. */
#pragma once

#include "search/label_names.h"

struct ranked {
    int64_t id;
    double score;
    size_t names; /* how many names of the query the photo has */
};

/* How well n photos match the query: an enum search_strength each, or -1 where that is not known:
 * the photo is gone, or its vector is not sound. */
struct rank_judge {
    int (*grade)(void *context, const struct ranked *photos, size_t n, int *ret_grades,
                 struct error *err);
    void *context;
};

/* At most request->k into ret_photos (room for so many): first those with names of the query that
 * are sure, more names before fewer, then all others; equal ones by score, then by path. A name
 * that is not sure puts its photos before the others, too, but not before one that matches clearly
 * better, by two grades of `judge`, which is asked for nothing else. */
int rank_photos(struct store *store, const float *query, const struct search_request *request,
                const struct names *names, const struct rank_judge *judge,
                struct ranked *ret_photos, size_t *ret_count, struct error *err) MUST_CHECK;
