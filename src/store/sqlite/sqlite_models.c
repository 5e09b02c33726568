/* SPDX-License-Identifier: MIT */
/* Stores vectors of several models: those of the model in use in the tables vector and code, those
 * of the others in the table signal. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/check.h"
#include "store/sqlite/sqlite_internal.h"

/* ---- listing ---- */

static void read_other(sqlite3_stmt *row, struct store_model *ret_model, int64_t *ret_vectors)
{
    *ret_model = (struct store_model){.preprocessing = sqlite3_column_int(row, 2),
                                      .dim = sqlite3_column_int(row, 3)};
    text_copy(ret_model->id, sizeof ret_model->id, (const char *)sqlite3_column_text(row, 0));
    text_copy(ret_model->fingerprint, sizeof ret_model->fingerprint,
              (const char *)sqlite3_column_text(row, 1));
    text_copy(ret_model->arithmetic, sizeof ret_model->arithmetic,
              (const char *)sqlite3_column_text(row, 4));
    *ret_vectors = sqlite3_column_int64(row, 5);
}

/* The second is for formats that do not record failures. */
#define OTHERS_SQL(computed)                                                               \
    "SELECT id, fingerprint, preprocessing, dim, arithmetic, (SELECT count(*) FROM signal" \
    " WHERE kind = 'vector' AND model = fingerprint AND version = preprocessing" computed  \
    ") FROM other_model ORDER BY id, fingerprint, preprocessing"
static const char others_sql[] = OTHERS_SQL(" AND reason = ''");
static const char others_sql_3[] = OTHERS_SQL("");

static int list_others(struct sqlite *s,
                       int (*each)(void *context, const struct store_model *model, int64_t vectors),
                       void *context, struct error *err)
{
    int stopped = 0, version, rc = sqlite_get_version(s, &version, err);
    if (rc || version < 3)
        return rc;
    struct query q = query_start(s, version < 4 ? others_sql_3 : others_sql);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_model model;
        int64_t vectors;
        read_other(q.statement, &model, &vectors);
        stopped = each(context, &model, vectors);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

/* Before format 3, every photo is at position 0. */
static int count_vectors(struct sqlite *s, int64_t *ret_count, struct error *err)
{
    int version, rc = sqlite_get_version(s, &version, err);
    if (rc)
        return rc;
    struct query q = query_start(
        s, version < 3
               ? "SELECT count(DISTINCT hash) FROM photo JOIN code ON photo = id"
               : "SELECT count(*) FROM (SELECT 1 FROM photo JOIN code ON photo = id GROUP BY hash,"
                 " position)");
    return query_get_int(&q, ret_count, err);
}

int sqlite_list_models(struct store *store,
                       int (*each)(void *context, const struct store_model *model, int64_t vectors),
                       void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct store_model model;
    struct error unbound;
    int64_t vectors;
    int rc = sqlite_follow(s, err);
    if (rc)
        return rc;
    rc = sqlite_get_model(store, &model, &unbound);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    rc = count_vectors(s, &vectors, err);
    if (!rc)
        rc = each(context, &model, vectors);
    return rc ? rc : list_others(s, each, context, err);
}

/* ---- switching ---- */

static void bind_model(struct query *q, const struct store_model *model)
{
    query_text(q, model->fingerprint);
    query_int(q, model->preprocessing);
    query_text(q, model->id);
    query_int(q, model->dim);
    query_text(q, model->arithmetic);
}

static int keep_model(struct sqlite *s, const struct store_model *model, struct error *err)
{
    struct query q = query_start(s, "INSERT OR IGNORE INTO other_model (fingerprint, preprocessing,"
                                    " id, dim, arithmetic) VALUES (?, ?, ?, ?, ?)");
    bind_model(&q, model);
    return query_run(&q, NULL, err);
}

static bool is_same(const struct store_model *a, const struct store_model *b)
{
    return strcmp(a->fingerprint, b->fingerprint) == 0 && a->preprocessing == b->preprocessing;
}

int sqlite_add_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct store_model bound;
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    rc = sqlite_get_model(store, &bound, err);
    if (!rc && !is_same(&bound, model))
        rc = keep_model(s, model, err);
    return sqlite_finish(s, rc, err);
}

/* Refuses photos with unknown content: a signal is stored under the content's hash. */
static int refuse_unread(struct sqlite *s, struct error *err)
{
    int64_t unread;
    struct query q = query_start(s, "SELECT count(*) FROM photo JOIN vector ON photo = id"
                                    " WHERE hash = zeroblob(32)");
    int rc = query_get_int(&q, &unread, err);
    if (rc || !unread)
        return rc;
    return error_set(err, ERR_INVALID,
                     "%lld photos of the gallery %s have a vector and were never read, so that the "
                     "vector could not be kept: run `keepsake index` on their folders first",
                     (long long)unread, s->store.name);
}

struct move {
    const char *sql;
    const struct store_model *model; /* its fingerprint and preprocessing are parameters; or NULL */
};

