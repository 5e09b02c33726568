/* SPDX-License-Identifier: MIT */
/* Adds, changes, removes and lists albums, and what was put in or left out by hand. */
#include <string.h>

#include "base/limits.h"
#include "store/check.h"
#include "store/postgres/postgres_albums.h"

static int no_album(const struct postgres *p, int64_t id, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no album %lld", p->store.name,
                     (long long)id);
}

/* ---- albums ---- */

/* $1 name, $2 folded, $3 query */
static const char put_sql[] =
    "INSERT INTO keepsake_album (name, folded, query, checksum) SELECT *, " POSTGRES_ALBUM_SUM
    " FROM (SELECT $1::text AS name, $2::text AS folded, $3::text AS query) AS new"
    " ON CONFLICT (folded) DO NOTHING";

static void args_album(struct postgres_args *args, const char *name, const char *folded,
                       const char *query)
{
    args_text(args, name);
    args_text(args, folded);
    args_text(args, query);
}

int postgres_send_album(struct postgres *p, const struct store_album *album, const char *folded,
                        struct error *err)
{
    struct postgres_args args = {0};
    args_album(&args, album->name, folded, album->query);
    return postgres_pipeline_send(p, put_sql, &args, err);
}

struct album_change {
    int64_t id; /* 0: a new album */
    const char *name, *folded, *query;
};

static int find_album(struct postgres *p, const char *folded, int64_t *ret_id, int64_t *ret_count,
                      struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, folded);
    int rc = postgres_query(p,
                            "SELECT coalesce((SELECT id FROM keepsake_album WHERE folded = $1), 0),"
                            " (SELECT count(*) FROM keepsake_album)",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_id = value_int(row, 0, 0);
    *ret_count = value_int(row, 0, 1);
    return 0;
}

/* An album of this name that another process adds at the same time makes the insertion a no-op. */
static int add_album(struct postgres *p, void *context, struct error *err)
{
    struct album_change *c = context;
    struct postgres_args args = {0};
    int64_t known, count, added = 0;
    int rc = find_album(p, c->folded, &known, &count, err);
    if (!rc && !known && count >= LIMIT_ALBUMS)
        return store_refuse_albums(err);
    args_album(&args, c->name, c->folded, c->query);
    if (!rc && !known)
        rc = postgres_run(p, put_sql, &args, &added, err);
    if (!rc && !added)
        return store_refuse_album_name(c->name, err);
    return rc ? rc : find_album(p, c->folded, &c->id, &count, err);
}

int postgres_add_album(struct store *store, const char *name, const char *folded, const char *query,
                       int64_t *ret_id, struct error *err)
{
    struct album_change c = {0, name, folded, query};
    int rc = postgres_write(postgres_of(store), add_album, &c, err);
    if (!rc)
        *ret_id = c.id;
    return rc;
}

/* $4 is the id. */
static const char change_sql[] =
    "UPDATE keepsake_album SET name = coalesce($1, name), folded = coalesce($2, folded), query ="
    " coalesce($3, query), checksum = " POSTGRES_ALBUM_SUM_OF(
        "coalesce($1::text, name)", "coalesce($2::text, folded)",
        "coalesce($3::text, query)") " WHERE id = $4::bigint";

static int change_album(struct postgres *p, void *context, struct error *err)
{
    const struct album_change *c = context;
    struct postgres_args args = {0};
    int64_t known = 0, count, changed = 0;
    int rc = c->folded ? find_album(p, c->folded, &known, &count, err) : 0;
    if (!rc && known && known != c->id)
        return store_refuse_album_name(c->name, err);
    args_album(&args, c->name, c->folded, c->query);
    args_int(&args, c->id);
    if (!rc)
        rc = postgres_run(p, change_sql, &args, &changed, err);
    return rc || changed ? rc : no_album(p, c->id, err);
}

