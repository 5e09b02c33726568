/* SPDX-License-Identifier: MIT */
/* A queue of passwords that are checked one at a time, because a check takes 64 MiB and about 100
 * ms on purpose, and must not slow down other requests.
 *
 * The next password is that of the network with the fewest wrong ones (guesses.h); equal networks
 * alternate. Each network has a few places, of which the newest is served first and the oldest is
 * dropped: a flood displaces its own entries before it affects others. When all places are taken,
 * the network with the most wrong passwords loses one. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "server/guesses.h"

struct sign_ins;

struct sign_ins_options {
    struct guesses *guesses; /* borrowed */
    void *context;
    /* Checks the password. Called on the sign-in thread. */
    void (*check)(void *context, void *call);
    /* Refuses the call: there is no place, or (stopping) the server ends. Called on any thread. */
    void (*refuse)(void *context, void *call, bool stopping);
};

/* ERR_LIMIT: the system gives no thread. */
int sign_ins_start(const struct sign_ins_options *options, struct sign_ins **ret_sign_ins,
                   struct error *err) MUST_CHECK;
/* Takes over the call; copies network. Never blocks. */
void sign_ins_push(struct sign_ins *s, const char *network, void *call);
/* Refuses all waiting and later calls; the current check is finished. */
void sign_ins_stop(struct sign_ins *s);
void sign_ins_free(struct sign_ins *s); /* after the stop; NULL is fine */
