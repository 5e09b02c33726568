/* SPDX-License-Identifier: MIT */
/* Makes an adopted table the table of a gallery: fills its new columns, gives it keepsake's names,
 * and builds its vector indexes again. */
#include <string.h>

#include "store/postgres/postgres_adopt_internal.h"

static int script(struct postgres *p, const struct adopting *a, const char *template_sql,
                  struct error *err)
{
    AUTO_FREE char *sql = adopt_sql(&a->names, template_sql);
    return postgres_script(p, sql, err);
}

static enum store_storage storage_of(const struct adopting *a)
{
    return strstr(a->table.embedding_type, "halfvec") ? STORE_STORAGE_HALFVEC
                                                      : STORE_STORAGE_VECTOR;
}

/* ---- names ---- */

/* Statements that give the columns keepsake's names, statements that take these back, and the
 * columns of a view with the former names. A column of the owner's whose name keepsake needs
 * becomes own_NAME. */
struct renaming {
    char *there, *back, *view;
};

static void renaming_release(struct renaming *r)
{
    free(r->there);
    free(r->back);
    free(r->view);
}
#define AUTO_RENAMING __attribute__((cleanup(renaming_release))) struct renaming

static int read_renaming(struct postgres *p, const struct adopting *a, struct renaming *ret,
                         struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    AUTO_FREE char *expanded = adopt_expand(
        "WITH own AS (SELECT attnum, attname::text AS old, attname IN ($2, $3) OR (attname = $1 AND"
        " $4) AS mapped, CASE WHEN attname = $2 THEN 'path' WHEN attname = $3 THEN 'embedding' WHEN"
        " attname = $1 AND $4 THEN 'id' WHEN attname = ANY (string_to_array('id, path, "
        "embedding, " ADOPT_ADDED
        "', ', ')) THEN left('own_' || attname::text, 63) ELSE attname::text END AS new"
        " FROM pg_attribute WHERE attrelid = '<t>'::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attname NOT IN ('path_key', '" ADOPTING_ID "'))"
        " SELECT coalesce(string_agg(format('ALTER TABLE image_gallery RENAME %I TO %I;', old, "
        "new),"
        " '' ORDER BY mapped, attnum) FILTER (WHERE old <> new), ''),"
        " coalesce(string_agg(format('ALTER TABLE image_gallery RENAME %I TO %I;', new, old),"
        " '' ORDER BY mapped DESC, attnum DESC) FILTER (WHERE old <> new), ''),"
        " string_agg(format('%I AS %I', new, old), ', ' ORDER BY attnum) FROM own");
    AUTO_FREE char *sql = adopt_sql(&a->names, expanded);
    args_text(&args, a->names.id);
    args_text(&args, a->names.path);
    args_text(&args, a->names.embedding);
    args_text(&args, adopt_keeps_id(&a->table) ? "t" : "f");
    int rc = postgres_query(p, sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    *ret = (struct renaming){value_copy(row, 0, 0), value_copy(row, 0, 1), value_copy(row, 0, 2)};
    return 0;
}

static int rename_there(struct postgres *p, const struct adopting *a, const struct renaming *r,
                        struct error *err)
{
    int rc = 0;
    if (adopt_is_renamed(&a->names))
        rc = script(p, a, "ALTER TABLE <t> RENAME TO image_gallery", err);
    return rc || !r->there[0] ? rc : postgres_script(p, r->there, err);
}

static int rename_back(struct postgres *p, const struct adopting *a, const struct renaming *r,
                       struct error *err)
{
    int rc = r->back[0] ? postgres_script(p, r->back, err) : 0;
    if (rc || !adopt_is_renamed(&a->names))
        return rc;
    return script(p, a, "ALTER TABLE image_gallery RENAME TO <t>", err);
}

/* ---- preparation ---- */

/* kind and class describe an index that a search by keepsake can use: of the whole column, for all
 * rows. */
static const char make_adopting[] =
    "CREATE TABLE " ADOPTING " (source text NOT NULL, name text, definition text, kind text,"
    " class text)";
static const char note_indexes[] =
    "INSERT INTO " ADOPTING " SELECT $1, c.relname::text, pg_get_indexdef(c.oid), CASE WHEN"
    " i.indpred IS NULL AND i.indkey[0] <> 0 AND o.opcname ~ '^(vector|halfvec)_(cosine|l2|ip)_ops'"
    " THEN a.amname::text END, o.opcname::text" POSTGRES_VECTOR_INDEXES;

/* The definitions are read under the names that the columns will have. */
static int note_and_drop(struct postgres *p, const struct adopting *a, struct error *err)
{
    AUTO_RENAMING names = {NULL, NULL, NULL};
    struct postgres_args args = {0};
    args_text(&args, a->names.table);
    int rc = read_renaming(p, a, &names, err);
    if (!rc)
        rc = postgres_script(p, make_adopting, err);
    if (!rc)
        rc = postgres_run(p, "INSERT INTO " ADOPTING " (source) VALUES ($1)", &args, NULL, err);
    if (!rc)
        rc = rename_there(p, a, &names, err);
    if (!rc)
        rc = postgres_run(p, note_indexes, &args, NULL, err);
    if (!rc)
        rc = postgres_script(p,
                             "DO $do$ DECLARE name text; BEGIN FOR name IN SELECT"
                             " c.oid::regclass::text" POSTGRES_VECTOR_INDEXES
                             " LOOP EXECUTE 'DROP INDEX ' || name; END LOOP; END $do$",
                             err);
    return rc ? rc : rename_back(p, a, &names, err);
}

int adopt_prepare(struct postgres *p, const struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    AUTO_FREE char *place = xasprintf("ALTER TABLE <t> ALTER <vec> SET STORAGE %s",
                                      postgres_placement(storage_of(a), a->how->model->dim));
    int rc = note_and_drop(p, a, err);
    if (!rc)
        rc = script(p, a, "ALTER TABLE <t> ADD path_key bytea", err);
    if (!rc)
        rc = script(p, a, place, err);
    if (!rc && t->path_limited)
        rc = script(p, a, "ALTER TABLE <t> ALTER <path> TYPE text", err);
    if (!rc && !adopt_keeps_id(t))
        rc = script(p, a,
                    "ALTER TABLE <t> ADD " ADOPTING_ID " bigint;"
                    "CREATE SEQUENCE keepsake_id_seq OWNED BY <t>." ADOPTING_ID,
                    err);
    return rc;
}

/* ---- conversion ---- */

#define WHOLE_PATH "CASE WHEN <path> LIKE '/%%' THEN <path> ELSE $1 || <path> END"

/* Writes every row once. The detour over an array makes a new value of a vector that stays the
 * same, which PostgreSQL would else leave outside the row. */
static int fill_rows(struct postgres *p, const struct adopting *a, struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, a->prefix);
    AUTO_FREE char *template = xasprintf(
        "UPDATE <t> SET <path> = " WHOLE_PATH ", path_key = convert_to(" WHOLE_PATH
        ", 'UTF8'), <vec> = CASE WHEN abs(vector_norm(<vec>::vector) - 1) > 0.02 THEN"
        " l2_normalize(<vec>) ELSE <vec>::real[]::%s END%s",
        postgres_type(storage_of(a)),
        adopt_keeps_id(&a->table) ? "" : ", " ADOPTING_ID " = nextval('keepsake_id_seq')");
    AUTO_FREE char *sql = adopt_sql(&a->names, template);
    int rc = postgres_run(p, sql, &args, NULL, err);
    /* A table with deferred triggers cannot be altered. */
    return rc ? rc : postgres_script(p, "SET CONSTRAINTS ALL IMMEDIATE", err);
}

