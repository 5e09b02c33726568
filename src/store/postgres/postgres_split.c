/* SPDX-License-Identifier: MIT */
/* Splits a gallery over several servers with postgres_fdw. */
#include <stdio.h>
#include <string.h>

#include "store/postgres/postgres_internal.h"

/* image_gallery becomes a table partitioned by hash of path_key, whose partitions are foreign
 * tables (postgres_fdw). The path determines the shard, so a key on each shard makes paths unique.
 * Ids come from one sequence in the gallery's database.
 *
 * The tables of the shards are created first, each on a direct connection. Then the rest happens in
 * the gallery's database in one transaction, including the move of the photos. */

struct splitting {
    struct postgres *p; /* the gallery */
    char *identity;
    struct postgres *shards[POSTGRES_SHARDS];
    size_t n;
    int64_t moved;
};

/* ---- the shards ---- */

/* Advisory locks belong to a database, so they distinguish two databases from one that is reached
 * in two ways. (System identifiers do not, because a copied server keeps its identifier.) The keys
 * are "kees" and "keet". */
static const char claim_gallery[] = "SELECT pg_try_advisory_lock(1801807219, 0)";
static const char is_apart[] = "SELECT pg_try_advisory_lock_shared(1801807219, 0)";
static const char claim_shard[] = "SELECT pg_try_advisory_lock(1801807220, hashtext($1))";

