/* SPDX-License-Identifier: MIT */
/* Handlers of /albums, their photos, and what is put in and left out by hand. */
#include <inttypes.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "query/label_name.h"
#include "search/album.h"
#include "server/api.h"
#include "server/search_reply.h"
#include "server/server_internal.h"

/* ---- reading ---- */

/* Makes the form of an album. Photos of a query that says what photos show are counted only if
 * `count_all`, because that grades the whole gallery. */
static int make_form(struct call *call, struct store *store, const struct album *album,
                     bool count_all, json_t **ret_form, struct error *err)
{
    const struct server_options *o = &call->server->options;
    struct understood query;
    struct error why;
    AUTO_FREE char *remark = NULL;
    int64_t photos = -1;
    int rc = album_read(store, album, &query, &remark, &why);
    if (rc == ERR_INVALID || rc == ERR_LIMIT) { /* a query that an import brought, for instance */
        *ret_form = form_album(album, -1, false, why.message);
        return 0;
    }
    if (rc)
        return error_set(err, rc, "%s", why.message);
    bool graded = !query.is_listed;
    if (!graded || count_all)
        rc = album_count(store, o->clip, o->model_id, &query, &photos, err);
    understood_release(&query);
    if (!rc)
        *ret_form = form_album(album, photos, graded, remark);
    return rc;
}

static int reply_album(struct call *call, struct store *store, int64_t id, unsigned status,
                       struct error *err)
{
    struct album album;
    json_t *form;
    int rc = album_get(store, id, &album, err);
    if (rc)
        return rc;
    rc = make_form(call, store, &album, status == 200, &form, err);
    album_release(&album);
    if (rc)
        return rc;
    respond_json(call->reply, status, form);
    if (status == 201)
        respond_header(call->reply, "Location", "%s/api/v1/albums/%" PRId64, call->client.base, id);
    return 0;
}

struct id_list {
    int64_t *ids;
    size_t count, cap;
};

static int note_album(void *context, const struct store_album *album)
{
    struct id_list *list = context;
    ARRAY_GROW(list->ids, list->cap, list->count + 1);
    list->ids[list->count++] = album->id;
    return 0;
}

static int add_album_form(struct call *call, struct store *store, int64_t id, json_t *albums,
                          struct error *err)
{
    struct album album;
    json_t *form;
    int rc = album_get(store, id, &album, err);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : rc; /* removed by another process */
    rc = make_form(call, store, &album, false, &form, err);
    album_release(&album);
    if (!rc)
        json_array_append_new(albums, form);
    return rc;
}

int api_albums(struct call *call, struct error *err)
{
    struct store *store;
    struct id_list list = {.ids = NULL};
    AUTO_JSON *albums = json_array();
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = store_list_albums(store, note_album, &list, err);
    for (size_t i = 0; !rc && i < list.count; i++)
        rc = add_album_form(call, store, list.ids[i], albums, err);
    free(list.ids);
    if (!rc)
        call_reply_tagged(call, json_pack("{sO}", "albums", albums));
    return rc;
}

int api_album(struct call *call, struct error *err)
{
    struct store *store;
    int rc = call_store(call, &store, err);
    return rc ? rc : reply_album(call, store, call->match.id, 200, err);
}

int api_album_photos(struct call *call, struct error *err)
{
    struct store *store;
    struct album album;
    struct understood query;
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = album_get(store, call->match.id, &album, err);
    if (rc)
        return rc;
    rc = album_read(store, &album, &query, NULL, err);
    album_release(&album);
    if (rc)
        return rc;
    rc = reply_matching(call, &query, err);
    understood_release(&query);
    return rc;
}

/* ---- changing ---- */

/* Turns ERR_CORRUPT of json_get_* into ERR_INVALID, because the client sent the value. */
static int blame_client(int rc, struct error *err)
{
    return rc ? error_set(err, ERR_INVALID, "%.1000s", err->message) : 0;
}

/* Gets an optional text of the body; NULL if it is left out. */
static int read_text(const struct call *call, const char *key, const char **ret_text,
                     struct error *err)
{
    *ret_text = NULL;
    if (!json_object_get(call->body, key))
        return 0;
    return blame_client(json_get_string(call->body, key, "the body", ret_text, err), err);
}

/* Checks a query for the album `name`; after a mistake in it, the reply is made and *ret_done is
 * true. */
static int check_query(struct call *call, struct store *store, const char *name, const char *query,
                       bool *ret_done, struct error *err)
{
    struct syntax_fault fault;
    AUTO_FREE char *folded = NULL;
    int rc = blame_client(label_name_fold(name, &folded, err), err);
    if (rc)
        return rc;
    rc = album_check(store, name, query, &fault, err);
    *ret_done = rc == ERR_INVALID || rc == ERR_NOT_FOUND;
    if (*ret_done)
        reply_mistake(call, query, &fault, err);
    else if (rc)
        syntax_fault_release(&fault);
    return *ret_done ? 0 : rc;
}

