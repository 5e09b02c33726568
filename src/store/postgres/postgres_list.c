/* SPDX-License-Identifier: MIT */
/* Lists files, failures and damaged photos, page by page. */
#include <string.h>

#include "store/path_range.h"
#include "store/postgres/postgres_internal.h"

/* Lists are read in pages, one statement per page: `each` may read the gallery in between, a lost
 * connection costs one page, and memory is bounded. */
#define PAGE_ROWS 4096

struct page {
    const char *const *sql; /* for this format, for format 3, and for older galleries, the last two
                               of which are opened for reading only */
    const char *from, *to;
    size_t from_size; /* may include a final NUL byte, which means "just after that path" */
    PGresult *rows;
};

static int fetch_page(struct postgres *p, void *context, struct error *err)
{
    struct page *page = context;
    struct postgres_args args = {0};
    args_bytes(&args, page->from, page->from_size);
    args_bytes(&args, page->to, strlen(page->to));
    args_int(&args, PAGE_ROWS);
    bool has_3, has_4;
    int rc = postgres_has_format(p, 3, &has_3, err);
    if (!rc)
        rc = postgres_has_format(p, 4, &has_4, err);
    if (rc)
        return rc;
    return postgres_query(p, page->sql[has_4 ? 0 : has_3 ? 1 : 2], &args, &page->rows, err);
}

/* Handles one row; the path is in column 0. */
typedef int row_function(void *context, const PGresult *rows, int row);

static int list_range(struct postgres *p, const char *const sql[3], const struct path_range *range,
                      row_function *each, void *context, struct error *err)
{
    AUTO_FREE char *from = xstrdup(range->from);
    struct page page = {.sql = sql, .from = from, .from_size = strlen(from), .to = range->to};
    for (;;) {
        int rc = postgres_attempt(p, fetch_page, &page, err);
        if (rc)
            return rc;
        AUTO_RESULT *rows = page.rows;
        int n = PQntuples(rows);
        for (int i = 0; i < n; i++) {
            rc = each(context, rows, i);
            if (rc)
                return rc;
        }
        if (n < PAGE_ROWS)
            return 0;
        free(from);
        from = value_copy(rows, n - 1, 0);
        page.from = from;
        page.from_size = strlen(from) + 1;
    }
}

#define PAGE(columns, table)                                                    \
    "(SELECT " columns " FROM " table " WHERE path_key >= $1 AND path_key < $2" \
    " ORDER BY path_key LIMIT $3::bigint)"

#define FILES(photos, of_photo, of_failure, sidecars)                             \
    PAGE("path_key, id::bigint, size, mtime_ns, hash, false AS failed, " of_photo \
         ", false AS dropped, " sidecars,                                         \
         photos)                                                                  \
    " UNION ALL " PAGE("path_key, 0, size, mtime_ns, hash, true, " of_failure     \
                       ", " POSTGRES_DROPPED ", '', ''",                          \
                       "keepsake_failure") " ORDER BY path_key LIMIT $3::bigint"
#define FIRST_PHOTOS                                                                        \
    "(SELECT * FROM image_gallery WHERE position = 0 AND NOT (embedding IS NULL AND EXISTS" \
    " (SELECT FROM keepsake_failure AS f WHERE f.path_key = image_gallery.path_key))) AS"   \
    " image_gallery"
static const char *const files_sql[] = {
    FILES(FIRST_PHOTOS, "ctime_ns, inode, ''::text", "ctime_ns, inode, version",
          "coalesce(sidecars, '') AS sidecars, coalesce(regions, '') AS regions"),
    FILES(FIRST_PHOTOS, "ctime_ns, inode, ''::text", "ctime_ns, inode, version",
          "''::text AS sidecars, ''::text AS regions"),
    FILES("image_gallery", "0::bigint, 0::bigint, ''::text", "0::bigint, 0::bigint, ''::text",
          "''::text AS sidecars, ''::text AS regions"),
};
#define FAILURES \
    "(SELECT * FROM keepsake_failure WHERE NOT (" POSTGRES_DROPPED ")) AS keepsake_failure"
static const char *const failures_sql[] = {
    PAGE("path_key, reason, size, mtime_ns, ctime_ns, inode, version", FAILURES),
    PAGE("path_key, reason, size, mtime_ns, ctime_ns, inode, version", FAILURES),
    PAGE("path_key, reason, size, mtime_ns, 0::bigint, 0::bigint, ''::text", FAILURES),
};

struct files {
    int (*each)(void *context, const struct store_file *file);
    void *context;
};

