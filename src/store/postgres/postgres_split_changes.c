/* SPDX-License-Identifier: MIT */
/* Applies changes to a split gallery, safe against a crash between its servers. */
#include <string.h>

#include "store/postgres/postgres_internal.h"

/* Changes of a split gallery. After a crash during the commit, some shards may have committed and
 * others not (postgres_internal.h). All changes are then applied again, by this program or, if it
 * was killed, by the next index run. These rules make that idempotent:
 *
 * - ADD, TOUCH, FAIL and REMOVE only access their own path, and thus one shard.
 * - COPY and MOVE read another path, on another shard, which must still be the same the second
 * time. Therefore no transaction changes a path that it has read: a run of COPYs and MOVEs is a
 *   separate transaction, which ends before a change that would write a path it has read, and a
 *   following transaction deletes the old paths of MOVEs. In between, the photo is at both paths.
 * - A path is in image_gallery or in keepsake_failure. A failure that a photo will replace is
 *   deleted earlier; in between, the path is unknown and would be read again.
 * - Labels are moved to new content in the same transaction, before the content arrives. */

/* Statements are templates of fact_sql.h. */
#define SET_FROM(of) " hash = " of ".hash, embedding = " of ".embedding, {# = " of ".#}"
/* Writing only to shards also counts as a change: the transaction gets an id if `of` has rows. */
#define NUMBERED(of) " SELECT pg_current_xact_id()::text FROM (" of ") AS done"
#define CHANGED_OR_ADDED NUMBERED("SELECT FROM changed UNION ALL SELECT FROM added")

/* Foreign tables do not support ON CONFLICT. If two programs add one path at the same time, the
 * shard's key refuses one of them, which then tries again. */
#define ADD(id_column, id, facts)                                                             \
    "WITH " POSTGRES_DROP_OUTDATED ", " POSTGRES_NOTE_DAMAGE                                  \
    ", changed AS (UPDATE image_gallery SET path = $1, size = $3, mtime_ns = $4,"             \
    " ctime_ns = $5, inode = $6, hash = $7, embedding = $8::vector, {# = " facts "}"          \
    " WHERE path_key = $2 AND position = $10::integer RETURNING 1), added AS (INSERT INTO"    \
    " image_gallery (" id_column "path, path_key, position, size, mtime_ns, ctime_ns, inode," \
    " hash, embedding, {#}) SELECT " id " $1, $2, $10::integer, $3::bigint, $4::bigint,"      \
    " $5::bigint, $6::bigint, $7, $8::vector, {" facts "}"                                    \
    " WHERE NOT EXISTS (SELECT FROM changed) RETURNING 1)" CHANGED_OR_ADDED

static const char add_sql[] = ADD("", "", "$11+::@");
/* The sequence is always ahead of every id on the shards. */
static const char add_with_id_sql[] =
    ADD("id, ",
        "CASE WHEN $11::bigint > coalesce(pg_sequence_last_value(pg_get_serial_sequence("
        "'image_gallery', 'id')::regclass), 0) AND $11::bigint < 4611686018427387904 THEN"
        " setval(pg_get_serial_sequence('image_gallery', 'id')::regclass, $11::bigint)"
        " ELSE nextval(pg_get_serial_sequence('image_gallery', 'id')::regclass) END,",
        "$12+::@");

/* After an unfinished MOVE, the photo exists twice: at $2 and at its old path. */
#define SOURCE(at)                                                                          \
    "WITH source AS MATERIALIZED (SELECT id, position, hash, embedding, {#}"                \
    " FROM image_gallery"                                                                   \
    " WHERE id = $7 AND ($8::bytea IS NULL OR hash = $8) AND ($9::bytea IS NULL OR " at ")" \
    " LIMIT 1)"

static const char copy_sql[] = SOURCE(
    "path_key NOT IN ($2, $9)") ", changed AS (UPDATE image_gallery SET path = $1, size = $3,"
                                " mtime_ns = $4, ctime_ns = $5, inode = $6," SET_FROM(
                                    "source") " FROM source WHERE image_gallery.path_key = $2 "
                                              "AND image_gallery.position = source.position "
                                              "RETURNING"
                                              " 1), added AS (INSERT INTO image_gallery (path, "
                                              "path_key, position, size, mtime_ns, ctime_ns, "
                                              "inode, hash, "
                                              "embedding, {#}"
                                              ") SELECT $1, $2, position, $3::bigint, $4::bigint, "
                                              "$5::bigint, $6::bigint, hash, "
                                              "embedding, {#} FROM source"
                                              " WHERE NOT EXISTS (SELECT FROM changed) RETURNING "
                                              "1)" CHANGED_OR_ADDED;

