/* SPDX-License-Identifier: MIT */
/* Handlers of /search and of similar photos. */
#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "search/explain.h"
#include "search/hints.h"
#include "search/search.h"
#include "server/api.h"
#include "server/list_call.h"
#include "server/search_reply.h"
#include "server/server_internal.h"

#define DEFAULT_RESULTS 60
#define MOST_RESULTS 500
/* This many of the best by score are sorted by strength, whichever page is requested, because
 * grading reads a vector per photo. */
#define BY_STRENGTH 240
/* Of sort:random: all pages of a search have the same order. */
#define RANDOM_SEED 1

struct page {
    size_t first, count; /* first is the cursor, which is an offset: results have no stable key */
    bool by_strength;    /* "order=strength": by the shown strength; otherwise by score */
};

static int read_copies(const struct target *target, bool *ret_all, struct error *err)
{
    const char *copies = target_get(target, "copies");
    *ret_all = copies && strcmp(copies, "all") == 0;
    if (copies && !*ret_all && strcmp(copies, "one") != 0)
        return error_set(err, ERR_INVALID, "'copies' must be one or all");
    return 0;
}

static int read_order(const struct target *target, bool *ret_by_strength, struct error *err)
{
    const char *order = target_get(target, "order");
    *ret_by_strength = order && strcmp(order, "strength") == 0;
    if (order && !*ret_by_strength && strcmp(order, "score") != 0)
        return error_set(err, ERR_INVALID, "'order' must be score or strength");
    return 0;
}

/* Photos with a label that the query names stay first; then the strong, the fair and so on, each by
 * score as before. */
static void order_by_strength(struct search_results *results)
{
    size_t n = results->count < BY_STRENGTH ? results->count : BY_STRENGTH, count = 0;
    struct search_result *ordered = xcalloc(n + 1, sizeof *ordered);
    for (size_t i = 0; i < n; i++)
        if (results->items[i].names)
            ordered[count++] = results->items[i];
    for (int strength = SEARCH_STRONG; strength >= SEARCH_NONE; strength--)
        for (size_t i = 0; i < n; i++)
            if (!results->items[i].names && (int)results->items[i].strength == strength)
                ordered[count++] = results->items[i];
    memcpy(results->items, ordered, n * sizeof *ordered);
    free(ordered);
}

/* Returns the cursor of the next page, or NULL. Results sorted by strength are counted without
 * copies, and all others by their place, which is never smaller. The caller frees it. */
static char *next_cursor(const struct search_results *results, struct page page, bool orders)
{
    size_t first = orders ? page.first : 0, end = first + page.count;
    if (end >= results->count || results->items[end].place >= LIMIT_RESULTS)
        return NULL;
    return xasprintf("%zu", orders && end < BY_STRENGTH ? end : results->items[end].place);
}

/* orders: the results begin with the first one of all, not of the page. Takes ownership of `hint`.
 */
static void reply_results(struct call *call, const struct search_results *results, struct page page,
                          bool orders, json_t *hint)
{
    json_t *list = json_array();
    for (size_t i = 0; i < page.count; i++) {
        size_t at = orders ? page.first + i : i;
        if (at < results->count)
            json_array_append_new(list, form_result(&results->items[at], page.first + i + 1));
    }
    AUTO_FREE char *next = next_cursor(results, page, orders);
    json_t *object = json_object();
    json_object_set_new(object, "results", list);
    json_object_set_new(object, "next_cursor", form_text(next));
    json_object_set_new(object, "truncated", json_boolean(results->truncated));
    json_object_set_new(object, "language_unsupported",
                        json_boolean(results->language_unsupported));
    json_object_set_new(object, "partly_unread", json_boolean(results->partly_unread));
    json_object_set_new(object, "hint", hint);
    respond_json(call->reply, 200, object);
}

void reply_mistake(struct call *call, const char *text, struct syntax_fault *fault,
                   const struct error *problem)
{
    json_t *object = problem_json(400, error_name(problem->code), problem->message);
    json_object_set_new(object, "position", form_position(text, fault));
    respond_problem_object(call->reply, 400, object);
    syntax_fault_release(fault);
}

/* Reads a query; after a mistake in it, the reply is made and *ret_done is true. */
static int understand_query(struct call *call, struct store *store, const char *text,
                            struct understood *ret_query, bool *ret_done, struct error *err)
{
    struct syntax_fault fault;
    int rc = understood_read(store, text, NULL, ret_query, &fault, err);
    *ret_done = rc == ERR_INVALID || rc == ERR_NOT_FOUND;
    if (*ret_done)
        reply_mistake(call, text, &fault, err);
    else if (rc)
        syntax_fault_release(&fault);
    return *ret_done ? 0 : rc;
}

