/* SPDX-License-Identifier: MIT */
/* Reads and binds the model of a gallery. */
#include "base/limits.h"
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

/* Returns the error for a gallery without a model. If it has photos it is damaged: the model of its
 * vectors is unknown, and vectors of different models must not be mixed. */
static int refuse_unbound(struct sqlite *s, struct error *err)
{
    int64_t photos;
    struct query q = query_start(s, "SELECT EXISTS (SELECT 1 FROM photo)");
    int rc = query_get_int(&q, &photos, err);
    if (rc)
        return rc;
    if (photos)
        return error_set(err, ERR_CORRUPT,
                         "the gallery %s has photos, but no record of their model: restore a "
                         "backup, or index again into a new gallery and copy labels and rules "
                         "with `keepsake import --records-only`",
                         s->store.name);
    return error_set(err, ERR_NOT_FOUND,
                     "the gallery %s has no photos yet: fill it with `keepsake index FOLDER`",
                     s->store.name);
}

static int select_model(struct sqlite *s, struct store_model *ret_model, struct error *err)
{
    struct store_model model = {.dim = 0};
    bool has;
    int rc = sqlite_has_format(s, 3, &has, err);
    if (rc)
        return rc;
    struct query q =
        query_start(s, has ? "SELECT id, fingerprint, preprocessing, dim, arithmetic FROM model"
                             " WHERE one = 1"
                           : "SELECT id, fingerprint, preprocessing, dim, 'unknown' FROM model"
                             " WHERE one = 1");
    rc = query_next(&q, err);
    if (rc > 0) {
        text_copy(model.id, sizeof model.id, (const char *)sqlite3_column_text(q.statement, 0));
        text_copy(model.fingerprint, sizeof model.fingerprint,
                  (const char *)sqlite3_column_text(q.statement, 1));
        model.preprocessing = sqlite3_column_int(q.statement, 2);
        model.dim = sqlite3_column_int(q.statement, 3);
        text_copy(model.arithmetic, sizeof model.arithmetic,
                  (const char *)sqlite3_column_text(q.statement, 4));
    }
    query_end(&q);
    if (rc == 0)
        return refuse_unbound(s, err);
    if (rc < 0)
        return rc;
    if (model.dim < 1 || model.dim > LIMIT_MODEL_WIDTH)
        return error_set(err, ERR_CORRUPT, "the gallery %s is damaged: its vectors have %d numbers",
                         s->store.name, model.dim);
    *ret_model = model;
    return 0;
}

int sqlite_get_model(struct store *store, struct store_model *ret_model, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = select_model(s, ret_model, err);
    if (!rc)
        s->dim = (size_t)ret_model->dim;
    return rc;
}

int sqlite_check_model(struct sqlite *s, struct error *err)
{
    struct store_model model;
    int rc = sqlite_get_model(&s->store, &model, err);
    if (!rc)
        rc = store_check_using(&s->store, &model, err);
    if (rc)
        s->dim = 0; /* the next user reads it again */
    return rc;
}

int sqlite_get_dim(struct store *store, size_t *ret_dim, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct store_model model;
    int rc = s->dim ? 0 : sqlite_get_model(&s->store, &model, err);
    if (!rc)
        *ret_dim = s->dim;
    return rc;
}

static int insert_model(struct sqlite *s, const struct store_model *model, struct error *err)
{
    struct query q = query_start(s, "INSERT INTO model (one, id, fingerprint, preprocessing,"
                                    " dim, arithmetic) VALUES (1, ?, ?, ?, ?, ?)");
    query_text(&q, model->id);
    query_text(&q, model->fingerprint);
    query_int(&q, model->preprocessing);
    query_int(&q, model->dim);
    query_text(&q, model->arithmetic);
    return query_run(&q, NULL, err);
}

int sqlite_bind_model(struct store *store, const struct store_model *model,
                      struct store_model *ret_model, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct error unbound;
    int rc = sqlite_get_model(&s->store, ret_model, &unbound);
    if (rc != ERR_NOT_FOUND)
        return rc ? error_set(err, rc, "%s", unbound.message) : 0;
    rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    /* Another process may have bound it first. */
    rc = sqlite_get_model(&s->store, ret_model, &unbound);
    if (rc == ERR_NOT_FOUND) {
        rc = insert_model(s, model, err);
        if (!rc)
            rc = sqlite_get_model(&s->store, ret_model, err);
    }
    rc = sqlite_finish(s, rc, err);
    if (rc)
        s->dim = 0;
    return rc;
}