static bool needs_key(const struct adopt_table *t)
{
    return !t->has_key || !t->id_unique || !adopt_keeps_id(t);
}

/* Others read while it is built. */
static int build_key(struct postgres *p, const struct adopting *a, struct error *err)
{
    if (!needs_key(&a->table))
        return 0;
    return script(p, a,
                  adopt_keeps_id(&a->table)
                      ? "CREATE UNIQUE INDEX keepsake_adopting_key ON <t> (<id>)"
                      : "CREATE UNIQUE INDEX keepsake_adopting_key ON <t> (" ADOPTING_ID ")",
                  err);
}

/* A primary key identifies rows for logical replication. */
static int add_key(struct postgres *p, const struct adopt_table *t, struct error *err)
{
    int rc = 0;
    if (!adopt_keeps_id(t))
        rc = postgres_script(p,
                             "ALTER TABLE image_gallery RENAME " ADOPTING_ID " TO id;"
                             "ALTER TABLE image_gallery ALTER id SET NOT NULL, ALTER id SET DEFAULT"
                             " nextval('keepsake_id_seq')",
                             err);
    if (!rc && needs_key(t))
        rc = postgres_script(p,
                             t->has_key ? "ALTER TABLE image_gallery ADD CONSTRAINT"
                                          " image_gallery_id_unique UNIQUE USING INDEX"
                                          " keepsake_adopting_key"
                                        : "ALTER TABLE image_gallery ADD CONSTRAINT"
                                          " image_gallery_pkey PRIMARY KEY USING INDEX"
                                          " keepsake_adopting_key",
                             err);
    if (rc || t->id_counts || !adopt_keeps_id(t))
        return rc;
    rc = postgres_script(p,
                         "ALTER TABLE image_gallery ALTER id SET NOT NULL,"
                         " ALTER id ADD GENERATED BY DEFAULT AS IDENTITY",
                         err);
    return rc ? rc
              : postgres_run(p,
                             "SELECT setval(pg_get_serial_sequence('image_gallery', 'id'),"
                             " max(id)) FROM image_gallery HAVING max(id) > 0",
                             NULL, NULL, err);
}

