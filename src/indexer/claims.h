/* SPDX-License-Identifier: MIT */
/* Claims the tasks of a plan in the gallery ahead of the work, and requests those that other
 * processes hold again later.
 *
 *     while (claims_begin_round(&c))                    until every task is done, by any process
 *         while (claims_want(&c))
 *             rc = claims_ask(&c, granted, &n, err);    this process works on the granted tasks
 *
 * Claims are prefetched in proportion to the remaining work, so that processes of different speeds
 * finish together. */
#pragma once

#include "indexer/plan.h"
#include "indexer/progress.h"

/* Maximum number of tasks granted by one claims_ask. */
#define CLAIMS_MOST 4096

struct claims {
    struct store *store;
    struct progress *progress;
    double lease_s, renewed; /* clock_seconds */
    struct task **tasks;     /* [0, n_kept): for the next round; [next, n): not requested yet */
    size_t n, next, n_kept;
    size_t in_hand; /* granted and not yet settled */
    size_t least;   /* minimum number of claimed tasks, so that every thread has work */
};

void claims_init(struct claims *c, struct plan *plan, struct store *store,
                 struct progress *progress, size_t least);
/* Releases the claims, unless `rc`, the result of the work, says that the store cannot be reached.
 * Returns rc, or the error of releasing. */
int claims_end(struct claims *c, int rc, struct error *err) MUST_CHECK;

/* Returns false when no task remains. */
bool claims_begin_round(struct claims *c);
/* Returns true when more tasks should be requested. */
bool claims_want(const struct claims *c);
/* Returns true when this round has requested all tasks. */
bool claims_all_asked(const struct claims *c);
/* Makes one request to the store. ret_granted has room for CLAIMS_MOST tasks. Counts the files that
 * other processes have indexed. */
int claims_ask(struct claims *c, struct task **ret_granted, size_t *ret_n,
               struct error *err) MUST_CHECK;
/* Repeats the request until a task is granted; *ret_n is 0 when the round is over. */
int claims_ask_until(struct claims *c, struct task **ret_granted, size_t *ret_n,
                     struct error *err) MUST_CHECK;
/* Waits briefly for other processes. ERR_CANCELLED. */
int claims_wait(struct claims *c, struct error *err) MUST_CHECK;
/* Renews the leases when they are due. Call it often. */
int claims_renew(struct claims *c, struct error *err) MUST_CHECK;

/* Marks `n` granted tasks as done. */
void claims_settle(struct claims *c, size_t n);
/* Returns a granted task to be claimed again. */
void claims_put_back(struct claims *c, struct task *task);
