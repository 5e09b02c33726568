/* SPDX-License-Identifier: MIT */
/* Threads that do what takes longer than a socket's thread should wait: so many for each lane, each
 * with a gallery of its own (a struct store belongs to one thread). */
#pragma once

#include "server/router.h"
#include "store/store.h"

struct workers;

struct worker {
    enum lane lane;
    const char *gallery;
    struct store_options options;
    struct store *store; /* NULL until worker_store, and after it failed */
};

struct workers_options {
    const char *gallery;
    int threads[LANE_COUNT]; /* 0 for lanes that have none */
    size_t most;             /* calls that can ever be in hand at once */
    void (*run)(struct worker *worker, void *call);
    bool (*cancelled)(void *context); /* of store_options; may be NULL */
    void *context;
};

/* ERR_LIMIT: the system gives no more threads. */
int workers_new(const struct workers_options *options, struct workers **ret_workers,
                struct error *err) MUST_CHECK;
/* Waits for the calls that are in hand; a call may still go on to a slower lane meanwhile. Nothing
 * can be pushed afterwards. */
void workers_stop(struct workers *w);
void workers_free(struct workers *w); /* stops them first; NULL is fine */

/* Never waits. False once they were stopped: the call is still the caller's. */
bool workers_push(struct workers *w, enum lane lane, void *call) MUST_CHECK;
/* Calls of a lane that wait for a thread. */
size_t workers_waiting(struct workers *w, enum lane lane);

/* The worker's gallery, opened when it is not: for reading, in LANE_WRITE for writing. */
int worker_store(struct worker *worker, struct store **ret_store, struct error *err) MUST_CHECK;
/* After an error: the next call opens the gallery anew where that may help. */
void worker_failed(struct worker *worker, int code);