/* Returns a word that looks like a criterion, with the query that it could be; or null. */
static json_t *form_hint(struct store *store, const struct understood *query)
{
    AUTO_FREE char *word = NULL;
    AUTO_FREE char *instead = query->tree ? hint_for(store, query, &word) : NULL;
    return instead ? json_pack("{s:s, s:s}", "word", word, "instead", instead) : json_null();
}

/* Searches and replies; one result more than the page tells whether there is another page. */
static int reply_page(struct call *call, const struct list_call *list, struct page page,
                      const struct understood *query, struct search_request *request,
                      struct error *err)
{
    struct search_results results;
    const struct server_options *o = &call->server->options;
    bool orders = page.by_strength && page.first < BY_STRENGTH;
    request->filter = &list->filter;
    request->skip = orders ? 0 : page.first;
    request->k = page.first + page.count + 1;
    if (orders && request->k <= BY_STRENGTH)
        request->k = BY_STRENGTH + 1;
    if (request->k > LIMIT_RESULTS)
        request->k = LIMIT_RESULTS;
    int rc = search_run(list->store, o->clip, o->model_id, request, &results, err);
    if (rc)
        return rc;
    if (orders)
        order_by_strength(&results);
    reply_results(call, &results, page, orders, form_hint(list->store, query));
    search_results_release(&results);
    return 0;
}

static const struct list_shape shape = {.most = MOST_RESULTS,
                                        .usual = DEFAULT_RESULTS,
                                        .number = "cursor",
                                        .number_max = LIMIT_RESULTS - 1,
                                        .filtered = true};

int reply_matching(struct call *call, const struct understood *query, struct error *err)
{
    static const struct understood no_text = {.tree = NULL};
    struct list_call list;
    int rc = list_begin(call, &shape, &list, err);
    if (rc)
        return rc;
    struct search_request request = {
        .tree = query->tree, .only_matching = true, .sort = query->sort, .seed = RANDOM_SEED};
    struct page page = {.first = (size_t)list.number, .count = list.count};
    return reply_page(call, &list, page, &no_text, &request, err);
}

/* `text` is a query, or NULL if the request is an example already. */
static int search_page(struct call *call, const char *text, struct search_request *request,
                       struct error *err)
{
    struct list_call list;
    struct page page;
    struct understood query = {.tree = NULL};
    bool done = false;
    int rc = read_order(&call->target, &page.by_strength, err);
    if (!rc)
        rc = read_copies(&call->target, &request->all_copies, err);
    if (!rc)
        rc = list_begin(call, &shape, &list, err);
    if (!rc && text)
        rc = understand_query(call, list.store, text, &query, &done, err);
    if (rc || done)
        return rc;
    page.first = (size_t)list.number;
    page.count = list.count;
    page.by_strength &= !query.is_listed && query.sort == QUERY_SORT_DEFAULT;
    request->tree = query.tree;
    request->sort = query.sort;
    request->seed = RANDOM_SEED;
    rc = reply_page(call, &list, page, &query, request, err);
    understood_release(&query);
    return rc;
}

int api_search(struct call *call, struct error *err)
{
    const char *q = target_get(&call->target, "q"), *like = target_get(&call->target, "like");
    struct search_request request = {.text = NULL};
    if (!q == !like)
        return error_set(err, ERR_INVALID,
                         "give either 'q', a description of the photos, or 'like', the id of a "
                         "photo");
    int rc =
        like ? target_get_int(&call->target, "like", 1, INT64_MAX, 0, &request.like_photo, err) : 0;
    return rc ? rc : search_page(call, q, &request, err);
}

int api_similar(struct call *call, struct error *err)
{
    struct search_request request = {.like_photo = call->match.id};
    return search_page(call, NULL, &request, err);
}

int api_search_by_picture(struct call *call, struct error *err)
{
    const struct http_request *http = call->request;
    struct search_request request = {.like_data = http->body,
                                     .like_size = (size_t)http->content_length};
    if (request.like_size == 0)
        return error_set(err, ERR_INVALID, "the body is empty: send a picture file");
    int rc = search_page(call, NULL, &request, err);
    if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_LIMIT) {
        respond_problem(call->reply, 422, error_name(rc), "%s", err->message);
        return 0;
    }
    return rc;
}

int api_query_explain(struct call *call, struct error *err)
{
    const char *q = target_get(&call->target, "q");
    struct store *store;
    struct understood query;
    struct explained root;
    bool done;
    if (!q)
        return error_set(err, ERR_INVALID, "'q', the query to explain, is missing");
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = understand_query(call, store, q, &query, &done, err);
    if (rc || done)
        return rc;
    rc = explain_query(store, &query, NULL, &root, err);
    if (!rc) {
        respond_json(call->reply, 200, form_explanation(&query, &root));
        explained_release(&root);
    }
    understood_release(&query);
    return rc;
}

int api_query_criteria(struct call *call, struct error *err)
{
    (void)err;
    respond_json(call->reply, 200, form_keywords());
    return 0;
}
