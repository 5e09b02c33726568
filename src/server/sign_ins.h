/* SPDX-License-Identifier: MIT */
/* Passwords that wait to be checked, one at a time: a check takes 64 MiB and some 100 ms of a
 * processor by intention, so that it must take nothing from what others do.
 *
 * The next one is of the network with the fewest wrong passwords (guesses.h), those of equal ones
 * in turns. Each network has so many places, of which the newest is served first and the oldest
 * gives way: who floods them pushes out himself before he keeps out who comes later. Where all
 * places are taken, the network with the most wrong passwords loses one. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "server/guesses.h"

struct sign_ins;

struct sign_ins_options {
    struct guesses *guesses; /* borrowed */
    void *context;
    /* Checks the password; in the thread of the sign-ins. */
    void (*check)(void *context, void *call);
    /* There is no room for it, or (stopping) the server ends. In any thread. */
    void (*refuse)(void *context, void *call, bool stopping);
};

/* ERR_LIMIT: the system gives no thread. */
int sign_ins_start(const struct sign_ins_options *options, struct sign_ins **ret_sign_ins,
                   struct error *err) MUST_CHECK;
/* Takes the call; network is copied. Never waits. */
void sign_ins_push(struct sign_ins *s, const char *network, void *call);
/* Refuses all that wait and will come; what is being checked is finished. */
void sign_ins_stop(struct sign_ins *s);
void sign_ins_free(struct sign_ins *s); /* after the stop; NULL is fine */
