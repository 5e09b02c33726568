/* SPDX-License-Identifier: MIT */
/* Lists photos by date, and counts them by month. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* Dates are compared as bytes (~<~, as in postgres_filter.c). Photos with a date come first, read
 * backwards from the index image_gallery_date_keepsake; the date of other photos is NULL. Each
 * shard of a split gallery is queried for its first rows; postgres_fdw sends order and limit to it.
 */

enum { SQL_BYTES = 64 << 20 };
/* The largest LIMIT: more rows are never requested. */
#define MOST ((size_t)1 << 40)

char *postgres_each_shard_sql(const struct postgres *p, const char *before, const char *after)
{
    struct strbuf sql = STRBUF_INIT(SQL_BYTES);
    int rc = 0;
    if (!p->settings.shards)
        rc = strbuf_addf(&sql, NULL, "%simage_gallery%s", before, after);
    for (int i = 0; !rc && i < p->settings.shards; i++)
        rc = strbuf_addf(&sql, NULL, "%s(%simage_gallery_part_%d%s)", i ? " UNION ALL " : "",
                         before, i, after);
    if (rc)
        BUG("the list of %d shards does not fit", p->settings.shards);
    return strbuf_take(&sql);
}

/* ---- pages ---- */

struct page {
    const struct criteria *where;
    bool dated; /* photos with or without a date */
    struct store_place after;
    size_t skip, limit;
    PGresult *rows;
};

#define BY_DATE " ORDER BY taken USING ~>~, id DESC"
#define BY_ID " ORDER BY id DESC"

/* Returns the condition for the start of the page; the conditions of the tree follow it. */
static const char *page_start(const struct page *page, struct postgres_args *args)
{
    args_int(args, page->after.id);
    if (!page->dated)
        return "taken IS NULL AND id < $1::bigint";
    args_text(args, page->after.taken);
    return "taken ~<=~ $2::text AND (taken ~<~ $2::text OR id < $1::bigint)";
}

static int fetch_page(struct postgres *p, void *context, struct error *err)
{
    struct page *page = context;
    struct postgres_args args = {0};
    const char *order = page->dated ? BY_DATE : BY_ID;
    const char *start = page_start(page, &args);
    AUTO_CRITERIA_SQL filter = postgres_filter_sql(p, page->where, &args);
    AUTO_FREE char *end = xasprintf(" WHERE %s AND %s%s LIMIT %zu", start, filter.text.data, order,
                                    page->skip + page->limit);
    const char *photo = postgres_facts_sql(p, "SELECT " POSTGRES_PHOTO " FROM ");
    AUTO_FREE char *shards = postgres_each_shard_sql(p, photo, end);
    AUTO_FREE char *sql = xasprintf("SELECT * FROM (%s) AS u%s LIMIT %zu OFFSET %zu", shards, order,
                                    page->limit, page->skip);
    return postgres_query(p, sql, &args, &page->rows, err);
}

static int count_page(struct postgres *p, void *context, struct error *err)
{
    struct page *page = context;
    struct postgres_args args = {0};
    const char *start = page_start(page, &args);
    AUTO_CRITERIA_SQL filter = postgres_filter_sql(p, page->where, &args);
    AUTO_FREE char *end = xasprintf(" WHERE %s AND %s", start, filter.text.data);
    AUTO_FREE char *shards = postgres_each_shard_sql(p, "SELECT count(*) AS photos FROM ", end);
    AUTO_FREE char *sql = xasprintf("SELECT sum(photos)::bigint FROM (%s) AS u", shards);
    return postgres_query(p, sql, &args, &page->rows, err);
}

/* Computes the share of page->skip that remains for photos without a date: none if a photo with a
 * date was delivered. */
