/* SPDX-License-Identifier: MIT */
/* A fair (FIFO, ticket) mutex: a thread that locks it again in a loop cannot starve the others. */
#pragma once

#include <pthread.h>
#include <stdint.h>

struct fair_mutex {
    pthread_mutex_t lock; /* guards the tickets */
    pthread_cond_t changed;
    uint64_t next_ticket, serving; /* `serving` is the ticket that holds the mutex or may take it */
};

void fair_mutex_init(struct fair_mutex *mutex);
void fair_mutex_release(struct fair_mutex *mutex);
void fair_mutex_lock(struct fair_mutex *mutex);
void fair_mutex_unlock(struct fair_mutex *mutex);
