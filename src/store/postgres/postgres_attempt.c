/* SPDX-License-Identifier: MIT */
/* Repeats work after transient failures; a repeated write takes effect exactly once. */
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "store/postgres/postgres_internal.h"

/* Pauses between attempts double, from the first to the last of these. */
#define FIRST_PAUSE_S 0.05
#define LAST_PAUSE_S 2.0
/* Attempts after a timeout: a statement that took too long twice will do so again. */
#define TIMEOUT_TRIES 2

/* Does nothing without a connection, because then the server rolls back by itself. */
void postgres_leave_transaction(struct postgres *p)
{
    struct error ignored;
    enum postgres_failure failure = p->failure;
    if (!p->conn)
        return;
    PGTransactionStatusType status = PQtransactionStatus(p->conn);
    if (status != PQTRANS_IDLE && postgres_script(p, "ROLLBACK", &ignored))
        failure = POSTGRES_LOST;
    p->failure = failure;
}

int postgres_attempt(struct postgres *p, postgres_operation *operation, void *context,
                     struct error *err)
{
    double deadline = clock_seconds() + POSTGRES_PATIENCE_S;
    bool told = false;
    int timeouts = 0;
    struct error why = ERROR_INIT;
    for (double pause = FIRST_PAUSE_S;; pause *= 2) {
        p->failure = POSTGRES_FINAL; /* for failures that are not the server's */
        p->sqlstate[0] = '\0';
        int rc = postgres_connect(p, &why);
        if (!rc)
            rc = operation(p, context, &why);
        if (!rc)
            return 0;
        postgres_leave_transaction(p);
        bool timeout = strcmp(p->sqlstate, "57014") == 0;
        if (p->failure == POSTGRES_LOST)
            postgres_disconnect(p);
        if (p->failure != POSTGRES_FINAL && postgres_is_cancelled(p))
            return postgres_cancelled(p, err);
        if (p->failure == POSTGRES_FINAL || clock_seconds() + pause > deadline ||
            (timeout && ++timeouts >= TIMEOUT_TRIES))
            return error_set(err, rc, "%s", why.message);
        if (!told && p->failure == POSTGRES_LOST)
            postgres_notice(p,
                            "no connection to the gallery %s: waiting for the server, up to %.0f "
                            "seconds",
                            p->store.name, POSTGRES_PATIENCE_S);
        told |= p->failure == POSTGRES_LOST;
        if (pause > LAST_PAUSE_S)
            pause = LAST_PAUSE_S;
        postgres_pause(p, pause);
        if (postgres_is_cancelled(p))
            return postgres_cancelled(p, err);
    }
}

/* ---- writing, exactly once ---- */

/* How long to wait for the server to detect a lost client, before its session is terminated. */
#define LOST_SESSION_WAIT "5s"

/* One call of postgres_write, over all its attempts. */
struct writing {
    postgres_operation *body;
    void *context;
    int64_t number; /* number of the writer's transaction */
    int lost_pid;   /* pid of the server process whose answer to COMMIT was lost; 0: none */
};

