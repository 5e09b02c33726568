/* SPDX-License-Identifier: MIT */
/* Stores vectors of several models: those of the model in use in the column embedding of
 * image_gallery, those of the others in keepsake_signal. */
#include <string.h>

#include "store/check.h"
#include "store/postgres/postgres_internal.h"

static bool is_same(const struct store_model *a, const struct store_model *b)
{
    return strcmp(a->fingerprint, b->fingerprint) == 0 && a->preprocessing == b->preprocessing;
}

/* ---- listing ---- */

static const char list_sql[] =
    "SELECT model_id, model_fingerprint, model_preprocessing, model_dim, model_arithmetic, (SELECT"
    " count(DISTINCT (hash, position)) FROM image_gallery WHERE embedding IS NOT NULL)"
    " FROM keepsake_gallery WHERE model_id IS NOT NULL UNION ALL"
    " (SELECT id, fingerprint, preprocessing, dim, arithmetic, (SELECT count(embedding) FROM"
    " keepsake_signal WHERE kind = 'vector' AND model = fingerprint AND version = preprocessing)"
    " FROM keepsake_other_model ORDER BY id, fingerprint, preprocessing)";

struct listing {
    PGresult *rows;
};

static int ask_models(struct postgres *p, void *context, struct error *err)
{
    struct listing *l = context;
    int rc = postgres_read_settings(p, err);
    l->rows = NULL;
    return rc || p->settings.format < 3 ? rc : postgres_query(p, list_sql, NULL, &l->rows, err);
}

int postgres_list_models(struct store *store,
                         int (*each)(void *context, const struct store_model *model,
                                     int64_t vectors),
                         void *context, struct error *err)
{
    struct listing l = {NULL};
    int rc = postgres_attempt(postgres_of(store), ask_models, &l, err);
    if (rc || !l.rows)
        return rc;
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        struct store_model model = {.preprocessing = (int)value_int(rows, i, 2),
                                    .dim = (int)value_int(rows, i, 3)};
        value_text(rows, i, 0, model.id, sizeof model.id);
        value_text(rows, i, 1, model.fingerprint, sizeof model.fingerprint);
        value_text(rows, i, 4, model.arithmetic, sizeof model.arithmetic);
        rc = each(context, &model, value_int(rows, i, 5));
    }
    return rc;
}

/* ---- switching ---- */

static int keep_model(struct postgres *p, const struct store_model *model, struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, model->fingerprint);
    args_int(&args, model->preprocessing);
    args_text(&args, model->id);
    args_int(&args, model->dim);
    args_text(&args, model->arithmetic);
    return postgres_run(p,
                        "INSERT INTO keepsake_other_model (fingerprint, preprocessing, id, dim,"
                        " arithmetic) VALUES ($1, $2::integer, $3, $4::integer, $5)"
                        " ON CONFLICT DO NOTHING",
                        &args, NULL, err);
}

static int add_in_transaction(struct postgres *p, void *context, struct error *err)
{
    const struct store_model *model = context;
    int rc = postgres_read_settings(p, err);
    if (rc || (p->settings.bound && is_same(&p->settings.model, model)))
        return rc;
    return keep_model(p, model, err);
}

static int refuse_shards(const struct postgres *p, struct error *err)
{
    return error_set(err, ERR_UNSUPPORTED,
                     "the gallery %s is on several servers, and such a gallery has one model: "
                     "index into another gallery",
                     p->store.name);
}

int postgres_add_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct store_model wanted = *model;
    if (postgres_of(store)->settings.shards)
        return refuse_shards(postgres_of(store), err);
    return postgres_write(postgres_of(store), add_in_transaction, &wanted, err);
}

/* Refuses photos with unknown content: a signal is stored under the content's hash. */
static int refuse_unread(struct postgres *p, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p,
                            "SELECT count(*) FROM image_gallery WHERE hash IS NULL AND embedding IS"
                            " NOT NULL",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!value_int(row, 0, 0))
        return 0;
    return error_set(err, ERR_INVALID,
                     "%lld photos of the gallery %s have a vector and were never read, so that the "
                     "vector could not be kept: run `keepsake index` on their folders first",
                     (long long)value_int(row, 0, 0), p->store.name);
}

static int run_of_model(struct postgres *p, const char *sql, const struct store_model *model,
                        struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, model->fingerprint);
    args_int(&args, model->preprocessing);
    return postgres_run(p, sql, &args, NULL, err);
}

