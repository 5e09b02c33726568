/* SPDX-License-Identifier: MIT */
/* How often somebody may do something: a bucket of so many turns that fills again with time, for
 * each name (of an address or a network). Remembers the names that came last; any number of threads
 * may use it. */
#pragma once

#include <stdbool.h>

struct throttle;

/* `burst` turns at once, and per_second more each second, up to burst again. */
struct throttle *throttle_new(double burst, double per_second);
void throttle_free(struct throttle *t); /* NULL is fine */

/* Takes a turn: 0, or the seconds until there is one again. */
double throttle_take(struct throttle *t, const char *name);

/* Takes a turn whether there is one or not: the name owes it then, up to so many as a burst. */
void throttle_owe(struct throttle *t, const char *name);
/* How many turns are missing until there is one, 0: none; and when the last one was taken by
 * throttle_owe (clock_seconds; 0: never). */
double throttle_missing(struct throttle *t, const char *name, double *ret_last);
