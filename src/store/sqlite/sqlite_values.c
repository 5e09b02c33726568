/* SPDX-License-Identifier: MIT */
/* Counts photos by the values of a fact, and by folder. */
#include <string.h>

#include "base/file.h"
#include "store/fact_values.h"
#include "store/sqlite/sqlite_internal.h"

static int count_fact(struct sqlite *s, const struct fact *fact,
                      int (*each)(void *context, const struct store_value *value), void *context,
                      struct error *err)
{
    AUTO_FREE char *sql = xasprintf(
        "SELECT %s, count(*) FROM photo WHERE %s IS NOT NULL GROUP BY 1", fact->name, fact->name);
    struct query q = query_start_once(s, sql);
    int rc, stopped = 0;
    while (!stopped && (rc = query_next(&q, err)) > 0)
        stopped =
            each(context, &(struct store_value){(const char *)sqlite3_column_text(q.statement, 0),
                                                sqlite3_column_int64(q.statement, 1)});
    query_end(&q);
    return stopped ? stopped : rc;
}

/* Reads only the index of paths, in which the photos of a folder are adjacent. */
static int count_folders(struct sqlite *s,
                         int (*each)(void *context, const struct store_value *value), void *context,
                         struct error *err)
{
    AUTO_FREE char *last = NULL;
    int64_t photos = 0;
    struct query q = query_start(s, "SELECT path FROM photo ORDER BY path");
    int rc, stopped = 0;
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        char *folder = file_parent((const char *)sqlite3_column_text(q.statement, 0));
        if (last && strcmp(last, folder) != 0) {
            stopped = each(context, &(struct store_value){last, photos});
            photos = 0;
        }
        free(last);
        last = folder;
        photos++;
    }
    query_end(&q);
    if (!stopped && !rc && last)
        stopped = each(context, &(struct store_value){last, photos});
    return stopped ? stopped : rc;
}

int sqlite_count_values(struct store *store, const struct fact *fact,
                        int (*each)(void *context, const struct store_value *value), void *context,
                        struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int rc = sqlite_follow_format(s, fact ? fact->since : 1, &has, err);
    if (rc || !has)
        return rc;
    return fact ? count_fact(s, fact, each, context, err) : count_folders(s, each, context, err);
}
