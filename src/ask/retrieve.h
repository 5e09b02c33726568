/* SPDX-License-Identifier: MIT */
/* The best photos for words or a picture that may leave, from the best on, when any of them matches
 * at all. */
#pragma once

#include "clip/clip.h"
#include "search/search.h"
#include "store/store.h"

struct retrieve_request {
    struct search_request search; /* its k, at least 1: how many are taken at most */
    bool include_weak;            /* offer photos that are SEARCH_NONE, too */
    size_t spare;                 /* photos that may be offered and not be taken */
    const struct rule_set *rules; /* as of this request; NULL: they are loaded */
    /* Offered each photo that may leave, best first. *ret_taken (false before): it counts towards
     * k. May take result->photo, leaving zeros. A non-zero return stops and is returned. */
    int (*offer)(void *context, struct search_result *result, bool *ret_taken, struct error *err);
    void *context;
};

struct retrieval {
    size_t taken;
    size_t weak;        /* of the k best that may leave: not offered, being SEARCH_NONE */
    size_t withheld;    /* as near, but never-send rules keep them here */
    char *withheld_why; /* the rules, joined by ", "; NULL when none */
    bool language_unsupported, partly_unread; /* as search_results */
};
void retrieval_release(struct retrieval *retrieval);

/* As search_run for errors. Nothing is offered when none of the k best that may leave matches; with
 * include_weak, all of them are when at least one does. Otherwise a photo that is SEARCH_NONE,
 * without a label that the query names, is not offered, unless include_weak says so or the filter
 * says more than "every photo": then the owner chose these photos, and the words need not describe
 * them ("what did we do on that day?"). Of words that the model cannot read (language_unsupported),
 * only a filter by label says so much: what lies in a folder or a year was not chosen by them.
 */
int retrieve(struct store *store, struct clip *clip, const char *model_id,
             const struct retrieve_request *request, struct retrieval *ret_retrieval,
             struct error *err) MUST_CHECK;