static int add_columns(struct postgres *p, const struct adopting *a, struct error *err)
{
    int rc = postgres_script(
        p,
        "ALTER TABLE image_gallery ALTER path_key SET NOT NULL,"
        " ADD size bigint NOT NULL DEFAULT 0, ADD mtime_ns bigint NOT NULL DEFAULT 0,"
        " ADD hash bytea CHECK (octet_length(hash) = 32)",
        err);
    AUTO_FREE char *facts = fact_sql_upgrade(FACT_POSTGRES, "image_gallery", 1, false);
    if (!rc)
        rc = postgres_script(p, facts, err);
    AUTO_FREE char *typed = postgres_dim_sql(storage_of(a), a->how->model->dim);
    return rc || a->table.dim >= 0 ? rc : postgres_script(p, typed, err);
}

/* The view follows the row security and the rights of the table. */
static int make_view(struct postgres *p, const struct adopting *a, const struct renaming *names,
                     struct error *err)
{
    if (!adopt_is_renamed(&a->names))
        return 0;
    AUTO_FREE char *begin = adopt_sql(&a->names, "CREATE VIEW <t>");
    AUTO_FREE char *sql = xasprintf(
        "%s%s AS SELECT %s FROM image_gallery", begin,
        PQserverVersion(p->conn) < 150000 ? "" : " WITH (security_invoker = true)", names->view);
    int rc = postgres_script(p, sql, err);
    return rc ? rc
              : script(
                    p, a,
                    "DO $do$ DECLARE g record; BEGIN FOR g IN SELECT privilege_type AS what, CASE"
                    " grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee))"
                    " END AS who FROM pg_class, aclexplode(relacl) WHERE oid ="
                    " 'image_gallery'::regclass AND privilege_type IN ('SELECT', 'INSERT',"
                    " 'UPDATE', 'DELETE') LOOP EXECUTE format('GRANT %s ON %s TO %s', g.what,"
                    " '<t>'::regclass, g.who); END LOOP; END $do$",
                    err);
}

/* Records the kind of a former index as the wanted one, so that it is kept until the owner changes
 * the setting; adopt_finish builds it. */
static int record_index(struct postgres *p, struct error *err)
{
    return postgres_script(
        p,
        "UPDATE keepsake_gallery SET index_wanted = kind, index_metric = CASE WHEN class LIKE"
        " '%l2_ops' THEN 'l2' WHEN class LIKE '%ip_ops' THEN 'inner_product' ELSE 'cosine' END"
        " FROM (SELECT kind, class FROM " ADOPTING " WHERE kind IS NOT NULL ORDER BY kind = 'hnsw'"
        " DESC LIMIT 1) AS had",
        err);
}

