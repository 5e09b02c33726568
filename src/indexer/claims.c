/* SPDX-License-Identifier: MIT */
/* Claims tasks in the gallery ahead of the work, so that several processes can share it. */
#include "indexer/claims.h"

#include <time.h>

#include "base/clock.h"
#include "base/memory.h"

/* One SHARE-th of the remaining work is claimed ahead. */
#define SHARE 8
/* Pause between two rounds in which other processes held everything. */
#define WAIT_S 0.25
#define RENEWALS_PER_LEASE 4

void claims_init(struct claims *c, struct plan *plan, struct store *store,
                 struct progress *progress, size_t least)
{
    double lease_s = progress->options->lease_s;
    *c = (struct claims){
        .store = store,
        .progress = progress,
        .lease_s = lease_s > 0 ? lease_s : INDEX_LEASE_S,
        .renewed = clock_seconds(),
        .tasks = xcalloc(plan->n, sizeof *c->tasks),
        .n_kept = plan->n,
        .least = least < CLAIMS_MOST ? least : CLAIMS_MOST,
    };
    for (size_t i = 0; i < plan->n; i++)
        c->tasks[i] = &plan->tasks[i];
}

int claims_end(struct claims *c, int rc, struct error *err)
{
    struct error why = ERROR_INIT;
    int given = rc == ERR_NETWORK ? 0 : store_unclaim(c->store, &why);
    free(c->tasks);
    c->tasks = NULL;
    return rc || !given ? rc : error_set(err, given, "%s", why.message);
}

bool claims_begin_round(struct claims *c)
{
    c->n = c->n_kept;
    c->next = c->n_kept = 0;
    return c->n > 0;
}

static size_t window(const struct claims *c)
{
    size_t share = (c->n - c->next) / SHARE;
    if (share < c->least)
        return c->least;
    return share < CLAIMS_MOST ? share : CLAIMS_MOST;
}

bool claims_all_asked(const struct claims *c)
{
    return c->next == c->n;
}

bool claims_want(const struct claims *c)
{
    size_t most = window(c);
    return !claims_all_asked(c) && c->in_hand <= most - most / 4;
}

static void take_answer(struct claims *c, struct task *task, enum store_claim answer,
                        struct task **granted, size_t *n)
{
    switch (answer) {
    case STORE_CLAIM_MINE:
        granted[(*n)++] = task;
        c->in_hand++;
        break;
    case STORE_CLAIM_BUSY:
        c->tasks[c->n_kept++] = task;
        break;
    case STORE_CLAIM_DONE:
        c->progress->now.report.by_others++;
        c->progress->now.done++;
        break;
    }
}

int claims_ask(struct claims *c, struct task **ret_granted, size_t *ret_n, struct error *err)
{
    size_t most = window(c), n = c->n - c->next;
    if (n > most - c->in_hand)
        n = most - c->in_hand;
    AUTO_FREE struct store_wanted *files = xcalloc(n, sizeof *files);
    AUTO_FREE enum store_claim *answers = xcalloc(n, sizeof *answers);
    for (size_t i = 0; i < n; i++) {
        const struct task *task = c->tasks[c->next + i];
        files[i] = (struct store_wanted){
            .path = task->path,
            .size = task->size,
            .mtime_ns = task->mtime_ns,
            .ctime_ns = task->ctime_ns,
            .inode = task->inode,
            .again = task->cause == TASK_RETRY || task->cause == TASK_REREAD ||
                     task->cause == TASK_SIDECAR,
        };
    }
    int rc = store_claim(c->store, files, n, c->lease_s, answers, err);
    if (rc)
        return rc;
    c->renewed = clock_seconds();
    *ret_n = 0;
    for (size_t i = 0; i < n; i++)
        take_answer(c, c->tasks[c->next++], answers[i], ret_granted, ret_n);
    return 0;
}

static int poll_caller(struct claims *c, struct error *err)
{
    progress_show(c->progress, false);
    if (progress_is_cancelled(c->progress))
        return error_set(err, ERR_CANCELLED, "interrupted; all completed work is in the gallery");
    return 0;
}

int claims_ask_until(struct claims *c, struct task **ret_granted, size_t *ret_n, struct error *err)
{
    int rc = 0;
    size_t n = 0;
    while (!rc && !n && !claims_all_asked(c)) {
        rc = claims_ask(c, ret_granted, &n, err);
        if (!rc && !n)
            rc = poll_caller(c, err);
    }
    if (!rc)
        *ret_n = n;
    return rc;
}

int claims_wait(struct claims *c, struct error *err)
{
    static const struct timespec moment = {0, 50000000};
    double until = clock_seconds() + (c->lease_s / 4 < WAIT_S ? c->lease_s / 4 : WAIT_S);
    int rc = 0;
    c->progress->now.waiting = (int64_t)c->n_kept;
    while (!rc && clock_seconds() < until) {
        rc = poll_caller(c, err);
        if (!rc)
            nanosleep(&moment, NULL);
    }
    c->progress->now.waiting = 0;
    return rc;
}

int claims_renew(struct claims *c, struct error *err)
{
    double now = clock_seconds();
    if (c->in_hand == 0 || now - c->renewed < c->lease_s / RENEWALS_PER_LEASE)
        return 0;
    c->renewed = now;
    return store_claim(c->store, NULL, 0, c->lease_s, NULL, err);
}

void claims_settle(struct claims *c, size_t n)
{
    c->in_hand -= n;
}

void claims_put_back(struct claims *c, struct task *task)
{
    c->tasks[c->n_kept++] = task;
    c->in_hand--;
}
