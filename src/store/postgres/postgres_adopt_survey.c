/* SPDX-License-Identifier: MIT */
/* Examines a table with vectors that another program made, and refuses one that cannot be adopted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_adopt_internal.h"

char *adopt_expand(const char *template_sql)
{
    return fact_sql_expand(FACT_POSTGRES, template_sql, postgres_schema_version());
}

void adopt_table_release(struct adopt_table *table)
{
    free(table->typed_views);
    free(table->partitioned_by);
    free(table->clash);
    free(table->index);
    free(table->scanty);
    *table = (struct adopt_table){.dim = -1};
}

bool adopt_keeps_id(const struct adopt_table *table)
{
    return strcmp(table->id_type, "smallint") == 0 || strcmp(table->id_type, "integer") == 0 ||
           strcmp(table->id_type, "bigint") == 0;
}

static int refuse(const struct postgres *p, const struct adopting *a, const char *why,
                  struct error *err)
{
    return error_set(err, ERR_INVALID, "the table %s in %s cannot be adopted: %s", a->names.table,
                     p->store.name, why);
}

/* ---- the table ---- */

/* $1, $2, $3: the columns of the key, the path and the vector. */
#define TYPE_OF(parameter)                                                                       \
    "coalesce((SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = c.oid AND " \
    "attname = " parameter " AND attnum > 0 AND NOT attisdropped), '')"
static const char table_sql[] = "SELECT " TYPE_OF("$2") ", " TYPE_OF("$3") ", " TYPE_OF(
    "$1") ", c.relkind::text,"
          " coalesce((SELECT atttypmod FROM pg_attribute WHERE attrelid = c.oid AND attname = $3), "
          "-1),"
          " EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary),"
          " EXISTS (SELECT FROM pg_index AS i JOIN pg_attribute AS k ON k.attrelid = i.indrelid AND"
          " k.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = "
          "1 AND"
          " i.indpred IS NULL AND k.attname = $1),"
          " EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = $1 AND"
          " (atthasdef OR attidentity <> '')),"
          " c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits WHERE inhparent = c.oid),"
          " c.relrowsecurity,"
          " EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname IN ($2, $3) AND"
          " attgenerated <> ''),"
          " coalesce(pg_get_partkeydef(c.oid), ''),"
          " EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = $2 AND atttypmod "
          ">= 0),"
          " coalesce((SELECT string_agg(DISTINCT r.ev_class::regclass::text, ', ') FROM "
          "pg_attribute AS k"
          " JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = k.attrelid "
          "AND"
          " d.refobjsubid = k.attnum JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass "
          "AND r.oid"
          " = d.objid WHERE k.attrelid = c.oid AND ((k.attname = $2 AND k.atttypmod >= 0) OR "
          "(k.attname ="
          " $3 AND k.atttypmod < 0))), '') FROM pg_class AS c WHERE c.oid = "
          "'<t>'::regclass";

