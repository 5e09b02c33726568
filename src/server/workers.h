/* SPDX-License-Identifier: MIT */
/* Worker pools for requests that take longer than a socket's thread may wait. Each thread has a
 * gallery of its own, because a struct store belongs to one thread. */
#pragma once

#include "server/router.h"
#include "store/store.h"

struct workers;

struct worker {
    enum pool_id pool;
    const char *gallery;
    struct store_options options;
    struct store *store; /* NULL until worker_store, and after a failure */
};

struct workers_options {
    const char *gallery;
    int threads[POOL_COUNT]; /* 0 for pools without threads */
    size_t most;             /* the most calls in progress at any time */
    void (*run)(struct worker *worker, void *call);
    bool (*cancelled)(void *context); /* for store_options; may be NULL */
    void *context;
};

/* ERR_LIMIT: the system gives no more threads. */
int workers_new(const struct workers_options *options, struct workers **ret_workers,
                struct error *err) MUST_CHECK;
/* Waits for the calls in progress; until then a call may still move on to a slower pool. Nothing
 * can be pushed afterwards. */
void workers_stop(struct workers *w);
void workers_free(struct workers *w); /* stops them first; NULL is fine */

/* Never blocks. False once the pools were stopped: the caller still owns the call. */
bool workers_push(struct workers *w, enum pool_id pool, void *call) MUST_CHECK;
/* The number of calls that wait in the pool's queue. */
size_t workers_waiting(struct workers *w, enum pool_id pool);

/* The worker's gallery, opened on first use: for reading, in POOL_WRITE for writing. */
int worker_store(struct worker *worker, struct store **ret_store, struct error *err) MUST_CHECK;
/* Call this after an error: where that may help, the next call reopens the gallery. */
void worker_failed(struct worker *worker, int code);
