/* SPDX-License-Identifier: MIT */
/* Moves labels and memberships in albums to a photo's new content when its file was edited. */
#include <string.h>

#include "store/postgres/postgres_albums.h"

/* Few photos have labels, and few of those get new content. One query for many changes finds them,
 * and each is then handled separately. */

enum { AT_ONCE = 256 };

static int add_hex(struct strbuf *list, const char *path)
{
    int rc = strbuf_addf(list, NULL, "%s\"\\\\x", list->length > 1 ? "," : "");
    for (; !rc && *path; path++)
        rc = strbuf_addf(list, NULL, "%02x", (unsigned char)*path);
    return rc ? rc : strbuf_addf(list, NULL, "\"");
}

/* Finds labelled photos that get new content from changes[0] ...: rows of path and hash. */
static int find_labelled(struct postgres *p, const struct store_change *changes, size_t n,
                         PGresult **ret_rows, struct error *err)
{
    struct strbuf list = STRBUF_INIT((size_t)AT_ONCE * (2 * POSTGRES_PATH_BYTES + 8));
    struct postgres_args args = {0};
    int rc = strbuf_addf(&list, NULL, "{");
    for (size_t i = 0; !rc && i < n; i++)
        if (changes[i].kind == STORE_ADD)
            rc = add_hex(&list, changes[i].path);
    if (!rc)
        rc = strbuf_addf(&list, NULL, "}");
    if (rc)
        BUG("the paths of %zu changes do not fit", n);
    AUTO_FREE char *paths = strbuf_take(&list);
    args_text(&args, paths);
    return postgres_query(p,
                          "SELECT path_key, hash FROM image_gallery WHERE path_key = ANY"
                          " ($1::bytea[]) AND (EXISTS (SELECT FROM keepsake_label)"
                          " OR EXISTS (SELECT FROM keepsake_album_photo))"
                          " AND hash = ANY (ARRAY(SELECT hash FROM keepsake_label UNION"
                          " SELECT hash FROM keepsake_album_photo))",
                          &args, ret_rows, err);
}

/* $1: old content, $2: new, $3: the path. Content that exists at another path is a separate photo,
 * not an edited one. */
#define EDITED                                                                                  \
    " AND NOT EXISTS (SELECT FROM image_gallery WHERE hash = ANY (ARRAY[$1::bytea, $2::bytea])" \
    " AND path_key <> $3)"

static const char merge_sql[] =
    "DELETE FROM keepsake_label AS old USING keepsake_label AS new WHERE old.hash = $1 AND new.hash"
    " = $2 AND old.folded = new.folded AND (old.x, old.y, old.width, old.height)"
    " IS NOT DISTINCT FROM (new.x, new.y, new.width, new.height)" EDITED;
static const char follow_sql[] =
    "UPDATE keepsake_label SET hash = $2, checksum = CASE WHEN checksum = " POSTGRES_LABEL_SUM
    " THEN " POSTGRES_LABEL_SUM_OF("$2::bytea", "name", "folded") " END WHERE hash = $1" EDITED;

static const char merge_members_sql[] =
    "DELETE FROM keepsake_album_photo AS other USING keepsake_album_photo AS old WHERE old.hash ="
    " $1 AND other.hash = $2 AND other.album = old.album" EDITED;
static const char follow_members_sql[] =
    "UPDATE keepsake_album_photo SET hash = $2, checksum = CASE WHEN checksum ="
    " " POSTGRES_MEMBER_SUM " THEN " POSTGRES_MEMBER_SUM_OF("$2::bytea") " END"
                                                                         " WHERE hash = $1" EDITED;

static int follow(struct postgres *p, const struct store_change *change, const char *old_hash,
                  struct error *err)
{
    static const char *const steps[] = {merge_sql, follow_sql, merge_members_sql,
                                        follow_members_sql};
    struct postgres_args args = {0};
    int rc = 0;
    if (memcmp(change->hash, old_hash, HASH_BYTES) == 0)
        return 0;
    args_bytes(&args, old_hash, HASH_BYTES);
    args_bytes(&args, change->hash, HASH_BYTES);
    args_bytes(&args, change->path, strlen(change->path));
    for (size_t i = 0; !rc && i < sizeof steps / sizeof *steps; i++)
        rc = postgres_run(p, steps[i], &args, NULL, err);
    return rc;
}

static int follow_row(struct postgres *p, const struct store_change *changes, size_t n,
                      const PGresult *rows, int row, struct error *err)
{
    size_t size = (size_t)PQgetlength(rows, row, 0);
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        if (changes[i].kind == STORE_ADD && strlen(changes[i].path) == size &&
            memcmp(changes[i].path, value_bytes(rows, row, 0), size) == 0)
            rc = follow(p, &changes[i], value_bytes(rows, row, 1), err);
    return rc;
}

int postgres_labels_follow(struct postgres *p, const struct store_change *changes, size_t n,
                           struct error *err)
{
    int rc = 0;
    for (size_t done = 0; !rc && done < n; done += AT_ONCE) {
        size_t some = n - done < AT_ONCE ? n - done : AT_ONCE;
        PGresult *owned;
        rc = find_labelled(p, changes + done, some, &owned, err);
        if (rc)
            break;
        AUTO_RESULT *rows = owned;
        for (int i = 0; !rc && i < PQntuples(rows); i++)
            rc = follow_row(p, changes + done, some, rows, i, err);
    }
    return rc;
}