static int give_file(void *context, const PGresult *rows, int row)
{
    struct files *f = context;
    AUTO_FREE char *path = value_copy(rows, row, 0);
    AUTO_FREE char *version = value_copy(rows, row, 8);
    AUTO_FREE char *sidecars = value_copy(rows, row, 10);
    AUTO_FREE char *regions = value_copy(rows, row, 11);
    struct store_file file = {
        .id = value_int(rows, row, 1),
        .path = path,
        .size = value_int(rows, row, 2),
        .mtime_ns = value_int(rows, row, 3),
        .failed = value_int(rows, row, 5),
        .ctime_ns = value_int(rows, row, 6),
        .inode = value_int(rows, row, 7),
        .version = version,
        .dropped = value_int(rows, row, 9),
        .sidecars = sidecars,
        .regions = regions,
    };
    value_hash(rows, row, 4, file.hash);
    return f->each(f->context, &file);
}

int postgres_list_files(struct store *store, const char *root,
                        int (*each)(void *context, const struct store_file *file), void *context,
                        struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct path_range ranges[2];
    struct files files = {each, context};
    size_t n = path_ranges(root, ranges);
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        if (!rc)
            rc = list_range(p, files_sql, &ranges[i], give_file, &files, err);
        path_range_release(&ranges[i]);
    }
    return rc;
}

struct failures {
    int (*each)(void *context, const struct store_failure *failure);
    void *context;
};

static int give_failure(void *context, const PGresult *rows, int row)
{
    struct failures *f = context;
    AUTO_FREE char *path = value_copy(rows, row, 0);
    AUTO_FREE char *reason = value_copy(rows, row, 1);
    AUTO_FREE char *version = value_copy(rows, row, 6);
    struct store_failure failure = {
        .path = path,
        .reason = reason,
        .size = value_int(rows, row, 2),
        .mtime_ns = value_int(rows, row, 3),
        .ctime_ns = value_int(rows, row, 4),
        .inode = value_int(rows, row, 5),
        .version = version,
    };
    return f->each(f->context, &failure);
}

/* Gives one row per folder; '' for the root. */
static int find_parents(struct postgres *p, void *context, struct error *err)
{
    return postgres_query(p,
                          "SELECT DISTINCT decode(regexp_replace(encode(path_key, 'escape'),"
                          " '/[^/]*$', ''), 'escape') FROM image_gallery",
                          NULL, context, err);
}

int postgres_list_parents(struct store *store, int (*each)(void *context, const char *folder),
                          void *context, struct error *err)
{
    PGresult *found;
    int rc = postgres_attempt(postgres_of(store), find_parents, &found, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = found;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *folder = value_copy(rows, i, 0);
        rc = each(context, folder[0] ? folder : "/");
    }
    return rc;
}

int postgres_list_failures(struct store *store,
                           int (*each)(void *context, const struct store_failure *failure),
                           void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct path_range ranges[2];
    struct failures failures = {each, context};
    path_ranges(NULL, ranges); /* one */
    int rc = list_range(p, failures_sql, &ranges[0], give_failure, &failures, err);
    path_range_release(&ranges[0]);
    return rc;
}

/* ---- damaged photos ---- */

#define DAMAGED_TABLE                                                                             \
    "(SELECT path_key, hash FROM image_gallery WHERE position = 0 AND hash = ANY (ARRAY (SELECT " \
    "hash FROM"                                                                                   \
    " keepsake_damage))) AS image_gallery"

static const char *const damaged_sql[] = {
    PAGE("path_key, " POSTGRES_DAMAGE, DAMAGED_TABLE),
    PAGE("path_key, " POSTGRES_DAMAGE, DAMAGED_TABLE),
    PAGE("path_key, ''", "(SELECT * FROM image_gallery WHERE false) AS image_gallery"),
};

struct damaged {
    int (*each)(void *context, const char *path, const char *damage);
    void *context;
};

static int give_damaged(void *context, const PGresult *rows, int row)
{
    struct damaged *d = context;
    AUTO_FREE char *path = value_copy(rows, row, 0);
    AUTO_FREE char *damage = value_copy(rows, row, 1);
    return d->each(d->context, path, damage);
}

int postgres_list_damaged(struct store *store,
                          int (*each)(void *context, const char *path, const char *damage),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct path_range ranges[2];
    struct damaged damaged = {each, context};
    path_ranges(NULL, ranges); /* one */
    int rc = list_range(p, damaged_sql, &ranges[0], give_damaged, &damaged, err);
    path_range_release(&ranges[0]);
    return rc;
}
