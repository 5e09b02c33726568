/* SPDX-License-Identifier: MIT */
/* Maintains the table damage, which describes the damage of contents that were readable
 * nevertheless. Its key is the content's hash, so copying and moving a file needs no change. A row
 * stays when no photo has the content any more, and applies again if the file comes back. */
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

int sqlite_put_damage(struct sqlite *s, const uint8_t hash[HASH_BYTES], const char *damage,
                      struct error *err)
{
    struct query q = query_start(s, damage[0] ? "INSERT OR REPLACE INTO damage VALUES (?, ?)"
                                              : "DELETE FROM damage WHERE hash = ?");
    query_blob(&q, hash, HASH_BYTES);
    if (damage[0])
        query_text(&q, damage);
    return query_run(&q, NULL, err);
}

int sqlite_get_damage(struct sqlite *s, struct store_photo *photo, struct error *err)
{
    bool has;
    int rc = sqlite_has_format(s, 3, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, "SELECT position, (SELECT what FROM damage AS d WHERE d.hash ="
                                    " photo.hash) FROM photo WHERE id = ?");
    query_int(&q, photo->id);
    rc = query_next(&q, err);
    if (rc > 0) {
        const char *what = (const char *)sqlite3_column_text(q.statement, 1);
        photo->position = sqlite3_column_int(q.statement, 0);
        text_copy(photo->facts.damage, sizeof photo->facts.damage, what ? what : "");
    }
    query_end(&q);
    return rc < 0 ? rc : 0;
}

int sqlite_count_damaged(struct sqlite *s, int64_t *ret_count, struct error *err)
{
    bool has;
    int rc = sqlite_has_format(s, 3, &has, err);
    *ret_count = 0;
    if (rc || !has)
        return rc;
    struct query q =
        query_start(s, "SELECT count(*) FROM photo WHERE hash IN (SELECT hash FROM damage)");
    return query_get_int(&q, ret_count, err);
}

int sqlite_list_damaged(struct store *store,
                        int (*each)(void *context, const char *path, const char *damage),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 3, &has, err);
    if (rc || !has)
        return rc;
    struct query q =
        query_start(s, "SELECT path, what FROM damage JOIN photo USING (hash) ORDER BY path");
    while (!stopped && (rc = query_next(&q, err)) > 0)
        stopped = each(context, (const char *)sqlite3_column_text(q.statement, 0),
                       (const char *)sqlite3_column_text(q.statement, 1));
    query_end(&q);
    return stopped ? stopped : rc;
}
