/* SPDX-License-Identifier: MIT */
/* Creates, checks and upgrades the tables of a gallery. */
#include <stdio.h>
#include <string.h>

#include "store/postgres/postgres_albums.h"

/* Never change a step of a released program; add another one. A step must not change an existing
 * table image_gallery (an adopted one). PLAIN storage prevents a vector of 512 floats from being
 * moved out of the row (TOAST), from where exact search would have to fetch each one. */

static const char step_1[] =
    "CREATE TABLE keepsake_gallery ("
    "    one smallint PRIMARY KEY CHECK (one = 1),"
    "    format integer NOT NULL,"
    "    change bigint NOT NULL,"
    "    changed_at bigint NOT NULL,"
    "    model_id text,"
    "    model_fingerprint text,"
    "    model_preprocessing integer,"
    "    model_dim integer CHECK (model_dim > 0),"
    "    index_wanted text NOT NULL,"
    "    index_metric text NOT NULL,"
    "    index_built text NOT NULL,"
    "    index_built_photos bigint NOT NULL,"
    "    index_built_at bigint NOT NULL"
    ");"
    "INSERT INTO keepsake_gallery (one, format, change, changed_at, index_wanted, index_metric,"
    " index_built, index_built_photos, index_built_at)"
    " VALUES (1, 1, 0, 0, 'auto', 'cosine', 'none', 0, 0);"

    "CREATE TABLE keepsake_writer ("
    "    writer bigint PRIMARY KEY,"
    "    number bigint NOT NULL,"
    "    at timestamptz NOT NULL"
    ");"

    "CREATE TABLE keepsake_failure ("
    "    path_key bytea PRIMARY KEY,"
    "    path text NOT NULL,"
    "    size bigint NOT NULL,"
    "    mtime_ns bigint NOT NULL,"
    "    hash bytea CHECK (octet_length(hash) = 32),"
    "    reason text NOT NULL"
    ");"

    "CREATE TABLE keepsake_claimer ("
    "    id bigint PRIMARY KEY,"
    "    expires timestamptz NOT NULL"
    ");"

    /* A claim never exists without its claimer. */
    "CREATE TABLE keepsake_claim ("
    "    path_key bytea PRIMARY KEY,"
    "    claimer bigint NOT NULL"
    ");";

#define MAKE_LEDGER_UNCHANGING                                                         \
    "CREATE TRIGGER keepsake_ledger_never_changes BEFORE UPDATE OR DELETE OR TRUNCATE" \
    "    ON keepsake_ledger FOR EACH STATEMENT EXECUTE FUNCTION keepsake_ledger_refuse();"

/* Enclose names of tables: roles that may read or change the photos get the same rights on these
 * tables. */
#define GRANT_AS_PHOTOS                                                                          \
    "DO $grant$ DECLARE g record; BEGIN"                                                         \
    "    FOR g IN SELECT privilege_type AS what, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE"         \
    "        quote_ident(pg_get_userbyid(grantee)) END AS who FROM pg_class, aclexplode(relacl)" \
    "        WHERE oid = to_regclass('image_gallery') AND grantee <> relowner"                   \
    "        AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') LOOP"                \
    "        EXECUTE 'GRANT ' || g.what || ' ON "
#define END_GRANT " TO ' || g.who; END LOOP; END $grant$;"