static int count_skipped(struct postgres *p, struct page *page, size_t given, struct error *err)
{
    if (given || !page->skip) {
        page->skip = 0;
        return 0;
    }
    int rc = postgres_attempt(p, count_page, page, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = page->rows;
    size_t skipped = (size_t)value_int(row, 0, 0);
    page->skip = skipped < page->skip ? page->skip - skipped : 0;
    return 0;
}

/* Delivers a page that was read completely, because the callback may use the store. */
static int give_page(struct postgres *p, struct page *page,
                     int (*each)(void *context, const struct store_photo *photo), void *context,
                     size_t *ret_given, struct error *err)
{
    int rc = postgres_attempt(p, fetch_page, page, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = page->rows;
    *ret_given = (size_t)PQntuples(rows);
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        struct store_photo photo;
        postgres_read_photo(rows, i, &photo);
        rc = each(context, &photo);
        store_photo_release(&photo);
    }
    return rc;
}

int postgres_list_photos(struct store *store, const struct criteria *where,
                         const struct store_place *after, size_t skip, size_t limit,
                         int (*each)(void *context, const struct store_photo *photo), void *context,
                         struct error *err)
{
    struct postgres *p = postgres_of(store);
    bool all_dated = criteria_dates(where).dated;
    struct page page = {.where = where,
                        .dated = !after || after->taken[0],
                        .after = {.id = INT64_MAX},
                        .skip = skip < MOST ? skip : MOST,
                        .limit = limit < MOST ? limit : MOST};
    text_copy(page.after.taken, sizeof page.after.taken, "~");
    size_t given = 0;
    int rc = 0;
    if (after)
        page.after = *after;
    if (page.dated) {
        rc = give_page(p, &page, each, context, &given, err);
        page.limit -= given;
        if (rc || !page.limit || all_dated)
            return rc;
        rc = count_skipped(p, &page, given, err);
        page.after.id = INT64_MAX;
    }
    page.dated = false;
    if (rc || !page.limit || all_dated)
        return rc;
    return give_page(p, &page, each, context, &given, err);
}

/* ---- ids ---- */

struct wanted_ids {
    const struct criteria *where;
    PGresult *rows;
};

static int fetch_ids(struct postgres *p, void *context, struct error *err)
{
    struct wanted_ids *ids = context;
    struct postgres_args args = {0};
    AUTO_CRITERIA_SQL filter = postgres_filter_sql(p, ids->where, &args);
    AUTO_FREE char *end = xasprintf(" WHERE %s", filter.text.data);
    AUTO_FREE char *sql = postgres_each_shard_sql(p, "SELECT id::bigint FROM ", end);
    return postgres_query(p, sql, &args, &ids->rows, err);
}

int postgres_list_ids(struct store *store, const struct criteria *where,
                      int (*each)(void *context, int64_t id), void *context, struct error *err)
{
    struct wanted_ids ids = {.where = where};
    int rc = postgres_attempt(postgres_of(store), fetch_ids, &ids, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = ids.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++)
        rc = each(context, value_int(rows, i, 0));
    return rc;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int postgres_list_candidates(struct store *store, const struct vectors_grading *grading, size_t k,
                             const struct criteria *where, int64_t **ret_ids, size_t *ret_count,
                             size_t *ret_total, struct error *err)
{
    (void)grading;
    (void)k;
    struct wanted_ids wanted = {.where = where};
    int rc = postgres_attempt(postgres_of(store), fetch_ids, &wanted, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = wanted.rows;
    size_t n = (size_t)PQntuples(rows);
    int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    for (size_t i = 0; i < n; i++)
        ids[i] = value_int(rows, (int)i, 0);
    qsort(ids, n, sizeof *ids, compare_ids);
    *ret_ids = ids;
    *ret_count = *ret_total = n;
    return 0;
}

/* ---- months ---- */

static int read_change(struct postgres *p, void *context, struct error *err)
{
    PGresult *owned;
    bool counts_others;
    int rc = postgres_has_format(p, 4, &counts_others, err);
    if (!rc)
        rc = postgres_query(p,
                            counts_others ? "SELECT change + (SELECT count(*) FROM keepsake_change)"
                                            " FROM keepsake_gallery"
                                          : "SELECT change FROM keepsake_gallery",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *(int64_t *)context = PQntuples(row) ? value_int(row, 0, 0) : 0;
    return 0;
}

int postgres_get_change(struct store *store, int64_t *ret_change, struct error *err)
{
    struct postgres *p = postgres_of(store);
    int64_t change = 0;
    int rc = postgres_attempt(p, read_change, &change, err);
    if (!rc)
        *ret_change = change;
    return rc;
}

struct months {
    const struct criteria *where;
    PGresult *rows;
};

static int fetch_months(struct postgres *p, void *context, struct error *err)
{
    struct months *m = context;
    struct postgres_args args = {0};
    AUTO_CRITERIA_SQL filter = postgres_filter_sql(p, m->where, &args);
    AUTO_FREE char *end = xasprintf(" WHERE %s GROUP BY 1", filter.text.data);
    AUTO_FREE char *shards =
        postgres_each_shard_sql(p, "SELECT left(taken, 7) AS month, count(*) AS photos FROM ", end);
    AUTO_FREE char *sql =
        xasprintf("SELECT month, sum(photos)::bigint FROM (%s) AS u GROUP BY month"
                  " ORDER BY month USING ~>~ NULLS LAST",
                  shards);
    return postgres_query(p, sql, &args, &m->rows, err);
}

int postgres_list_months(struct store *store, const struct criteria *where,
                         int (*each)(void *context, const struct store_month *month), void *context,
                         struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct months m = {.where = where};
    int rc = postgres_attempt(p, fetch_months, &m, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = m.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        char name[8];
        value_text(rows, i, 0, name, sizeof name);
        rc = each(context, &(struct store_month){name, value_int(rows, i, 1)});
    }
    return rc;
}
