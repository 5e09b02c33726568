#include "ask/retrieve.h"

#include <stdlib.h>
#include <string.h>

#include "ask/gate.h"
#include "base/limits.h"
#include "base/memory.h"

/* Results looked at beyond those wanted, for photos that cannot be taken. */
#define SPARE 8
#define WIDER 4

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

static int consider(struct store *store, const struct retrieve_request *request,
                    struct search_result *result, struct retrieval *r, struct error *err)
{
    AUTO_FREE char *phrase = NULL;
    bool taken = false;
    int rc = gate_rule(store, result->photo.id, &phrase, err);
    if (rc == ERR_NOT_FOUND) /* forgotten meanwhile */
        return 0;
    if (!rc && phrase)
        note_withheld(r, phrase);
    else if (!rc)
        rc = request->offer(request->context, result, &taken, err);
    r->taken += taken;
    return rc;
}

/* Looks at results from number `from` on; false into *ret_more when the end was reached. */
static int look(struct store *store, const struct retrieve_request *request,
                struct search_results *results, size_t from, struct retrieval *r, bool *ret_more,
                struct error *err)
{
    for (size_t i = from; i < results->count; i++) {
        struct search_result *result = &results->items[i];
        *ret_more = r->taken < request->k && (result->strength != SEARCH_NONE || result->names);
        int rc = *ret_more ? consider(store, request, result, r, err) : 0;
        if (rc || !*ret_more)
            return rc;
    }
    *ret_more = r->taken < request->k;
    return 0;
}

int retrieve(struct store *store, struct clip *clip, const char *model_id,
             const struct retrieve_request *request, struct retrieval *ret_retrieval,
             struct error *err)
{
    struct retrieval r = {0};
    size_t wanted = request->k + SPARE, seen = 0;
    bool more = true;
    int rc = 0;
    while (more && !rc) {
        struct search_request search = {.text = request->query,
                                        .k = wanted < LIMIT_RESULTS ? wanted : LIMIT_RESULTS,
                                        .filter = request->filter};
        struct search_results results;
        rc = search_run(store, clip, model_id, &search, &results, err);
        if (rc)
            break;
        rc = look(store, request, &results, seen, &r, &more, err);
        more = more && results.count == search.k && search.k < LIMIT_RESULTS;
        seen = results.count;
        wanted *= WIDER;
        search_results_release(&results);
    }
    if (rc)
        free(r.withheld_why);
    else
        *ret_retrieval = r;
    return rc;
}