/* Labels refer to a photo's content, which may be on any shard of a split gallery, or absent. */
static const char step_2[] =
    "CREATE TABLE keepsake_label ("
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "    hash bytea NOT NULL CHECK (octet_length(hash) = 32),"
    "    name text NOT NULL,"
    "    folded text NOT NULL,"
    "    x double precision,"
    "    y double precision,"
    "    width double precision,"
    "    height double precision,"
    "    CHECK (num_nulls(x, y, width, height) IN (0, 4))"
    ");"
    "CREATE UNIQUE INDEX keepsake_label_once ON keepsake_label (hash, folded, coalesce(x, -1),"
    "    coalesce(y, -1), coalesce(width, -1), coalesce(height, -1));"
    "CREATE INDEX keepsake_label_by_name ON keepsake_label (folded, hash);"

    /* key: the bytes of a folder, or a folded name */
    "CREATE TABLE keepsake_rule ("
    "    kind text NOT NULL CHECK (kind IN ('folder', 'label')),"
    "    key bytea NOT NULL,"
    "    value text NOT NULL,"
    "    PRIMARY KEY (kind, key)"
    ");"

    "CREATE TABLE keepsake_ledger ("
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "    at bigint NOT NULL,"
    "    request text NOT NULL,"
    "    event text NOT NULL CHECK (event IN ('sent', 'answered', 'failed')),"
    "    purpose text NOT NULL,"
    "    provider text NOT NULL,"
    "    host text NOT NULL,"
    "    model text NOT NULL,"
    "    photos text NOT NULL,"
    "    bytes bigint NOT NULL,"
    "    input_tokens bigint NOT NULL,"
    "    output_tokens bigint NOT NULL,"
    "    cache_read_tokens bigint NOT NULL,"
    "    cache_write_tokens bigint NOT NULL,"
    "    cost_usd double precision,"
    "    detail text NOT NULL"
    ");"
    "CREATE INDEX keepsake_ledger_by_time ON keepsake_ledger (at, id);"
    "CREATE FUNCTION keepsake_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN"
    "    RAISE EXCEPTION 'the ledger is append-only'; END $refuse$;" MAKE_LEDGER_UNCHANGING
        GRANT_AS_PHOTOS "keepsake_label, keepsake_rule, keepsake_ledger" END_GRANT
    "UPDATE keepsake_gallery SET format = 2;";

/* Runs after PHOTO_ITEMS. A row of keepsake_signal has either a payload, or a vector of a model in
 * keepsake_other_model with that model's dimension. */
static const char step_3[] =
    "ALTER TABLE keepsake_failure ADD ctime_ns bigint NOT NULL DEFAULT 0,"
    "    ADD inode bigint NOT NULL DEFAULT 0, ADD version text NOT NULL DEFAULT '';"

    "CREATE TABLE keepsake_folder ("
    "    path_key bytea PRIMARY KEY,"
    "    path text NOT NULL,"
    "    device text NOT NULL,"
    "    absent_since bigint"
    ");"

    "CREATE TABLE keepsake_note ("
    "    name text PRIMARY KEY,"
    "    text text NOT NULL"
    ");"

    "CREATE TABLE keepsake_damage ("
    "    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),"
    "    damage text NOT NULL"
    ");"

    "CREATE TABLE keepsake_signal ("
    "    hash bytea NOT NULL CHECK (octet_length(hash) = 32),"
    "    position integer NOT NULL,"
    "    kind text NOT NULL,"
    "    model text NOT NULL,"
    "    version integer NOT NULL,"
    "    payload bytea,"
    "    embedding vector,"
    "    CHECK (num_nonnulls(payload, embedding) = 1),"
    "    PRIMARY KEY (hash, position, kind, model, version)"
    ");"

    "CREATE TABLE keepsake_other_model ("
    "    fingerprint text NOT NULL,"
    "    preprocessing integer NOT NULL,"
    "    id text NOT NULL,"
    "    dim integer NOT NULL CHECK (dim > 0),"
    "    arithmetic text NOT NULL,"
    "    PRIMARY KEY (fingerprint, preprocessing)"
    ");"
    "ALTER TABLE keepsake_gallery ADD model_arithmetic text NOT NULL DEFAULT 'unknown';"

    "ALTER TABLE keepsake_label ADD checksum bytea;"
    "ALTER TABLE keepsake_rule ADD checksum bytea;"
    "ALTER TABLE keepsake_ledger ADD facts text NOT NULL DEFAULT '', ADD checksum "
    "bytea;"
    /* ALTER rewrites a table and its indexes, in a quarter of the time of an UPDATE of all rows. It
     * fires no trigger of the ledger. */
    "ALTER TABLE keepsake_label ALTER checksum TYPE bytea USING " POSTGRES_LABEL_SUM ";"
    "ALTER TABLE keepsake_rule ALTER checksum TYPE bytea USING " POSTGRES_RULE_SUM ";"
    "ALTER TABLE keepsake_ledger ALTER checksum TYPE bytea USING " POSTGRES_ENTRY_SUM
    ";" GRANT_AS_PHOTOS "keepsake_folder, keepsake_note, keepsake_damage, keepsake_signal, "
    "keepsake_other_model" END_GRANT "UPDATE keepsake_gallery SET format = 3;";

