/* SPDX-License-Identifier: MIT */
/* Wrong passwords, counted by the network they came from, and when the next one is looked at.
 *
 * Nobody is locked out: a password is always checked, but the more wrong ones a network has sent,
 * the later. Five are checked at once; each further one makes the next wait longer, 16 seconds at
 * most. A brake for all networks together keeps the checks, which are costly by intention, to one a
 * second when many send wrong ones; networks from which a right one came are free of it. */
#pragma once

#include <stdbool.h>

struct guesses;

struct guesses *guesses_new(void);
void guesses_free(struct guesses *g); /* NULL is fine */

void guesses_add(struct guesses *g, const char *network, bool right);
/* When the next password of the network may be checked, on clock_seconds; 0: at once. */
double guesses_next_at(struct guesses *g, const char *network);
/* How much it has against it: 0 while it may guess at once. Grows with each wrong one. */
double guesses_guilt(struct guesses *g, const char *network);
