/* The photos of a search, in their order. Private to search/. */
#pragma once

#include "search/names.h"

struct ranked {
    int64_t id;
    double score;
    size_t names; /* how many names of the query the photo has */
};

/* At most request->k into ret_photos (room for so many): first those with names of the query, more
 * names before fewer, then all others; equal ones by score, then by path. */
int rank_photos(struct store *store, const float *query, const struct search_request *request,
                const struct names *names, struct ranked *ret_photos, size_t *ret_count,
                struct error *err) MUST_CHECK;
