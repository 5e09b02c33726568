#include "ask/retrieve.h"

#include <stdlib.h>
#include <string.h>

#include "ask/gate.h"
#include "base/limits.h"
#include "base/memory.h"

/* Photos beyond those wanted, for files that cannot be read; and how fast the search widens. */
#define SPARE 8
#define WIDER 4

/* A search and which of its results may leave. */
struct candidates {
    struct search_results results;
    size_t *allowed; /* numbers of results, best first */
    size_t count;
    struct retrieval found;
};

void retrieval_release(struct retrieval *retrieval)
{
    free(retrieval->withheld_why);
    *retrieval = (struct retrieval){0};
}

static void release(struct candidates *c)
{
    search_results_release(&c->results);
    free(c->allowed);
    retrieval_release(&c->found);
    *c = (struct candidates){0};
}

static bool is_filtered(const struct store_filter *f)
{
    return f && (f->folder || f->from || f->until || f->label);
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

/* Asks the rules for each result until there are enough. */
static int sort_out(struct store *store, const struct retrieve_request *request,
                    struct candidates *c, struct error *err)
{
    c->allowed = xcalloc(c->results.count + 1, sizeof *c->allowed);
    for (size_t i = 0;
         i < c->results.count && c->count < request->search.k + request->spare + SPARE; i++) {
        const struct search_result *result = &c->results.items[i];
        AUTO_FREE char *phrase = NULL;
        int rc = gate_rule(store, result->photo.id, &phrase, err);
        if (rc == ERR_NOT_FOUND) /* forgotten meanwhile */
            continue;
        if (rc)
            return rc;
        if (!phrase)
            c->allowed[c->count++] = i;
        else if (c->count < request->search.k &&
                 (is_match(result) || is_filtered(request->search.filter)))
            note_withheld(&c->found, phrase);
    }
    return 0;
}

static int find(struct store *store, struct clip *clip, const char *model_id,
                const struct retrieve_request *request, struct candidates *c, struct error *err)
{
    struct search_request search = request->search;
    search.k += request->spare + SPARE;
    for (;; search.k = search.k * WIDER < LIMIT_RESULTS ? search.k * WIDER : LIMIT_RESULTS) {
        int rc = search_run(store, clip, model_id, &search, &c->results, err);
        if (!rc)
            rc = sort_out(store, request, c, err);
        bool is_all = c->results.count < search.k || search.k == LIMIT_RESULTS;
        if (rc || is_all || c->count >= request->search.k + request->spare)
            return rc;
        release(c);
    }
}

static bool matches(const struct retrieve_request *request, const struct candidates *c)
{
    for (size_t i = 0; i < c->count && i < request->search.k; i++)
        if (is_match(&c->results.items[c->allowed[i]]))
            return true;
    return is_filtered(request->search.filter);
}

int retrieve(struct store *store, struct clip *clip, const char *model_id,
             const struct retrieve_request *request, struct retrieval *ret_retrieval,
             struct error *err)
{
    struct candidates c = {0};
    int rc = find(store, clip, model_id, request, &c, err);
    bool goes = !rc && matches(request, &c);
    for (size_t i = 0; goes && !rc && i < c.count && c.found.taken < request->search.k; i++) {
        bool taken = false;
        rc = request->offer(request->context, &c.results.items[c.allowed[i]], &taken, err);
        c.found.taken += taken;
    }
    if (!rc) {
        *ret_retrieval = c.found;
        c.found.withheld_why = NULL;
    }
    release(&c);
    return rc;
}
