/* SPDX-License-Identifier: MIT */
/* The tools search_photos and similar_photos. */
#include <string.h>

#include "ask/gate.h"
#include "ask/retrieve.h"
#include "forms/forms.h"
#include "mcp/mcp_tools.h"
#include "search/folder.h"
#include "search/hints.h"
#include "search/search.h"
#include "search/understood.h"

struct found {
    const struct mcp *mcp;
    json_t *photos;
    struct mcp_reply *reply;
};

static int offer_photo(void *context, struct search_result *result, bool *ret_taken,
                       struct error *err)
{
    struct found *found = context;
    (void)err;
    mcp_strip_photo(found->mcp, &result->photo, found->reply);
    json_t *entry = form_result(result, json_array_size(found->photos) + 1);
    mcp_add_facts(entry, &result->photo.facts);
    if (found->mcp->facts == TELL_NOTHING)
        json_object_set_new(entry, "names", json_null());
    else if (result->names)
        found->reply->facts |= FACT_LABELS;
    json_array_append_new(found->photos, entry);
    mcp_note_photo(found->reply, &result->photo);
    *ret_taken = true;
    return 0;
}

/* note: for the answer; or NULL. */
static int find_photos(struct mcp *mcp, const struct search_request *search, const char *note,
                       struct mcp_reply *reply, struct error *err)
{
    struct found found = {mcp, json_array(), reply};
    struct retrieve_request request = {.search = *search,
                                       /* Each result says how well it matches. */
                                       .include_weak = true,
                                       .offer = offer_photo,
                                       .context = &found};
    struct retrieval retrieval;
    struct error why;
    int rc = retrieve(mcp->store, mcp->clip, mcp->model_id, &request, &retrieval, &why);
    if (rc) {
        json_decref(found.photos);
        if (rc != ERR_INVALID && rc != ERR_LIMIT)
            return error_set(err, rc, "%s", why.message);
        mcp_refuse(reply, "%s", why.message);
        return 0;
    }
    json_t *answer = json_pack("{s:o, s:b}", "photos", found.photos, "language_unsupported",
                               retrieval.language_unsupported);
    if (note)
        json_object_set_new(answer, "note", json_string(note));
    if (retrieval.language_unsupported)
        json_object_set_new(answer, "note",
                            json_string("the search reads English in Latin letters only: give the "
                                        "query in English, or a name as the owner wrote it"));
    /* Withheld photos are not even counted: they do not exist for the client. */
    retrieval_release(&retrieval);
    mcp_answer(reply, answer);
    return 0;
}

/* A query must not find out what is not told: facts at all, or a place more exactly. */
static bool permits_criterion(const void *context, const char *criterion)
{
    const struct mcp *mcp = context;
    static const char *const always[] = {"folder", "name",       "format", "is",
                                         "size",   "megapixels", "id"};
    if (strcmp(criterion, "near") == 0)
        return mcp->facts == TELL_EXACT;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(always[i], criterion) == 0)
            return true;
    return mcp->facts != TELL_NOTHING;
}

/* Returns a note that offers words of the query as a criterion that it may have; or NULL. */
static char *make_note(struct mcp *mcp, const struct understood *query,
                       const struct understood_options *options)
{
    struct understood offered;
    struct syntax_fault fault = {.instead = NULL};
    AUTO_FREE char *word = NULL;
    AUTO_FREE char *instead = hint_for(NULL, query, &word);
    if (!instead || understood_read(mcp->store, instead, options, &offered, &fault, NULL)) {
        syntax_fault_release(&fault);
        return NULL;
    }
    understood_release(&offered);
    return xasprintf("%s was searched for as a word; exactly: %s", word, instead);
}

/* Searches for a query in the language of docs/query.md. */
static int find_query(struct mcp *mcp, const char *text, struct search_request *search,
                      struct mcp_reply *reply, struct error *err)
{
    struct understood_options options = {
        .blind = true, .permits = permits_criterion, .context = mcp};
    struct understood query;
    struct syntax_fault fault;
    struct error why;
    int rc = understood_read(mcp->store, text, &options, &query, &fault, &why);
    if (rc) {
        syntax_fault_release(&fault);
        if (rc != ERR_INVALID && rc != ERR_LIMIT)
            return error_set(err, rc, "%s", why.message);
        mcp_refuse(reply, "%s", why.message);
        return 0;
    }
    search->tree = query.tree;
    search->sort = query.sort;
    AUTO_FREE char *note = make_note(mcp, &query, &options);
    rc = find_photos(mcp, search, note, reply, err);
    understood_release(&query);
    return rc;
}

int mcp_search_photos(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                      struct error *err)
{
    struct store_filter filter = {0};
    const char *query;
    int64_t count;
    if (!input_text(input, "query", true, &query, reply) ||
        !input_text(input, "from", false, &filter.from, reply) ||
        !input_text(input, "until", false, &filter.until, reply) ||
        !input_text(input, "folder", false, &filter.folder, reply) ||
        !input_text(input, "label", false, &filter.label, reply) ||
        !input_number(input, "count", 1, MCP_RESULTS_MAX, MCP_RESULTS_DEFAULT, &count, reply))
        return 0;
    if (mcp->facts == TELL_NOTHING && (filter.from || filter.until || filter.label)) {
        mcp_refuse(reply, "this gallery is shared without dates and labels: give only query, "
                          "folder and count");
        return 0;
    }
    AUTO_FREE char *folder = NULL;
    int rc = filter.folder ? folder_find(mcp->store, filter.folder, false, &folder, err) : 0;
    if (rc)
        return rc;
    filter.folder = folder;
    struct search_request search = {.k = (size_t)count, .filter = &filter};
    return find_query(mcp, query, &search, reply, err);
}

int mcp_similar_photos(struct mcp *mcp, const json_t *input, struct mcp_reply *reply,
                       struct error *err)
{
    struct store_photo photo;
    int64_t id, count;
    int rc;
    if (!input_photo(input, &id, reply) ||
        !input_number(input, "count", 1, MCP_RESULTS_MAX, MCP_RESULTS_DEFAULT, &count, reply))
        return 0;
    if (!mcp_get_photo(mcp, id, &photo, reply, &rc, err))
        return rc;
    store_photo_release(&photo);
    struct search_request search = {.like_photo = id, .k = (size_t)count};
    return find_photos(mcp, &search, NULL, reply, err);
}
