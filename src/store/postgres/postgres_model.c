/* SPDX-License-Identifier: MIT */
/* Reads and binds the model of a gallery, and the dimension of its vectors. */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "store/postgres/postgres_internal.h"

static const char *const metric_names[] = {
    [STORE_METRIC_KEEP] = "",
    [STORE_METRIC_COSINE] = "cosine",
    [STORE_METRIC_L2] = "l2",
    [STORE_METRIC_INNER_PRODUCT] = "inner_product",
};

static enum store_metric parse_metric(const char *name)
{
    for (int m = STORE_METRIC_COSINE; m <= STORE_METRIC_INNER_PRODUCT; m++)
        if (strcmp(name, metric_names[m]) == 0)
            return (enum store_metric)m;
    return STORE_METRIC_COSINE;
}

static enum store_index_kind parse_kind(const char *name)
{
    enum store_index_kind kind = STORE_INDEX_NONE;
    return store_index_parse(name, &kind) ? kind : STORE_INDEX_NONE;
}

static enum store_quantize parse_quantize(const char *name)
{
    return strcmp(name, "halfvec") == 0 ? STORE_QUANTIZE_HALFVEC
           : strcmp(name, "bit") == 0   ? STORE_QUANTIZE_BIT
                                        : STORE_QUANTIZE_NONE;
}

static void read_settings_row(const PGresult *row, struct postgres_settings *s)
{
    *s = (struct postgres_settings){
        .format = (int)value_int(row, 0, 0),
        .bound = !PQgetisnull(row, 0, 1),
        .model = {.preprocessing = (int)value_int(row, 0, 3), .dim = (int)value_int(row, 0, 4)},
        .index = {.wanted = parse_kind(value_bytes(row, 0, 5)),
                  .metric = parse_metric(value_bytes(row, 0, 6)),
                  .built = parse_kind(value_bytes(row, 0, 7)),
                  .built_photos = value_int(row, 0, 8),
                  .built_at = value_int(row, 0, 9),
                  .storage = value_int(row, 0, 10) ? STORE_STORAGE_HALFVEC : STORE_STORAGE_VECTOR},
        .shards = (int)value_int(row, 0, 11),
    };
    value_text(row, 0, 1, s->model.id, sizeof s->model.id);
    value_text(row, 0, 2, s->model.fingerprint, sizeof s->model.fingerprint);
    value_text(row, 0, 12, s->model.arithmetic, sizeof s->model.arithmetic);
    s->index.quantize = parse_quantize(value_bytes(row, 0, 13));
    s->index.built_quantize = parse_quantize(value_bytes(row, 0, 14));
    value_text(row, 0, 15, s->index.options, sizeof s->index.options);
    value_text(row, 0, 16, s->index.made, sizeof s->index.made);
}

int postgres_read_settings(struct postgres *p, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(
        p,
        "SELECT format, model_id, model_fingerprint, model_preprocessing, model_dim,"
        " index_wanted, index_metric, index_built, index_built_photos, index_built_at,"
        " (SELECT atttypid = 'halfvec'::regtype FROM pg_attribute"
        " WHERE attrelid = 'image_gallery'::regclass AND attname = 'embedding'),"
        " (SELECT count(*) FROM pg_inherits AS i JOIN pg_foreign_table AS f ON f.ftrelid ="
        " i.inhrelid WHERE i.inhparent = 'image_gallery'::regclass),"
        " coalesce(to_jsonb(keepsake_gallery) ->> 'model_arithmetic', 'unknown'),"
        " to_jsonb(keepsake_gallery) ->> 'index_quantize',"
        " to_jsonb(keepsake_gallery) ->> 'index_built_quantize',"
        " to_jsonb(keepsake_gallery) ->> 'index_options',"
        " to_jsonb(keepsake_gallery) ->> 'index_made'"
        " FROM keepsake_gallery WHERE one = 1",
        NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    if (!PQntuples(result))
        return error_set(err, ERR_CORRUPT,
                         "the gallery %s is damaged: the row of keepsake_gallery is missing",
                         p->store.name);
    struct postgres_settings settings;
    read_settings_row(result, &settings);
    if (settings.bound && (settings.model.dim < 1 || settings.model.dim > LIMIT_MODEL_WIDTH))
        return error_set(err, ERR_CORRUPT, "the gallery %s is damaged: its vectors have %d numbers",
                         p->store.name, settings.model.dim);
    if (settings.shards < 0 || settings.shards > POSTGRES_SHARDS)
        return error_set(err, ERR_CORRUPT,
                         "the gallery %s is damaged: it claims to be on %d servers", p->store.name,
                         settings.shards);
    p->settings = settings;
    p->settings_read = clock_seconds();
    p->dim = settings.bound ? (size_t)settings.model.dim : 0;
    return 0;
}

int postgres_check_model(struct postgres *p, struct error *err)
{
    int rc = postgres_read_settings(p, err);
    if (!rc && p->settings.bound)
        rc = store_check_using(&p->store, &p->settings.model, err);
    if (rc) { /* the next user reads it again */
        p->dim = 0;
        p->settings.bound = false;
    }
    return rc;
}

static int read_settings(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    return postgres_read_settings(p, err);
}

static int unbound(const struct postgres *p, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND,
                     "the gallery %s has no photos yet: fill it with `keepsake index FOLDER`",
                     p->store.name);
}

