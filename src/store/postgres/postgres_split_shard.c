/* SPDX-License-Identifier: MIT */
/* Creates and checks the tables of one server of a split gallery. */
#include <string.h>

#include "base/strbuf.h"
#include "store/postgres/postgres_internal.h"

/* A shard has the table image_gallery with its keys and index; keepsake_part_of, which names the
 * gallery it belongs to; and the view keepsake_part, through which the gallery reads its status. */

int postgres_identity(struct postgres *p, char **ret_identity, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, p->schema);
    int rc = postgres_query(p,
                            "SELECT system_identifier || '/' || (SELECT oid FROM pg_database WHERE"
                            " datname = current_database()) || '/' || $1 FROM pg_control_system()",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_identity = value_copy(row, 0, 0);
    return 0;
}

/* Gets whether the shard is this one; *ret_other is true if it belongs to another gallery or has
 * another number. */
static int read_mark(struct postgres *shard, const char *identity, int number, bool *ret_this,
                     bool *ret_other, struct error *err)
{
    bool has;
    *ret_this = *ret_other = false;
    int rc = postgres_has_table(shard, "keepsake_part_of", &has, err);
    if (rc || !has)
        return rc;
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, identity);
    args_int(&args, number);
    rc = postgres_query(shard,
                        "SELECT coalesce(bool_and(gallery = $1 AND number = $2::integer), false)"
                        " FROM keepsake_part_of",
                        &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_this = value_int(row, 0, 0);
    *ret_other = !*ret_this;
    return 0;
}

int postgres_shard_check(struct postgres *shard, const char *identity, int number,
                         struct error *err)
{
    bool is_this, is_other;
    int rc = read_mark(shard, identity, number, &is_this, &is_other, err);
    if (rc || is_this)
        return rc;
    return error_set(
        err, ERR_INVALID,
        "the gallery is split already, and %s is not its shard %d: nothing was changed (to "
        "split it differently, `keepsake export` it and import it into a new split gallery)",
        shard->store.name, number + 1);
}

static int refuse_in_use(struct postgres *shard, const char *why, struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "the database %s cannot be a shard: %s; give an empty database, or another "
                     "schema of it with ?options=-csearch_path%%3DNAME",
                     shard->store.name, why);
}

/* Drops the remains of an interrupted attempt. */
static int clear(struct postgres *shard, const char *identity, int number, struct error *err)
{
    bool is_this, is_other, has_photos, some;
    PGresult *owned;
    int rc = read_mark(shard, identity, number, &is_this, &is_other, err);
    if (!rc)
        rc = postgres_has_table(shard, "image_gallery", &has_photos, err);
    if (rc || (!is_this && !is_other && !has_photos))
        return rc;
    if (is_other)
        return refuse_in_use(shard,
                             "it is a shard of another gallery, or another shard of this one", err);
    if (!is_this)
        return refuse_in_use(shard, "it has a table image_gallery", err);
    rc = postgres_query(shard, "SELECT EXISTS (SELECT FROM image_gallery)", NULL, &owned, err);
    if (rc)
        return rc;
    some = value_int(owned, 0, 0);
    PQclear(owned);
    if (some)
        return refuse_in_use(shard,
                             "it has photos of an attempt that was cut off at its very end, which "
                             "the gallery has, too (if its status says so, run DROP TABLE "
                             "image_gallery CASCADE; there)",
                             err);
    return postgres_script(shard, "DROP TABLE image_gallery, keepsake_part_of CASCADE", err);
}