static const char move_sql[] = SOURCE(
    "path_key IN ($2, $9)") ", there AS MATERIALIZED (SELECT FROM image_gallery WHERE"
                            " path_key = $2 AND position = (SELECT position FROM source)), changed "
                            "AS (UPDATE image_gallery SET path = $1, size "
                            "= $3, mtime_ns = $4, ctime_ns = $5, inode = $6"
                            " WHERE path_key = $2 AND id = $7 AND EXISTS (SELECT FROM source) "
                            "RETURNING 1),"
                            " added AS (INSERT INTO image_gallery (id, path, path_key, size, "
                            "mtime_ns, ctime_ns, inode, position, hash, embedding, {#}"
                            ") SELECT id, $1, $2, $3::bigint, $4::bigint, $5::bigint, "
                            "$6::bigint, position, hash, embedding, {#} FROM source"
                            " WHERE NOT EXISTS (SELECT FROM there) RETURNING 1)" CHANGED_OR_ADDED;

/* $1: id, $2: new path, $3: old path, if known. */
static const char leave_sql[] =
    "WITH gone AS (DELETE FROM image_gallery WHERE id = $1 AND path_key <> $2 AND ($3::bytea IS"
    " NULL OR path_key = $3) AND EXISTS (SELECT FROM image_gallery WHERE id = $1 AND path_key ="
    " $2) RETURNING 1)" NUMBERED("SELECT FROM gone");

static const char touch_sql[] =
    "WITH photo AS (UPDATE image_gallery SET size = $2, mtime_ns = $3, ctime_ns = $4, inode = $5"
    " WHERE path_key = $1 RETURNING 1), failure AS (UPDATE keepsake_failure SET size = $2,"
    " mtime_ns = $3, ctime_ns = $4, inode = $5 WHERE path_key = $1)" NUMBERED("SELECT FROM photo");

static const char remove_sql[] =
    "WITH photo AS (DELETE FROM image_gallery WHERE path_key = $1 RETURNING 1),"
    " failure AS (DELETE FROM keepsake_failure WHERE path_key = $1)" NUMBERED("SELECT FROM photo");

const char *postgres_split_sql(enum store_change_kind kind, bool with_id)
{
    static const char *const statements[] = {
        [STORE_ADD] = add_sql,     [STORE_COPY] = copy_sql,          [STORE_MOVE] = move_sql,
        [STORE_TOUCH] = touch_sql, [STORE_FAIL] = postgres_fail_sql, [STORE_REMOVE] = remove_sql,
    };
    return with_id && kind == STORE_ADD ? add_with_id_sql : statements[kind];
}

/* ---- runs ---- */

enum { RUN = 256 };

struct run {
    const struct store_change *changes;
    size_t n;
};

static bool reads_another(const struct store_change *change)
{
    return change->kind == STORE_COPY || change->kind == STORE_MOVE;
}

/* Finds the paths of the photos that a run reads: rows of id and path. */
static int find_sources(struct postgres *p, const struct run *run, PGresult **ret_rows,
                        struct error *err)
{
    struct strbuf ids = STRBUF_INIT(RUN * 32);
    int rc = strbuf_addf(&ids, err, "{");
    for (size_t i = 0; !rc && i < run->n; i++)
        rc = strbuf_addf(&ids, err, "%s%lld", i ? "," : "", (long long)run->changes[i].id);
    if (!rc)
        rc = strbuf_addf(&ids, err, "}");
    AUTO_FREE char *list = strbuf_take(&ids);
    struct postgres_args args = {0};
    args_text(&args, list);
    return rc ? rc
              : postgres_query(
                    p,
                    "SELECT id::bigint, path_key FROM image_gallery WHERE id = ANY ($1::bigint[])",
                    &args, ret_rows, err);
}

static bool is_at(const PGresult *rows, int64_t id, const char *path)
{
    for (int i = 0; i < PQntuples(rows); i++)
        if (value_int(rows, i, 0) == id && (size_t)PQgetlength(rows, i, 1) == strlen(path) &&
            memcmp(value_bytes(rows, i, 1), path, strlen(path)) == 0)
            return true;
    return false;
}

/* Returns whether changes[i] would change or read a path that an earlier change of the run has
 * read. */