/* Before postgres_make_triggers. keepsake_change has a row for each transaction of another program
 * that changed photos, until a change of keepsake counts it. */
static const char step_4[] =
    /* A signal that could not be computed has an empty payload, and the reason here. */
    "ALTER TABLE keepsake_signal ADD reason text NOT NULL DEFAULT '';"
    "ALTER TABLE keepsake_gallery ADD index_quantize text NOT NULL DEFAULT 'none',"
    "    ADD index_built_quantize text NOT NULL DEFAULT 'none',"
    "    ADD index_options text NOT NULL DEFAULT '', ADD index_made text NOT NULL DEFAULT '';"
    "ALTER TABLE keepsake_gallery ADD base_folder text NOT NULL DEFAULT '';"
    "ALTER TABLE keepsake_failure ADD dropped boolean NOT NULL DEFAULT false;"
    "CREATE TABLE keepsake_change (at timestamptz NOT NULL);"
    "CREATE TABLE keepsake_album ("
    "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "    name text NOT NULL,"
    "    folded text NOT NULL UNIQUE,"
    "    query text NOT NULL,"
    "    checksum bytea"
    ");"
    /* What was put in (inside) and left out by hand. */
    "CREATE TABLE keepsake_album_photo ("
    "    album bigint NOT NULL,"
    "    hash bytea NOT NULL CHECK (octet_length(hash) = 32),"
    "    inside boolean NOT NULL,"
    "    checksum bytea,"
    "    PRIMARY KEY (album, hash)"
    ");"
    "CREATE INDEX keepsake_album_photo_by_hash ON keepsake_album_photo (hash);" GRANT_AS_PHOTOS
    "keepsake_change, keepsake_album, keepsake_album_photo" END_GRANT
    "UPDATE keepsake_gallery SET format = 4;";

/* The rest of format 3, for every table of photos, here and on shards. */
#define PHOTO_ITEMS(if_missing)                           \
    "ALTER TABLE image_gallery ADD " if_missing           \
    "ctime_ns bigint NOT NULL DEFAULT 0, ADD " if_missing \
    "inode bigint NOT NULL DEFAULT 0, ADD " if_missing "position integer NOT NULL DEFAULT 0"
/* The key, because a file may have photos at several positions. A partitioned table does not have
 * it; its shards do. */
#define ITEM_KEY                                                                      \
    "ALTER TABLE image_gallery DROP CONSTRAINT IF EXISTS image_gallery_path_key_key," \
    " ADD CONSTRAINT image_gallery_path_key_key UNIQUE (path_key, position)"
static const char photo_items[] = PHOTO_ITEMS("");
static const char item_key[] = ITEM_KEY;

/* Indexes by content, and by date for postgres_listing.c, on the table itself or on each shard. */
#define PHOTO_INDEX(if_missing, name, columns) \
    "CREATE INDEX " if_missing "image_gallery_" name "_keepsake ON image_gallery (" columns ")"
#define BY_HASH(if_missing) PHOTO_INDEX(if_missing, "hash", "hash")
#define BY_DATE(if_missing) PHOTO_INDEX(if_missing, "date", "taken text_pattern_ops, id")
static const char photo_indexes[] = BY_HASH("") ";" BY_DATE("");
static const char *const shard_steps[] = {BY_HASH("IF NOT EXISTS "), BY_DATE("IF NOT EXISTS "),
                                          PHOTO_ITEMS("IF NOT EXISTS "), ITEM_KEY,
                                          postgres_shard_view_sql};
enum { SHARD_STEPS = sizeof shard_steps / sizeof *shard_steps };

