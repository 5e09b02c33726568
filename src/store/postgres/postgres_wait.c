/* SPDX-License-Identifier: MIT */
/* Waits for the answers of a PostgreSQL server so that the owner can cancel. A long statement is
 * also cancelled on the server, which would otherwise continue it in vain. */
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "store/postgres/postgres_internal.h"

/* Interval at which cancellation is polled, and time before the first poll: a shorter statement,
 * such as a ledger entry or a commit, is better finished. */
#define LOOK_MS 100
#define GRACE_S 0.5
/* Time to wait for the answer to a cancelled statement. A server answers immediately; one that does
 * not is gone. */
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

/* `asked` is clock_seconds at the start of the statement, *cut that of its cancellation; 0: not yet
 * cancelled. */
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
            break;                    /* PQgetResult reports the reason */
        look_for_end(p, asked, &cut); /* also cancels an answer that does not end */
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
                     "interrupted while waiting for the server of the gallery %s; completed "
                     "work is in the gallery",
                     p->store.name);
}
