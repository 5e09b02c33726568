/* SPDX-License-Identifier: MIT */
/* Retrieves the best photos that may be sent for a text or a picture, best first, provided that
 * at least one of them matches. */
#pragma once

#include "clip/clip.h"
#include "search/search.h"
#include "store/store.h"

struct retrieve_request {
    struct search_request search; /* its k, at least 1, is the maximum number taken */
    bool include_weak;            /* also offer photos that are SEARCH_NONE */
    size_t spare;                 /* number of photos that may be offered without being taken */
    const struct rule_set *rules; /* as of this request; NULL: they are loaded */
    /* Called for each sendable photo, best first. Set *ret_taken (initially false) to count it
     * towards k. May take result->photo, leaving zeros. A non-zero return stops the retrieval
     * and is returned. */
    int (*offer)(void *context, struct search_result *result, bool *ret_taken, struct error *err);
    void *context;
};

struct retrieval {
    size_t taken;
    size_t weak; /* among the k best that may be sent: not offered, because they are SEARCH_NONE */
    size_t withheld;                          /* equally near, but withheld by never-send rules */
    char *withheld_why;                       /* the rules, joined by ", "; NULL if none */
    bool language_unsupported, partly_unread; /* as in search_results */
};
void retrieval_release(struct retrieval *retrieval);

/* Returns the errors of search_run. Offers nothing if none of the k best sendable photos
 * matches; with include_weak, offers all of them if at least one matches. Otherwise a photo that
 * is SEARCH_NONE and has no label that the query names is not offered, unless include_weak is
 * set or the filter is narrower than "every photo": then the owner chose these photos, and the
 * words need not describe them ("what did we do on that day?"). If the model cannot read the
 * words (language_unsupported), only a filter by label counts as such a choice; a folder or a
 * year does not. */
int retrieve(struct store *store, struct clip *clip, const char *model_id,
             const struct retrieve_request *request, struct retrieval *ret_retrieval,
             struct error *err) MUST_CHECK;
