/* SPDX-License-Identifier: MIT */
/* Handlers of /months, /photos and /photos/{id}. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ask/gate.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "forms/forms.h"
#include "server/api.h"
#include "server/list_call.h"
#include "server/server_internal.h"
#include "store/labels.h"
#include "store/listing.h"

#define UNDATED "undated"

/* ---- months ---- */

struct month_list {
    json_t *months;
    int64_t photos;
};

static int add_month(void *context, const struct store_month *month)
{
    struct month_list *list = context;
    json_array_append_new(list->months,
                          json_pack("{sssI}", "month", month->month[0] ? month->month : UNDATED,
                                    "photos", (json_int_t)month->photos));
    list->photos += month->photos;
    return 0;
}

int api_months(struct call *call, struct error *err)
{
    static const struct list_shape shape = {.filtered = true};
    struct list_call list;
    AUTO_JSON *names = json_array();
    struct month_list months = {names, 0};
    int rc = list_begin(call, &shape, &list, err);
    if (!rc)
        rc = store_list_months(list.store, &list.filter, add_month, &months, err);
    if (!rc)
        call_reply_tagged(
            call, json_pack("{sOsI}", "months", names, "photos", (json_int_t)months.photos));
    return rc;
}

/* ---- the list ---- */

/* A cursor is the place of the last photo: "ID" or "ID.TAKEN". */
static int read_cursor(const char *cursor, struct store_place *ret_place, struct error *err)
{
    struct store_place place = {.id = 0};
    size_t used = target_number(cursor, &place.id);
    size_t length = strlen(cursor);
    if (used == 0 || (cursor[used] && cursor[used] != '.') || length - used > sizeof place.taken)
        return error_set(err, ERR_INVALID, "invalid cursor: use one that an earlier page returned");
    if (cursor[used])
        text_copy(place.taken, sizeof place.taken, cursor + used + 1);
    *ret_place = place;
    return 0;
}

struct photo_list {
    json_t *photos;
    size_t limit, count;
    struct store_place last;
    bool more;
};

static int add_photo(void *context, const struct store_photo *photo)
{
    struct photo_list *list = context;
    if (list->count == list->limit) {
        list->more = true;
        return 1;
    }
    list->count++;
    list->last.id = photo->id;
    text_copy(list->last.taken, sizeof list->last.taken, photo->facts.taken);
    json_array_append_new(list->photos, form_photo(photo));
    return 0;
}

static void reply_list(struct call *call, const struct photo_list *list)
{
    AUTO_FREE char *next = NULL;
    if (list->more)
        next = xasprintf("%" PRId64 "%s%s", list->last.id, list->last.taken[0] ? "." : "",
                         list->last.taken);
    json_t *object = json_object();
    json_object_set(object, "photos", list->photos);
    json_object_set_new(object, "next_cursor", form_text(next));
    call_reply_tagged(call, object);
}

/* Narrows the filter to a month; photos without a date follow all others in the list. */
static int choose_month(const struct target *target, struct store_filter *filter,
                        struct store_place *after, const struct store_place **place,
                        struct error *err)
{
    const char *month = target_get(target, "month");
    if (!month)
        return 0;
    if (filter->from || filter->until)
        return error_set(err, ERR_INVALID, "give either month, or from and until");
    if (strcmp(month, UNDATED) != 0) {
        if (strlen(month) != strlen("2019-07"))
            return error_set(err, ERR_INVALID, "'month' must be as 2019-07, or " UNDATED);
        filter->from = filter->until = month;
    } else if (!*place) {
        *after = (struct store_place){.taken = "", .id = INT64_MAX};
        *place = after;
    }
    return 0;
}

int api_photos(struct call *call, struct error *err)
{
    static const struct list_shape shape = {
        .most = 1000, .usual = 100, .number = "offset", .number_max = INT32_MAX, .filtered = true};
    struct list_call list;
    struct store_place after;
    const struct store_place *place = NULL;
    const char *cursor = target_get(&call->target, "cursor");
    int rc = list_begin(call, &shape, &list, err);
    if (!rc && cursor) {
        rc = read_cursor(cursor, &after, err);
        place = &after;
    }
    if (!rc)
        rc = choose_month(&call->target, &list.filter, &after, &place, err);
    if (rc)
        return rc;
    AUTO_JSON *photos = json_array();
    struct photo_list page = {.photos = photos, .limit = list.count};
    rc = store_list_photos(list.store, &list.filter, place, (size_t)list.number, page.limit + 1,
                           add_photo, &page, err);
    if (rc >= 0)
        reply_list(call, &page);
    return rc < 0 ? rc : 0;
}

/* ---- one ---- */

static int add_label(void *context, const struct store_label *label)
{
    json_array_append_new(context, form_label(label));
    return 0;
}

/* While a rule is damaged, no photo may leave, because what the rule covers is unknown. */
static int get_rule(struct store *store, int64_t id, char **ret_phrase, struct error *err)
{
    struct error why;
    int rc = gate_rule(store, id, ret_phrase, &why);
    if (rc != ERR_CORRUPT)
        return rc ? error_set(err, rc, "%s", why.message) : 0;
    *ret_phrase = xstrdup("a damaged rule or label (see `keepsake doctor`)");
    return 0;
}

int api_photo(struct call *call, struct error *err)
{
    struct store *store;
    struct store_photo photo;
    AUTO_FREE char *rule = NULL;
    AUTO_JSON *labels = json_array();
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = store_list_labels(store, call->match.id, NULL, add_label, labels, err);
    if (!rc)
        rc = get_rule(store, call->match.id, &rule, err);
    if (!rc)
        rc = store_get_photo(store, call->match.id, &photo, err);
    if (rc)
        return rc;
    respond_json(call->reply, 200, form_photo_facts(&photo, labels, rule));
    store_photo_release(&photo);
    return 0;
}