static int try_lock(struct postgres *at, const char *sql, const char *schema, bool *ret_locked,
                    struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    if (schema)
        args_text(&args, schema);
    int rc = postgres_query(at, sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_locked = value_int(row, 0, 0);
    return 0;
}

static int check_place(struct postgres *shard, struct error *err)
{
    bool apart, claimed;
    int rc = try_lock(shard, is_apart, NULL, &apart, err);
    if (!rc && !apart)
        return error_set(err, ERR_INVALID,
                         "the shard %s is the gallery's own database: give another one of that "
                         "server (CREATE DATABASE), or another server",
                         shard->store.name);
    if (!rc)
        rc = try_lock(shard, claim_shard, shard->schema, &claimed, err);
    if (!rc && !claimed)
        return error_set(err, ERR_INVALID,
                         "the shard %s was given twice, or another program is splitting a gallery "
                         "there: each shard needs a place of its own",
                         shard->store.name);
    return rc;
}

static int check_shard(const struct splitting *s, struct postgres *shard, struct error *err)
{
    int rc = postgres_require_pgvector(shard, err);
    if (rc)
        return rc;
    if (strcmp(shard->extension_schema, s->p->extension_schema) != 0)
        return error_set(
            err, ERR_UNSUPPORTED,
            "pgvector is in the schema %s of %s, and in %s of the gallery's database: "
            "the schema must have the same name in both (ALTER EXTENSION vector SET SCHEMA)",
            shard->extension_schema, shard->store.name, s->p->extension_schema);
    return check_place(shard, err);
}

static int open_shards(struct splitting *s, const char *const *shards, size_t n, struct error *err)
{
    static const struct store_options defaults;
    bool alone;
    int rc = try_lock(s->p, claim_gallery, NULL, &alone, err);
    if (!rc && !alone)
        rc = error_set(err, ERR_IO, "another program is splitting %s: wait until it is done",
                       s->p->store.name);
    for (size_t i = 0; !rc && i < n; i++) {
        rc = postgres_is_mine(shards[i])
                 ? postgres_new(shards[i], STORE_WRITE, &defaults, &s->shards[i], err)
                 : error_set(err, ERR_INVALID,
                             "a shard is a PostgreSQL database: give its address, as in "
                             "postgresql://USER@HOST/DATABASE");
        if (rc)
            return rc;
        s->n = i + 1;
        rc = check_shard(s, s->shards[i], err);
    }
    return rc;
}

static int make_shards(struct splitting *s, struct error *err)
{
    const struct postgres_settings *settings = &s->p->settings;
    int rc = 0;
    for (size_t i = 0; !rc && i < s->n; i++)
        rc = postgres_shard_make(s->shards[i], s->identity, (int)i,
                                 settings->bound ? settings->model.dim : 0, settings->index.storage,
                                 err);
    return rc;
}

static int check_shards(struct splitting *s, struct error *err)
{
    int rc = 0;
    if (s->n != (size_t)s->p->settings.shards)
        return error_set(err, ERR_INVALID,
                         "the gallery %s is split already, into %d shards: nothing was changed",
                         s->p->store.name, s->p->settings.shards);
    for (size_t i = 0; !rc && i < s->n; i++)
        rc = postgres_shard_check(s->shards[i], s->identity, (int)i, err);
    return rc;
}

/* ---- connecting the gallery's server to the shards ---- */

/* Returns whether an option of a shard's address belongs to the foreign server; user and password
 * belong to a user mapping. */
static bool is_server_option(const char *keyword)
{
    static const char *const keywords[] = {"host",
                                           "hostaddr",
                                           "port",
                                           "dbname",
                                           "sslmode",
                                           "sslrootcert",
                                           "sslcert",
                                           "sslkey",
                                           "sslcrl",
                                           "gssencmode",
                                           "krbsrvname",
                                           "channel_binding",
                                           "connect_timeout",
                                           "keepalives_idle",
                                           "tcp_user_timeout",
                                           "target_session_attrs"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strcmp(keyword, keywords[i]) == 0)
            return true;
    return false;
}

static int add_literal(struct postgres *p, struct strbuf *sql, const char *before,
                       const char *value, struct error *err)
{
    char *literal = PQescapeLiteral(p->conn, value, strlen(value));
    if (!literal)
        return postgres_error(p, NULL, err);
    int rc = strbuf_addf(sql, err, "%s %s", before, literal);
    PQfreemem(literal);
    return rc;
}

static int add_server_options(struct postgres *p, struct postgres *shard, struct strbuf *sql,
                              struct error *err)
{
    PQconninfoOption *options = PQconninfo(shard->conn);
    if (!options)
        memory_exhausted(sizeof *options);
    int rc = 0;
    for (const PQconninfoOption *o = options; !rc && o->keyword; o++) {
        if (!o->val || !o->val[0] || !is_server_option(o->keyword))
            continue;
        AUTO_FREE char *before = xasprintf(", %s", o->keyword);
        rc = add_literal(p, sql, before, o->val, err);
    }
    PQconninfoFree(options);
    return rc;
}

/* Gets the name of a shard's foreign server as an identifier; all galleries of the database share
 * it. */
static int server_name(struct postgres *p, int number, char **ret_name, struct error *err)
{
    AUTO_FREE char *name = xasprintf("keepsake_%.40s_part_%d", p->schema, number);
    char *quoted = PQescapeIdentifier(p->conn, name, strlen(name));
    if (!quoted)
        return postgres_error(p, NULL, err);
    *ret_name = xstrdup(quoted);
    PQfreemem(quoted);
    return 0;
}

static int make_server(struct postgres *p, struct postgres *shard, const char *server,
                       struct error *err)
{
    struct strbuf sql = STRBUF_INIT(65536);
    const struct store_index none = {.options = ""};
    AUTO_FREE char *session = postgres_shards_options(&none, 1);
    int rc = strbuf_addf(&sql, err,
                         "CREATE SERVER %s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (extensions "
                         "'vector', async_capable 'true', fetch_size '200', batch_size '100', "
                         "options '%s'",
                         server, session);
    if (!rc)
        rc = add_server_options(p, shard, &sql, err);
    if (!rc)
        rc = strbuf_addf(&sql, err, ")");
    AUTO_FREE char *text = strbuf_take(&sql);
    return rc ? rc : postgres_script(p, text, err);
}

static int read_is_superuser(struct postgres *p, bool *ret_is, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", NULL,
                            &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret_is = value_int(row, 0, 0);
    return 0;
}

/* Creates the user mapping inside a function: the server's statement log shows its parameters only
 * if everything is logged, and an error message does not quote the statement. */
static const char map_sql[] =
    "CREATE OR REPLACE FUNCTION pg_temp.keepsake_map(server text, login text, secret text)"
    " RETURNS void LANGUAGE plpgsql AS $map$ BEGIN EXECUTE 'CREATE USER MAPPING FOR CURRENT_USER"
    " SERVER ' || server || ' OPTIONS (user ' || quote_literal(login) || coalesce(', password ' ||"
    " quote_literal(secret), '') || ')'; EXCEPTION WHEN OTHERS THEN RAISE EXCEPTION USING MESSAGE"
    " = SQLERRM, ERRCODE = SQLSTATE; END $map$";

static int make_mapping(struct postgres *p, struct postgres *shard, const char *server,
                        struct error *err)
{
    bool is_superuser;
    bool has_password = PQconnectionUsedPassword(shard->conn);
    int rc = read_is_superuser(p, &is_superuser, err);
    if (!rc && !has_password && !is_superuser)
        return error_set(
            err, ERR_DENIED,
            "the shard %s admits its user without a password, which PostgreSQL allows only to a "
            "superuser of the gallery's server: make the shard require a password "
            "(pg_hba.conf), or split as a superuser",
            shard->store.name);
    struct postgres_args args = {0};
    args_text(&args, server);
    args_text(&args, PQuser(shard->conn));
    args_text(&args, has_password ? PQpass(shard->conn) : NULL);
    if (!rc && is_superuser)
        rc = postgres_script(p, "SET LOCAL log_statement = 'none'", err);
    if (!rc)
        rc = postgres_script(p, map_sql, err);
    return rc ? rc : postgres_run(p, "SELECT pg_temp.keepsake_map($1, $2, $3)", &args, NULL, err);
}

static int quote_schema(struct postgres *shard, char **ret_literal, struct error *err)
{
    char *literal = PQescapeLiteral(shard->conn, shard->schema, strlen(shard->schema));
    if (!literal)
        return postgres_error(shard, NULL, err);
    *ret_literal = xstrdup(literal);
    PQfreemem(literal);
    return 0;
}

/* keepsake_split will be renamed to image_gallery. */
static int make_foreign_tables(struct splitting *s, int number, const char *server,
                               struct error *err)
{
    AUTO_FREE char *schema = NULL;
    int rc = quote_schema(s->shards[number], &schema, err);
    if (rc)
        return rc;
    AUTO_FREE char *sql = xasprintf(
        "CREATE FOREIGN TABLE image_gallery_part_%d PARTITION OF keepsake_split FOR VALUES WITH"
        " (MODULUS %zu, REMAINDER %d) SERVER %s OPTIONS (schema_name %s, table_name"
        " 'image_gallery');"
        "CREATE FOREIGN TABLE keepsake_part_%d (photos bigint, vectors bigint, bytes bigint,"
        " indexes bigint, index_kind text, valid_class text, others text) SERVER %s OPTIONS "
        "(schema_name %s,"
        " table_name 'keepsake_part')",
        number, s->n, number, server, schema, number, server, schema);
    return postgres_script(s->p, sql, err);
}

static int make_extension(struct postgres *p, const char *name, struct error *err)
{
    struct error why = ERROR_INIT;
    AUTO_FREE char *sql = xasprintf("CREATE EXTENSION IF NOT EXISTS %s SCHEMA public", name);
    int rc = postgres_script(p, sql, &why);
    if (!rc || p->failure != POSTGRES_FINAL)
        return rc ? error_set(err, rc, "%s", why.message) : 0;
    return error_set(err, ERR_DENIED,
                     "the extension %s cannot be added to the database of the gallery %s: have a "
                     "superuser run CREATE EXTENSION %s; there once (it is in the package "
                     "postgresql-contrib or the server's own), and GRANT USAGE ON FOREIGN DATA "
                     "WRAPPER postgres_fdw to the gallery's user",
                     name, p->store.name, name);
}

/* ---- the photos ---- */

/* Columns, for templates of fact_sql.h. */
#define COLUMNS \
    "id, path, embedding, path_key, size, mtime_ns, hash, {#}, ctime_ns, inode, position"

static int refuse_columns(struct postgres *p, struct error *err)
{
    PGresult *owned;
    const char *sql = postgres_facts_sql(
        p, "SELECT attname::text FROM pg_attribute WHERE attrelid ="
           " 'image_gallery'::regclass AND attnum > 0 AND NOT attisdropped AND NOT"
           " attname = ANY (string_to_array('" COLUMNS "', ', ')) LIMIT 1");
    int rc = postgres_query(p, sql, NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return 0;
    return error_set(err, ERR_UNSUPPORTED,
                     "the table image_gallery of %s has a column %s of its own, which the shards "
                     "would not have: keep it in another table, by id, and drop it from this one",
                     p->store.name, value_bytes(row, 0, 0));
}

static int make_table(struct postgres *p, struct error *err)
{
    const struct postgres_settings *settings = &p->settings;
    const char *type = postgres_type(settings->index.storage);
    AUTO_FREE char *typed =
        settings->bound ? xasprintf("%s(%d)", type, settings->model.dim) : xstrdup(type);
    AUTO_FREE char *sql = postgres_photos_sql("keepsake_split", "bigserial NOT NULL", typed, "",
                                              " PARTITION BY HASH (path_key)");
    int rc = postgres_script(p, sql, err);
    if (!rc)
        rc = postgres_add_facts(p, "keepsake_split", err);
    return rc ? rc
              : postgres_script(p,
                                "ALTER TABLE keepsake_split ADD ctime_ns bigint NOT NULL DEFAULT 0,"
                                " ADD inode bigint NOT NULL DEFAULT 0,"
                                " ADD position integer NOT NULL DEFAULT 0",
                                err);
}

/* Ids are never reused, so the new sequence continues from the old one. */
static int move_photos(struct splitting *s, struct error *err)
{
    int rc = postgres_run(s->p,
                          postgres_facts_sql(s->p, "INSERT INTO keepsake_split (" COLUMNS
                                                   ") SELECT " COLUMNS " FROM image_gallery"),
                          NULL, &s->moved, err);
    if (!rc)
        rc = postgres_run(
            s->p,
            "SELECT setval('keepsake_split_id_seq', last) FROM (SELECT greatest((SELECT max(id)"
            " FROM image_gallery), pg_sequence_last_value(pg_get_serial_sequence('image_gallery',"
            " 'id')::regclass)) AS last) AS old WHERE last > 0",
            NULL, NULL, err);
    return rc;
}

static int check_moved(struct splitting *s, struct error *err)
{
    PGresult *owned;
    int rc =
        postgres_query(s->p, "SELECT sum(photos)::bigint FROM keepsake_parts", NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (value_int(row, 0, 0) == s->moved)
        return 0;
    return error_set(err, ERR_CORRUPT,
                     "%lld photos were to be moved, and the shards have %lld: nothing was changed",
                     (long long)s->moved, (long long)value_int(row, 0, 0));
}

static int exchange_tables(struct postgres *p, struct error *err)
{
    int rc = postgres_drop_door(p, err);
    if (!rc)
        rc = postgres_script(p,
                             "DROP TABLE image_gallery;"
                             "DROP FUNCTION IF EXISTS " POSTGRES_COMPLETE ", " POSTGRES_RECORD
                             ", " POSTGRES_COUNT ";"
                             "ALTER TABLE keepsake_split RENAME TO image_gallery;"
                             "ALTER SEQUENCE keepsake_split_id_seq RENAME TO image_gallery_id_seq;"
                             "UPDATE keepsake_gallery SET index_built = 'none',"
                             " index_built_photos = 0, index_built_at = 0",
                             err);
    return rc ? rc : postgres_make_door(p, err);
}

static int connect_shards(struct splitting *s, struct error *err)
{
    /* Suppress the notice that an extension exists already. */
    int rc = postgres_script(s->p, "SET LOCAL client_min_messages = warning", err);
    if (!rc)
        rc = make_extension(s->p, "postgres_fdw", err);
    if (!rc)
        rc = make_extension(s->p, "dblink", err);
    for (size_t i = 0; !rc && i < s->n; i++) {
        AUTO_FREE char *server = NULL;
        rc = server_name(s->p, (int)i, &server, err);
        if (!rc)
            rc = make_server(s->p, s->shards[i], server, err);
        if (!rc)
            rc = make_mapping(s->p, s->shards[i], server, err);
        if (!rc)
            rc = make_foreign_tables(s, (int)i, server, err);
    }
    return rc ? rc : postgres_make_parts(s->p, s->n, err);
}

static int split(struct postgres *p, void *context, struct error *err)
{
    struct splitting *s = context;
    int rc = postgres_lock_tables(p, err);
    if (!rc) /* readers continue until the end */
        rc = postgres_script(p, "LOCK TABLE image_gallery IN SHARE ROW EXCLUSIVE MODE", err);
    if (!rc)
        rc = postgres_read_settings(p, err);
    if (!rc)
        rc = refuse_columns(p, err);
    if (!rc)
        rc = postgres_refuse_hanging(p, err);
    if (!rc)
        rc = make_shards(s, err);
    if (!rc)
        rc = make_table(p, err);
    if (!rc)
        rc = connect_shards(s, err);
    if (!rc)
        rc = move_photos(s, err);
    if (!rc)
        rc = check_moved(s, err);
    return rc ? rc : exchange_tables(p, err);
}

/* ---- the complete operation ---- */

static int split_or_check(struct splitting *s, const char *const *shards, size_t n, bool *ret_was,
                          struct error *err)
{
    struct postgres *p = s->p;
    if (PQserverVersion(p->conn) < POSTGRES_OLDEST_SPLIT)
        return error_set(err, ERR_UNSUPPORTED,
                         "the server of the gallery %s is PostgreSQL %d, and a gallery on several "
                         "servers needs 14 or newer",
                         p->store.name, PQserverVersion(p->conn) / 10000);
    int rc = postgres_identity(p, &s->identity, err);
    if (!rc)
        rc = open_shards(s, shards, n, err);
    if (rc)
        return rc;
    *ret_was = p->settings.shards > 0;
    rc = *ret_was ? check_shards(s, err) : postgres_write(p, split, s, err);
    return rc ? rc : postgres_tend_index(&p->store, err);
}

int postgres_split(const char *where, const char *const *shards, size_t n,
                   const struct store_options *options, struct store_split_report *ret_report,
                   struct error *err)
{
    if (n < 2 || n > POSTGRES_SHARDS)
        return error_set(err, ERR_INVALID, "a gallery has 2 to %d shards, and %zu were given",
                         POSTGRES_SHARDS, n);
    struct postgres *opened;
    int rc = postgres_open(where, STORE_WRITE, options, &opened, err);
    if (rc)
        return rc;
    AUTO(postgres) *p = opened;
    struct splitting s = {.p = p};
    bool was = false;
    rc = postgres_refuse_pooler(p, "splitting", err);
    if (!rc)
        rc = split_or_check(&s, shards, n, &was, err);
    for (size_t i = 0; i < s.n; i++)
        postgres_close(s.shards[i]);
    free(s.identity);
    if (!rc)
        *ret_report = (struct store_split_report){s.moved, was};
    return rc;
}
