/* SPDX-License-Identifier: MIT */
/* Counts wrong passwords by network, and decides when the next one is checked.
 *
 * Nobody is locked out: a password is always checked, but later the more wrong ones its network has
 * sent. Five are checked immediately; each further one doubles the wait, up to 16 seconds. A limit
 * for all networks together keeps the checks, which are expensive on purpose, to one a second when
 * many networks send wrong ones; networks that have sent a right one are exempt. */
#pragma once

#include <stdbool.h>

struct guesses;

struct guesses *guesses_new(void);
void guesses_free(struct guesses *g); /* NULL is fine */

void guesses_add(struct guesses *g, const char *network, bool right);
/* When the next password of the network may be checked, on clock_seconds; 0: now. */
double guesses_next_at(struct guesses *g, const char *network);
/* The network's guilt: 0 while it may still guess without waiting. Grows with each wrong password.
 */
double guesses_guilt(struct guesses *g, const char *network);
