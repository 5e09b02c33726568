/* SPDX-License-Identifier: MIT */
/* Reads a whole gallery from one snapshot. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

struct dump {
    int (*each)(void *context, const struct store_change *change);
    void *context;
    size_t dim;
    int stopped; /* the non-zero return value of `each` */
};

/* Sets change->vector, or change->reason if the blob is not a vector. */
static void read_vector(const struct dump *d, sqlite3_stmt *row, int column, float *vector,
                        char *why, size_t size, struct store_change *change)
{
    size_t bytes = (size_t)sqlite3_column_bytes(row, column);
    if (bytes == d->dim * sizeof *vector && bytes > 0) {
        memcpy(vector, sqlite3_column_blob(row, column), bytes);
        change->vector = vector; /* the caller checks whether it is sound */
        return;
    }
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        snprintf(why, size, "it has no vector");
    else
        snprintf(why, size, "its vector has %zu bytes, not %zu", bytes, d->dim * sizeof *vector);
    change->reason = why;
}

/* The first column of PHOTOS after the facts. */
#define AFTER_FACTS (5 + (int)fact_columns())

static void give_photo(struct dump *d, sqlite3_stmt *row, float *vector)
{
    char why[96];
    uint8_t hash[HASH_BYTES] = {0};
    struct photo_facts facts;
    struct store_change change = {
        .kind = STORE_ADD,
        .id = sqlite3_column_int64(row, 0),
        .path = (const char *)sqlite3_column_text(row, 1),
        .size = sqlite3_column_int64(row, 2),
        .mtime_ns = sqlite3_column_int64(row, 3),
        .hash = hash,
        .facts = &facts,
    };
    if (sqlite3_column_bytes(row, 4) == HASH_BYTES)
        memcpy(hash, sqlite3_column_blob(row, 4), HASH_BYTES);
    sqlite_read_facts(row, 5, &facts);
    text_copy(facts.damage, sizeof facts.damage,
              (const char *)sqlite3_column_text(row, AFTER_FACTS + 1));
    change.position = sqlite3_column_int(row, AFTER_FACTS + 2);
    read_vector(d, row, AFTER_FACTS, vector, why, sizeof why, &change);
    d->stopped = d->each(d->context, &change);
}

#define PHOTOS(damage, position)                                                         \
    "SELECT p.id, p.path, p.size, p.mtime_ns, p.hash, {p.#}, " SQLITE_VECTOR ", " damage \
    ", " position " FROM photo AS p LEFT JOIN vector AS v ON v.photo = p.id ORDER BY p.id"

static int dump_photos(struct sqlite *s, struct dump *d, struct error *err)
{
    bool has;
    int rc = sqlite_has_format(s, 3, &has, err);
    if (rc)
        return rc;
    AUTO_FREE float *vector = xmalloc(d->dim * sizeof *vector + 1);
    struct query q = query_start(
        s, has ? PHOTOS("ifnull((SELECT what FROM damage AS d WHERE d.hash = p.hash), '')",
                        "p.position")
               : PHOTOS("''", "0"));
    while (!d->stopped && (rc = query_next(&q, err)) > 0)
        give_photo(d, q.statement, vector);
    query_end(&q);
    return rc < 0 ? rc : 0;
}

static int dump_failures(struct sqlite *s, struct dump *d, struct error *err)
{
    bool has;
    int rc = sqlite_has_format(s, 3, &has, err);
    if (rc)
        return rc;
    struct query q = query_start(
        s, has ? "SELECT path, size, mtime_ns, hash, reason, version FROM failure ORDER BY path"
               : "SELECT path, size, mtime_ns, hash, reason, '' FROM failure ORDER BY path");
    while (!d->stopped && (rc = query_next(&q, err)) > 0) {
        struct store_change change = {
            .kind = STORE_FAIL,
            .path = (const char *)sqlite3_column_text(q.statement, 0),
            .size = sqlite3_column_int64(q.statement, 1),
            .mtime_ns = sqlite3_column_int64(q.statement, 2),
            .reason = (const char *)sqlite3_column_text(q.statement, 4),
            .version = (const char *)sqlite3_column_text(q.statement, 5),
        };
        if (sqlite3_column_bytes(q.statement, 3) == HASH_BYTES)
            change.hash = sqlite3_column_blob(q.statement, 3);
        d->stopped = d->each(d->context, &change);
    }
    query_end(&q);
    return rc < 0 ? rc : 0;
}

static int dump_snapshot(struct sqlite *s, struct dump *d, struct error *err)
{
    struct error unbound;
    int rc = sqlite_get_dim(&s->store, &d->dim, &unbound);
    if (rc && rc != ERR_NOT_FOUND)
        return error_set(err, rc, "%s", unbound.message);
    rc = dump_photos(s, d, err);
    return rc ? rc : dump_failures(s, d, err);
}

int sqlite_dump(struct store *store, int (*each)(void *context, const struct store_change *change),
                void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    struct dump d = {.each = each, .context = context};
    int rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, dump_snapshot(s, &d, err), err);
    return rc ? rc : d.stopped;
}

int sqlite_seal(struct store *store, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    sqlite_drop_statements(s);
    int result = sqlite3_exec(s->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}
