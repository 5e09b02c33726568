/* SPDX-License-Identifier: MIT */
/* Runs statements from a cache of prepared statements, and begins and ends transactions. */
#include <string.h>

#include "store/sqlite/sqlite_internal.h"

struct sqlite_cached {
    const char *sql;
    sqlite3_stmt *statement;
};

static sqlite3_stmt *cached_statement(struct sqlite *s, const char *sql)
{
    for (size_t i = 0; i < s->cached_count; i++)
        if (s->cached[i].sql == sql)
            return s->cached[i].statement;
    return NULL;
}

/* Expands a template for this gallery's columns of facts; *ret_sql is NULL if `sql` is not a
 * template. */
static int expand_sql(struct sqlite *s, const char *sql, char **ret_sql)
{
    int version;
    *ret_sql = NULL;
    if (!strchr(sql, '{'))
        return 0;
    if (sqlite_get_version(s, &version, NULL))
        return sqlite3_errcode(s->db);
    *ret_sql = fact_sql_expand(FACT_SQLITE, sql, version);
    return 0;
}

struct query query_start(struct sqlite *s, const char *sql)
{
    struct query q = {.s = s, .statement = cached_statement(s, sql)};
    if (q.statement && !sqlite3_stmt_busy(q.statement))
        return q;
    char *owned;
    q.temporary = q.statement != NULL; /* a second use while a callback's list still runs */
    q.statement = NULL;
    q.failure = expand_sql(s, sql, &owned);
    AUTO_FREE char *expanded = owned;
    if (!q.failure)
        q.failure = sqlite3_prepare_v3(s->db, expanded ? expanded : sql, -1,
                                       SQLITE_PREPARE_PERSISTENT, &q.statement, NULL);
    if (q.failure || q.temporary)
        return q;
    ARRAY_GROW(s->cached, s->cached_cap, s->cached_count + 1);
    s->cached[s->cached_count++] = (struct sqlite_cached){sql, q.statement};
    return q;
}

struct query query_start_once(struct sqlite *s, const char *sql)
{
    struct query q = {.s = s, .temporary = true};
    q.failure = sqlite3_prepare_v2(s->db, sql, -1, &q.statement, NULL);
    return q;
}

static void keep_failure(struct query *q, int result)
{
    if (!q->failure)
        q->failure = result;
}

void query_int(struct query *q, int64_t value)
{
    keep_failure(q, sqlite3_bind_int64(q->statement, ++q->bound, value));
}

void query_double(struct query *q, double value)
{
    keep_failure(q, sqlite3_bind_double(q->statement, ++q->bound, value));
}

void query_null(struct query *q)
{
    keep_failure(q, sqlite3_bind_null(q->statement, ++q->bound));
}

void query_text(struct query *q, const char *text)
{
    keep_failure(q, sqlite3_bind_text(q->statement, ++q->bound, text, -1, SQLITE_STATIC));
}

void query_blob(struct query *q, const void *data, size_t size)
{
    keep_failure(q, sqlite3_bind_blob64(q->statement, ++q->bound, data, size, SQLITE_STATIC));
}

int query_next(struct query *q, struct error *err)
{
    if (!q->failure) {
        int result = sqlite3_step(q->statement);
        if (result == SQLITE_ROW)
            return 1;
        if (result == SQLITE_DONE)
            return 0;
        q->failure = result;
    }
    return sqlite_error(q->s, q->failure, err);
}

void query_end(struct query *q)
{
    if (q->temporary) {
        sqlite3_finalize(q->statement);
    } else if (q->statement) { /* NULL: it could not be prepared, as when a table is missing */
        sqlite3_reset(q->statement);
        sqlite3_clear_bindings(q->statement);
    }
    q->statement = NULL;
}

int query_run(struct query *q, int64_t *ret_changed, struct error *err)
{
    int rc;
    while ((rc = query_next(q, err)) > 0)
        continue;
    if (!rc && ret_changed)
        *ret_changed = sqlite3_changes64(q->s->db);
    query_end(q);
    return rc;
}

int query_get_int(struct query *q, int64_t *ret_value, struct error *err)
{
    int rc = query_next(q, err);
    if (rc >= 0)
        *ret_value = rc ? sqlite3_column_int64(q->statement, 0) : 0;
    query_end(q);
    return rc < 0 ? rc : 0;
}

void sqlite_drop_statements(struct sqlite *s)
{
    for (size_t i = 0; i < s->cached_count; i++)
        sqlite3_finalize(s->cached[i].statement);
    free(s->cached);
    s->cached = NULL;
    s->cached_count = s->cached_cap = 0;
}

static int run_simple(struct sqlite *s, const char *sql, struct error *err)
{
    struct query q = query_start(s, sql);
    return query_run(&q, NULL, err);
}

int sqlite_begin_read(struct sqlite *s, struct error *err)
{
    int rc = sqlite_follow(s, err);
    return rc ? rc : run_simple(s, "BEGIN", err);
}

/* Refuses to write if the file was deleted or replaced: SQLite would go on writing to the unlinked
 * file, and the changes would be lost. */
static int check_in_place(struct sqlite *s, struct error *err)
{
    int moved = 0;
    if (sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || !moved)
        return 0;
    return error_set(err, ERR_IO,
                     "the gallery %s was deleted or replaced while keepsake used it: run the same "
                     "command again",
                     s->store.name);
}

int sqlite_begin_write(struct sqlite *s, struct error *err)
{
    int version, rc = check_in_place(s, err);
    if (!rc)
        rc = run_simple(s, "BEGIN IMMEDIATE", err);
    if (rc)
        return rc;
    rc = sqlite_get_version(s, &version, err);
    if (!rc && version != sqlite_schema_version())
        rc = error_set(err, ERR_UNSUPPORTED,
                       "the gallery %s was just upgraded by a newer keepsake: update keepsake "
                       "and run the command again",
                       s->store.name);
    if (!rc) /* another program may have changed the tables */
        rc = sqlite_check_objects(s, err);
    return rc ? sqlite_finish(s, rc, err) : 0;
}

int sqlite_begin_lasting(struct sqlite *s, struct error *err)
{
    /* Best effort: on failure, commits are less durable. */
    sqlite3_exec(s->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    return sqlite_begin_write(s, err);
}

int sqlite_finish(struct sqlite *s, int rc, struct error *err)
{
    if (!rc)
        rc = run_simple(s, "COMMIT", err);
    if (rc && !sqlite3_get_autocommit(s->db)) {
        struct error ignored; /* if this fails, SQLite rolls back by itself */
        int undone = run_simple(s, "ROLLBACK", &ignored);
        (void)undone;
    }
    return rc;
}
