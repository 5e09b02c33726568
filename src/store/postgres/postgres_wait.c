/* SPDX-License-Identifier: MIT */
/* Waiting for the answers of a PostgreSQL server in a way that the owner can end: a statement that
 * takes long is cancelled on the server, too, which would else go on with it for nobody. */
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "store/postgres/postgres_internal.h"

/* How often the owner is asked, and how long a statement has before: what takes no longer is better
 * finished, such as an entry of the ledger or a commit. */
#define LOOK_MS 100
#define GRACE_S 0.5
/* The server answers a cancelled statement at once. One that does not is not there any more. */
#define CUT_S 5.0

bool postgres_is_cancelled(const struct postgres *p)
{
    return p->options.cancelled && p->options.cancelled(p->options.context);
}

static void cancel_statement(struct postgres *p)
{
    char why[256];
    PGcancel *cancel = PQgetCancel(p->conn);
    if (cancel)
        PQcancel(cancel, why, sizeof why);
    PQfreeCancel(cancel);
}

/* *asked: clock_seconds of the statement's begin; *cut: of its cancellation, 0: not yet. */
static void look_for_end(struct postgres *p, double asked, double *cut)
{
    double now = clock_seconds();
    if (*cut > 0 && now > *cut + CUT_S)
        shutdown(PQsocket(p->conn), SHUT_RDWR);
    if (*cut > 0 || now < asked + GRACE_S || !postgres_is_cancelled(p))
        return;
    *cut = now;
    cancel_statement(p);
}

PGresult *postgres_next_result(struct postgres *p)
{
    double asked = clock_seconds(), cut = 0;
    while (PQisBusy(p->conn)) {
        struct pollfd socket = {.fd = PQsocket(p->conn), .events = POLLIN};
        int ready = poll(&socket, 1, LOOK_MS);
        if (ready > 0 && !PQconsumeInput(p->conn))
            break;                    /* PQgetResult says why */
        look_for_end(p, asked, &cut); /* also of an answer that does not stop coming */
    }
    return PQgetResult(p->conn);
}

PGresult *postgres_last_result(struct postgres *p)
{
    PGresult *last = NULL, *next;
    while ((next = postgres_next_result(p))) {
        PQclear(last);
        last = next;
    }
    return last;
}

void postgres_pause(const struct postgres *p, double seconds)
{
    double until = clock_seconds() + seconds;
    for (double left = seconds; left > 0 && !postgres_is_cancelled(p);
         left = until - clock_seconds())
        poll(NULL, 0, left * 1000 < LOOK_MS ? (int)(left * 1000) + 1 : LOOK_MS);
}

int postgres_cancelled(const struct postgres *p, struct error *err)
{
    return error_set(err, ERR_CANCELLED,
                     "interrupted while waiting for the server of the gallery %s; what was "
                     "finished is in the gallery",
                     p->store.name);
}
