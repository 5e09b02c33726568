/* SPDX-License-Identifier: MIT */
/* A lock that is given in the order it was asked for: who works in a loop cannot starve who comes
 * once. */
#pragma once

#include <pthread.h>
#include <stdint.h>

struct turns {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t next, now; /* the number to be drawn, and the one whose turn it is */
};

void turns_init(struct turns *t);
void turns_release(struct turns *t);
void turns_take(struct turns *t);
void turns_give(struct turns *t);
