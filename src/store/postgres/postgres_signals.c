/* SPDX-License-Identifier: MIT */
/* Maintains the table keepsake_signal: data computed from pixels, by content. A split gallery has
 * it in the gallery's database, not on the shards. */
#include <string.h>

#include "store/postgres/postgres_internal.h"

static void args_kind(struct postgres_args *args, const struct store_signal_kind *kind)
{
    args_text(args, kind->kind);
    args_text(args, kind->model);
    args_int(args, kind->version);
}

/* ---- adding ---- */

/* $1 to $3: kind, model, version; $4: hash, $5: position, $6: payload. */
static const char drop_older_sql[] =
    "DELETE FROM keepsake_signal WHERE kind = $1 AND model = $2 AND version <> $3::integer"
    " AND hash = $4 AND position = $5::integer";
static const char put_sql[] =
    "INSERT INTO keepsake_signal (kind, model, version, hash, position, payload, reason)"
    " SELECT $1, $2, $3::integer, $4, $5::integer, $6, $7 WHERE EXISTS (SELECT FROM image_gallery"
    " WHERE hash = $4 AND position = $5::integer) ON CONFLICT (hash, position, kind, model,"
    " version) DO UPDATE SET payload = excluded.payload, embedding = NULL, reason ="
    " excluded.reason";
static const char put_vector_sql[] =
    "INSERT INTO keepsake_signal (kind, model, version, hash, position, embedding)"
    " SELECT $1, $2, $3::integer, $4, $5::integer, $6::vector WHERE EXISTS (SELECT FROM"
    " image_gallery WHERE hash = $4 AND position = $5::integer) ON CONFLICT (hash, position, kind,"
    " model, version) DO UPDATE SET embedding = excluded.embedding, payload = NULL, reason = ''";

static int check_vector(struct postgres *p, const struct store_signal *signal, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, signal->kind.model);
    args_int(&args, signal->kind.version);
    int rc = postgres_query(p,
                            "SELECT coalesce((SELECT dim FROM keepsake_other_model WHERE"
                            " fingerprint = $1 AND preprocessing = $2::integer), 0)",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    size_t dim = (size_t)value_int(row, 0, 0);
    if (dim > 0 && (store_signal_failed(signal) || dim * sizeof(float) == signal->size))
        return 0;
    return error_set(err, ERR_INVALID,
                     "the gallery %s keeps no vectors of %zu bytes of the model %.12s beside those "
                     "in use",
                     p->store.name, signal->size, signal->kind.model);
}

static bool is_vector(const struct store_signal *signal)
{
    return strcmp(signal->kind.kind, STORE_SIGNAL_VECTOR) == 0;
}

static int check_vectors(struct postgres *p, const struct store_signal *signals, size_t n,
                         struct error *err)
{
    const struct store_signal *checked = NULL;
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        const struct store_signal *s = &signals[i];
        if (!is_vector(s) ||
            (checked && checked->size == s->size && checked->kind.version == s->kind.version &&
             strcmp(checked->kind.model, s->kind.model) == 0))
            continue;
        rc = check_vector(p, s, err);
        checked = s;
    }
    return rc;
}

static void args_picture(struct postgres_args *args, const struct store_signal *signal)
{
    args_kind(args, &signal->kind);
    args_bytes(args, signal->hash, HASH_BYTES);
    args_int(args, signal->position);
}

static int send_drop(struct postgres *p, const struct store_signal *signal, struct error *err)
{
    struct postgres_args args = {0};
    args_picture(&args, signal);
    return postgres_pipeline_send(p, drop_older_sql, &args, err);
}

static int send_payload(struct postgres *p, const struct store_signal *signal, struct error *err)
{
    struct postgres_args args = {0};
    bool failed = store_signal_failed(signal);
    args_picture(&args, signal);
    args_bytes(&args, failed ? "" : signal->payload, failed ? 0 : signal->size);
    args_text(&args, failed ? signal->reason : "");
    return postgres_pipeline_send(p, put_sql, &args, err);
}

