/* SPDX-License-Identifier: MIT */
/* Adds, changes, removes and lists albums, and what was put in or left out by hand. */
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "store/check.h"
#include "store/sqlite/sqlite_internal.h"

static int no_album(const struct sqlite *s, int64_t id, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no album %lld", s->store.name,
                     (long long)id);
}

static int find_album(struct sqlite *s, const char *folded, int64_t *ret_id, struct error *err)
{
    struct query q = query_start(s, "SELECT id FROM album WHERE folded = ?");
    query_text(&q, folded);
    return query_get_int(&q, ret_id, err);
}

/* Verifies the row that was just written. */
static int expect_album(struct sqlite *s, int64_t id, const char *folded, struct error *err)
{
    struct query q = query_start(s, "SELECT count(*) FROM album WHERE id = ? AND (?2 IS NULL OR"
                                    " folded = ?2) AND checksum IS " SQLITE_ALBUM_SUM);
    query_int(&q, id);
    query_text(&q, folded);
    return sqlite_expect_row(&q, err);
}

/* ---- albums ---- */

static int insert_album(struct sqlite *s, const char *name, const char *folded, const char *query,
                        int64_t *ret_id, struct error *err)
{
    struct query q =
        query_start(s, "INSERT INTO album (name, folded, query, checksum) SELECT *,"
                       " " SQLITE_ALBUM_SUM " FROM (SELECT ? AS name, ? AS folded, ? AS query)");
    query_text(&q, name);
    query_text(&q, folded);
    query_text(&q, query);
    int rc = query_run(&q, NULL, err);
    *ret_id = sqlite3_last_insert_rowid(s->db);
    if (!rc)
        rc = expect_album(s, *ret_id, folded, err);
    return rc ? rc : sqlite_count_change(s, err);
}

static int check_number(struct sqlite *s, struct error *err)
{
    int64_t n;
    struct query q = query_start(s, "SELECT count(*) FROM album");
    int rc = query_get_int(&q, &n, err);
    return rc || n < LIMIT_ALBUMS ? rc : store_refuse_albums(err);
}

static int add_album(struct sqlite *s, const char *name, const char *folded, const char *query,
                     int64_t *ret_id, struct error *err)
{
    int64_t known;
    int rc = find_album(s, folded, &known, err);
    if (!rc && known)
        return store_refuse_album_name(name, err);
    if (!rc)
        rc = check_number(s, err);
    return rc ? rc : insert_album(s, name, folded, query, ret_id, err);
}

int sqlite_add_album(struct store *store, const char *name, const char *folded, const char *query,
                     int64_t *ret_id, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int64_t id = 0;
    int rc = sqlite_begin_lasting(s, err);
    if (!rc)
        rc = sqlite_finish(s, add_album(s, name, folded, query, &id, err), err);
    if (!rc)
        *ret_id = id;
    return rc;
}

int sqlite_put_album(struct sqlite *s, const struct store_album *album, const char *folded,
                     struct error *err)
{
    int64_t id;
    int rc = find_album(s, folded, &id, err);
    if (!rc && !id)
        rc = check_number(s, err);
    return rc || id ? rc : insert_album(s, album->name, folded, album->query, &id, err);
}

static int change_album(struct sqlite *s, int64_t id, const char *name, const char *folded,
                        const char *query, struct error *err)
{
    int64_t known = 0, changed = 0;
    int rc = folded ? find_album(s, folded, &known, err) : 0;
    if (!rc && known && known != id)
        return store_refuse_album_name(name, err);
    if (rc)
        return rc;
    struct query q = query_start(
        s, "UPDATE album SET name = ifnull(?2, name), folded = ifnull(?3, folded), query ="
           " ifnull(?4, query), checksum = row_checksum('album', ifnull(?2, name),"
           " ifnull(?3, folded), ifnull(?4, query)) WHERE id = ?1");
    query_int(&q, id);
    query_text(&q, name);
    query_text(&q, folded);
    query_text(&q, query);
    rc = query_run(&q, &changed, err);
    if (!rc && !changed)
        return no_album(s, id, err);
    if (!rc)
        rc = expect_album(s, id, folded, err);
    return rc ? rc : sqlite_count_change(s, err);
}

int sqlite_change_album(struct store *store, int64_t id, const char *name, const char *folded,
                        const char *query, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    return rc ? rc : sqlite_finish(s, change_album(s, id, name, folded, query, err), err);
}

static int remove_album(struct sqlite *s, int64_t id, struct error *err)
{
    int64_t removed = 0;
    struct query q = query_start(s, "DELETE FROM album_photo WHERE album = ?");
    query_int(&q, id);
    int rc = query_run(&q, NULL, err);
    if (rc)
        return rc;
    q = query_start(s, "DELETE FROM album WHERE id = ?");
    query_int(&q, id);
    rc = query_run(&q, &removed, err);
    if (!rc && !removed)
        return no_album(s, id, err);
    return rc ? rc : sqlite_count_change(s, err);
}

int sqlite_remove_album(struct store *store, int64_t id, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    return rc ? rc : sqlite_finish(s, remove_album(s, id, err), err);
}