/* For relative paths that other programs insert (postgres_triggers.c). */
static int record_folder(struct postgres *p, const struct adopting *a, struct error *err)
{
    struct postgres_args args = {0};
    if (!a->how->folder)
        return 0;
    args_text(&args, a->prefix);
    return postgres_run(p, "UPDATE keepsake_gallery SET base_folder = $1", &args, NULL, err);
}

static int make_gallery(struct postgres *p, const struct adopting *a, struct error *err)
{
    AUTO_RENAMING names = {NULL, NULL, NULL};
    int rc = read_renaming(p, a, &names, err);
    if (!rc)
        rc = rename_there(p, a, &names, err);
    if (!rc)
        rc = add_key(p, &a->table, err);
    if (!rc)
        rc = add_columns(p, a, err);
    if (!rc)
        rc = make_view(p, a, &names, err);
    if (!rc)
        rc = postgres_make_tables(p, err);
    if (!rc)
        rc = postgres_put_model(p, a->how->model, err);
    if (!rc)
        rc = record_folder(p, a, err);
    return rc ? rc : record_index(p, err);
}

int adopt_convert(struct postgres *p, const struct adopting *a, struct error *err)
{
    int rc = fill_rows(p, a, err);
    if (!rc)
        rc = build_key(p, a, err);
    return rc ? rc : make_gallery(p, a, err);
}

/* ---- the indexes ---- */

/* Replaces an index that an interrupted build left invalid. `definition` begins with
 * CREATE INDEX. */
static int build_index(struct postgres *p, const char *name, const char *definition, bool is_there,
                       struct error *err)
{
    static const char create[] = "CREATE INDEX ";
    if (strncmp(definition, create, strlen(create)) != 0)
        return error_set(err, ERR_CORRUPT, "the index %s has an unexpected definition: %s", name,
                         definition);
    AUTO_FREE char *drop = xasprintf("DROP INDEX %s", name);
    AUTO_FREE char *sql = xasprintf("CREATE INDEX CONCURRENTLY %s", definition + strlen(create));
    int rc = is_there ? postgres_script(p, drop, err) : 0;
    return rc ? rc : postgres_script(p, sql, err);
}

/* Selects the indexes that are to be built: name, definition, whether an invalid one is there, and
 * the number of vectors. */
static const char unbuilt_sql[] =
    "SELECT quote_ident(had.name), had.definition, EXISTS (SELECT" POSTGRES_VECTOR_INDEXES
    " AND c.relname = had.name), (SELECT count(embedding) FROM image_gallery) FROM " ADOPTING
    " AS had WHERE had.name IS NOT NULL AND NOT EXISTS (SELECT" POSTGRES_VECTOR_INDEXES
    " AND c.relname = had.name AND i.indisvalid)";

static int build_indexes(struct postgres *p, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, unbuilt_sql, NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = owned;
    if (!PQntuples(rows))
        return 0;
    rc = postgres_start_build(p, value_int(rows, 0, 3), err);
    for (int i = 0; !rc && i < PQntuples(rows); i++)
        rc = build_index(p, value_bytes(rows, i, 0), value_bytes(rows, i, 1), value_int(rows, i, 2),
                         err);
    return rc ? rc : postgres_reset_build(p, err);
}

/* The time 0 distinguishes the index from one that keepsake made. */
static int record_built(struct postgres *p, struct error *err)
{
    int rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = postgres_script(
            p,
            "UPDATE keepsake_gallery SET index_built = index_wanted, index_built_at = 0,"
            " index_built_photos = (SELECT count(embedding) FROM image_gallery)"
            " WHERE EXISTS (SELECT FROM " ADOPTING " WHERE kind = index_wanted);"
            "DROP TABLE " ADOPTING,
            err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

int adopt_finish(struct postgres *p, struct error *err)
{
    int rc = postgres_read_settings(p, err);
    if (!rc)
        rc = postgres_script(p, "VACUUM (ANALYZE) image_gallery", err);
    if (!rc)
        rc = build_indexes(p, err);
    return rc ? rc : record_built(p, err);
}