#define OWN_INDEX POSTGRES_VECTOR_INDEXES " AND c.relname = '" POSTGRES_INDEX "'"
const char postgres_shard_view_sql[] =
    "CREATE OR REPLACE VIEW keepsake_part AS SELECT (SELECT count(*) FROM image_gallery) AS photos,"
    " " POSTGRES_VECTOR_ESTIMATE " AS vectors,"
    " pg_total_relation_size('image_gallery'::regclass) AS bytes,"
    " (SELECT count(*)" OWN_INDEX ") AS indexes,"
    " (SELECT coalesce(min(a.amname::text), 'none')" OWN_INDEX ") AS index_kind,"
    " (SELECT min(o.opcname::text)" OWN_INDEX " AND i.indisvalid) AS valid_class,"
    " (SELECT json_agg(json_build_object('name', c.relname, 'kind', a.amname, 'class', o.opcname,"
    " 'reason', " POSTGRES_UNUSABLE "))::text" POSTGRES_VECTOR_INDEXES " AND " POSTGRES_NOT_OWN
    ") AS others";

/* Recreates the view, because a view prevents changes to the columns that it reads. */
char *postgres_shard_dim_sql(enum store_storage storage, int dim)
{
    AUTO_FREE char *typed = postgres_dim_sql(storage, dim);
    return xasprintf("DROP VIEW keepsake_part; %s; %s", typed, postgres_shard_view_sql);
}

static int make_tables(struct postgres *shard, const char *identity, int number, int dim,
                       enum store_storage storage, struct error *err)
{
    struct postgres_args args = {0};
    AUTO_FREE char *photos = postgres_photos_sql("image_gallery", "bigint NOT NULL",
                                                 postgres_type(storage), " UNIQUE", "");
    AUTO_FREE char *typed = dim ? postgres_dim_sql(storage, dim) : xstrdup("");
    args_text(&args, identity);
    args_int(&args, number);
    int rc = postgres_script(shard, photos, err);
    if (!rc) /* not unique: while it is moved, a photo exists twice */
        rc = postgres_script(shard, "CREATE INDEX ON image_gallery (id)", err);
    if (!rc)
        rc = postgres_shard_finish(shard, err);
    if (!rc && dim)
        rc = postgres_script(shard, typed, err);
    if (!rc)
        rc = postgres_script(shard, postgres_shard_view_sql, err);
    if (!rc)
        rc = postgres_script(
            shard, "CREATE TABLE keepsake_part_of (gallery text NOT NULL, number integer NOT NULL)",
            err);
    return rc ? rc
              : postgres_run(shard, "INSERT INTO keepsake_part_of VALUES ($1, $2::integer)", &args,
                             NULL, err);
}

int postgres_shard_make(struct postgres *shard, const char *identity, int number, int dim,
                        enum store_storage storage, struct error *err)
{
    int rc = postgres_script(shard, "BEGIN", err);
    if (!rc)
        rc = postgres_lock_tables(shard, err);
    if (!rc)
        rc = postgres_make_schema(shard, err);
    if (!rc)
        rc = clear(shard, identity, number, err);
    if (!rc)
        rc = make_tables(shard, identity, number, dim, storage, err);
    return rc ? rc : postgres_script(shard, "COMMIT", err);
}

/* The foreign tables of format 3 lack the column of the view on the shards. */
int postgres_make_parts(struct postgres *p, size_t shards, struct error *err)
{
    struct strbuf sql = STRBUF_INIT(65536);
    int rc = strbuf_addf(&sql, err, "SET LOCAL client_min_messages = warning;");
    for (size_t i = 0; !rc && i < shards; i++)
        rc = strbuf_addf(&sql, err,
                         "ALTER FOREIGN TABLE keepsake_part_%zu ADD IF NOT EXISTS others text;", i);
    if (!rc)
        rc = strbuf_addf(&sql, err, "CREATE OR REPLACE VIEW keepsake_parts AS ");
    for (size_t i = 0; !rc && i < shards; i++)
        rc = strbuf_addf(&sql, err, "%sSELECT %zu AS part, k.* FROM keepsake_part_%zu AS k",
                         i ? " UNION ALL " : "", i, i);
    AUTO_FREE char *text = strbuf_take(&sql);
    return rc ? rc : postgres_script(p, text, err);
}
