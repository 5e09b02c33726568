/* SPDX-License-Identifier: MIT */
/* Shows identical content once in the results of a search. Private to search/.
 *
 * Of the photos with the same content (and position in their file) that a search would find, the
 * one with the smallest path stands for all, in every order of results. Only photos of the page
 * that have copies cost more than one lookup. */
#pragma once

#include "search/search.h"

struct distinct {
    struct store *store;
    struct clip *clip;
    /* Runs a request with all copies. */
    int (*run)(struct store *store, struct clip *clip, const struct search_request *request,
               struct search_results *results, struct error *err);
    bool is_plain;                /* every photo with a sound vector that meets `where` is found */
    const struct criteria *where; /* NULL: every photo */
};

/* Runs the request: from rank request->skip on, at most request->k - request->skip photos, with
 * their ranks and copies. `results` is released by the caller, even on failure. */
int distinct_run(const struct distinct *d, const struct search_request *request,
                 struct search_results *results, struct error *err) MUST_CHECK;