static int send_vector(struct postgres *p, const struct store_signal *signal, struct error *err)
{
    struct postgres_args args = {0};
    size_t dim = signal->size / sizeof(float);
    AUTO_FREE uint8_t *vector = xmalloc(vector_bytes(dim));
    AUTO_FREE float *numbers = xmalloc(signal->size); /* aligned */
    memcpy(numbers, signal->payload, signal->size);
    vector_write(numbers, dim, vector);
    args_picture(&args, signal);
    args_bytes(&args, vector, vector_bytes(dim));
    return postgres_pipeline_send(p, put_vector_sql, &args, err);
}

/* Signals sent before their answers are read. */
#define SIGNALS_IN_FLIGHT 128

static int send_signals(struct postgres *p, const struct store_signal *signals, size_t n,
                        struct error *err)
{
    int rc = postgres_pipeline_start(p, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < n; i++)
        rc = is_vector(&signals[i]) ? 0 : send_drop(p, &signals[i], err);
    for (size_t i = 0; !rc && i < n; i++)
        rc = is_vector(&signals[i]) && !store_signal_failed(&signals[i])
                 ? send_vector(p, &signals[i], err)
                 : send_payload(p, &signals[i], err);
    return postgres_pipeline_finish(p, rc, NULL, err);
}

struct putting {
    const struct store_signal *signals;
    size_t n;
};

static int put_all(struct postgres *p, void *context, struct error *err)
{
    const struct putting *put = context;
    int rc = check_vectors(p, put->signals, put->n, err);
    for (size_t i = 0; !rc && i < put->n; i += SIGNALS_IN_FLIGHT)
        rc = send_signals(p, put->signals + i,
                          put->n - i < SIGNALS_IN_FLIGHT ? put->n - i : SIGNALS_IN_FLIGHT, err);
    return rc;
}

int postgres_put_signals(struct store *store, const struct store_signal *signals, size_t n,
                         struct error *err)
{
    struct putting put = {signals, n};
    return postgres_write(postgres_of(store), put_all, &put, err);
}

/* ---- deleting unused signals ---- */

enum { AT_ONCE = 256 };

static void add_hex(struct strbuf *list, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    int rc = strbuf_addf(list, NULL, "%s\"\\\\x", list->length > 1 ? "," : "");
    for (size_t i = 0; !rc && i < size; i++)
        rc = strbuf_addf(list, NULL, "%02x", bytes[i]);
    rc = rc ? rc : strbuf_addf(list, NULL, "\"");
    if (rc)
        BUG("a batch of changes does not fit");
}

/* $1: paths that lose their content, $2: new contents. */
static const char leave_sql[] =
    "DELETE FROM keepsake_signal AS s USING image_gallery AS g WHERE g.path_key = ANY"
    " ($1::bytea[]) AND s.hash = g.hash AND s.hash <> ALL ($2::bytea[]) AND NOT EXISTS (SELECT FROM"
    " image_gallery AS o WHERE o.hash = g.hash AND o.path_key <> ALL ($1::bytea[]))"
    " AND EXISTS (SELECT FROM keepsake_signal)";

/* Returns whether the change may replace or delete the content of the photo at its path. */
static bool replaces(const struct store_change *change)
{
    return change->kind == STORE_ADD || change->kind == STORE_COPY || change->kind == STORE_FAIL ||
           change->kind == STORE_REMOVE;
}

/* Writes arrays as text, which the caller frees: paths that lose their content, and new contents.
 * Returns false if there are no such paths. */
static bool write_lists(const struct store_change *changes, size_t n, char **ret_paths,
                        char **ret_hashes)
{
    struct strbuf paths = STRBUF_INIT((size_t)AT_ONCE * (2 * POSTGRES_PATH_BYTES + 8));
    struct strbuf hashes = STRBUF_INIT((size_t)AT_ONCE * (2 * HASH_BYTES + 8));
    int rc = strbuf_addf(&paths, NULL, "{") | strbuf_addf(&hashes, NULL, "{");
    for (size_t i = 0; i < n; i++) {
        if (!replaces(&changes[i]))
            continue;
        add_hex(&paths, changes[i].path, strlen(changes[i].path));
        if (changes[i].hash && changes[i].kind != STORE_FAIL)
            add_hex(&hashes, changes[i].hash, HASH_BYTES);
    }
    bool some = paths.length > 1;
    rc |= strbuf_addf(&paths, NULL, "}") | strbuf_addf(&hashes, NULL, "}");
    if (rc)
        BUG("a batch of changes does not fit");
    *ret_paths = strbuf_take(&paths);
    *ret_hashes = strbuf_take(&hashes);
    return some;
}