int sqlite_list_albums(struct store *store,
                       int (*each)(void *context, const struct store_album *album), void *context,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 4, &has, err);
    if (rc || !has)
        return rc;
    struct query q =
        query_start(s, "SELECT id, name, folded, query,"
                       " (SELECT count(*) FROM album_photo WHERE album = a.id AND inside = 1),"
                       " (SELECT count(*) FROM album_photo WHERE album = a.id AND inside = 0)"
                       " FROM album AS a ORDER BY folded");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_album album = {
            .id = sqlite3_column_int64(q.statement, 0),
            .name = (const char *)sqlite3_column_text(q.statement, 1),
            .folded = (const char *)sqlite3_column_text(q.statement, 2),
            .query = (const char *)sqlite3_column_text(q.statement, 3),
            .put_in = sqlite3_column_int64(q.statement, 4),
            .left_out = sqlite3_column_int64(q.statement, 5),
        };
        stopped = each(context, &album);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

/* ---- members ---- */

static int expect_member(struct sqlite *s, int64_t album, const uint8_t hash[HASH_BYTES],
                         bool put_in, struct error *err)
{
    struct query q = query_start(s, "SELECT count(*) FROM album_photo WHERE album = ? AND hash = ?"
                                    " AND inside = ? AND checksum IS " SQLITE_MEMBER_SUM);
    query_int(&q, album);
    query_blob(&q, hash, HASH_BYTES);
    query_int(&q, put_in);
    return sqlite_expect_row(&q, err);
}

static int insert_member(struct sqlite *s, int64_t album, const uint8_t hash[HASH_BYTES],
                         bool put_in, struct error *err)
{
    struct query q = query_start(
        s, "INSERT OR REPLACE INTO album_photo (album, hash, inside, checksum) SELECT *,"
           " " SQLITE_MEMBER_SUM " FROM (SELECT ? AS album, ? AS hash, ? AS inside)");
    query_int(&q, album);
    query_blob(&q, hash, HASH_BYTES);
    query_int(&q, put_in);
    int rc = query_run(&q, NULL, err);
    return rc ? rc : expect_member(s, album, hash, put_in, err);
}

int sqlite_put_member(struct sqlite *s, const struct store_member *member, const char *folded,
                      struct error *err)
{
    int64_t album, known;
    int rc = find_album(s, folded, &album, err);
    if (!rc && !album)
        return store_refuse_member(member->album, err);
    if (rc)
        return rc;
    struct query q =
        query_start(s, "SELECT count(*) FROM album_photo WHERE album = ? AND hash = ?");
    query_int(&q, album);
    query_blob(&q, member->hash, HASH_BYTES);
    rc = query_get_int(&q, &known, err);
    if (rc || known)
        return rc;
    rc = insert_member(s, album, member->hash, member->put_in, err);
    return rc ? rc : sqlite_count_change(s, err);
}

static int set_member(struct sqlite *s, int64_t album, int64_t photo,
                      enum store_membership membership, struct error *err)
{
    uint8_t hash[HASH_BYTES];
    int rc = sqlite_read_hash(s, photo, hash, err);
    if (rc)
        return rc;
    if (membership != STORE_MEMBER_BY_QUERY)
        return insert_member(s, album, hash, membership == STORE_MEMBER_PUT_IN, err);
    struct query q = query_start(s, "DELETE FROM album_photo WHERE album = ? AND hash = ?");
    query_int(&q, album);
    query_blob(&q, hash, HASH_BYTES);
    return query_run(&q, NULL, err);
}

static int set_members(struct sqlite *s, int64_t album, const int64_t *photos, size_t n,
                       enum store_membership membership, struct error *err)
{
    int64_t known;
    struct query q = query_start(s, "SELECT count(*) FROM album WHERE id = ?");
    query_int(&q, album);
    int rc = query_get_int(&q, &known, err);
    if (!rc && !known)
        return no_album(s, album, err);
    for (size_t i = 0; !rc && i < n; i++)
        rc = set_member(s, album, photos[i], membership, err);
    return rc ? rc : sqlite_count_change(s, err);
}

int sqlite_set_members(struct store *store, int64_t album, const int64_t *photos, size_t n,
                       enum store_membership membership, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    return rc ? rc : sqlite_finish(s, set_members(s, album, photos, n, membership, err), err);
}

int sqlite_list_members(struct store *store,
                        int (*each)(void *context, const struct store_member *member),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 4, &has, err);
    if (rc || !has)
        return rc;
    struct query q =
        query_start(s, "SELECT a.name, m.hash, m.inside FROM album AS a JOIN album_photo AS m"
                       " ON m.album = a.id ORDER BY a.folded, m.hash");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_member member = {.album = (const char *)sqlite3_column_text(q.statement, 0),
                                      .put_in = sqlite3_column_int(q.statement, 2)};
        memcpy(member.hash, sqlite3_column_blob(q.statement, 1), HASH_BYTES);
        stopped = each(context, &member);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

/* As for labels, a damaged checksum stays wrong. */
int sqlite_members_follow(struct sqlite *s, const char *path, const uint8_t hash[HASH_BYTES],
                          struct error *err)
{
    struct query q = query_start(
        s, "UPDATE OR REPLACE album_photo SET hash = ?2, checksum = CASE WHEN checksum IS"
           " " SQLITE_MEMBER_SUM " THEN row_checksum('album_photo', album, ?2, inside) END"
           " WHERE hash = (SELECT hash FROM photo WHERE path = ?1) AND hash <> ?2 AND NOT EXISTS"
           " (SELECT 1 FROM photo WHERE path <> ?1 AND photo.hash IN (album_photo.hash, ?2))");
    query_text(&q, path);
    query_blob(&q, hash, HASH_BYTES);
    return query_run(&q, NULL, err);
}