static int read_table(struct postgres *p, struct adopting *a, struct error *err)
{
    struct adopt_table *t = &a->table;
    struct postgres_args args = {0};
    PGresult *owned;
    AUTO_FREE char *sql = adopt_sql(&a->names, table_sql);
    args_text(&args, a->names.id);
    args_text(&args, a->names.path);
    args_text(&args, a->names.embedding);
    int rc = postgres_query(p, sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    value_text(row, 0, 0, t->path_type, sizeof t->path_type);
    value_text(row, 0, 1, t->embedding_type, sizeof t->embedding_type);
    value_text(row, 0, 2, t->id_type, sizeof t->id_type);
    value_text(row, 0, 3, t->kind, sizeof t->kind);
    t->dim = (int)value_int(row, 0, 4);
    t->has_key = value_int(row, 0, 5);
    t->id_unique = value_int(row, 0, 6);
    t->id_counts = value_int(row, 0, 7);
    t->has_children = value_int(row, 0, 8);
    t->has_row_security = value_int(row, 0, 9);
    t->has_generated = value_int(row, 0, 10);
    t->partitioned_by = value_copy(row, 0, 11);
    t->path_limited = value_int(row, 0, 12);
    t->typed_views = value_copy(row, 0, 13);
    return 0;
}

/* Finds an own column whose name keepsake needs. $1: whether an integer key becomes the id; $2, $3,
 * $4: the key, the path and the vector; $5: whether keepsake's first columns are there already. */
static int read_clash(struct postgres *p, struct adopting *a, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    AUTO_FREE char *expanded =
        adopt_expand("SELECT coalesce(min(attname::text), '') FROM pg_attribute WHERE attrelid ="
                     " '<t>'::regclass AND attnum > 0 AND NOT attisdropped AND attname = ANY"
                     " (string_to_array('id, path, embedding, " ADOPTING_ID ", " ADOPT_ADDED
                     "', ', ')) AND attname NOT IN ($3, $4) AND NOT (attname = $2 AND $1) AND NOT"
                     " ($5 AND attname IN ('path_key', '" ADOPTING_ID "'))");
    AUTO_FREE char *sql = adopt_sql(&a->names, expanded);
    args_text(&args, adopt_keeps_id(&a->table) ? "t" : "f");
    args_text(&args, a->names.id);
    args_text(&args, a->names.path);
    args_text(&args, a->names.embedding);
    args_text(&args, a->resumed ? "t" : "f");
    int rc = postgres_query(p, sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    a->table.clash = value_copy(row, 0, 0);
    return 0;
}

static int read_indexes(struct postgres *p, struct adopting *a, struct error *err)
{
    PGresult *owned;
    AUTO_FREE char *sql = adopt_sql(
        &a->names,
        "SELECT coalesce(min(a.amname::text), 'none'), coalesce(min(c.relname::text) FILTER (WHERE"
        " l.lists * 50 > n.rows), ''), coalesce(max(l.lists) FILTER (WHERE l.lists * 50 > n.rows), "
        "0)"
        " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
        " JOIN pg_am AS a ON a.oid = c.relam"
        " CROSS JOIN (SELECT count(*) AS rows FROM <t>) AS n"
        " CROSS JOIN LATERAL (SELECT CASE WHEN a.amname = 'ivfflat' THEN coalesce((SELECT"
        " option_value::bigint FROM pg_options_to_table(c.reloptions) WHERE option_name = 'lists'),"
        " 100) END AS lists) AS l"
        " WHERE i.indrelid = '<t>'::regclass AND a.amname IN ('hnsw', 'ivfflat', 'diskann')");
    int rc = postgres_query(p, sql, NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    a->table.index = value_copy(row, 0, 0);
    a->table.scanty = value_copy(row, 0, 1);
    a->table.lists = value_int(row, 0, 2);
    return 0;
}

/* ---- what it must be like ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static int check_kind(const struct postgres *p, const struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    if (t->kind[0] == 'p') {
        AUTO_FREE char *why =
            xasprintf("it is partitioned (%s), and a gallery needs keys over all its rows: keep "
                      "it, and let a table image_gallery follow it, by the statements in "
                      "docs/postgres.md under \"A partitioned table\"",
                      t->partitioned_by);
        return refuse(p, a, why, err);
    }
    if (t->kind[0] != 'r')
        return refuse(p, a,
                      "it is not a plain table: name the table that has the rows, as in --adopt "
                      "'photos(id, image_path, vec)'",
                      err);
    if (t->has_children)
        return refuse(p, a,
                      "other tables inherit from it, and their rows would be left out: detach "
                      "them with ALTER TABLE ... NO INHERIT",
                      err);
    if (t->has_generated)
        return refuse(p, a,
                      "its path or its vector is a generated column, which nobody can write: drop "
                      "the expression (ALTER TABLE ... ALTER ... DROP EXPRESSION)",
                      err);
    return 0;
}

static int check_key(const struct postgres *p, const struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    if (!t->id_type[0] || (!adopt_is_renamed(&a->names) && !adopt_keeps_id(t))) {
        AUTO_FREE char *why =
            t->id_type[0]
                ? xasprintf("it needs a column id of whole numbers, and %s is of type %s: rename "
                            "the table (ALTER TABLE image_gallery RENAME TO photos), then give "
                            "--adopt 'photos(%s, %s, %s)'; it stays as a view with its keys",
                            a->names.id, t->id_type, a->names.id, a->names.path, a->names.embedding)
                : xasprintf("it needs a column %s of whole numbers; if the key has another name, "
                            "give the names, as in --adopt 'photos(id, image_path, vec)'",
                            a->names.id);
        return refuse(p, a, why, err);
    }
    return 0;
}

static int check_clash(const struct postgres *p, const struct adopting *a, struct error *err)
{
    const char *clash = a->table.clash;
    bool ours = strcmp(clash, "path_key") == 0 || strcmp(clash, ADOPTING_ID) == 0;
    if (!clash[0] || (adopt_is_renamed(&a->names) && !ours))
        return 0;
    AUTO_FREE char *why = xasprintf(
        "it has a column %s of its own, and keepsake adds one of that name: rename it%s", clash,
        ours ? ""
             : ", or the table (ALTER TABLE image_gallery RENAME TO photos), and give "
               "--adopt 'photos(id, path, embedding)': the table then stays as a view "
               "with that column");
    return refuse(p, a, why, err);
}

/* Returns what is wrong with the columns, or NULL. The caller frees it. */
static char *describe_fault(const struct postgres *p, const struct adopting *a)
{
    const struct adopt_table *t = &a->table;
    char *why = NULL;
    if (strcmp(t->path_type, "text") != 0 && strcmp(t->path_type, "character varying") != 0)
        why = xasprintf("it needs a column %s of type text", a->names.path);
    else if (!ends_with(t->embedding_type, "vector") && !ends_with(t->embedding_type, "halfvec"))
        why = xasprintf("it needs a column %s of pgvector's type vector", a->names.embedding);
    else if (adopt_is_renamed(&a->names) && t->has_row_security &&
             PQserverVersion(p->conn) < 150000)
        why = xstrdup("it has row security, which a view of this server (below PostgreSQL 15) "
                      "would not follow: rename it to image_gallery yourself");
    else if (t->typed_views[0])
        why = xasprintf("a view (%s) uses its column %s, whose type must become %s, which "
                        "PostgreSQL then refuses: drop the view, and make it again afterwards",
                        t->typed_views, t->dim < 0 ? a->names.embedding : a->names.path,
                        t->dim < 0 ? "one with a number of dimensions" : "text");
    return why;
}

static int check_columns(const struct postgres *p, const struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    int rc = check_key(p, a, err);
    if (rc)
        return rc;
    AUTO_FREE char *why = describe_fault(p, a);
    if (why)
        return refuse(p, a, why, err);
    rc = check_clash(p, a, err);
    int dim = a->how->model->dim;
    if (rc || t->dim < 0 || t->dim == dim)
        return rc;
    return error_set(err, ERR_MISMATCH,
                     "the vectors of %s in %s have %d numbers, and the model makes %d: "
                     "give the model they were made with, by --model",
                     a->names.table, p->store.name, t->dim, dim);
}

/* ---- the rows ---- */

static int read_rows(struct postgres *p, struct adopting *a, struct error *err)
{
    PGresult *owned;
    struct adopt_table *t = &a->table;
    struct postgres_args args = {0};
    args_int(&args, a->how->model->dim);
    AUTO_FREE char *sql =
        adopt_sql(&a->names, "SELECT count(*), count(*) FILTER (WHERE <path> NOT LIKE '/%'),"
                             " count(*) FILTER (WHERE <path> IS NULL OR <path> = ''),"
                             " count(*) FILTER (WHERE <vec> IS NULL),"
                             " count(*) FILTER (WHERE abs(vector_norm(<vec>::vector) - 1) > 0.02),"
                             " count(*) FILTER (WHERE vector_dims(<vec>) <> $1::integer),"
                             " count(*) FILTER (WHERE <id> IS NULL) FROM <t>");
    int rc = postgres_query(p, sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    t->rows = value_int(row, 0, 0);
    t->relative = value_int(row, 0, 1);
    t->without_path = value_int(row, 0, 2);
    t->without_vector = value_int(row, 0, 3);
    t->not_unit = value_int(row, 0, 4);
    t->without_id = adopt_keeps_id(t) ? value_int(row, 0, 6) : 0;
    if (value_int(row, 0, 5))
        return error_set(err, ERR_MISMATCH,
                         "%lld vectors of %s in %s do not have %d numbers, as those of the "
                         "model do: give the model that made them, with --model",
                         (long long)value_int(row, 0, 5), a->names.table, p->store.name,
                         a->how->model->dim);
    return 0;
}

static int check_rows(const struct postgres *p, const struct adopting *a, struct error *err)
{
    const struct adopt_table *t = &a->table;
    AUTO_FREE char *why = NULL;
    if (t->without_path)
        why = xasprintf("%lld rows have no path: delete them, or give them one",
                        (long long)t->without_path);
    else if (t->without_id)
        why = xasprintf("%lld rows have no %s: delete them, or give them one",
                        (long long)t->without_id, a->names.id);
    else if (t->relative && !a->how->folder)
        why = xasprintf("%lld paths are relative: name the folder that they are relative to, with "
                        "--relative-to",
                        (long long)t->relative);
    return why ? refuse(p, a, why, err) : 0;
}

/* Looks for a value that two rows have. `what` is an expression over the columns. */
static int find_double(struct postgres *p, const struct adopting *a, const char *what,
                       const char *argument, PGresult **ret_row, struct error *err)
{
    struct postgres_args args = {0};
    AUTO_FREE char *template = xasprintf("SELECT (%s)::text, count(*) FROM <t> GROUP BY 1 HAVING"
                                         " count(*) > 1 ORDER BY 2 DESC, 1 LIMIT 1",
                                         what);
    AUTO_FREE char *sql = adopt_sql(&a->names, template);
    if (argument)
        args_text(&args, argument);
    return postgres_query(p, sql, &args, ret_row, err);
}

static int check_paths(struct postgres *p, const struct adopting *a, struct error *err)
{
    PGresult *owned;
    int rc = find_double(p, a, "CASE WHEN <path> LIKE '/%' THEN <path> ELSE $1 || <path> END",
                         a->prefix, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return 0;
    AUTO_FREE char *copy = value_copy(row, 0, 0);
    AUTO_FREE char *path = text_printable(copy, strlen(copy));
    AUTO_FREE char *remedy =
        adopt_sql(&a->names, "DELETE FROM <t> AS a USING <t> AS b WHERE a.<path> = b.<path> AND"
                             " a.<id> > b.<id>;");
    AUTO_FREE char *why =
        xasprintf("%lld rows have the path %s, and a photo is there once: run %s first",
                  (long long)value_int(row, 0, 1), path, remedy);
    return refuse(p, a, why, err);
}

static int check_ids(struct postgres *p, const struct adopting *a, struct error *err)
{
    PGresult *owned;
    if (a->table.id_unique || !adopt_keeps_id(&a->table))
        return 0;
    int rc = find_double(p, a, "<id>", NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return 0;
    AUTO_FREE char *why =
        xasprintf("%lld rows have the %s %s, and a key is there once: give them "
                  "others first",
                  (long long)value_int(row, 0, 1), a->names.id, value_bytes(row, 0, 0));
    return refuse(p, a, why, err);
}

int adopt_survey_rows(struct postgres *p, struct adopting *a, struct error *err)
{
    int rc = read_rows(p, a, err);
    if (!rc)
        rc = check_rows(p, a, err);
    if (!rc)
        rc = check_paths(p, a, err);
    return rc ? rc : check_ids(p, a, err);
}

/* ---- all of it ---- */

static int find_table(struct postgres *p, struct adopting *a, struct error *err)
{
    bool has, has_photos;
    int rc = postgres_has_table(p, a->names.table, &has, err);
    if (!rc)
        rc = postgres_has_table(p, "image_gallery", &has_photos, err);
    if (rc)
        return rc;
    if (!has && adopt_is_renamed(&a->names))
        return error_set(err, ERR_NOT_FOUND, "there is no table %s in %s", a->names.table,
                         p->store.name);
    if (!has)
        return error_set(err, ERR_NOT_FOUND,
                         "there is no table image_gallery in %s: `keepsake index` without --adopt "
                         "makes a new gallery; a table with another name is adopted by --adopt "
                         "'photos(id, image_path, vec)'",
                         p->store.name);
    if (has_photos && adopt_is_renamed(&a->names))
        return refuse(p, a,
                      "there is a table image_gallery already, and the gallery would be in a table "
                      "of that name: rename that one, or put the table into another schema",
                      err);
    return 0;
}

int adopt_survey(struct postgres *p, struct adopting *a, struct error *err)
{
    adopt_table_release(&a->table);
    int rc = find_table(p, a, err);
    if (!rc)
        rc = postgres_require_pgvector(p, err);
    if (!rc)
        rc = read_table(p, a, err);
    if (!rc)
        rc = check_kind(p, a, err);
    if (!rc)
        rc = read_clash(p, a, err);
    if (!rc)
        rc = check_columns(p, a, err);
    if (!rc)
        rc = read_indexes(p, a, err);
    return rc ? rc : adopt_survey_rows(p, a, err);
}