static int leave_some(struct postgres *p, const struct store_change *changes, size_t n,
                      struct error *err)
{
    AUTO_FREE char *paths = NULL;
    AUTO_FREE char *hashes = NULL;
    struct postgres_args args = {0};
    if (!write_lists(changes, n, &paths, &hashes))
        return 0;
    args_text(&args, paths);
    args_text(&args, hashes);
    return postgres_run(p, leave_sql, &args, NULL, err);
}

int postgres_signals_leave(struct postgres *p, const struct store_change *changes, size_t n,
                           struct error *err)
{
    int rc = 0;
    for (size_t done = 0; !rc && done < n; done += AT_ONCE)
        rc = leave_some(p, changes + done, n - done < AT_ONCE ? n - done : AT_ONCE, err);
    return rc;
}

/* ---- listing ---- */

struct asking {
    const char *sql;
    const struct postgres_args *args;
    PGresult *rows; /* NULL in a gallery of an older format */
};

static int ask_rows(struct postgres *p, void *context, struct error *err)
{
    struct asking *a = context;
    bool has = false;
    int rc = postgres_has_format(p, 3, &has, err);
    a->rows = NULL;
    return rc || !has ? rc : postgres_query(p, a->sql, a->args, &a->rows, err);
}

/* The rows after the key $5 to $9, in the order of order_by_key. */
/* The reason is a column since format 4. */
static const char list_sql[] =
    "SELECT kind, model, version, hash, position, payload, embedding, coalesce(to_jsonb(s) ->>"
    " 'reason', '') FROM keepsake_signal AS s WHERE"
    " ($1::text IS NULL OR (kind, model, version) = ($1, $2, $3::integer))"
    " AND ($4::bytea IS NULL OR hash = $4)"
    " AND (kind, model, version, hash, position) > ($5, $6, $7::integer, $8, $9::integer)"
    " ORDER BY kind, model, version, hash, position LIMIT 1024";

/* The cursor: the last row of a page, after which the next page begins. */
struct place {
    char kind[STORE_SIGNAL_NAME_MAX + 1], model[STORE_SIGNAL_NAME_MAX + 1];
    int version, position;
    uint8_t hash[HASH_BYTES];
};

static int give_signal(struct postgres *p, const PGresult *rows, int row, struct place *at,
                       int (*each)(void *context, const struct store_signal *signal), void *context,
                       struct error *err)
{
    AUTO_FREE float *vector = NULL;
    value_text(rows, row, 0, at->kind, sizeof at->kind);
    value_text(rows, row, 1, at->model, sizeof at->model);
    at->version = (int)value_int(rows, row, 2);
    at->position = (int)value_int(rows, row, 4);
    value_hash(rows, row, 3, at->hash);
    struct store_signal signal = {.position = at->position,
                                  .kind = {at->kind, at->model, at->version},
                                  .payload = value_bytes(rows, row, 5),
                                  .size = (size_t)PQgetlength(rows, row, 5)};
    memcpy(signal.hash, at->hash, HASH_BYTES);
    AUTO_FREE char *reason = value_copy(rows, row, 7);
    signal.reason = reason;
    if (!PQgetisnull(rows, row, 6)) {
        size_t dim = ((size_t)PQgetlength(rows, row, 6) - vector_bytes(0)) / sizeof(float);
        size_t own = p->dim;
        vector = xmalloc(dim * sizeof *vector + 1);
        p->dim = dim;
        int rc = value_vector(p, rows, row, 6, vector, err);
        p->dim = own;
        if (rc)
            return rc;
        signal.payload = vector;
        signal.size = dim * sizeof *vector;
    }
    return each(context, &signal);
}

static void args_list(struct postgres_args *args, const struct store_signal_kind *kind,
                      const uint8_t *hash, const struct place *at)
{
    args_kind(args, kind ? kind : &(struct store_signal_kind){NULL, NULL, 0});
    if (hash)
        args_bytes(args, hash, HASH_BYTES);
    else
        args_text(args, NULL);
    args_text(args, at->kind);
    args_text(args, at->model);
    args_int(args, at->version);
    args_bytes(args, at->hash, HASH_BYTES);
    args_int(args, at->position);
}

