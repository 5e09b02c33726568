/* SPDX-License-Identifier: MIT */
/* Lists photos by date, and counts them by month. */
#include <string.h>

#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

/* Photos with a date come first, read backwards from an index, in which photos without a date are
 * NULL. '~' sorts after every date. kept(id) looks the photo up in a filter that was prepared in
 * memory. */

/* A page is read within a transaction and delivered after it, so that the callback may use the
 * store. */
struct page {
    struct store_photo *photos;
    size_t count, cap, skip, limit;
};

static int take(struct query q, struct page *page, struct error *err)
{
    int rc;
    while ((rc = query_next(&q, err)) > 0) {
        ARRAY_GROW(page->photos, page->cap, page->count + 1);
        sqlite_read_photo(q.statement, &page->photos[page->count++]);
    }
    query_end(&q);
    return rc;
}

/* Binds LIMIT and OFFSET, the last parameters of the statement. */
static void bind_room(struct query *q, const struct page *page)
{
    size_t room = page->limit - page->count;
    query_int(q, room < INT64_MAX ? (int64_t)room : INT64_MAX);
    query_int(q, page->skip < INT64_MAX ? (int64_t)page->skip : INT64_MAX);
}

/* The restrictions of a list. */
struct list_range {
    bool filtered;               /* kept(id) must be called */
    struct criteria_dates dates; /* of all kept photos; "" and "~" mean no bounds */
};

static struct list_range range_of(const struct criteria *where)
{
    struct list_range range = {where != NULL, criteria_dates(where)};
    if (!range.dates.dated)
        range.dates = (struct criteria_dates){false, "", "~"};
    return range;
}

#define AFTER "(taken, id) < (?1, ?2) AND taken >= ?3"
#define NEWEST " ORDER BY taken DESC, id DESC LIMIT ?4 OFFSET ?5"

static void bind_place(struct query *q, const struct list_range *range,
                       const struct store_place *from)
{
    query_text(q, from->taken);
    query_int(q, from->id);
    query_text(q, range->dates.from);
}

/* Computes the part of page->skip that remains for photos without a date: none if a photo with a
 * date was delivered. */
static int count_skipped(struct sqlite *s, const struct list_range *range,
                         const struct store_place *from, struct page *page, struct error *err)
{
    int64_t skipped = 0;
    int rc = 0;
    if (page->skip && !page->count) {
        struct query q = query_start(
            s, range->filtered ? "SELECT count(*) FROM photo WHERE " AFTER " AND kept(id)"
                               : "SELECT count(*) FROM photo WHERE " AFTER);
        bind_place(&q, range, from);
        rc = query_get_int(&q, &skipped, err);
    }
    bool left = !page->count && page->skip > (size_t)skipped;
    page->skip = left ? page->skip - (size_t)skipped : 0;
    return rc;
}

static int take_dated(struct sqlite *s, const struct list_range *range,
                      const struct store_place *after, struct page *page, struct error *err)
{
    const char *past = range->dates.until;
    struct store_place from = {.id = INT64_MAX};
    text_copy(from.taken, sizeof from.taken, past);
    if (after && strcmp(after->taken, past) < 0)
        from = *after;
    struct query q =
        query_start(s, range->filtered ? "SELECT " SQLITE_PHOTO " FROM photo WHERE " AFTER
                                         " AND kept(id)" NEWEST
                                       : "SELECT " SQLITE_PHOTO " FROM photo WHERE " AFTER NEWEST);
    bind_place(&q, range, &from);
    bind_room(&q, page);
    int rc = take(q, page, err);
    return rc ? rc : count_skipped(s, range, &from, page, err);
}

static int take_undated(struct sqlite *s, const struct list_range *range, int64_t before,
                        struct page *page, struct error *err)
{
    struct query q = query_start(
        s, range->filtered ? "SELECT " SQLITE_PHOTO " FROM photo WHERE taken IS NULL AND id < ?"
                             " AND kept(id) ORDER BY id DESC LIMIT ? OFFSET ?"
                           : "SELECT " SQLITE_PHOTO " FROM photo WHERE taken IS NULL AND id < ?"
                             " ORDER BY id DESC LIMIT ? OFFSET ?");
    query_int(&q, before);
    bind_room(&q, page);
    return take(q, page, err);
}

static int read_page(struct sqlite *s, const struct criteria *where,
                     const struct store_place *after, struct page *page, struct error *err)
{
    bool in_dates = !after || after->taken[0];
    struct list_range range = range_of(where);
    int rc = where ? sqlite_filter_prepare(s, where, err) : 0;
    if (!rc && in_dates)
        rc = take_dated(s, &range, after, page, err);
    if (!rc && !range.dates.dated && page->count < page->limit)
        rc = take_undated(s, &range, in_dates ? INT64_MAX : after->id, page, err);
    return rc;
}

int sqlite_list_photos(struct store *store, const struct criteria *where,
                       const struct store_place *after, size_t skip, size_t limit,
                       int (*each)(void *context, const struct store_photo *photo), void *context,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct page page = {.skip = skip, .limit = limit};
    int stopped = 0, rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, read_page(s, where, after, &page, err), err);
    for (size_t i = 0; i < page.count; i++) {
        if (!rc && !stopped)
            stopped = each(context, &page.photos[i]);
        store_photo_release(&page.photos[i]);
    }
    free(page.photos);
    return rc ? rc : stopped;
}