int postgres_change_album(struct store *store, int64_t id, const char *name, const char *folded,
                          const char *query, struct error *err)
{
    struct album_change c = {id, name, folded, query};
    return postgres_write(postgres_of(store), change_album, &c, err);
}

static int remove_album(struct postgres *p, void *context, struct error *err)
{
    const struct album_change *c = context;
    struct postgres_args members = {0}, album = {0};
    int64_t removed = 0;
    args_int(&members, c->id);
    args_int(&album, c->id);
    int rc = postgres_run(p, "DELETE FROM keepsake_album_photo WHERE album = $1::bigint", &members,
                          NULL, err);
    if (!rc)
        rc = postgres_run(p, "DELETE FROM keepsake_album WHERE id = $1::bigint", &album, &removed,
                          err);
    return rc || removed ? rc : no_album(p, c->id, err);
}

int postgres_remove_album(struct store *store, int64_t id, struct error *err)
{
    struct album_change c = {.id = id};
    return postgres_write(postgres_of(store), remove_album, &c, err);
}

/* ---- listing ---- */

struct listing {
    const char *sql;
    PGresult *rows; /* NULL: a gallery without albums */
};

static int fetch_rows(struct postgres *p, void *context, struct error *err)
{
    struct listing *l = context;
    bool has = false;
    int rc = postgres_has_format(p, 4, &has, err);
    l->rows = NULL;
    return rc || !has ? rc : postgres_query(p, l->sql, NULL, &l->rows, err);
}

int postgres_list_albums(struct store *store,
                         int (*each)(void *context, const struct store_album *album), void *context,
                         struct error *err)
{
    struct listing l = {.sql = "SELECT id, name, folded, query, (SELECT count(*) FROM"
                               " keepsake_album_photo WHERE album = a.id AND inside), (SELECT"
                               " count(*) FROM keepsake_album_photo WHERE album = a.id AND NOT"
                               " inside) FROM keepsake_album AS a ORDER BY folded COLLATE \"C\""};
    int rc = postgres_attempt(postgres_of(store), fetch_rows, &l, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *name = value_copy(rows, i, 1);
        AUTO_FREE char *folded = value_copy(rows, i, 2);
        AUTO_FREE char *query = value_copy(rows, i, 3);
        struct store_album album = {.id = value_int(rows, i, 0),
                                    .name = name,
                                    .folded = folded,
                                    .query = query,
                                    .put_in = value_int(rows, i, 4),
                                    .left_out = value_int(rows, i, 5)};
        rc = each(context, &album);
    }
    return rc;
}

int postgres_list_members(struct store *store,
                          int (*each)(void *context, const struct store_member *member),
                          void *context, struct error *err)
{
    struct listing l = {.sql = "SELECT a.name, m.hash, m.inside::int FROM keepsake_album AS a JOIN"
                               " keepsake_album_photo AS m ON m.album = a.id"
                               " ORDER BY a.folded COLLATE \"C\", m.hash"};
    int rc = postgres_attempt(postgres_of(store), fetch_rows, &l, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *name = value_copy(rows, i, 0);
        struct store_member member = {.album = name, .put_in = value_int(rows, i, 2)};
        value_hash(rows, i, 1, member.hash);
        rc = each(context, &member);
    }
    return rc;
}

/* ---- members ---- */

/* A member of an album that does not exist is a lost row. */
int postgres_send_member(struct postgres *p, const struct store_member *member, const char *folded,
                         struct error *err)
{
    struct postgres_args args = {0}, again = {0};
    args_text(&args, folded);
    args_bytes(&args, member->hash, HASH_BYTES);
    args_int(&args, member->put_in);
    int rc = postgres_pipeline_send(
        p,
        "INSERT INTO keepsake_album_photo (album, hash, inside, checksum)"
        " SELECT *, " POSTGRES_MEMBER_SUM " FROM (SELECT id AS album, $2::bytea AS hash,"
        " $3::bigint = 1 AS inside FROM keepsake_album WHERE folded = $1) AS new"
        " ON CONFLICT (album, hash) DO NOTHING",
        &args, err);
    if (rc)
        return rc;
    args_text(&again, folded);
    args_bytes(&again, member->hash, HASH_BYTES);
    return postgres_pipeline_send(
        p,
        POSTGRES_EXPECT_ROW("keepsake_album_photo WHERE hash = $2 AND album ="
                            " (SELECT id FROM keepsake_album WHERE folded = $1)"),
        &again, err);
}

