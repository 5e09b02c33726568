/* SPDX-License-Identifier: MIT */
/* The decoding workers of this process: started when they are needed, kept while they are sound. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cage/segment.h"
#include "cage/wire.h"

struct worker {
    pid_t pid;
    int socket;
    struct segment input, output;
    unsigned walls;        /* that stand around it */
    uint64_t own_bytes;    /* of address space, before it decoded anything */
    uint64_t memory_limit; /* of address space, as it was set last; 0: not yet */
    unsigned decodes;      /* so far */
    bool is_worn;          /* not to be used again */
    double idle_since;
    struct worker *next; /* among the idle ones */
};

/* An idle one, or a fresh one (always when `fresh`). ERR_IO when none can be started. */
int workers_take(bool fresh, struct worker **ret_worker, struct error *err) MUST_CHECK;
/* Back among the idle ones, unless it has been used up. */
void workers_give(struct worker *worker);
/* Ends it, if it has not ended by itself, and tells how: as of waitpid; 0 when that is unknown. */
void workers_drop(struct worker *worker, int *ret_status, uint64_t *ret_most_bytes);
void workers_release_idle(void);

/* Waits up to `seconds` for an answer. 0; ERR_LIMIT: none came; ERR_IO: the worker is gone, or has
 * closed its end; ERR_CORRUPT: what it sent is no answer. */
int worker_receive(struct worker *worker, double seconds, struct wire_answer *ret_answer,
                   struct error *err) MUST_CHECK;
/* Fills in and sends the segments that are new. False when the worker is gone. */
bool worker_send(struct worker *worker, struct wire_order *order);
/* Seconds of processor time that a worker has used so far. */
double worker_used_seconds(pid_t pid);
/* For the next decode: processor time from now on, and `bytes` more than its own size. */
void worker_limit(struct worker *worker, double seconds, uint64_t bytes);