int postgres_shard_finish(struct postgres *shard, struct error *err)
{
    int rc = postgres_script(shard, photo_indexes, err);
    if (!rc)
        rc = postgres_script(shard, photo_items, err);
    if (!rc)
        rc = postgres_script(shard, item_key, err);
    return rc ? rc : postgres_add_facts(shard, "image_gallery", err);
}

/* The table of format 2: see PHOTO_ITEMS and postgres_add_facts. */
char *postgres_photos_sql(const char *table, const char *id, const char *embedding, const char *key,
                          const char *tail)
{
    return xasprintf("CREATE TABLE %s ("
                     "    id %s,"
                     "    path text NOT NULL,"
                     "    embedding %s,"
                     "    path_key bytea NOT NULL%s,"
                     "    size bigint NOT NULL,"
                     "    mtime_ns bigint NOT NULL,"
                     "    hash bytea CHECK (octet_length(hash) = 32),"
                     "    format text,"
                     "    width integer,"
                     "    height integer,"
                     "    taken text,"
                     "    latitude double precision,"
                     "    longitude double precision,"
                     "    make text,"
                     "    model text,"
                     "    lens text"
                     ")%s",
                     table, id, embedding, key, tail);
}

/* The last step of the tables that this program writes. A new fact may introduce a new format. */
enum { LAST_STEP = 4 };

int postgres_schema_version(void)
{
    return fact_sql_format() > LAST_STEP ? fact_sql_format() : LAST_STEP;
}

int postgres_has_table(struct postgres *p, const char *table, bool *ret_has, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, p->schema);
    args_text(&args, table);
    int rc = postgres_query(
        p, "SELECT to_regclass(quote_ident($1) || '.' || quote_ident($2)) IS NOT NULL", &args,
        &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    *ret_has = value_int(result, 0, 0);
    return 0;
}

/* The lock's key is "keep" and a number for the schema. */
int postgres_lock_tables(struct postgres *p, struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, p->schema);
    return postgres_run(p, "SELECT pg_advisory_xact_lock(1801807216, hashtext($1))", &args, NULL,
                        err);
}

static int no_pgvector(struct postgres *p, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p,
                            "SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name ="
                            " 'vector'), current_user::text, current_database()::text",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    if (!value_int(result, 0, 0))
        return error_set(err, ERR_UNSUPPORTED,
                         "the server of the gallery %s has no pgvector: install it there (on "
                         "Debian 13: apt install postgresql-17-pgvector) and run the command again",
                         p->store.name);
    return error_set(err, ERR_DENIED,
                     "the user %s may not add pgvector to the database %s: ask an administrator of "
                     "the server to run CREATE EXTENSION vector; there once",
                     value_bytes(result, 0, 1), value_bytes(result, 0, 2));
}

static int add_pgvector(struct postgres *p, struct error *err)
{
    struct error why = ERROR_INIT;
    int rc = postgres_script(p, "CREATE EXTENSION IF NOT EXISTS vector SCHEMA public", &why);
    if (!rc)
        return postgres_set_session(p, err);
    bool no_right = strcmp(p->sqlstate, "42501") == 0;
    bool no_files = strcmp(p->sqlstate, "0A000") == 0 || strcmp(p->sqlstate, "58P01") == 0;
    return no_right || no_files ? no_pgvector(p, err) : error_set(err, rc, "%s", why.message);
}

bool postgres_is_older(const char *version, const char *than)
{
    int a[3] = {0}, b[3] = {0};
    sscanf(version, "%d.%d.%d", &a[0], &a[1], &a[2]);
    sscanf(than, "%d.%d.%d", &b[0], &b[1], &b[2]);
    for (int i = 0; i < 3; i++)
        if (a[i] != b[i])
            return a[i] < b[i];
    return false;
}

int postgres_require_pgvector(struct postgres *p, struct error *err)
{
    int rc = 0;
    if (!p->extension_schema)
        rc = p->mode == STORE_WRITE ? add_pgvector(p, err) : no_pgvector(p, err);
    if (rc || !postgres_is_older(p->pgvector, POSTGRES_OLDEST_PGVECTOR))
        return rc;
    return error_set(err, ERR_UNSUPPORTED,
                     "the database of the gallery %s has pgvector %s, and keepsake needs %s or "
                     "newer: update it on the server, then run ALTER EXTENSION vector UPDATE; in "
                     "that database",
                     p->store.name, p->pgvector, POSTGRES_OLDEST_PGVECTOR);
}