static int make_moves(struct sqlite *s, const struct move *moves, size_t n, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        struct query q = query_start(s, moves[i].sql);
        if (moves[i].model) {
            query_text(&q, moves[i].model->fingerprint);
            query_int(&q, moves[i].model->preprocessing);
        }
        rc = query_run(&q, NULL, err);
    }
    return rc;
}

static int exchange_vectors(struct sqlite *s, const struct store_model *from,
                            const struct store_model *to, struct error *err)
{
    const struct move moves[] = {
        {"INSERT OR REPLACE INTO signal (hash, position, kind, model, version, payload)"
         " SELECT hash, position, 'vector', ?, ?, vector FROM photo JOIN vector ON photo = id"
         " GROUP BY hash, position",
         from},
        {"DELETE FROM code", NULL},
        {"DELETE FROM vector", NULL},
        {"INSERT INTO vector (photo, vector) SELECT p.id, g.payload FROM photo AS p JOIN signal"
         " AS g ON g.hash = p.hash AND g.position = p.position WHERE g.kind = 'vector'"
         " AND g.model = ? AND g.version = ? AND g.reason = ''",
         to},
        {"DELETE FROM signal WHERE kind = 'vector' AND model = ? AND version = ?", to},
        {"INSERT OR REPLACE INTO model (one, id, fingerprint, preprocessing, dim, arithmetic)"
         " SELECT 1, id, fingerprint, preprocessing, dim, arithmetic FROM other_model"
         " WHERE fingerprint = ? AND preprocessing = ?",
         to},
        {"DELETE FROM other_model WHERE fingerprint = ? AND preprocessing = ?", to},
        {"UPDATE gallery SET code_format = 0, change = change + 1, rewrite = change + 1", NULL},
    };
    return make_moves(s, moves, sizeof moves / sizeof *moves, err);
}

static int change_over(struct sqlite *s, const struct store_model *to, struct error *err)
{
    struct store_model from;
    int rc = sqlite_get_model(&s->store, &from, err);
    if (rc || is_same(&from, to))
        return rc;
    rc = refuse_unread(s, err);
    if (!rc)
        rc = keep_model(s, &from, err);
    if (!rc)
        rc = keep_model(s, to, err);
    if (!rc)
        rc = exchange_vectors(s, &from, to, err);
    if (!rc)
        rc = sqlite_get_model(&s->store, &from, err); /* for the size of its vectors */
    if (!rc)
        rc = sqlite_codes_ensure(s, err);
    struct query q = query_start(s, "UPDATE gallery SET changed_at = ?");
    query_int(&q, clock_unix());
    int dated = query_run(&q, NULL, rc ? NULL : err);
    return rc ? rc : dated;
}

int sqlite_use_model(struct store *store, const struct store_model *model, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, change_over(s, model, err), err);
    s->dim = 0;
    return rc;
}

/* ---- arithmetic ---- */

#define ARITHMETIC_OF(table, vectors)                                   \
    "SELECT arithmetic, EXISTS (SELECT 1 FROM " vectors ") FROM " table \
    " WHERE fingerprint = ?1 AND preprocessing = ?2"
static const char arithmetic_sql[] = ARITHMETIC_OF("model", "vector") " UNION ALL " ARITHMETIC_OF(
    "other_model", "signal WHERE kind = 'vector' AND model = ?1 AND version = ?2");

static int write_arithmetic(struct sqlite *s, const struct store_model *model,
                            const char *arithmetic, struct error *err)
{
    static const char *const updates[] = {
        "UPDATE model SET arithmetic = ?3 WHERE fingerprint = ?1 AND preprocessing = ?2",
        "UPDATE other_model SET arithmetic = ?3 WHERE fingerprint = ?1 AND preprocessing = ?2"};
    int rc = 0;
    for (size_t i = 0; !rc && i < 2; i++) {
        struct query q = query_start(s, updates[i]);
        query_text(&q, model->fingerprint);
        query_int(&q, model->preprocessing);
        query_text(&q, arithmetic);
        rc = query_run(&q, NULL, err);
    }
    return rc;
}

static int merge_arithmetic(struct sqlite *s, const struct store_model *model, char *ret_before,
                            struct error *err)
{
    char before[32] = "", merged[32];
    struct query q = query_start(s, arithmetic_sql);
    query_text(&q, model->fingerprint);
    query_int(&q, model->preprocessing);
    int rc = query_next(&q, err), has = rc > 0 ? sqlite3_column_int(q.statement, 1) : 0;
    if (rc > 0)
        text_copy(before, sizeof before, (const char *)sqlite3_column_text(q.statement, 0));
    query_end(&q);
    if (rc < 0)
        return rc;
    store_merge_arithmetic(before, model->arithmetic, has != 0, merged);
    text_copy(ret_before, sizeof before, has ? before : "");
    if (rc == 0 || strcmp(before, merged) == 0)
        return 0;
    return write_arithmetic(s, model, merged, err);
}

int sqlite_add_arithmetic(struct store *store, const struct store_model *model, char ret_before[32],
                          struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_write(s, err);
    return rc ? rc : sqlite_finish(s, merge_arithmetic(s, model, ret_before, err), err);
}
