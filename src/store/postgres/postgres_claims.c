/* SPDX-License-Identifier: MIT */
/* Claims files for a process, with leases measured by the server's clock. */
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "store/postgres/postgres_internal.h"

/* Arrays are sent as text, {"\\x2f612e6a7067"} and {1,2}. */
static char *write_paths(const struct store_wanted *files, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = sizeof "{}";
    for (size_t i = 0; i < n; i++)
        size += 2 * strlen(files[i].path) + sizeof "\"\\\\x\",";
    char *text = xmalloc(size), *at = text;
    *at++ = '{';
    for (size_t i = 0; i < n; i++) {
        at = stpcpy(at, i ? ",\"\\\\x" : "\"\\\\x");
        for (const uint8_t *byte = (const uint8_t *)files[i].path; *byte; byte++) {
            *at++ = digits[*byte >> 4];
            *at++ = digits[*byte & 15];
        }
        *at++ = '"';
    }
    memcpy(at, "}", sizeof "}");
    return text;
}

/* The numbers of all files, as arrays like those of write_paths. */
struct numbers {
    char *sizes, *times, *changes, *inodes, *agains;
};

static struct numbers write_numbers(const struct store_wanted *files, size_t n)
{
    enum { FIELDS = 5, DIGITS = 21 }; /* DIGITS: of an int64_t, with sign and comma */
    char *texts[FIELDS], *at[FIELDS];
    for (size_t f = 0; f < FIELDS; f++) {
        texts[f] = xmalloc(n * DIGITS + sizeof "{}");
        at[f] = stpcpy(texts[f], "{");
    }
    for (size_t i = 0; i < n; i++) {
        const int64_t values[FIELDS] = {files[i].size, files[i].mtime_ns, files[i].ctime_ns,
                                        files[i].inode, files[i].again};
        for (size_t f = 0; f < FIELDS; f++)
            at[f] += snprintf(at[f], DIGITS + 1, "%s%lld", i ? "," : "", (long long)values[f]);
    }
    for (size_t f = 0; f < FIELDS; f++)
        memcpy(at[f], "}", sizeof "}");
    return (struct numbers){texts[0], texts[1], texts[2], texts[3], texts[4]};
}

static void release_numbers(struct numbers *numbers)
{
    free(numbers->sizes);
    free(numbers->times);
    free(numbers->changes);
    free(numbers->inodes);
    free(numbers->agains);
}

/* $1: claimer, $2: lease in seconds. */
static const char renew_sql[] =
    "INSERT INTO keepsake_claimer VALUES ($1, clock_timestamp() + $2 * interval '1 second')"
    " ON CONFLICT (id) DO UPDATE SET expires = excluded.expires";

/* True for a claimer whose lease has expired, so that others may take over its claims. A lease
 * starts again when the server restarts. */
#define EXPIRED(lease)                                                                   \
    "greatest(e.expires, pg_postmaster_start_time() + " lease " * interval '1 second') " \
    "< clock_timestamp()"

/* $1: claimer, $2: lease, $3: paths. Skips claims that another transaction is taking over or
 * releasing. */
static const char take_over_sql[] =
    "UPDATE keepsake_claim SET claimer = $1 WHERE path_key IN"
    " (SELECT c.path_key FROM unnest($3::bytea[]) AS a(path_key)"
    " JOIN keepsake_claim AS c ON c.path_key = a.path_key"
    " JOIN keepsake_claimer AS e ON e.id = c.claimer"
    " WHERE e.id <> $1 AND " EXPIRED("$2") " FOR UPDATE OF c SKIP LOCKED)";

/* $1: claimer, $2: paths. Inserts in a fixed order, so that processes that insert the same paths do
 * not deadlock. */
static const char insert_sql[] = "INSERT INTO keepsake_claim SELECT DISTINCT a.path_key, $1::bigint"
                                 " FROM unnest($2::bytea[]) AS a(path_key) WHERE NOT EXISTS"
                                 " (SELECT FROM keepsake_claim AS c WHERE c.path_key = a.path_key)"
                                 " ORDER BY 1 ON CONFLICT DO NOTHING";

