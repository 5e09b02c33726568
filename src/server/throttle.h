/* How often an address may do something: a bucket of so many turns that fills again with time.
 * Remembers the addresses that came last; any number of threads may use it. */
#pragma once

#include <stdbool.h>

struct throttle;

/* `burst` turns at once, and per_second more each second, up to burst again. */
struct throttle *throttle_new(double burst, double per_second);
void throttle_free(struct throttle *t); /* NULL is fine */

/* Takes a turn: 0, or the seconds until there is one again. */
double throttle_take(struct throttle *t, const char *address);
/* The same without taking it. */
double throttle_wait(struct throttle *t, const char *address);