int api_add_album(struct call *call, struct error *err)
{
    struct store *store;
    const char *name, *query;
    int64_t id;
    bool done = false;
    int rc = call_check_keys(call->body, "name query", err);
    if (!rc)
        rc = blame_client(json_get_string(call->body, "name", "the body", &name, err), err);
    if (!rc)
        rc = read_text(call, "query", &query, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc && query)
        rc = check_query(call, store, name, query, &done, err);
    if (rc || done)
        return rc;
    rc = store_add_album(store, name, query ? query : "", &id, err);
    return rc ? rc : reply_album(call, store, id, 201, err);
}

static int read_change(struct call *call, const char **ret_name, const char **ret_query,
                       struct error *err)
{
    int rc = call_check_keys(call->body, "name query", err);
    if (!rc)
        rc = read_text(call, "name", ret_name, err);
    if (!rc)
        rc = read_text(call, "query", ret_query, err);
    return rc || *ret_name || *ret_query
               ? rc
               : error_set(err, ERR_INVALID, "give \"name\", \"query\" or both: what is to change");
}

/* Changes an album; `name` and `query` may be NULL. */
static int change_album(struct call *call, struct store *store, const struct album *album,
                        const char *name, const char *query, bool *ret_done, struct error *err)
{
    int rc = 0;
    *ret_done = false;
    if (query)
        rc = check_query(call, store, name ? name : album->name, query, ret_done, err);
    if (rc || *ret_done)
        return rc;
    if (name)
        rc = album_rename(store, album, name, err);
    if (!rc && query)
        rc = store_change_album(store, album->id, NULL, query, err);
    return rc;
}

int api_change_album(struct call *call, struct error *err)
{
    struct store *store;
    struct album album;
    const char *name, *query;
    bool done;
    int rc = read_change(call, &name, &query, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc)
        rc = album_get(store, call->match.id, &album, err);
    if (rc)
        return rc;
    rc = change_album(call, store, &album, name, query, &done, err);
    album_release(&album);
    if (!rc && !done)
        respond_empty(call->reply, 204);
    return rc;
}

int api_remove_album(struct call *call, struct error *err)
{
    struct store *store;
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = store_remove_album(store, call->match.id, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}

/* ---- photos put in and left out by hand ---- */

static int set_one(struct call *call, enum store_membership membership, struct error *err)
{
    struct store *store;
    int64_t photo = call->match.photo;
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = store_set_members(store, call->match.id, &photo, 1, membership, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}

int api_put_album_photo(struct call *call, struct error *err)
{
    return set_one(call, STORE_MEMBER_PUT_IN, err);
}

int api_leave_album_photo(struct call *call, struct error *err)
{
    return set_one(call, STORE_MEMBER_LEFT_OUT, err);
}

static int read_ids(const json_t *body, const char *key, struct id_list *ids, struct error *err)
{
    const json_t *list = json_object_get(body, key), *item;
    size_t i;
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > LIMIT_RESULTS)
        return error_set(err, ERR_INVALID, "\"%s\" must be an array of at most %d ids", key,
                         LIMIT_RESULTS);
    json_array_foreach(list, i, item)
    {
        if (!json_is_integer(item) || json_integer_value(item) < 1)
            return error_set(err, ERR_INVALID, "\"%s\" must be an array of ids", key);
        ARRAY_GROW(ids->ids, ids->cap, ids->count + 1);
        ids->ids[ids->count++] = json_integer_value(item);
    }
    return 0;
}

int api_set_album_photos(struct call *call, struct error *err)
{
    static const struct {
        const char *key;
        enum store_membership membership;
    } kinds[] = {{"put_in", STORE_MEMBER_PUT_IN},
                 {"leave_out", STORE_MEMBER_LEFT_OUT},
                 {"by_query", STORE_MEMBER_BY_QUERY}};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    struct id_list lists[KINDS] = {{.ids = NULL}};
    struct store *store;
    int rc = call_check_keys(call->body, "put_in leave_out by_query", err);
    for (size_t i = 0; !rc && i < KINDS; i++)
        rc = read_ids(call->body, kinds[i].key, &lists[i], err);
    if (!rc)
        rc = call_store(call, &store, err);
    for (size_t i = 0; !rc && i < KINDS; i++)
        if (lists[i].count || i + 1 == KINDS)
            rc = store_set_members(store, call->match.id, lists[i].ids, lists[i].count,
                                   kinds[i].membership, err);
    for (size_t i = 0; i < KINDS; i++)
        free(lists[i].ids);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}
