/* SPDX-License-Identifier: MIT */
/* Maintains the table folder: the identity of each folder, and the time since which it is
 * unreachable. */
#include "store/sqlite/sqlite_internal.h"

int sqlite_list_folders(struct store *store,
                        int (*each)(void *context, const struct store_folder *folder),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has = false;
    int stopped = 0, rc = sqlite_follow_format(s, 3, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, "SELECT path, device, absent_since FROM folder ORDER BY path");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_folder folder = {
            .path = (const char *)sqlite3_column_text(q.statement, 0),
            .device = (const char *)sqlite3_column_text(q.statement, 1),
            .absent_since = sqlite3_column_int64(q.statement, 2),
        };
        stopped = each(context, &folder);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

static int set_folder(struct sqlite *s, const struct store_folder *folder, struct error *err)
{
    if (!folder->device[0] && !folder->absent_since) {
        struct query q = query_start(s, "DELETE FROM folder WHERE path = ?");
        query_text(&q, folder->path);
        return query_run(&q, NULL, err);
    }
    struct query q = query_start(s, "INSERT OR REPLACE INTO folder (path, device, absent_since)"
                                    " VALUES (?, ?, nullif(?, 0))");
    query_text(&q, folder->path);
    query_text(&q, folder->device);
    query_int(&q, folder->absent_since);
    return query_run(&q, NULL, err);
}

int sqlite_set_folders(struct store *store, const struct store_folder *folders, size_t n,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < n; i++)
        rc = set_folder(s, &folders[i], err);
    return sqlite_finish(s, rc, err);
}
