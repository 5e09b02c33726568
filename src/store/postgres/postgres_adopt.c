/* SPDX-License-Identifier: MIT */
/* Turns an existing table with vectors into a gallery. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* The properties of the table to be adopted. */
struct table {
    char path_type[32], embedding_type[32];
    int dim;                              /* of the column; -1 if the column has no dimension */
    bool id_number, id_unique, id_counts; /* id_counts: a default numbers new rows */
    char clash[64]; /* an existing column with a name that keepsake needs; or "" */
    int64_t rows, relative, without_path, without_vector, not_unit;
    char *index; /* kind of its vector index; or "" */
};

struct adopting {
    const struct store_adoption *how;
    struct strbuf plan;
};

/* Columns, for templates of fact_sql.h. */
#define ADDED "path_key, size, mtime_ns, hash, {#}, ctime_ns, inode, position"

#define COLUMN_TYPE(name)                                                \
    "(SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid =" \
    " 'image_gallery'::regclass AND attname = '" name "' AND NOT attisdropped)"

static char *expand_adding(const char *template_sql)
{
    return fact_sql_expand(FACT_POSTGRES, template_sql, postgres_schema_version());
}

static int read_columns(struct postgres *p, struct table *t, struct error *err)
{
    PGresult *owned;
    AUTO_FREE char *sql =
        expand_adding("SELECT coalesce(" COLUMN_TYPE("path") ", ''), coalesce(" COLUMN_TYPE(
            "embedding") ", ''),"
                         " coalesce((SELECT atttypmod FROM pg_attribute WHERE attrelid ="
                         " 'image_gallery'::regclass AND attname = 'embedding'), -1),"
                         " coalesce(" COLUMN_TYPE(
                             "id") " IN ('smallint', 'integer', 'bigint'), false),"
                                   " EXISTS (SELECT 1 FROM pg_index AS i JOIN pg_attribute AS a ON "
                                   "a.attrelid = i.indrelid"
                                   " AND a.attnum = i.indkey[0] WHERE i.indrelid = "
                                   "'image_gallery'::regclass AND"
                                   " i.indisunique AND i.indnkeyatts = 1 AND a.attname = 'id'),"
                                   " EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = "
                                   "'image_gallery'::regclass AND"
                                   " attname = 'id' AND (atthasdef OR attidentity <> '')),"
                                   " coalesce((SELECT min(attname::text) FROM pg_attribute WHERE "
                                   "attrelid ="
                                   " 'image_gallery'::regclass AND NOT attisdropped AND"
                                   " attname = ANY (string_to_array('" ADDED "', ', '))), ''),"
                                   " coalesce((SELECT min(a.amname::text) FROM pg_index AS i JOIN "
                                   "pg_class AS c"
                                   " ON c.oid = i.indexrelid JOIN pg_am AS a ON a.oid = c.relam "
                                   "WHERE i.indrelid ="
                                   " 'image_gallery'::regclass AND a.amname IN ('hnsw', 'ivfflat', "
                                   "'diskann')), 'none')");
    int rc = postgres_query(p, sql, NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    value_text(row, 0, 0, t->path_type, sizeof t->path_type);
    value_text(row, 0, 1, t->embedding_type, sizeof t->embedding_type);
    t->dim = (int)value_int(row, 0, 2);
    t->id_number = value_int(row, 0, 3);
    t->id_unique = value_int(row, 0, 4);
    t->id_counts = value_int(row, 0, 5);
    value_text(row, 0, 6, t->clash, sizeof t->clash);
    t->index = value_copy(row, 0, 7);
    return 0;
}

static int refuse(const struct postgres *p, const char *why, struct error *err)
{
    return error_set(err, ERR_INVALID, "the table image_gallery in %s cannot be adopted: %s",
                     p->store.name, why);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static int check_columns(const struct postgres *p, const struct table *t, int dim,
                         struct error *err)
{
    if (!t->id_number)
        return refuse(p, "it needs a column id of whole numbers", err);
    if (strcmp(t->path_type, "text") != 0 && strcmp(t->path_type, "character varying") != 0)
        return refuse(p, "it needs a column path of type text", err);
    if (!ends_with(t->embedding_type, "vector") && !ends_with(t->embedding_type, "halfvec"))
        return refuse(p, "it needs a column embedding of pgvector's type vector", err);
    if (t->clash[0]) {
        AUTO_FREE char *why = xasprintf("it has a column %s of its own, and keepsake adds one of "
                                        "that name: rename it",
                                        t->clash);
        return refuse(p, why, err);
    }
    if (t->dim < 0 || t->dim == dim)
        return 0;
    return error_set(err, ERR_MISMATCH,
                     "the vectors of image_gallery in %s have %d numbers, and the model makes %d: "
                     "give the model they were made with, by --model",
                     p->store.name, t->dim, dim);
}

static int read_rows(struct postgres *p, struct table *t, int dim, struct error *err)
{
    PGresult *owned;
    struct postgres_args args = {0};
    args_int(&args, dim);
    int rc = postgres_query(
        p,
        "SELECT count(*), count(*) FILTER (WHERE path NOT LIKE '/%'),"
        " count(*) FILTER (WHERE path IS NULL OR path = ''),"
        " count(*) FILTER (WHERE embedding IS NULL),"
        " count(*) FILTER (WHERE abs(vector_norm(embedding::vector) - 1) > 0.02),"
        " count(*) FILTER (WHERE vector_dims(embedding) <> $1::integer) FROM image_gallery",
        &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    t->rows = value_int(row, 0, 0);
    t->relative = value_int(row, 0, 1);
    t->without_path = value_int(row, 0, 2);
    t->without_vector = value_int(row, 0, 3);
    t->not_unit = value_int(row, 0, 4);
    if (value_int(row, 0, 5))
        return error_set(err, ERR_MISMATCH,
                         "%lld vectors of image_gallery in %s have not %d numbers, as the model "
                         "makes them: give the model they were made with, by --model",
                         (long long)value_int(row, 0, 5), p->store.name, dim);
    return 0;
}

static int check_rows(const struct postgres *p, const struct table *t, const char *folder,
                      struct error *err)
{
    AUTO_FREE char *why = NULL;
    if (t->without_path)
        why = xasprintf("%lld rows have no path: delete them, or give them one",
                        (long long)t->without_path);
    else if (t->relative && !folder)
        why = xasprintf("%lld paths are relative: name the folder that they are relative to",
                        (long long)t->relative);
    return why ? refuse(p, why, err) : 0;
}

/* Returns the prefix for relative paths: "/folder/", or "/" without a folder. */
static char *prefix_of(const char *folder)
{
    size_t length = folder ? strlen(folder) : 0;
    while (length && folder[length - 1] == '/')
        length--;
    AUTO_FREE char *stem = xstrndup(folder ? folder : "", length);
    return xasprintf("%s/", stem);
}

#define WHOLE_PATH "CASE WHEN path LIKE '/%' THEN path ELSE $1 || path END"

static int check_doubles(struct postgres *p, const char *prefix, struct error *err)
{
    PGresult *owned;
    struct postgres_args args = {0};
    args_text(&args, prefix);
    int rc = postgres_query(p,
                            "SELECT " WHOLE_PATH ", count(*) FROM image_gallery GROUP BY 1"
                            " HAVING count(*) > 1 ORDER BY 2 DESC, 1 LIMIT 1",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return 0;
    AUTO_FREE char *copy = value_copy(row, 0, 0);
    AUTO_FREE char *path = text_printable(copy, strlen(copy));
    AUTO_FREE char *why = xasprintf(
        "%lld rows have the path %s, and a photo is there once: run DELETE FROM image_gallery AS a "
        "USING image_gallery AS b WHERE a.path = b.path AND a.id > b.id; first",
        (long long)value_int(row, 0, 1), path);
    return refuse(p, why, err);
}

/* ---- execution ---- */

static int add_id(struct postgres *p, const struct table *t, struct error *err)
{
    int rc = 0;
    if (!t->id_unique)
        rc = postgres_script(p,
                             "ALTER TABLE image_gallery ADD CONSTRAINT image_gallery_id_unique"
                             " UNIQUE (id)",
                             err);
    if (rc || t->id_counts)
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

static int convert_rows(struct postgres *p, const struct table *t, const char *prefix,
                        struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, prefix);
    int rc = 0;
    if (t->relative)
        rc = postgres_run(p, "UPDATE image_gallery SET path = " WHOLE_PATH, &args, NULL, err);
    if (!rc)
        rc =
            postgres_script(p, "UPDATE image_gallery SET path_key = convert_to(path, 'UTF8')", err);
    if (!rc && t->not_unit)
        rc = postgres_script(p,
                             "UPDATE image_gallery SET embedding = l2_normalize(embedding)"
                             " WHERE abs(vector_norm(embedding::vector) - 1) > 0.02",
                             err);
    return rc;
}

static int convert(struct postgres *p, const struct table *t, const struct store_model *model,
                   const char *prefix, struct error *err)
{
    int rc = postgres_script(
        p,
        "ALTER TABLE image_gallery ADD path_key bytea, ADD size bigint NOT NULL DEFAULT 0,"
        " ADD mtime_ns bigint NOT NULL DEFAULT 0,"
        " ADD hash bytea CHECK (octet_length(hash) = 32)",
        err);
    AUTO_FREE char *facts = fact_sql_upgrade(FACT_POSTGRES, "image_gallery", 1, false);
    if (!rc)
        rc = postgres_script(p, facts, err);
    if (!rc)
        rc = add_id(p, t, err);
    if (!rc)
        rc = convert_rows(p, t, prefix, err);
    if (!rc)
        rc = postgres_script(p,
                             "ALTER TABLE image_gallery ALTER path_key SET NOT NULL,"
                             " ADD CONSTRAINT image_gallery_path_key_key UNIQUE (path_key)",
                             err);
    AUTO_FREE char *typed = xasprintf("ALTER TABLE image_gallery ALTER embedding TYPE %s(%d)",
                                      t->embedding_type, model->dim);
    if (!rc && t->dim < 0)
        rc = postgres_script(p, typed, err);
    if (!rc)
        rc = postgres_make_tables(p, err);
    return rc ? rc : postgres_put_model(p, model, err);
}

/* Records the existing index as the wanted one, so that it is kept until the owner changes the
 * setting. */
static int record_index(struct postgres *p, const struct table *t, struct error *err)
{
    struct postgres_args args = {0};
    if (strcmp(t->index, "none") == 0)
        return 0;
    args_text(&args, t->index);
    args_int(&args, t->rows);
    return postgres_run(
        p,
        "UPDATE keepsake_gallery SET index_wanted = $1, index_built = $1,"
        " index_built_photos = $2, index_metric = (SELECT CASE WHEN o.opcname LIKE '%l2_ops'"
        " THEN 'l2' WHEN o.opcname LIKE '%ip_ops' THEN 'inner_product' ELSE 'cosine' END"
        " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
        " JOIN pg_am AS a ON a.oid = c.relam JOIN pg_opclass AS o ON o.oid = i.indclass[0]"
        " WHERE i.indrelid = 'image_gallery'::regclass AND a.amname::text = $1 LIMIT 1)",
        &args, NULL, err);
}

/* ---- plan ---- */

static int write_plan(struct strbuf *plan, const struct table *t, const struct store_adoption *how,
                      const char *prefix, struct error *err)
{
    AUTO_FREE char *added = expand_adding(ADDED);
    int rc = strbuf_addf(plan, err, "keeps all %lld rows of image_gallery\n", (long long)t->rows);
    if (!rc)
        rc = strbuf_addf(plan, err, "adds the columns %s\n", added);
    if (!rc && !t->id_counts)
        rc = strbuf_addf(plan, err, "lets new rows get an id by themselves\n");
    if (!rc && t->relative)
        rc = strbuf_addf(plan, err, "puts %s before %lld relative paths\n", prefix,
                         (long long)t->relative);
    if (!rc && t->not_unit)
        rc = strbuf_addf(plan, err, "scales %lld vectors to unit length\n", (long long)t->not_unit);
    if (!rc && t->without_vector)
        rc = strbuf_addf(plan, err, "leaves %lld rows without a vector until they are indexed\n",
                         (long long)t->without_vector);
    if (!rc && strcmp(t->index, "none") != 0)
        rc = strbuf_addf(plan, err, "keeps its vector index (%s)\n", t->index);
    if (!rc)
        rc = strbuf_addf(plan, err,
                         "adds the tables keepsake_gallery, keepsake_failure, keepsake_folder, "
                         "keepsake_writer, keepsake_label, keepsake_rule and keepsake_ledger\n");
    if (!rc)
        rc = strbuf_addf(plan, err, "records that its vectors are of the model %s\n",
                         how->model->id);
    return rc;
}

static int survey(struct postgres *p, struct table *t, const struct adopting *a, const char *prefix,
                  struct error *err)
{
    bool is_gallery, has_photos;
    int dim = a->how->model->dim;
    int rc = postgres_has_table(p, "keepsake_gallery", &is_gallery, err);
    if (!rc)
        rc = postgres_has_table(p, "image_gallery", &has_photos, err);
    if (rc)
        return rc;
    if (is_gallery)
        return error_set(err, ERR_INVALID, "%s is a gallery of keepsake already", p->store.name);
    if (!has_photos)
        return error_set(err, ERR_NOT_FOUND,
                         "there is no table image_gallery in %s: `keepsake index` without --adopt "
                         "makes a new gallery",
                         p->store.name);
    rc = postgres_require_pgvector(p, err);
    if (!rc)
        rc = read_columns(p, t, err);
    if (!rc)
        rc = check_columns(p, t, dim, err);
    if (!rc)
        rc = read_rows(p, t, dim, err);
    if (!rc)
        rc = check_rows(p, t, a->how->folder, err);
    return rc ? rc : check_doubles(p, prefix, err);
}

static int adopt(struct postgres *p, void *context, struct error *err)
{
    struct adopting *a = context;
    struct table t = {.index = NULL};
    AUTO_FREE char *prefix = prefix_of(a->how->folder);
    strbuf_clear(&a->plan);
    int rc = postgres_lock_tables(p, err);
    if (!rc)
        rc = survey(p, &t, a, prefix, err);
    if (!rc)
        rc = write_plan(&a->plan, &t, a->how, prefix, err);
    if (!rc && !a->how->only_plan)
        rc = convert(p, &t, a->how->model, prefix, err);
    if (!rc && !a->how->only_plan)
        rc = record_index(p, &t, err);
    free(t.index);
    return rc;
}

static int adopt_in_transaction(struct postgres *p, void *context, struct error *err)
{
    struct adopting *a = context;
    int rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = adopt(p, context, err);
    return rc ? rc : postgres_script(p, a->how->only_plan ? "ROLLBACK" : "COMMIT", err);
}

int postgres_adopt(const char *where, const struct store_adoption *how, char **ret_plan,
                   struct error *err)
{
    static const struct store_options defaults;
    struct postgres *opened;
    int rc = postgres_new(where, STORE_WRITE, &defaults, &opened, err);
    if (rc)
        return rc;
    AUTO(postgres) *p = opened;
    struct adopting a = {.how = how, .plan = STRBUF_INIT(65536)};
    rc = postgres_attempt(p, adopt_in_transaction, &a, err);
    if (!rc)
        *ret_plan = strbuf_take(&a.plan);
    strbuf_release(&a.plan);
    return rc;
}