struct membership_change {
    int64_t album;
    const int64_t *photos;
    size_t n;
    enum store_membership membership;
};

/* Checks that the album and all photos exist, and that the content of the photos is known. */
static int check_members(struct postgres *p, const struct membership_change *c, const char *ids,
                         struct error *err)
{
    static const uint8_t unknown[HASH_BYTES];
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, ids);
    args_int(&args, c->album);
    args_bytes(&args, unknown, HASH_BYTES);
    int rc = postgres_query(
        p,
        "SELECT (SELECT count(*) FROM keepsake_album WHERE id = $2::bigint), w.id, f.path_key"
        " FROM unnest($1::bigint[]) AS w(id) LEFT JOIN (SELECT id::bigint AS id, path_key, hash"
        " FROM image_gallery WHERE id = ANY ($1::bigint[])) AS f ON f.id = w.id"
        " WHERE f.id IS NULL OR f.hash IS NULL OR f.hash = $3"
        " UNION ALL SELECT 0, 0, NULL WHERE NOT EXISTS (SELECT FROM keepsake_album"
        " WHERE id = $2::bigint) LIMIT 1",
        &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = owned;
    if (PQntuples(rows) == 0)
        return 0;
    if (!value_int(rows, 0, 0))
        return no_album(p, c->album, err);
    if (PQgetisnull(rows, 0, 2))
        return error_set(err, ERR_NOT_FOUND, "the gallery %s has no photo %lld", p->store.name,
                         (long long)value_int(rows, 0, 1));
    AUTO_FREE char *path = value_copy(rows, 0, 2);
    return store_refuse_unread(path, err);
}

static int set_members(struct postgres *p, void *context, struct error *err)
{
    const struct membership_change *c = context;
    struct postgres_args drop = {0}, put = {0};
    AUTO_FREE char *ids = array_of_ids(c->photos, c->n);
    int rc = check_members(p, c, ids, err);
    args_int(&drop, c->album);
    args_text(&drop, ids);
    if (!rc)
        rc = postgres_run(p,
                          "DELETE FROM keepsake_album_photo WHERE album = $1::bigint AND hash ="
                          " ANY (ARRAY(SELECT hash FROM image_gallery WHERE id = ANY"
                          " ($2::bigint[])))",
                          &drop, NULL, err);
    if (rc || c->membership == STORE_MEMBER_BY_QUERY)
        return rc;
    args_int(&put, c->album);
    args_text(&put, ids);
    args_int(&put, c->membership == STORE_MEMBER_PUT_IN);
    return postgres_run(
        p,
        "INSERT INTO keepsake_album_photo (album, hash, inside, checksum)"
        " SELECT *, " POSTGRES_MEMBER_SUM " FROM (SELECT DISTINCT $1::bigint AS album, hash,"
        " $3::bigint = 1 AS inside FROM image_gallery WHERE id = ANY ($2::bigint[])) AS new"
        " ON CONFLICT (album, hash) DO UPDATE SET inside = excluded.inside,"
        " checksum = excluded.checksum",
        &put, NULL, err);
}

int postgres_set_members(struct store *store, int64_t album, const int64_t *photos, size_t n,
                         enum store_membership membership, struct error *err)
{
    struct membership_change c = {album, photos, n, membership};
    return postgres_write(postgres_of(store), set_members, &c, err);
}