int postgres_make_schema(struct postgres *p, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, p->schema);
    int rc = postgres_query(p,
                            "SELECT quote_ident($1),"
                            " EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    if (value_int(result, 0, 1))
        return 0;
    AUTO_FREE char *sql = xasprintf("CREATE SCHEMA %s", value_bytes(result, 0, 0));
    return postgres_script(p, sql, err);
}

static int make_photos(struct postgres *p, struct error *err)
{
    AUTO_FREE char *sql = postgres_photos_sql("image_gallery", "bigserial PRIMARY KEY",
                                              postgres_type(p->options.storage), " UNIQUE", "");
    int rc = postgres_script(p, sql, err);
    return rc ? rc
              : postgres_script(p, "ALTER TABLE image_gallery ALTER embedding SET STORAGE PLAIN",
                                err);
}

/* Adds the columns of facts introduced after `format` and after the formats whose steps contain
 * them. */
static int add_facts(struct postgres *p, const char *table, int format, struct error *err)
{
    int rc = 0;
    for (int f = format < 2 ? 3 : format + 1; !rc && f <= postgres_schema_version(); f++) {
        AUTO_FREE char *sql = fact_sql_upgrade(FACT_POSTGRES, table, f, false);
        rc = sql ? postgres_script(p, sql, err) : 0;
    }
    return rc;
}

int postgres_add_facts(struct postgres *p, const char *table, struct error *err)
{
    return add_facts(p, table, 2, err);
}

/* The same on all shards, some of which may have them already. */
static int add_facts_to_shards(struct postgres *p, struct error *err)
{
    int rc = 0;
    for (int f = p->settings.format < 2 ? 3 : p->settings.format + 1;
         !rc && f <= postgres_schema_version(); f++) {
        AUTO_FREE char *sql = fact_sql_upgrade(FACT_POSTGRES, "image_gallery", f, true);
        const char *const statements[] = {sql};
        rc = sql ? postgres_shards_run(p, statements, 1, err) : 0;
    }
    return rc;
}

static int take_step_2(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, step_2, err);
    return rc || p->settings.shards ? rc : postgres_script(p, photo_indexes, err);
}

static int take_step_3(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, photo_items, err);
    if (!rc && !p->settings.shards)
        rc = postgres_script(p, item_key, err);
    return rc ? rc : postgres_script(p, step_3, err);
}

/* The view of postgres_make_door needs the columns of all facts. */
static int take_step_4(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, step_4, err);
    if (!rc && !p->settings.shards)
        rc = postgres_make_triggers(p, err);
    if (!rc && p->settings.shards)
        rc = postgres_make_parts(p, (size_t)p->settings.shards, err);
    if (!rc)
        rc = add_facts(p, "image_gallery", p->settings.format, err);
    return rc ? rc : postgres_make_door(p, err);
}

/* Upgrades from the format in table keepsake_gallery to this program's format. */
static int take_steps(struct postgres *p, struct error *err)
{
    int rc = postgres_read_settings(p, err);
    int format = p->settings.format;
    if (!rc && format < 2)
        rc = take_step_2(p, err);
    if (!rc && format < 3)
        rc = take_step_3(p, err);
    if (!rc)
        rc = format < 4 ? take_step_4(p, err) : add_facts(p, "image_gallery", format, err);
    if (rc || format >= postgres_schema_version())
        return rc;
    AUTO_FREE char *mark =
        xasprintf("UPDATE keepsake_gallery SET format = %d", postgres_schema_version());
    return postgres_script(p, mark, err);
}

int postgres_make_tables(struct postgres *p, struct error *err)
{
    bool has;
    int rc = postgres_has_table(p, "keepsake_gallery", &has, err);
    if (!rc && !has)
        rc = postgres_script(p, step_1, err);
    if (!rc)
        rc = postgres_has_table(p, "image_gallery", &has, err);
    if (!rc && !has)
        rc = make_photos(p, err);
    return rc ? rc : take_steps(p, err);
}