/* Compares a file with its record; values that one side does not know are ignored. */
#define SAME_FILE(known)                                                                  \
    known ".path_key = a.path_key AND " known ".size = a.size AND " known                 \
          ".mtime_ns = a.mtime_ns AND NOT a.again::boolean AND (a.ctime_ns = 0 OR " known \
          ".ctime_ns IN (0, a.ctime_ns)) AND (a.inode = 0 OR " known ".inode IN (0, a.inode))"

/* $1: claimer, $2: paths, $3 to $7: the numbers. Runs after the claims were made, so it also sees
 * files that another process finished before it released its claim. */
static const char answer_sql[] =
    "WITH asked AS (SELECT * FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[],"
    " $6::bigint[], $7::integer[]) WITH ORDINALITY AS a(path_key, size, mtime_ns, ctime_ns, inode,"
    " again, place)),"
    " done AS (SELECT a.place, a.path_key FROM asked AS a JOIN image_gallery AS g"
    " ON " SAME_FILE(
        "g") " WHERE g.path_key = ANY ($2::bytea[])" /* conditions that postgres_fdw can send to the
                                                        shards */
             " UNION SELECT a.place, a.path_key FROM asked AS a JOIN keepsake_failure AS f"
             " ON " SAME_FILE(
                 "f") " WHERE f.hash IS NOT NULL),"
                      " given AS (DELETE FROM keepsake_claim AS c USING done AS d"
                      " WHERE c.path_key = d.path_key AND c.claimer = $1)"
                      " SELECT CASE WHEN d.place IS NOT NULL THEN 2 WHEN c.path_key IS NOT NULL "
                      "THEN 0 ELSE 1 END"
                      " FROM asked AS a LEFT JOIN done AS d ON d.place = a.place LEFT JOIN "
                      "keepsake_claim AS c"
                      " ON c.path_key = a.path_key AND c.claimer = $1 ORDER BY a.place";

static const enum store_claim answers[] = {STORE_CLAIM_MINE, STORE_CLAIM_BUSY, STORE_CLAIM_DONE};

struct claiming {
    size_t n;
    double lease_s;
    const char *paths;
    struct numbers numbers;
    enum store_claim *ret_claims;
};

static int send_renewal(struct postgres *p, const struct claiming *c, struct error *err)
{
    struct postgres_args args = {0};
    args_int(&args, p->claimer);
    args_double(&args, c->lease_s);
    return postgres_pipeline_send(p, renew_sql, &args, err);
}

static int send_claims(struct postgres *p, const struct claiming *c, struct error *err)
{
    struct postgres_args take_over = {0}, insert = {0}, answer = {0};
    args_int(&take_over, p->claimer);
    args_double(&take_over, c->lease_s);
    args_text(&take_over, c->paths);
    args_int(&insert, p->claimer);
    args_text(&insert, c->paths);
    args_int(&answer, p->claimer);
    args_text(&answer, c->paths);
    args_text(&answer, c->numbers.sizes);
    args_text(&answer, c->numbers.times);
    args_text(&answer, c->numbers.changes);
    args_text(&answer, c->numbers.inodes);
    args_text(&answer, c->numbers.agains);
    int rc = postgres_pipeline_send(p, take_over_sql, &take_over, err);
    if (!rc)
        rc = postgres_pipeline_send(p, insert_sql, &insert, err);
    return rc ? rc : postgres_pipeline_send(p, answer_sql, &answer, err);
}

static int read_claims(const PGresult *result, const struct claiming *c, struct error *err)
{
    for (size_t i = 0; i < c->n; i++) {
        int64_t answer = (int)i < PQntuples(result) ? value_int(result, (int)i, 0) : -1;
        if (answer < 0 || answer >= (int64_t)(sizeof answers / sizeof *answers))
            return error_set(err, ERR_CORRUPT,
                             "the server sent an invalid answer to a claim of photos");
        c->ret_claims[i] = answers[answer];
    }
    return 0;
}

