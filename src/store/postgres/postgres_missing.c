/* SPDX-License-Identifier: MIT */
/* Lists the rows without a vector, and waits for new ones. */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "store/missing.h"
#include "store/postgres/postgres_internal.h"

/* Interval at which cancellation is polled. */
#define LOOK_MS 200
#define PAGE_ROWS 4096

struct missing_page {
    const char *after; /* the path of the row before; NULL: none */
    PGresult *rows;
};

static int fetch_missing(struct postgres *p, void *context, struct error *err)
{
    struct missing_page *page = context;
    struct postgres_args args = {0};
    args_bytes(&args, page->after ? page->after : "", page->after ? strlen(page->after) : 0);
    args_int(&args, PAGE_ROWS);
    return postgres_query(
        p,
        "SELECT path_key, coalesce((SELECT reason FROM keepsake_failure AS f WHERE"
        " f.path_key = g.path_key), '') FROM image_gallery AS g WHERE embedding IS"
        " NULL AND position = 0 AND path_key > $1 ORDER BY path_key LIMIT"
        " $2::bigint",
        &args, &page->rows, err);
}

int postgres_list_missing(struct store *store,
                          int (*each)(void *context, const char *path, const char *reason),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    AUTO_FREE char *after = NULL;
    for (;;) {
        struct missing_page page = {.after = after};
        int rc = postgres_attempt(p, fetch_missing, &page, err);
        if (rc)
            return rc;
        AUTO_RESULT *rows = page.rows;
        int n = PQntuples(rows);
        for (int i = 0; !rc && i < n; i++) {
            free(after);
            after = value_copy(rows, i, 0);
            rc = each(context, after, value_bytes(rows, i, 1));
        }
        if (rc || n < PAGE_ROWS)
            return rc;
    }
}

/* Returns whether a notification is of this gallery. */
static bool read_notifications(struct postgres *p)
{
    bool told = false;
    PGnotify *notification;
    while ((notification = PQnotifies(p->conn))) {
        told |= strcmp(notification->relname, POSTGRES_CHANNEL) == 0 &&
                strcmp(notification->extra, p->schema) == 0;
        PQfreemem(notification);
    }
    return told;
}

/* Rows may have come while nobody listened. */
static int listen(struct postgres *p, bool *ret_told, struct error *err)
{
    int rc = p->listens ? 0 : postgres_script(p, "LISTEN " POSTGRES_CHANNEL, err);
    *ret_told = !rc && !p->listens;
    p->listens = !rc;
    return rc;
}

static void say_untold(struct postgres *p)
{
    if (!p->said_untold)
        postgres_notice(p,
                        "the connection pooler does not pass on notifications: checking for rows "
                        "without a vector every %g seconds",
                        STORE_UNTOLD_S);
    p->said_untold = true;
}

struct waiting {
    double until; /* clock_seconds() */
    bool told;
};

static int wait_once(struct postgres *p, void *context, struct error *err)
{
    struct waiting *w = context;
    int rc = p->pooled ? 0 : listen(p, &w->told, err);
    if (p->pooled)
        say_untold(p);
    if (p->pooled && w->until > clock_seconds() + STORE_UNTOLD_S)
        w->until = clock_seconds() + STORE_UNTOLD_S;
    while (!rc && !w->told && clock_seconds() < w->until) {
        struct pollfd socket = {.fd = PQsocket(p->conn), .events = POLLIN};
        if (postgres_is_cancelled(p))
            return postgres_cancelled(p, err);
        if (poll(&socket, 1, LOOK_MS) > 0 && !PQconsumeInput(p->conn))
            return postgres_error(p, NULL, err);
        w->told = !p->pooled && read_notifications(p);
    }
    return rc;
}

int postgres_wait_missing(struct store *store, double seconds, bool *ret_told, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct waiting w = {.until = clock_seconds() + seconds};
    int rc = postgres_attempt(p, wait_once, &w, err);
    if (!rc)
        *ret_told = w.told;
    return rc;
}
