/* SPDX-License-Identifier: MIT */
/* Handlers of /labels and of a photo's labels. */
#include <inttypes.h>

#include "base/json.h"
#include "forms/forms.h"
#include "server/api.h"
#include "server/list_call.h"
#include "server/server_internal.h"
#include "store/labels.h"

static int add_label(void *context, const struct store_label *label)
{
    json_array_append_new(context, form_label(label));
    return 0;
}

int api_labels(struct call *call, struct error *err)
{
    static const struct list_shape shape = {
        .number = "photo", .number_min = 1, .number_max = INT64_MAX};
    struct list_call list;
    const char *name = target_get(&call->target, "name");
    AUTO_JSON *labels = json_array();
    int rc = list_begin(call, &shape, &list, err);
    if (!rc)
        rc = store_list_labels(list.store, list.number, name, add_label, labels, err);
    if (!rc)
        respond_json(call->reply, 200, json_pack("{sO}", "labels", labels));
    return rc;
}

/* Turns ERR_CORRUPT of json_get_* into ERR_INVALID, because the client sent the value. */
static int invalid(int rc, struct error *err)
{
    return rc ? error_set(err, ERR_INVALID, "%.1000s", err->message) : 0;
}

/* *ret_box is NULL when there is none, else `room`. */
static int read_box(const json_t *body, struct store_box *room, const struct store_box **ret_box,
                    struct error *err)
{
    static const char *const keys[] = {"x", "y", "width", "height"};
    double *const values[] = {&room->x, &room->y, &room->width, &room->height};
    const json_t *box = json_object_get(body, "box");
    int rc = 0;
    *ret_box = NULL;
    if (!box || json_is_null(box))
        return 0;
    if (!json_is_object(box))
        return error_set(err, ERR_INVALID, "\"box\" must be an object");
    for (size_t i = 0; !rc && i < sizeof keys / sizeof *keys; i++)
        rc = json_get_number(box, keys[i], "the box", values[i], err);
    *ret_box = room;
    return rc;
}

struct wanted {
    int64_t id;
    json_t *found;
};

static int find_label(void *context, const struct store_label *label)
{
    struct wanted *wanted = context;
    if (label->id == wanted->id)
        wanted->found = form_label(label);
    return wanted->found ? 1 : 0;
}

static int reply_label(struct call *call, struct store *store, int64_t photo, int64_t id,
                       struct error *err)
{
    struct wanted wanted = {id, NULL};
    int rc = store_list_labels(store, photo, NULL, find_label, &wanted, err);
    if (rc < 0)
        return rc;
    if (!wanted.found)
        return error_set(err, ERR_NOT_FOUND, "the label no longer exists");
    respond_json(call->reply, 201, wanted.found);
    respond_header(call->reply, "Location", "%s/api/v1/labels/%" PRId64, call->client.base, id);
    return 0;
}

int api_add_label(struct call *call, struct error *err)
{
    struct store *store;
    struct store_box room;
    const struct store_box *box;
    const char *name;
    int64_t photo, id;
    int rc = call_check_keys(call->body, "photo name box", err);
    if (!rc)
        rc = json_get_int(call->body, "photo", 1, INT64_MAX, "the body", &photo, err);
    if (!rc)
        rc = json_get_string(call->body, "name", "the body", &name, err);
    if (!rc)
        rc = read_box(call->body, &room, &box, err);
    if (rc)
        return invalid(rc, err);
    rc = call_store(call, &store, err);
    if (!rc)
        rc = store_add_label(store, photo, name, box, &id, err);
    return rc ? rc : reply_label(call, store, photo, id, err);
}

int api_rename_label(struct call *call, struct error *err)
{
    struct store *store;
    const char *name;
    int rc = call_check_keys(call->body, "name", err);
    if (!rc)
        rc = json_get_string(call->body, "name", "the body", &name, err);
    if (rc)
        return invalid(rc, err);
    rc = call_store(call, &store, err);
    if (!rc)
        rc = store_rename_label(store, call->match.id, name, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}

int api_remove_label(struct call *call, struct error *err)
{
    struct store *store;
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = store_remove_label(store, call->match.id, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}
