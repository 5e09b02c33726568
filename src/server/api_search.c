#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "server/api.h"
#include "server/forms.h"
#include "server/parts.h"

#define DEFAULT_RESULTS 60
#define MOST_RESULTS 500

struct page {
    size_t first, count;
};

/* A cursor is the number of results before the page: a ranking has no better name for a place. */
static int read_page(const struct target *target, struct page *ret_page, struct error *err)
{
    int64_t count, first;
    int rc = target_get_count(target, MOST_RESULTS, DEFAULT_RESULTS, &count, err);
    if (!rc)
        rc = target_get_int(target, "cursor", 0, LIMIT_RESULTS - 1, 0, &first, err);
    if (!rc)
        *ret_page = (struct page){(size_t)first, (size_t)count};
    return rc;
}

static void reply_results(struct call *call, const struct search_results *results, struct page page)
{
    size_t end = page.first + page.count;
    json_t *list = json_array();
    for (size_t i = 0; i < results->count && i < page.count; i++)
        json_array_append_new(list, form_result(&results->items[i], page.first + i + 1));
    AUTO_FREE char *next =
        results->ranked > end && end < LIMIT_RESULTS ? xasprintf("%zu", end) : NULL;
    json_t *object = json_object();
    json_object_set_new(object, "results", list);
    json_object_set_new(object, "next_cursor", form_text_or_null(next));
    json_object_set_new(object, "truncated", json_boolean(results->truncated));
    json_object_set_new(object, "language_unsupported",
                        json_boolean(results->language_unsupported));
    json_object_set_new(object, "partly_unread", json_boolean(results->partly_unread));
    respond_json(call->reply, 200, object);
}

/* One result more than the page shows whether there is another page. */
static int search(struct call *call, struct search_request *request, struct page page,
                  struct error *err)
{
    struct store *store;
    struct store_filter filter;
    struct search_results results;
    const struct server_options *o = &call->server->options;
    int rc = form_filter(&call->target, &filter, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc)
        rc = call_find_folder(call, store, &filter, err);
    if (rc)
        return rc;
    request->filter = &filter;
    request->skip = page.first;
    request->k = page.first + page.count + 1;
    if (request->k > LIMIT_RESULTS)
        request->k = LIMIT_RESULTS;
    rc = search_run(store, o->clip, o->model_id, request, &results, err);
    if (rc)
        return rc;
    reply_results(call, &results, page);
    search_results_release(&results);
    return 0;
}

int api_search(struct call *call, struct error *err)
{
    const char *q = target_get(&call->target, "q"), *like = target_get(&call->target, "like");
    struct search_request request = {.text = q};
    struct page page;
    if (!q == !like)
        return error_set(err, ERR_INVALID,
                         "give either q, what the photos show, or like, the id of a photo");
    int rc =
        like ? target_get_int(&call->target, "like", 1, INT64_MAX, 0, &request.like_photo, err) : 0;
    if (!rc)
        rc = read_page(&call->target, &page, err);
    return rc ? rc : search(call, &request, page, err);
}

int api_similar(struct call *call, struct error *err)
{
    struct search_request request = {.like_photo = call->match.id};
    struct page page;
    int rc = read_page(&call->target, &page, err);
    return rc ? rc : search(call, &request, page, err);
}

int api_search_by_picture(struct call *call, struct error *err)
{
    const struct http_request *http = call->request;
    struct search_request request = {.like_data = http->body,
                                     .like_size = (size_t)http->content_length};
    struct page page;
    if (request.like_size == 0)
        return error_set(err, ERR_INVALID, "the body is empty: send a picture file");
    int rc = read_page(&call->target, &page, err);
    if (!rc)
        rc = search(call, &request, page, err);
    if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_LIMIT) {
        respond_problem(call->reply, 422, error_name(rc), "%s", err->message);
        return 0;
    }
    return rc;
}
