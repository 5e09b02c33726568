/* SPDX-License-Identifier: MIT */
/* Finds the photos for a question: searches, excludes those that rules withhold, and offers the
 * rest best first. */
#include "ask/retrieve.h"

#include <stdlib.h>
#include <string.h>

#include "ask/rule_set.h"
#include "base/limits.h"
#include "base/memory.h"

/* SPARE is the number of extra photos, for files that cannot be read; WIDER is the factor by which
 * the search grows. */
#define SPARE 8
#define WIDER 4

/* A search and those of its results that may be sent. */
struct candidates {
    struct search_results results;
    size_t *allowed; /* indices of results, best first */
    size_t count;
    struct retrieval found;
};

void retrieval_release(struct retrieval *retrieval)
{
    free(retrieval->withheld_why);
    *retrieval = (struct retrieval){0};
}

static void release_candidates(struct candidates *c)
{
    search_results_release(&c->results);
    free(c->allowed);
    retrieval_release(&c->found);
    *c = (struct candidates){0};
}

/* Whether the owner selected the photos by a label. */
static bool is_by_label(const struct store_filter *filter)
{
    return filter && (filter->label || criteria_requires(filter->where, "label"));
}

static bool is_match(const struct search_result *result)
{
    return result->strength != SEARCH_NONE || result->names;
}

static void note_withheld(struct retrieval *r, const char *phrase)
{
    r->withheld++;
    if (!r->withheld_why)
        r->withheld_why = xstrdup(phrase);
    if (strstr(r->withheld_why, phrase))
        return;
    AUTO_FREE char *before = r->withheld_why;
    r->withheld_why = xasprintf("%s, %s", before, phrase);
}

/* Checks the rules for all results, or for as many as are checked together. */
static int judge_results(const struct rule_set *rules, const struct candidates *c, size_t first,
                         size_t n, char **ret_phrases, struct error *err)
{
    AUTO_FREE const struct store_photo **photos = xcalloc(n + 1, sizeof *photos);
    for (size_t i = 0; i < n; i++)
        photos[i] = &c->results.items[first + i].photo;
    return rule_set_covering_all(rules, photos, n, ret_phrases, err);
}

static void sort_result(const struct retrieve_request *request, struct candidates *c, size_t i,
                        const char *phrase)
{
    const struct search_result *result = &c->results.items[i];
    if (!phrase)
        c->allowed[c->count++] = i;
    else if (c->count < request->search.k &&
             (is_match(result) || store_filter_any(request->search.filter)))
        note_withheld(&c->found, phrase);
}

/* Checks results until there are enough that may be sent. */
static int sort_out(const struct rule_set *rules, const struct retrieve_request *request,
                    struct candidates *c, struct error *err)
{
    size_t enough = request->search.k + request->spare + SPARE, n;
    AUTO_FREE char **phrases = xcalloc(c->results.count + 1, sizeof *phrases);
    int rc = 0;
    c->allowed = xcalloc(c->results.count + 1, sizeof *c->allowed);
    for (size_t i = 0; !rc && i < c->results.count && c->count < enough; i += n) {
        n = c->results.count - i < enough ? c->results.count - i : enough;
        rc = judge_results(rules, c, i, n, phrases, err);
        for (size_t k = 0; !rc && k < n; k++) {
            if (c->count < enough)
                sort_result(request, c, i + k, phrases[k]);
            free(phrases[k]);
        }
    }
    return rc;
}

static int find_allowed(struct store *store, struct clip *clip, const char *model_id,
                        const struct rule_set *rules, const struct retrieve_request *request,
                        struct candidates *c, struct error *err)
{
    struct search_request search = request->search;
    search.k += request->spare + SPARE;
    for (;; search.k = search.k * WIDER < LIMIT_RESULTS ? search.k * WIDER : LIMIT_RESULTS) {
        int rc = search_run(store, clip, model_id, &search, &c->results, err);
        if (!rc)
            rc = sort_out(rules, request, c, err);
        bool is_all = c->results.count < search.k || search.k == LIMIT_RESULTS;
        if (rc || is_all || c->count >= request->search.k + request->spare)
            return rc;
        release_candidates(c);
    }
}

static int find_candidates(struct store *store, struct clip *clip, const char *model_id,
                           const struct retrieve_request *request, struct candidates *c,
                           struct error *err)
{
    struct rule_set own = {0};
    int rc = request->rules ? 0 : rule_set_load(store, &own, err);
    if (!rc)
        rc = find_allowed(store, clip, model_id, request->rules ? request->rules : &own, request, c,
                          err);
    rule_set_release(&own);
    return rc;
}

static size_t count_matches(const struct candidates *c, size_t n)
{
    size_t matches = 0;
    for (size_t i = 0; i < c->count && i < n; i++)
        matches += is_match(&c->results.items[c->allowed[i]]);
    return matches;
}

/* Offers the matching photos, best first, or all of them if the caller selected them by a filter
 * or asked for weak ones. */
static int offer_all(const struct retrieve_request *request, struct candidates *c,
                     struct error *err)
{
    size_t k = request->search.k, best = c->count < k ? c->count : k;
    size_t matches = count_matches(c, k);
    const struct store_filter *filter = request->search.filter;
    c->found.language_unsupported = c->results.language_unsupported;
    c->found.partly_unread = c->results.partly_unread;
    bool chosen = c->results.language_unsupported ? is_by_label(filter) : store_filter_any(filter);
    bool all = chosen || request->include_weak;
    int rc = 0;
    c->found.weak = all ? 0 : best - matches;
    for (size_t i = 0; (all || matches > 0) && !rc && i < c->count && c->found.taken < k; i++) {
        struct search_result *result = &c->results.items[c->allowed[i]];
        bool taken = false;
        if (all || is_match(result))
            rc = request->offer(request->context, result, &taken, err);
        c->found.taken += taken;
    }
    return rc;
}

int retrieve(struct store *store, struct clip *clip, const char *model_id,
             const struct retrieve_request *request, struct retrieval *ret_retrieval,
             struct error *err)
{
    struct candidates c = {0};
    int rc = find_candidates(store, clip, model_id, request, &c, err);
    if (!rc)
        rc = offer_all(request, &c, err);
    if (!rc) {
        *ret_retrieval = c.found;
        c.found.withheld_why = NULL;
    }
    release_candidates(&c);
    return rc;
}
