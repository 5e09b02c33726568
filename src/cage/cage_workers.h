/* SPDX-License-Identifier: MIT */
/* The decoding workers of this process: started on demand, reused while they are sound. */
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
    unsigned walls;        /* bits of enum cage_wall */
    uint64_t own_bytes;    /* of address space before it decoded anything */
    uint64_t memory_limit; /* of address space, as set last; 0: not yet */
    unsigned decodes;      /* so far */
    bool is_worn;          /* not to be used again */
    double idle_since;
    struct worker *next; /* in the list of idle ones */
};

/* Returns an idle worker, or a new one (always when `fresh`). ERR_IO when none can be started. */
int workers_take(bool fresh, struct worker **ret_worker, struct error *err) MUST_CHECK;
/* Returns it to the idle ones, or ends it when it is worn. */
void workers_give(struct worker *worker);
/* Ends the worker if it has not ended already, and returns its waitpid status; 0 when unknown. */
void workers_drop(struct worker *worker, int *ret_status, uint64_t *ret_most_bytes);
void workers_release_idle(void);

/* Waits up to `seconds` for an answer. 0; ERR_LIMIT: none came; ERR_IO: the worker has ended or
 * closed its socket; ERR_CORRUPT: the answer is invalid. */
int worker_receive(struct worker *worker, double seconds, struct wire_answer *ret_answer,
                   struct error *err) MUST_CHECK;
/* Adds the new segments to the order and sends it. False when the worker has ended. */
bool worker_send(struct worker *worker, struct wire_order *order);
/* Processor time that a worker has used so far, in seconds. */
double worker_used_seconds(pid_t pid);
/* Limits for the next decode: processor time from now on, and `bytes` on top of its own size. */
void worker_limit(struct worker *worker, double seconds, uint64_t bytes);
