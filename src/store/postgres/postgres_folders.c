/* SPDX-License-Identifier: MIT */
/* Maintains the table keepsake_folder: the identity of each folder, and the time since which it is
 * unreachable. A split gallery has it in the gallery's database, not on the shards. */
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* Statements sent before their answers are read. */
enum { IN_FLIGHT = 256 };

/* *context is the rows; NULL for a gallery that has no such table yet. */
static int read_folders(struct postgres *p, void *context, struct error *err)
{
    PGresult **rows = context;
    bool has = false;
    int rc = postgres_has_format(p, 3, &has, err);
    *rows = NULL;
    if (rc || !has)
        return rc;
    return postgres_query(
        p, "SELECT path_key, device, absent_since FROM keepsake_folder ORDER BY path_key", NULL,
        rows, err);
}

int postgres_list_folders(struct store *store,
                          int (*each)(void *context, const struct store_folder *folder),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    PGresult *read = NULL;
    int rc = postgres_attempt(p, read_folders, &read, err);
    if (rc || !read)
        return rc;
    AUTO_RESULT *rows = read;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *path = value_copy(rows, i, 0);
        AUTO_FREE char *device = value_copy(rows, i, 1);
        rc = each(context, &(struct store_folder){path, device, value_int(rows, i, 2)});
    }
    return rc;
}

static int send_folder(struct postgres *p, const struct store_folder *folder, struct error *err)
{
    struct postgres_args args = {0};
    args_bytes(&args, folder->path, strlen(folder->path));
    if (!folder->device[0] && !folder->absent_since)
        return postgres_pipeline_send(p, "DELETE FROM keepsake_folder WHERE path_key = $1", &args,
                                      err);
    AUTO_FREE char *shown = text_printable(folder->path, strlen(folder->path));
    args_text(&args, shown);
    args_text(&args, folder->device);
    args_int(&args, folder->absent_since);
    return postgres_pipeline_send(
        p,
        "INSERT INTO keepsake_folder (path_key, path, device, absent_since)"
        " VALUES ($1, $2, $3, nullif($4::bigint, 0)) ON CONFLICT (path_key) DO UPDATE"
        " SET device = excluded.device, absent_since = excluded.absent_since",
        &args, err);
}

struct setting {
    const struct store_folder *folders;
    size_t n;
};

static int set_folders(struct postgres *p, void *context, struct error *err)
{
    const struct setting *all = context;
    int rc = 0;
    for (size_t i = 0; !rc && i < all->n;) {
        rc = postgres_pipeline_start(p, err);
        if (rc)
            return rc;
        for (size_t end = i + IN_FLIGHT; !rc && i < all->n && i < end; i++)
            rc = send_folder(p, &all->folders[i], err);
        rc = postgres_pipeline_finish(p, rc, NULL, err);
    }
    return rc;
}

int postgres_set_folders(struct store *store, const struct store_folder *folders, size_t n,
                         struct error *err)
{
    struct postgres *p = postgres_of(store);
    return postgres_write(p, set_folders, &(struct setting){folders, n}, err);
}