int postgres_get_model(struct store *store, struct store_model *ret_model, struct error *err)
{
    struct postgres *p = postgres_of(store);
    bool is_fresh = p->settings.bound && clock_seconds() - p->settings_read < POSTGRES_SETTINGS_S;
    int rc = is_fresh ? 0 : postgres_attempt(p, read_settings, NULL, err);
    if (rc)
        return rc;
    if (!p->settings.bound)
        return unbound(p, err);
    *ret_model = p->settings.model;
    return 0;
}

int postgres_get_dim(struct store *store, size_t *ret_dim, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct store_model model;
    int rc = p->dim ? 0 : postgres_get_model(&p->store, &model, err);
    if (!rc)
        *ret_dim = p->dim;
    return rc;
}

int postgres_put_model(struct postgres *p, const struct store_model *model, struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, model->id);
    args_text(&args, model->fingerprint);
    args_int(&args, model->preprocessing);
    args_int(&args, model->dim);
    args_text(&args, model->arithmetic);
    return postgres_run(p,
                        "UPDATE keepsake_gallery SET model_id = $1, model_fingerprint = $2,"
                        " model_preprocessing = $3, model_dim = $4, model_arithmetic = $5",
                        &args, NULL, err);
}

/* The largest vector that is stored inside its row, which must fit into a page of 8 KB. */
enum { PLAIN_BYTES = 7000 };

const char *postgres_placement(enum store_storage storage, int dim)
{
    int bytes = dim * (storage == STORE_STORAGE_HALFVEC ? 2 : 4);
    return bytes <= PLAIN_BYTES ? "PLAIN" : "EXTERNAL";
}

char *postgres_dim_sql(enum store_storage storage, int dim)
{
    return xasprintf(
        "ALTER TABLE image_gallery ALTER embedding TYPE %s(%d), ALTER embedding SET STORAGE %s",
        postgres_type(storage), dim, postgres_placement(storage, dim));
}

/* Sets the shards first, where a repetition is harmless. */
static int set_dim(struct postgres *p, int dim, struct error *err)
{
    AUTO_FREE char *sql = postgres_dim_sql(p->settings.index.storage, dim);
    AUTO_FREE char *for_shards = postgres_shard_dim_sql(p->settings.index.storage, dim);
    const char *statement = for_shards;
    int rc = p->settings.shards ? postgres_shards_run(p, &statement, 1, err) : 0;
    return rc ? rc : postgres_script(p, sql, err);
}

static int bind_in_transaction(struct postgres *p, const struct store_model *model,
                               struct error *err)
{
    int rc = postgres_lock_tables(p, err);
    if (!rc)
        rc = postgres_read_settings(p, err);
    if (rc || p->settings.bound) /* another process bound it first */
        return rc;
    rc = postgres_put_model(p, model, err);
    return rc ? rc : set_dim(p, model->dim, err);
}

/* Idempotent: the second time, the gallery is bound already. */
static int bind_unbound(struct postgres *p, void *context, struct error *err)
{
    int rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = bind_in_transaction(p, context, err);
    if (!rc)
        rc = postgres_script(p, "COMMIT", err);
    return rc ? rc : postgres_read_settings(p, err);
}

int postgres_bind_model(struct store *store, const struct store_model *model,
                        struct store_model *ret_model, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct store_model wanted = *model;
    int rc = postgres_attempt(p, read_settings, NULL, err);
    if (!rc && !p->settings.bound)
        rc = postgres_attempt(p, bind_unbound, &wanted, err);
    if (!rc)
        *ret_model = p->settings.model;
    return rc;
}
