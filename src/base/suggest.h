/* SPDX-License-Identifier: MIT */
/* "did you mean ...?": finds the candidate nearest to a mistyped word.
 *
 *     struct suggestion near = suggestion_for("serach");
 *     suggestion_consider(&near, "search");
 *     near.best   "search"; NULL if no candidate is near enough */
#pragma once

#include <stddef.h>

struct suggestion {
    const char *word;
    const char *best; /* borrowed from the candidates */
    size_t distance;  /* of best; initially 1 more than the maximum that counts as near */
};

struct suggestion suggestion_for(const char *word);
void suggestion_consider(struct suggestion *s, const char *candidate);

/* Counts insertions, deletions, substitutions and swaps of neighbours between two short words
 * (optimal string alignment); the distance of a word longer than 63 bytes is infinite. */
size_t edit_distance(const char *a, const char *b);
