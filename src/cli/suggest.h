/* SPDX-License-Identifier: MIT */
/* "did you mean ...?": the candidate nearest to a mistyped word.
 *
 *     struct suggestion near = suggestion_for("serach");
 *     suggestion_consider(&near, "search");
 *     near.best   "search"; NULL when nothing is near enough */
#pragma once

#include <stddef.h>

struct suggestion {
    const char *word;
    const char *best; /* borrowed from the candidates */
    size_t distance;  /* of best; before that, 1 more than what still counts as near */
};

struct suggestion suggestion_for(const char *word);
void suggestion_consider(struct suggestion *s, const char *candidate);

/* Insertions, deletions, substitutions and swaps of neighbours between two short words (optimal
 * string alignment); words past 63 bytes count as infinitely far. */
size_t edit_distance(const char *a, const char *b);