static int64_t random_writer(void)
{
    int64_t number;
    while (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        continue;
    return number & INT64_MAX;
}

/* Registers this process. Every writing process has a row with the number of its last transaction,
 * and updates it within that transaction. Rows of killed writers are deleted after a month. */
static int register_writer(struct postgres *p, struct error *err)
{
    struct postgres_args args = {0};
    if (p->writer)
        return 0;
    int64_t writer = random_writer();
    args_int(&args, writer);
    int rc = postgres_run(p,
                          "WITH old AS (DELETE FROM keepsake_writer WHERE at < now() - interval"
                          " '30 days') INSERT INTO keepsake_writer (writer, number, at)"
                          " VALUES ($1, 0, now())",
                          &args, NULL, err);
    if (!rc)
        p->writer = writer;
    return rc;
}

/* Terminates a session whose lost connection the server has not detected yet. */
static int end_lost_session(struct postgres *p, int pid, struct error *err)
{
    struct postgres_args args = {0};
    args_int(&args, pid);
    postgres_leave_transaction(p);
    if (p->pooled) /* the number is the pooler's, and the session may serve another program */
        return 0;
    return postgres_run(p,
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1"
                        " AND pid <> pg_backend_pid() AND usename = current_user",
                        &args, NULL, err);
}

/* Waits for the writer's transaction to end, which holds a lock on the writer's row, and reads its
 * number. */
static int lock_number(struct postgres *p, int64_t *ret_number, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_int(&args, p->writer);
    int rc = postgres_script(p, "BEGIN; SET LOCAL lock_timeout = '" LOST_SESSION_WAIT "'", err);
    if (!rc)
        rc = postgres_query(p, "SELECT number FROM keepsake_writer WHERE writer = $1 FOR UPDATE",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return error_set(err, ERR_NETWORK,
                         "the connection to the gallery %s was cut while a batch was being stored, "
                         "and it is unknown whether the batch was committed: run the command again",
                         p->store.name);
    *ret_number = value_int(row, 0, 0);
    return postgres_script(p, "COMMIT", err);
}

/* *ret_done is true if the transaction whose answer was lost was committed. */
static int look_up(struct postgres *p, const struct writing *w, bool *ret_done, struct error *err)
{
    int64_t number = 0;
    int rc = lock_number(p, &number, err);
    if (!rc) {
        *ret_done = number == w->number;
        return 0;
    }
    struct error ignored;
    bool waits = strcmp(p->sqlstate, "55P03") == 0;
    enum postgres_failure failure = p->failure;
    if (waits && end_lost_session(p, w->lost_pid, &ignored))
        failure = POSTGRES_LOST;
    p->failure = failure;
    return rc;
}

/* Counts a change, as the last statement before the commit, because that locks a row that all
 * writers share. A transaction that wrote nothing has no transaction id, and does not count. */
static int count_change(struct postgres *p, int64_t number, bool *ret_changed, struct error *err)
{
    struct postgres_args args = {0};
    int64_t counted;
    args_int(&args, p->writer);
    args_int(&args, number);
    int rc =
        postgres_run(p,
                     "WITH others AS (DELETE FROM keepsake_change RETURNING 1), counted AS"
                     " (UPDATE keepsake_gallery SET change = change + 1 + (SELECT count(*) FROM"
                     " others), changed_at = floor(extract(epoch FROM clock_timestamp()))::bigint"
                     " WHERE pg_current_xact_id_if_assigned() IS NOT NULL RETURNING 1)"
                     " UPDATE keepsake_writer SET number = $2, at = now()"
                     " WHERE writer = $1 AND EXISTS (SELECT FROM counted)",
                     &args, &counted, err);
    if (!rc)
        *ret_changed = counted > 0;
    return rc;
}

static int write_once(struct postgres *p, void *context, struct error *err)
{
    struct writing *w = context;
    bool done = false, changed = false;
    int rc = register_writer(p, err);
    if (!rc && w->lost_pid)
        rc = look_up(p, w, &done, err);
    if (rc || done)
        return rc;
    w->lost_pid = 0;
    rc = postgres_script(p, POSTGRES_BEGIN_WRITING, err);
    if (!rc)
        rc = w->body(p, w->context, err);
    if (!rc)
        rc = count_change(p, w->number, &changed, err);
    if (rc)
        return rc;
    int pid = PQbackendPID(p->conn);
    rc = postgres_script(p, "COMMIT", err);
    if (rc && changed && p->failure == POSTGRES_LOST)
        w->lost_pid = pid;
    return rc;
}

int postgres_write(struct postgres *p, postgres_operation *body, void *context, struct error *err)
{
    struct writing w = {.body = body, .context = context, .number = ++p->written};
    return postgres_attempt(p, write_once, &w, err);
}

void postgres_end_writer(struct postgres *p)
{
    struct postgres_args args = {0};
    struct error ignored;
    if (!p->writer || !p->conn)
        return;
    args_int(&args, p->writer);
    if (!postgres_run(p, "DELETE FROM keepsake_writer WHERE writer = $1", &args, NULL, &ignored))
        p->writer = 0;
}