/* ---- ids ---- */

struct ids {
    int64_t *items;
    size_t count, cap;
};

static void take_id(void *context, int64_t id)
{
    struct ids *ids = context;
    ARRAY_GROW(ids->items, ids->cap, ids->count + 1);
    ids->items[ids->count++] = id;
}

/* A set that was read from tables contains only photos; a set from the criteria may contain other
 * ids. */
static int read_ids(struct sqlite *s, const struct criteria *where, struct ids *ids,
                    struct error *err)
{
    int rc = sqlite_filter_prepare(s, where, err);
    if (rc || (where && !where->total_ids && sqlite_filter_walk(s, take_id, ids)))
        return rc;
    struct query q = query_start(s, "SELECT id FROM photo WHERE kept(id)");
    while ((rc = query_next(&q, err)) > 0)
        take_id(ids, sqlite3_column_int64(q.statement, 0));
    query_end(&q);
    return rc;
}

int sqlite_list_ids(struct store *store, const struct criteria *where,
                    int (*each)(void *context, int64_t id), void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct ids ids = {NULL, 0, 0};
    int stopped = 0, rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, read_ids(s, where, &ids, err), err);
    for (size_t i = 0; !rc && !stopped && i < ids.count; i++)
        stopped = each(context, ids.items[i]);
    free(ids.items);
    return rc ? rc : stopped;
}

/* ---- months ---- */

int sqlite_get_change(struct store *store, int64_t *ret_change, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_follow(s, err);
    return rc ? rc : sqlite_read_change(s, ret_change, err);
}

struct month {
    char name[8];
    int64_t photos;
};

struct months {
    struct month *items;
    size_t count, cap;
};

static void add_month(struct months *months, const char *name, int64_t photos)
{
    if (!photos)
        return;
    ARRAY_GROW(months->items, months->cap, months->count + 1);
    struct month *month = &months->items[months->count++];
    text_copy(month->name, sizeof month->name, name);
    month->photos = photos;
}

/* Gets the newest month before `past`, or "" if there is none. */
static int find_month(struct sqlite *s, const char *past, char ret_name[8], struct error *err)
{
    struct query q =
        query_start(s, "SELECT taken FROM photo WHERE taken < ? ORDER BY taken DESC LIMIT 1");
    query_text(&q, past);
    int rc = query_next(&q, err);
    ret_name[0] = '\0';
    if (rc > 0)
        text_copy(ret_name, 8, (const char *)sqlite3_column_text(q.statement, 0));
    query_end(&q);
    return rc < 0 ? rc : 0;
}

static int count_month(struct sqlite *s, const struct list_range *range, const char *name,
                       int64_t *ret_count, struct error *err)
{
    struct query q = query_start(
        s, range->filtered
               ? "SELECT count(*) FROM photo WHERE taken >= ?1 AND taken < ?1 || '~' AND kept(id)"
               : "SELECT count(*) FROM photo WHERE taken >= ?1 AND taken < ?1 || '~'");
    query_text(&q, name);
    return query_get_int(&q, ret_count, err);
}

static int count_undated(struct sqlite *s, const struct list_range *range, int64_t *ret_count,
                         struct error *err)
{
    struct query q = query_start(
        s, range->filtered ? "SELECT count(*) FROM photo WHERE taken IS NULL AND kept(id)"
                           : "SELECT count(*) FROM photo WHERE taken IS NULL");
    return query_get_int(&q, ret_count, err);
}

/* Steps from month to month, because counting the index entries between two keys is several times
 * as fast as grouping them. */
static int count_months(struct sqlite *s, const struct criteria *where, struct months *months,
                        struct error *err)
{
    char past[16], name[8];
    int64_t photos = 0;
    struct list_range range = range_of(where);
    int rc = where ? sqlite_filter_prepare(s, where, err) : 0;
    text_copy(past, sizeof past, range.dates.until);
    while (!rc) {
        rc = find_month(s, past, name, err);
        if (rc || !name[0] || strncmp(name, range.dates.from, strlen(name)) < 0)
            break;
        rc = count_month(s, &range, name, &photos, err);
        if (!rc)
            add_month(months, name, photos);
        text_copy(past, sizeof past, name);
    }
    if (!rc && !range.dates.dated) {
        rc = count_undated(s, &range, &photos, err);
        if (!rc)
            add_month(months, "", photos);
    }
    return rc;
}

int sqlite_list_months(struct store *store, const struct criteria *where,
                       int (*each)(void *context, const struct store_month *month), void *context,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct months months = {NULL, 0, 0};
    int stopped = 0, rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, count_months(s, where, &months, err), err);
    for (size_t i = 0; !rc && !stopped && i < months.count; i++)
        stopped =
            each(context, &(struct store_month){months.items[i].name, months.items[i].photos});
    free(months.items);
    return rc ? rc : stopped;
}