static int refuse_foreign(struct postgres *p, struct error *err)
{
    return error_set(err, ERR_UNSUPPORTED,
                     "the table image_gallery in %s was not made by keepsake: `keepsake index "
                     "--adopt` says what it would add to it, and with the PATH of the photos makes "
                     "it a gallery that keeps every row; or give another schema with "
                     "?options=-csearch_path%%3DNAME",
                     p->store.name);
}

static int upgrade_in_transaction(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = postgres_lock_tables(p, err);
    if (!rc)
        rc = take_steps(p, err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

/* Upgrades the shards first, which may be repeated. */
static int upgrade(struct postgres *p, struct error *err)
{
    struct error why = ERROR_INIT;
    int rc = p->settings.shards ? postgres_shards_run(p, shard_steps, SHARD_STEPS, &why) : 0;
    if (!rc && p->settings.shards)
        rc = add_facts_to_shards(p, &why);
    if (!rc)
        rc = upgrade_in_transaction(p, &why);
    if (rc)
        return error_set(err, rc,
                         "cannot upgrade the gallery to format %d (only its owner "
                         "can): %s",
                         postgres_schema_version(), why.message);
    return postgres_read_settings(p, err);
}

/* An older format only lacks later additions and is read without an upgrade: see
 * postgres_has_records. */
static int check_format(struct postgres *p, struct error *err)
{
    int rc = postgres_read_settings(p, err);
    if (!rc && p->settings.format < postgres_schema_version() && p->mode == STORE_WRITE)
        rc = postgres_check_objects(p, err);
    if (!rc && p->settings.format < postgres_schema_version() && p->mode == STORE_WRITE)
        rc = upgrade(p, err);
    if (!rc && p->settings.format <= postgres_schema_version() && !p->options.examine)
        rc = postgres_check_objects(p, err);
    if (rc || p->settings.format <= postgres_schema_version())
        return rc;
    return error_set(err, ERR_UNSUPPORTED,
                     "the gallery %s was made by a newer keepsake (format %d, this program knows "
                     "%d): update keepsake, or give another gallery with --gallery",
                     p->store.name, p->settings.format, postgres_schema_version());
}

int postgres_has_format(struct postgres *p, int format, bool *ret_has, struct error *err)
{
    int rc = p->settings.format < postgres_schema_version() ? postgres_read_settings(p, err) : 0;
    if (!rc)
        *ret_has = p->settings.format >= format;
    return rc;
}

int postgres_has_records(struct postgres *p, bool *ret_has, struct error *err)
{
    return postgres_has_format(p, 2, ret_has, err);
}

static int prepare_in_transaction(struct postgres *p, struct error *err)
{
    bool is_gallery = false, has_photos = false;
    int rc = postgres_lock_tables(p, err);
    if (!rc)
        rc = postgres_make_schema(p, err);
    if (!rc)
        rc = postgres_has_table(p, "keepsake_gallery", &is_gallery, err);
    if (!rc)
        rc = postgres_has_table(p, "image_gallery", &has_photos, err);
    if (!rc && has_photos && !is_gallery)
        rc = refuse_foreign(p, err);
    if (!rc && !is_gallery)
        rc = postgres_make_tables(p, err);
    return rc;
}

int postgres_prepare(struct postgres *p, struct error *err)
{
    if (!p->is_gallery && p->mode == STORE_READ) {
        bool has_photos;
        int rc = postgres_has_table(p, "image_gallery", &has_photos, err);
        if (rc)
            return rc;
        return has_photos ? refuse_foreign(p, err)
                          : error_set(err, ERR_NOT_FOUND,
                                      "there is no gallery in %s: create it with `keepsake "
                                      "index FOLDER`",
                                      p->store.name);
    }
    int rc = postgres_require_pgvector(p, err);
    if (!rc && !p->is_gallery) {
        rc = postgres_script(p, "BEGIN", err);
        if (!rc)
            rc = prepare_in_transaction(p, err);
        if (!rc)
            rc = postgres_script(p, "COMMIT", err);
    }
    return rc ? rc : check_format(p, err);
}
