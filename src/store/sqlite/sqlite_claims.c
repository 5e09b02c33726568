/* SPDX-License-Identifier: MIT */
/* Claims files for a process, with leases. */
#include <string.h>
#include <time.h>

#include "base/process.h"
#include "base/random.h"
#include "store/sqlite/sqlite_internal.h"

/* The first claim creates these tables. They are not part of the format, because their content is
 * short-lived and other programs need not know them. */
const char sqlite_claim_tables[] = "CREATE TABLE IF NOT EXISTS claimer ("
                                   "    id INTEGER PRIMARY KEY,"
                                   "    expires_ms INTEGER NOT NULL," /* since 1970 */
                                   "    process TEXT NOT NULL"        /* see base/process.h */
                                   ") STRICT;"
                                   "CREATE TABLE IF NOT EXISTS claim ("
                                   "    path TEXT PRIMARY KEY,"
                                   "    claimer INTEGER NOT NULL"
                                   ") STRICT, WITHOUT ROWID;";

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int drop_claimer(struct sqlite *s, int64_t id, struct error *err)
{
    struct query q = query_start(s, "DELETE FROM claim WHERE claimer = ?");
    query_int(&q, id);
    int rc = query_run(&q, NULL, err);
    if (rc)
        return rc;
    q = query_start(s, "DELETE FROM claimer WHERE id = ?");
    query_int(&q, id);
    return query_run(&q, NULL, err);
}

/* Returns whether a claimer is dead. A lease that ends too far in the future was made while the
 * clock was wrong. */
static bool is_dead(int64_t expires_ms, const char *process)
{
    int64_t left = expires_ms - now_ms();
    return left < 0 || left > (int64_t)STORE_LONGEST_LEASE_S * 1000 || process_has_ended(process);
}

/* Gets the id of a dead claimer, or 0. */
static int find_dead(struct sqlite *s, int64_t *ret_id, struct error *err)
{
    struct query q = query_start(s, "SELECT id, expires_ms, process FROM claimer WHERE id <> ?");
    query_int(&q, s->claimer);
    int64_t id = 0;
    int rc;
    while ((rc = query_next(&q, err)) > 0 && !id)
        if (is_dead(sqlite3_column_int64(q.statement, 1),
                    (const char *)sqlite3_column_text(q.statement, 2)))
            id = sqlite3_column_int64(q.statement, 0);
    query_end(&q);
    *ret_id = id;
    return rc < 0 ? rc : 0;
}

static int bury_dead(struct sqlite *s, struct error *err)
{
    int64_t id;
    int rc;
    while (!(rc = find_dead(s, &id, err)) && id)
        if ((rc = drop_claimer(s, id, err)))
            break;
    return rc;
}

static int renew(struct sqlite *s, double lease_s, struct error *err)
{
    AUTO_FREE char *process = process_name();
    struct query q = query_start(s, "INSERT OR REPLACE INTO claimer VALUES (?, ?, ?)");
    query_int(&q, s->claimer);
    query_int(&q, now_ms() + (int64_t)(lease_s * 1000));
    query_text(&q, process);
    return query_run(&q, NULL, err);
}

/* Compares a file with its record; values that one side does not know are ignored. */
#define SAME_FILE                                                                           \
    "path = ?1 AND size = ?2 AND mtime_ns = ?3 AND (?4 = 0 OR ctime_ns IN (0, ?4)) AND (?5" \
    " = 0 OR inode IN (0, ?5))"

static int is_done(struct sqlite *s, const struct store_wanted *file, int64_t *ret_done,
                   struct error *err)
{
    *ret_done = 0;
    if (file->again)
        return 0;
    struct query q = query_start(s, "SELECT EXISTS (SELECT 1 FROM photo WHERE " SAME_FILE
                                    ") OR EXISTS (SELECT 1 FROM failure WHERE " SAME_FILE
                                    " AND hash IS NOT NULL)");
    query_text(&q, file->path);
    query_int(&q, file->size);
    query_int(&q, file->mtime_ns);
    query_int(&q, file->ctime_ns);
    query_int(&q, file->inode);
    return query_get_int(&q, ret_done, err);
}

static int claim_file(struct sqlite *s, const struct store_wanted *file,
                      enum store_claim *ret_claim, struct error *err)
{
    int64_t done, mine = 0;
    int rc = is_done(s, file, &done, err);
    if (!rc && done) {
        *ret_claim = STORE_CLAIM_DONE;
        return sqlite_release_claim(s, file->path, err);
    }
    struct query q;
    if (!rc) {
        q = query_start(s, "INSERT OR IGNORE INTO claim VALUES (?, ?)");
        query_text(&q, file->path);
        query_int(&q, s->claimer);
        rc = query_run(&q, NULL, err);
    }
    if (rc)
        return rc;
    q = query_start(s, "SELECT claimer = ? FROM claim WHERE path = ?");
    query_int(&q, s->claimer);
    query_text(&q, file->path);
    rc = query_get_int(&q, &mine, err);
    *ret_claim = mine ? STORE_CLAIM_MINE : STORE_CLAIM_BUSY;
    return rc;
}

static int make_tables(struct sqlite *s, struct error *err)
{
    int result = sqlite3_exec(s->db, sqlite_claim_tables, NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}

int sqlite_claim(struct store *store, const struct store_wanted *files, size_t n, double lease_s,
                 enum store_claim *ret_claims, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int64_t before = s->claimer;
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    if (!before)
        s->claimer = random_id();
    rc = make_tables(s, err);
    if (!rc)
        rc = renew(s, lease_s, err);
    if (!rc)
        rc = bury_dead(s, err);
    for (size_t i = 0; !rc && i < n; i++)
        rc = claim_file(s, &files[i], &ret_claims[i], err);
    rc = sqlite_finish(s, rc, err);
    if (rc)
        s->claimer = before; /* 0 while the tables may not exist */
    return rc;
}

int sqlite_unclaim(struct store *store, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    if (!s->claimer)
        return 0;
    int rc = sqlite_begin_write(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, drop_claimer(s, s->claimer, err), err);
    if (!rc)
        s->claimer = 0;
    return rc;
}

int sqlite_release_claim(struct sqlite *s, const char *path, struct error *err)
{
    if (!s->claimer)
        return 0;
    struct query q = query_start(s, "DELETE FROM claim WHERE path = ? AND claimer = ?");
    query_text(&q, path);
    query_int(&q, s->claimer);
    return query_run(&q, NULL, err);
}