static int exchange_vectors(struct postgres *p, const struct store_model *from,
                            const struct store_model *to, int dim, struct error *err)
{
    AUTO_FREE char *emptied = xasprintf("DROP INDEX IF EXISTS " POSTGRES_INDEX ";"
                                        "ALTER TABLE image_gallery ALTER embedding DROP NOT NULL,"
                                        " ALTER embedding TYPE %s(%d) USING NULL",
                                        postgres_type(p->settings.index.storage), dim);
    AUTO_FREE char *typed = postgres_dim_sql(p->settings.index.storage, dim);
    int rc = run_of_model(
        p,
        "INSERT INTO keepsake_signal (hash, position, kind, model, version, embedding)"
        " SELECT DISTINCT ON (hash, position) hash, position, 'vector', $1::text, $2::integer,"
        " embedding::vector FROM image_gallery WHERE embedding IS NOT NULL ON CONFLICT (hash,"
        " position, kind, model, version) DO UPDATE SET embedding = excluded.embedding,"
        " payload = NULL, reason = ''",
        from, err);
    if (!rc)
        rc = postgres_script(p, emptied, err);
    if (!rc)
        rc = postgres_script(p, typed, err);
    if (!rc)
        rc = run_of_model(p,
                          "UPDATE image_gallery AS g SET embedding = s.embedding FROM"
                          " keepsake_signal AS s WHERE s.hash = g.hash AND s.position = g.position"
                          " AND s.kind = 'vector' AND s.model = $1 AND s.version = $2::integer"
                          " AND s.embedding IS NOT NULL",
                          to, err);
    if (!rc)
        rc = run_of_model(p,
                          "DELETE FROM keepsake_signal WHERE kind = 'vector' AND model = $1"
                          " AND version = $2::integer",
                          to, err);
    if (!rc)
        rc = run_of_model(p,
                          "UPDATE keepsake_gallery SET (model_id, model_fingerprint,"
                          " model_preprocessing, model_dim, model_arithmetic) = (SELECT id,"
                          " fingerprint, preprocessing, dim, arithmetic FROM keepsake_other_model"
                          " WHERE fingerprint = $1 AND preprocessing = $2::integer), index_built ="
                          " 'none', index_built_photos = 0, index_built_at = 0",
                          to, err);
    return rc ? rc
              : run_of_model(p,
                             "DELETE FROM keepsake_other_model WHERE fingerprint = $1"
                             " AND preprocessing = $2::integer",
                             to, err);
}

static int change_over(struct postgres *p, void *context, struct error *err)
{
    const struct store_model *to = context;
    int rc = postgres_lock_tables(p, err);
    if (!rc)
        rc = postgres_script(p, "LOCK TABLE image_gallery IN ACCESS EXCLUSIVE MODE", err);
    if (!rc)
        rc = postgres_read_settings(p, err);
    if (!rc && !p->settings.bound)
        return error_set(err, ERR_NOT_FOUND, "the gallery %s has no photos yet", p->store.name);
    struct store_model from = p->settings.model;
    if (rc || is_same(&from, to))
        return rc;
    rc = refuse_unread(p, err);
    if (!rc)
        rc = keep_model(p, &from, err);
    if (!rc)
        rc = keep_model(p, to, err);
    return rc ? rc : exchange_vectors(p, &from, to, to->dim, err);
}

static int read_again(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    return postgres_read_settings(p, err);
}

int postgres_use_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct store_model wanted = *model;
    if (p->settings.shards)
        return refuse_shards(p, err);
    int rc = postgres_write(p, change_over, &wanted, err);
    return rc ? rc : postgres_attempt(p, read_again, NULL, err);
}

/* ---- arithmetic ---- */

static const char arithmetic_sql[] =
    "SELECT model_arithmetic, EXISTS (SELECT FROM image_gallery WHERE embedding IS NOT NULL)"
    " FROM keepsake_gallery WHERE model_fingerprint = $1 AND model_preprocessing = $2::integer"
    " UNION ALL SELECT arithmetic, EXISTS (SELECT FROM keepsake_signal WHERE kind = 'vector'"
    " AND model = $1 AND version = $2::integer) FROM keepsake_other_model WHERE fingerprint = $1"
    " AND preprocessing = $2::integer";

struct arithmetic {
    const struct store_model *model;
    char before[32];
};

static int write_arithmetic(struct postgres *p, const struct store_model *model,
                            const char *arithmetic, struct error *err)
{
    static const char *const updates[] = {
        "UPDATE keepsake_gallery SET model_arithmetic = $3 WHERE model_fingerprint = $1 AND"
        " model_preprocessing = $2::integer",
        "UPDATE keepsake_other_model SET arithmetic = $3 WHERE fingerprint = $1 AND"
        " preprocessing = $2::integer"};
    int rc = 0;
    for (size_t i = 0; !rc && i < 2; i++) {
        struct postgres_args args = {0};
        args_text(&args, model->fingerprint);
        args_int(&args, model->preprocessing);
        args_text(&args, arithmetic);
        rc = postgres_run(p, updates[i], &args, NULL, err);
    }
    return rc;
}

static int merge_arithmetic(struct postgres *p, void *context, struct error *err)
{
    struct arithmetic *a = context;
    struct postgres_args args = {0};
    char merged[32];
    PGresult *owned;
    args_text(&args, a->model->fingerprint);
    args_int(&args, a->model->preprocessing);
    int rc = postgres_lock_tables(p, err);
    if (!rc)
        rc = postgres_query(p, arithmetic_sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    a->before[0] = 0;
    if (!PQntuples(row))
        return 0;
    char before[32];
    bool has = value_int(row, 0, 1) != 0;
    value_text(row, 0, 0, before, sizeof before);
    store_merge_arithmetic(before, a->model->arithmetic, has, merged);
    if (has)
        memcpy(a->before, before, sizeof before);
    return strcmp(before, merged) ? write_arithmetic(p, a->model, merged, err) : 0;
}

int postgres_add_arithmetic(struct store *store, const struct store_model *model,
                            char ret_before[32], struct error *err)
{
    struct arithmetic a = {.model = model};
    struct postgres *p = postgres_of(store);
    int rc = postgres_write(p, merge_arithmetic, &a, err);
    if (!rc)
        rc = postgres_attempt(p, read_again, NULL, err);
    if (!rc)
        memcpy(ret_before, a.before, sizeof a.before);
    return rc;
}
