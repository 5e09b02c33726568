/* SPDX-License-Identifier: MIT */
/* Which tasks of a plan this process works on: claims them in the gallery, some ahead of the work,
 * and asks again for those that other processes have in hand.
 *
 *     while (claims_begin_round(&c))                    until every task is done by somebody
 *         while (claims_want(&c))
 *             rc = claims_ask(&c, granted, &n, err);    the granted tasks are ours to do
 *
 * What is claimed ahead is a share of what is left, so that processes that work at different speeds
 * end together. */
#pragma once

#include "indexer/plan.h"
#include "indexer/progress.h"

/* Tasks granted by one claims_ask. */
#define CLAIMS_MOST 4096

struct claims {
    struct store *store;
    struct progress *progress;
    double lease_s, renewed; /* clock_seconds */
    struct task **tasks;     /* [0, n_kept): for the next round; [next, n): still to ask for */
    size_t n, next, n_kept;
    size_t in_hand; /* granted, and not settled yet */
    size_t least;   /* to have in hand, so that every thread has work */
};

void claims_init(struct claims *c, struct plan *plan, struct store *store,
                 struct progress *progress, size_t least);
/* Gives back what is claimed, unless `rc`, which the work ended with, says that the store cannot be
 * reached. Returns rc, or what giving back failed with. */
int claims_end(struct claims *c, int rc, struct error *err) MUST_CHECK;

/* False when nothing is left. */
bool claims_begin_round(struct claims *c);
/* True when it is time to ask for more. */
bool claims_want(const struct claims *c);
/* True when this round has asked for all. */
bool claims_all_asked(const struct claims *c);
/* One question to the store. ret_granted has room for CLAIMS_MOST. Counts what others did. */
int claims_ask(struct claims *c, struct task **ret_granted, size_t *ret_n,
               struct error *err) MUST_CHECK;
/* Asks until a task is granted; *ret_n is 0 when the round is over. */
int claims_ask_until(struct claims *c, struct task **ret_granted, size_t *ret_n,
                     struct error *err) MUST_CHECK;
/* Waits a moment for the other processes. ERR_CANCELLED. */
int claims_wait(struct claims *c, struct error *err) MUST_CHECK;
/* To be called often: keeps the claims from running out. */
int claims_renew(struct claims *c, struct error *err) MUST_CHECK;

/* `n` granted tasks are done. */
void claims_settle(struct claims *c, size_t n);
/* A granted task is to be asked for again. */
void claims_put_back(struct claims *c, struct task *task);
