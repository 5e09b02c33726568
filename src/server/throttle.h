/* SPDX-License-Identifier: MIT */
/* Rate limits by name (of an address or network): a token bucket per name that refills with time.
 * Remembers the most recent names. Thread-safe. */
#pragma once

#include <stdbool.h>

struct throttle;

/* `burst` tokens immediately, and per_second more each second, up to `burst`. */
struct throttle *throttle_new(double burst, double per_second);
void throttle_free(struct throttle *t); /* NULL is fine */

/* Takes a token; returns 0, or the seconds until one is available. */
double throttle_take(struct throttle *t, const char *name);

/* Takes a token even if there is none: the name then owes it, up to `burst` of them. */
void throttle_owe(struct throttle *t, const char *name);
/* The number of tokens missing, 0 when one is available; and when throttle_owe last took one
 * (clock_seconds; 0: never). */
double throttle_missing(struct throttle *t, const char *name, double *ret_last);