int postgres_list_signals(struct store *store, const struct store_signal_kind *kind,
                          const uint8_t hash[HASH_BYTES],
                          int (*each)(void *context, const struct store_signal *signal),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct place at = {.version = -1};
    for (;;) {
        struct postgres_args args = {0};
        struct asking a = {.sql = list_sql, .args = &args};
        args_list(&args, kind, hash, &at);
        int rc = postgres_attempt(p, ask_rows, &a, err);
        if (rc || !a.rows)
            return rc;
        AUTO_RESULT *rows = a.rows;
        int n = PQntuples(rows);
        for (int i = 0; i < n; i++)
            if ((rc = give_signal(p, rows, i, &at, each, context, err)))
                return rc;
        if (n < 1024)
            return 0;
    }
}

/* Of several copies, the photo with the smallest id represents the picture. */
static const char lacking_sql[] =
    "SELECT g.id::bigint, g.path_key, g.hash, g.position FROM image_gallery AS g WHERE g.id > $4"
    " AND g.hash IS NOT NULL AND NOT EXISTS (SELECT FROM keepsake_signal AS s WHERE s.hash = g.hash"
    " AND s.position = g.position AND s.kind = $1 AND s.model = $2 AND s.version = $3::integer)"
    " AND NOT EXISTS (SELECT FROM image_gallery AS c WHERE c.hash = g.hash AND c.position ="
    " g.position AND c.id < g.id) ORDER BY g.id LIMIT $5::bigint";

int postgres_list_lacking(struct store *store, const struct store_signal_kind *kind, int64_t after,
                          size_t limit,
                          int (*each)(void *context, const struct store_lacking *lacking),
                          void *context, struct error *err)
{
    struct postgres_args args = {0};
    struct asking a = {.sql = lacking_sql, .args = &args};
    args_kind(&args, kind);
    args_int(&args, after);
    args_int(&args, limit < INT64_MAX ? (int64_t)limit : INT64_MAX);
    int rc = postgres_attempt(postgres_of(store), ask_rows, &a, err);
    if (rc || !a.rows)
        return rc;
    AUTO_RESULT *rows = a.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *path = value_copy(rows, i, 1);
        struct store_lacking lacking = {
            .photo = value_int(rows, i, 0), .path = path, .position = (int)value_int(rows, i, 3)};
        value_hash(rows, i, 2, lacking.hash);
        rc = each(context, &lacking);
    }
    return rc;
}

static int retry_all(struct postgres *p, void *context, struct error *err)
{
    (void)context;
    return postgres_run(p, "DELETE FROM keepsake_signal WHERE reason <> ''", NULL, NULL, err);
}

int postgres_retry_signals(struct store *store, struct error *err)
{
    return postgres_write(postgres_of(store), retry_all, NULL, err);
}

/* ---- counting ---- */

/* The first row has the number of pictures. */
static const char count_sql[] =
    "SELECT '', '', 0, count(DISTINCT (hash, position)), 0::bigint FROM image_gallery WHERE hash"
    " IS NOT NULL UNION ALL (SELECT kind, model, version, count(*), count(*) FILTER (WHERE"
    " coalesce(to_jsonb(s) ->> 'reason', '') <> '') FROM keepsake_signal AS s WHERE kind <> "
    "'" STORE_SIGNAL_VECTOR "' GROUP BY kind, model, version ORDER BY kind, model, version)";

int postgres_count_signals(struct store *store,
                           int (*each)(void *context, const struct store_signal_count *count),
                           void *context, int64_t *ret_pictures, struct error *err)
{
    struct asking a = {.sql = count_sql};
    int rc = postgres_attempt(postgres_of(store), ask_rows, &a, err);
    *ret_pictures = 0;
    if (rc || !a.rows)
        return rc;
    AUTO_RESULT *rows = a.rows;
    *ret_pictures = value_int(rows, 0, 3);
    for (int i = 1; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *kind = value_copy(rows, i, 0);
        AUTO_FREE char *model = value_copy(rows, i, 1);
        struct store_signal_count count = {.kind = {kind, model, (int)value_int(rows, i, 2)},
                                           .failed = value_int(rows, i, 4)};
        count.pictures = value_int(rows, i, 3) - count.failed;
        rc = each(context, &count);
    }
    return rc;
}
