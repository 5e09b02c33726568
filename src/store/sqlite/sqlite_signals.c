/* SPDX-License-Identifier: MIT */
/* Maintains the table signal: data computed from pixels, by content. */
#include <string.h>

#include "store/sqlite/sqlite_internal.h"

static void bind_kind(struct query *q, const struct store_signal_kind *kind)
{
    query_text(q, kind->kind);
    query_text(q, kind->model);
    query_int(q, kind->version);
}

static bool is_vector(const struct store_signal_kind *kind)
{
    return strcmp(kind->kind, STORE_SIGNAL_VECTOR) == 0;
}

static int check_vector(struct sqlite *s, const struct store_signal *signal, struct error *err)
{
    bool failed = store_signal_failed(signal);
    int64_t dim = 0;
    struct query q = query_start(s, "SELECT dim FROM other_model WHERE fingerprint = ? AND"
                                    " preprocessing = ?");
    query_text(&q, signal->kind.model);
    query_int(&q, signal->kind.version);
    int rc = query_get_int(&q, &dim, err);
    if (rc || (dim > 0 && (failed || (size_t)dim * sizeof(float) == signal->size)))
        return rc;
    return error_set(err, ERR_INVALID,
                     "the gallery %s keeps no vectors of %zu bytes of the model %.12s beside those "
                     "in use",
                     s->store.name, signal->size, signal->kind.model);
}

static int drop_older(struct sqlite *s, const struct store_signal *signal, struct error *err)
{
    struct query q = query_start(s, "DELETE FROM signal WHERE kind = ? AND model = ? AND version <>"
                                    " ? AND hash = ? AND position = ?");
    bind_kind(&q, &signal->kind);
    query_blob(&q, signal->hash, HASH_BYTES);
    query_int(&q, signal->position);
    return query_run(&q, NULL, err);
}

static int put_signal(struct sqlite *s, const struct store_signal *signal, struct error *err)
{
    int rc = is_vector(&signal->kind) ? check_vector(s, signal, err) : drop_older(s, signal, err);
    if (rc)
        return rc;
    struct query q =
        query_start(s, "INSERT INTO signal (kind, model, version, hash, position, payload, reason)"
                       " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS"
                       " (SELECT 1 FROM photo WHERE hash = ?4 AND position = ?5)"
                       " ON CONFLICT (hash, position, kind, model, version)"
                       " DO UPDATE SET payload = excluded.payload, reason = excluded.reason");
    bind_kind(&q, &signal->kind);
    query_blob(&q, signal->hash, HASH_BYTES);
    query_int(&q, signal->position);
    bool failed = store_signal_failed(signal);
    query_blob(&q, failed ? "" : signal->payload, failed ? 0 : signal->size);
    query_text(&q, failed ? signal->reason : "");
    return query_run(&q, NULL, err);
}

int sqlite_put_signals(struct store *store, const struct store_signal *signals, size_t n,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < n; i++)
        rc = put_signal(s, &signals[i], err);
    if (!rc)
        rc = sqlite_count_change(s, err);
    return sqlite_finish(s, rc, err);
}

/* Reads a signal; returns false for a malformed row, which another program made. */
static bool read_signal(sqlite3_stmt *row, struct store_signal *ret_signal)
{
    *ret_signal = (struct store_signal){.kind = {(const char *)sqlite3_column_text(row, 0),
                                                 (const char *)sqlite3_column_text(row, 1),
                                                 sqlite3_column_int(row, 2)},
                                        .position = sqlite3_column_int(row, 4),
                                        .payload = sqlite3_column_blob(row, 5),
                                        .size = (size_t)sqlite3_column_bytes(row, 5),
                                        .reason = (const char *)sqlite3_column_text(row, 6)};
    if (sqlite3_column_bytes(row, 3) != HASH_BYTES ||
        (ret_signal->size == 0) != store_signal_failed(ret_signal))
        return false;
    memcpy(ret_signal->hash, sqlite3_column_blob(row, 3), HASH_BYTES);
    return true;
}

/* Failures are recorded since format 4. */
#define LIST_SQL(reason, of_hash)                                                         \
    "SELECT kind, model, version, hash, position, payload, " reason                       \
    " FROM signal WHERE (?1 IS NULL OR (kind, model, version) = (?1, ?2, ?3)) AND (?4 IS" \
    " NULL OR hash = ?4)" of_hash                                                         \
    " AND length(payload) <= 524288 ORDER BY kind, model, version, hash, position"