static bool disturbs(const struct run *run, size_t i, const PGresult *sources)
{
    const struct store_change *later = &run->changes[i];
    for (size_t j = 0; j < i; j++)
        if (run->changes[j].id == later->id || is_at(sources, run->changes[j].id, later->path))
            return true;
    return false;
}

struct finding {
    struct run *run;
    PGresult *rows;
};

static int find(struct postgres *p, void *context, struct error *err)
{
    struct finding *f = context;
    return find_sources(p, f->run, &f->rows, err);
}

static int cut_run(struct postgres *p, struct run *run, struct error *err)
{
    struct finding f = {.run = run};
    int rc = postgres_attempt(p, find, &f, err);
    if (rc)
        return rc;
    AUTO_RESULT *sources = f.rows;
    size_t n = 1;
    while (n < run->n && !disturbs(run, n, sources))
        n++;
    run->n = n;
    return 0;
}

static int leave_old_paths(struct postgres *p, void *context, struct error *err)
{
    const struct run *run = context;
    int rc = postgres_pipeline_start(p, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < run->n; i++) {
        const struct store_change *change = &run->changes[i];
        struct postgres_args args = {0};
        args_int(&args, change->id);
        args_bytes(&args, change->path, strlen(change->path));
        if (change->source)
            args_bytes(&args, change->source, strlen(change->source));
        else
            args_text(&args, NULL);
        if (change->kind == STORE_MOVE)
            rc = postgres_pipeline_send(p, leave_sql, &args, err);
    }
    return postgres_pipeline_finish(p, rc, NULL, err);
}

/* Takes a lock with the key "keer", so that two processes never move one photo to two paths at the
 * same time. */
static int hold(struct postgres *p, void *context, struct error *err)
{
    struct postgres_args args = {0};
    args_text(&args, p->schema);
    int rc = postgres_refuse_pooler(p, "moving photos between shards", err);
    return rc ? rc : postgres_run(p, context, &args, NULL, err);
}

static char lock_sql[] = "SELECT pg_advisory_lock(1801807218, hashtext($1))";
static char unlock_sql[] = "SELECT pg_advisory_unlock(1801807218, hashtext($1))";

static int move(struct postgres *p, struct run *run, struct error *err)
{
    struct error why = ERROR_INIT, ignored;
    int rc = postgres_attempt(p, hold, lock_sql, err);
    if (rc)
        return rc;
    rc = postgres_apply_run(p, run->changes, run->n, &why);
    if (!rc)
        rc = postgres_write(p, leave_old_paths, run, &why);
    if (p->conn && hold(p, unlock_sql, &ignored))
        postgres_disconnect(p);
    return rc ? error_set(err, rc, "%s", why.message) : 0;
}

static int apply_reading(struct postgres *p, struct run *run, struct error *err)
{
    int rc = cut_run(p, run, err);
    if (rc)
        return rc;
    bool moves = false;
    for (size_t i = 0; i < run->n; i++)
        moves |= run->changes[i].kind == STORE_MOVE;
    return moves ? move(p, run, err) : postgres_apply_run(p, run->changes, run->n, err);
}

static int prepare_paths(struct postgres *p, void *context, struct error *err)
{
    const struct run *all = context;
    int rc = postgres_labels_follow(p, all->changes, all->n, err);
    if (!rc)
        rc = postgres_pipeline_start(p, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < all->n; i++) {
        const struct store_change *change = &all->changes[i];
        struct postgres_args args = {0};
        args_bytes(&args, change->path, strlen(change->path));
        if (change->kind == STORE_ADD || reads_another(change))
            rc = postgres_pipeline_send(p, "DELETE FROM keepsake_failure WHERE path_key = $1",
                                        &args, err);
    }
    return postgres_pipeline_finish(p, rc, NULL, err);
}

int postgres_split_apply(struct postgres *p, const struct store_change *changes, size_t n,
                         struct error *err)
{
    int rc = 0;
    for (size_t done = 0; !rc && done < n;) {
        struct run run = {changes + done, 1};
        bool reads = reads_another(run.changes);
        while (done + run.n < n && (!reads || run.n < RUN) &&
               reads_another(&run.changes[run.n]) == reads)
            run.n++;
        rc = postgres_write(p, prepare_paths, &run, err);
        if (!rc)
            rc = reads ? apply_reading(p, &run, err)
                       : postgres_apply_run(p, run.changes, run.n, err);
        done += run.n;
    }
    return rc;
}
