#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/postgres.h"

/* Waits between tries double from the first to the last of these. */
#define FIRST_PAUSE_S 0.05
#define LAST_PAUSE_S 2.0
/* A statement that took too long twice will a third time. */
#define TIMEOUT_TRIES 2

static void sleep_seconds(double seconds)
{
    struct timespec pause = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&pause, &pause) < 0)
        continue;
}

/* The server takes it back itself when the connection is gone. */
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
        p->failure = POSTGRES_FINAL; /* of what is no failure of the server's */
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
        if (p->failure == POSTGRES_FINAL || clock_seconds() + pause > deadline ||
            (timeout && ++timeouts >= TIMEOUT_TRIES))
            return error_set(err, rc, "%s", why.message);
        if (!told && p->failure == POSTGRES_LOST)
            postgres_notice(p, "waiting for the server: %s", why.message);
        told |= p->failure == POSTGRES_LOST;
        if (pause > LAST_PAUSE_S)
            pause = LAST_PAUSE_S;
        sleep_seconds(pause);
    }
}

struct writing {
    postgres_operation *body;
    void *context;
    char transaction[24]; /* number of the one whose commit was not answered; "": none */
};

/* *ret_done: it was committed. A backend that does not know yet that its client has gone is
 * ended. */
static int look_up(struct postgres *p, const char *transaction, bool *ret_done, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    args_text(&args, transaction);
    int rc = postgres_query(p,
                            "SELECT pg_xact_status($1::xid8) = 'committed',"
                            " pg_xact_status($1::xid8) = 'in progress'",
                            &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    *ret_done = value_int(result, 0, 0);
    if (!value_int(result, 0, 1))
        return 0;
    rc = postgres_run(p,
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                      " WHERE backend_xid = $1::xid8::xid",
                      &args, NULL, err);
    if (rc)
        return rc;
    p->failure = POSTGRES_AGAIN;
    return error_set(err, ERR_NETWORK,
                     "the connection to the gallery %s was cut while the last batch was being "
                     "stored, and the server cannot tell yet whether it was: run the command again",
                     p->name);
}

/* The last statement before the commit, so that the row all writers share is locked for a moment
 * only. A transaction that wrote nothing has no number, and is no change. */
static int count_change(struct postgres *p, char *ret_transaction, size_t size, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p,
                            "UPDATE keepsake_gallery SET change = change + 1,"
                            " changed_at = floor(extract(epoch FROM clock_timestamp()))::bigint"
                            " WHERE pg_current_xact_id_if_assigned() IS NOT NULL RETURNING"
                            " pg_current_xact_id()::text",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    ret_transaction[0] = '\0';
    if (PQntuples(result))
        value_text(result, 0, 0, ret_transaction, size);
    return 0;
}

static int write_once(struct postgres *p, void *context, struct error *err)
{
    struct writing *w = context;
    bool done = false;
    int rc = w->transaction[0] ? look_up(p, w->transaction, &done, err) : 0;
    if (rc || done)
        return rc;
    w->transaction[0] = '\0';
    rc = postgres_script(p, "BEGIN", err);
    if (!rc)
        rc = w->body(p, w->context, err);
    char number[sizeof w->transaction];
    if (!rc)
        rc = count_change(p, number, sizeof number, err);
    if (rc)
        return rc;
    rc = postgres_script(p, "COMMIT", err);
    if (rc && p->failure == POSTGRES_LOST)
        memcpy(w->transaction, number, sizeof number);
    return rc;
}

int postgres_write(struct postgres *p, postgres_operation *body, void *context, struct error *err)
{
    struct writing w = {.body = body, .context = context};
    return postgres_attempt(p, write_once, &w, err);
}
