/* SPDX-License-Identifier: MIT */
/* Lists files and failures. */
#include <string.h>

#include "base/file.h"
#include "store/sqlite/sqlite_internal.h"

static void read_file_row(sqlite3_stmt *row, struct store_file *ret_file)
{
    *ret_file = (struct store_file){
        .id = sqlite3_column_int64(row, 0),
        .path = (const char *)sqlite3_column_text(row, 1),
        .size = sqlite3_column_int64(row, 2),
        .mtime_ns = sqlite3_column_int64(row, 3),
        .failed = sqlite3_column_int(row, 5) != 0,
        .ctime_ns = sqlite3_column_int64(row, 6),
        .inode = sqlite3_column_int64(row, 7),
        .version = (const char *)sqlite3_column_text(row, 8),
        .sidecars = (const char *)sqlite3_column_text(row, 9),
        .regions = (const char *)sqlite3_column_text(row, 10),
    };
    if (sqlite3_column_bytes(row, 4) == HASH_BYTES)
        memcpy(ret_file->hash, sqlite3_column_blob(row, 4), HASH_BYTES);
}

/* The statements for this format, for format 3, and for older galleries; the last two are opened
 * for reading only. */
#define RANGE " WHERE path >= ?1 AND path < ?2"
#define FILES(photo, failure, sidecars)                                                         \
    "SELECT id, path, size, mtime_ns, hash, 0, " photo ", '', " sidecars " UNION ALL SELECT 0," \
    " path, size, mtime_ns, hash, 1, " failure ", '', '' FROM failure" RANGE " ORDER BY path"
#define FIRST_PHOTO " FROM photo" RANGE " AND position = 0"
static const char *const files_sql[] = {
    FILES("ctime_ns, inode", "ctime_ns, inode, version",
          "ifnull(sidecars, ''), ifnull(regions, '')" FIRST_PHOTO),
    FILES("ctime_ns, inode", "ctime_ns, inode, version", "'', ''" FIRST_PHOTO),
    FILES("0, 0", "0, 0, ''", "'', '' FROM photo" RANGE),
};
static const char failures_sql[] =
    "SELECT path, reason, size, mtime_ns, ctime_ns, inode, version FROM failure ORDER BY path";
static const char old_failures_sql[] =
    "SELECT path, reason, size, mtime_ns, 0, 0, '' FROM failure ORDER BY path";

static int list_range(struct sqlite *s, const char *sql, const struct path_range *range,
                      int (*each)(void *context, const struct store_file *file), void *context,
                      struct error *err)
{
    struct query q = query_start(s, sql);
    query_text(&q, range->from);
    query_text(&q, range->to);
    int rc, stopped = 0;
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_file file;
        read_file_row(q.statement, &file);
        stopped = each(context, &file);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_list_files(struct store *store, const char *root,
                      int (*each)(void *context, const struct store_file *file), void *context,
                      struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct path_range ranges[2];
    bool has_3, has_4;
    int rc = sqlite_follow_format(s, 3, &has_3, err);
    if (!rc)
        rc = sqlite_has_format(s, 4, &has_4, err);
    if (rc)
        return rc;
    const char *sql = files_sql[has_4 ? 0 : has_3 ? 1 : 2];
    size_t n = path_ranges(root, ranges);
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = list_range(s, sql, &ranges[i], each, context, err);
        path_range_release(&ranges[i]);
    }
    return rc;
}

/* Reads only the index of paths, in which the photos of a folder are adjacent. */
int sqlite_list_parents(struct store *store, int (*each)(void *context, const char *folder),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    AUTO_FREE char *last = NULL;
    int rc = sqlite_follow(s, err), stopped = 0;
    if (rc)
        return rc;
    struct query q = query_start(s, "SELECT path FROM photo ORDER BY path");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        char *folder = file_parent((const char *)sqlite3_column_text(q.statement, 0));
        bool is_new = !last || strcmp(last, folder) != 0;
        free(last);
        last = folder;
        stopped = is_new ? each(context, folder) : 0;
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_list_failures(struct store *store,
                         int (*each)(void *context, const struct store_failure *failure),
                         void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 3, &has, err);
    if (rc)
        return rc;
    struct query q = query_start(s, has ? failures_sql : old_failures_sql);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_failure failure = {
            .path = (const char *)sqlite3_column_text(q.statement, 0),
            .reason = (const char *)sqlite3_column_text(q.statement, 1),
            .size = sqlite3_column_int64(q.statement, 2),
            .mtime_ns = sqlite3_column_int64(q.statement, 3),
            .ctime_ns = sqlite3_column_int64(q.statement, 4),
            .inode = sqlite3_column_int64(q.statement, 5),
            .version = (const char *)sqlite3_column_text(q.statement, 6),
        };
        stopped = each(context, &failure);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}