static const char *choose_list(bool with_reason, bool of_hash)
{
    if (with_reason)
        return of_hash ? LIST_SQL("reason", " AND hash = ?4") : LIST_SQL("reason", "");
    return of_hash ? LIST_SQL("''", " AND hash = ?4") : LIST_SQL("''", "");
}

int sqlite_list_signals(struct store *store, const struct store_signal_kind *kind,
                        const uint8_t hash[HASH_BYTES],
                        int (*each)(void *context, const struct store_signal *signal),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has, has_reason = false;
    int stopped = 0, rc = sqlite_follow_format(s, 3, &has, err);
    if (!rc && has)
        rc = sqlite_has_format(s, 4, &has_reason, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, choose_list(has_reason, hash != NULL));
    bind_kind(&q, kind ? kind : &(struct store_signal_kind){NULL, NULL, 0});
    if (hash)
        query_blob(&q, hash, HASH_BYTES);
    else
        query_null(&q);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_signal signal;
        if (read_signal(q.statement, &signal))
            stopped = each(context, &signal);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

/* Of several copies, the photo with the smallest id represents the picture. */
static const char lacking_sql[] =
    "SELECT p.id, p.path, p.hash, p.position FROM photo AS p WHERE p.id > ?4"
    " AND p.hash <> zeroblob(32) AND NOT EXISTS (SELECT 1 FROM signal AS g WHERE g.hash = p.hash"
    " AND g.position = p.position AND g.kind = ?1 AND g.model = ?2 AND g.version = ?3)"
    " AND NOT EXISTS (SELECT 1 FROM photo AS c WHERE c.hash = p.hash AND c.position = p.position"
    " AND c.id < p.id) ORDER BY p.id LIMIT ?5";

int sqlite_list_lacking(struct store *store, const struct store_signal_kind *kind, int64_t after,
                        size_t limit,
                        int (*each)(void *context, const struct store_lacking *lacking),
                        void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 3, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, lacking_sql);
    bind_kind(&q, kind);
    query_int(&q, after);
    query_int(&q, limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_lacking lacking = {.photo = sqlite3_column_int64(q.statement, 0),
                                        .path = (const char *)sqlite3_column_text(q.statement, 1),
                                        .position = sqlite3_column_int(q.statement, 3)};
        memcpy(lacking.hash, sqlite3_column_blob(q.statement, 2), HASH_BYTES);
        stopped = each(context, &lacking);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_retry_signals(struct store *store, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "DELETE FROM signal WHERE reason <> ''");
    return sqlite_finish(s, query_run(&q, NULL, err), err);
}

/* ---- counting ---- */

/* Before items (format 3), every photo is at position 0. */
static int count_pictures(struct sqlite *s, bool has_items, int64_t *ret_pictures,
                          struct error *err)
{
    struct query q = query_start(
        s, has_items ? "SELECT count(*) FROM (SELECT 1 FROM photo WHERE hash <> zeroblob(32) GROUP"
                       " BY hash, position)"
                     : "SELECT count(DISTINCT hash) FROM photo WHERE hash <> zeroblob(32)");
    return query_get_int(&q, ret_pictures, err);
}

#define COUNT_SQL(failed)                                \
    "SELECT kind, model, version, count(*), sum(" failed \
    ") FROM signal WHERE kind <> '" STORE_SIGNAL_VECTOR  \
    "' GROUP BY kind, model, version ORDER BY kind, model, version"

static int count_kinds(struct sqlite *s,
                       int (*each)(void *context, const struct store_signal_count *count),
                       void *context, struct error *err)
{
    bool has;
    int stopped = 0, rc = sqlite_has_format(s, 4, &has, err);
    if (rc)
        return rc;
    struct query q = query_start(s, has ? COUNT_SQL("reason <> ''") : COUNT_SQL("0"));
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        int64_t all = sqlite3_column_int64(q.statement, 3);
        struct store_signal_count count = {
            .kind = {(const char *)sqlite3_column_text(q.statement, 0),
                     (const char *)sqlite3_column_text(q.statement, 1),
                     sqlite3_column_int(q.statement, 2)},
            .failed = sqlite3_column_int64(q.statement, 4)};
        count.pictures = all - count.failed;
        stopped = each(context, &count);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_count_signals(struct store *store,
                         int (*each)(void *context, const struct store_signal_count *count),
                         void *context, int64_t *ret_pictures, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int64_t pictures;
    int rc = sqlite_follow_format(s, 3, &has, err);
    if (rc)
        return rc;
    rc = count_pictures(s, has, &pictures, err);
    if (!rc && has)
        rc = count_kinds(s, each, context, err);
    if (!rc)
        *ret_pictures = pictures;
    return rc;
}