/* Claims in one transaction, sent as a whole, so that it never holds locks while it waits for the
 * client. It is idempotent. */
static int claim_once(struct postgres *p, void *context, struct error *err)
{
    const struct claiming *c = context;
    PGresult *owned = NULL;
    int rc = postgres_pipeline_start(p, err);
    if (rc)
        return rc;
    rc = postgres_pipeline_send(p, "BEGIN ISOLATION LEVEL READ COMMITTED", NULL, err);
    if (!rc)
        rc = send_renewal(p, c, err);
    if (!rc && c->n)
        rc = send_claims(p, c, err);
    if (!rc)
        rc = postgres_pipeline_send(p, "COMMIT", NULL, err);
    rc = postgres_pipeline_finish(p, rc, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    return read_claims(result, c, err);
}

int postgres_claim(struct store *store, const struct store_wanted *files, size_t n, double lease_s,
                   enum store_claim *ret_claims, struct error *err)
{
    struct postgres *p = postgres_of(store);
    if (!p->claimer)
        p->claimer = random_id();
    AUTO_FREE char *paths = write_paths(files, n);
    struct claiming c = {n, lease_s, paths, write_numbers(files, n), ret_claims};
    int rc = postgres_attempt(p, claim_once, &c, err);
    release_numbers(&c.numbers);
    return rc;
}

int postgres_release_claims(struct postgres *p, const struct store_change *changes, size_t n,
                            struct error *err)
{
    if (!p->claimer)
        return 0;
    AUTO_FREE struct store_wanted *files = xcalloc(n, sizeof *files);
    for (size_t i = 0; i < n; i++)
        files[i].path = changes[i].path;
    AUTO_FREE char *paths = write_paths(files, n);
    struct postgres_args args = {0};
    args_text(&args, paths);
    args_int(&args, p->claimer);
    return postgres_run(
        p, "DELETE FROM keepsake_claim WHERE path_key = ANY ($1::bytea[]) AND claimer = $2", &args,
        NULL, err);
}

/* Also deletes the claims of dead claimers. The claimer's row is locked and deleted after its
 * claims; a claimer that comes back waits for that, and registers again. */
static const char *const unclaim_sql[] = {
    "DELETE FROM keepsake_claim WHERE claimer = $1 OR path_key IN (SELECT c.path_key"
    " FROM keepsake_claim AS c JOIN keepsake_claimer AS e ON e.id = c.claimer"
    " WHERE " EXPIRED("86400") " FOR UPDATE OF c SKIP LOCKED)",
    "DELETE FROM keepsake_claimer WHERE id = $1 OR id IN (SELECT e.id FROM keepsake_claimer AS e"
    " WHERE " EXPIRED("86400") " AND NOT EXISTS"
                               " (SELECT FROM keepsake_claim AS c WHERE c.claimer = e.id) FOR "
                               "UPDATE SKIP LOCKED)",
};

static int unclaim_once(struct postgres *p, void *context, struct error *err)
{
    struct postgres_args args = {0};
    (void)context;
    args_int(&args, p->claimer);
    int rc = postgres_script(p, "BEGIN ISOLATION LEVEL READ COMMITTED", err);
    for (size_t i = 0; !rc && i < sizeof unclaim_sql / sizeof *unclaim_sql; i++)
        rc = postgres_run(p, unclaim_sql[i], &args, NULL, err);
    return rc ? rc : postgres_script(p, "COMMIT", err);
}

int postgres_unclaim(struct store *store, struct error *err)
{
    struct postgres *p = postgres_of(store);
    int rc = p->claimer ? postgres_attempt(p, unclaim_once, NULL, err) : 0;
    if (!rc)
        p->claimer = 0;
    return rc;
}
