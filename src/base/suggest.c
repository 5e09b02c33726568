/* SPDX-License-Identifier: MIT */
/* Suggests the nearest candidate to a mistyped word, by edit distance. */
#include "base/suggest.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 63

static size_t smaller_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edit_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX)
        return SIZE_MAX;
    size_t cost[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= n; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = smaller_of(best, smaller_of(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller_of(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[n][m];
}

struct suggestion suggestion_for(const char *word)
{
    return (struct suggestion){word, NULL, strlen(word) / 3 + 2};
}

void suggestion_consider(struct suggestion *s, const char *candidate)
{
    size_t distance = edit_distance(s->word, candidate);
    if (distance < s->distance && distance < strlen(candidate)) {
        s->best = candidate;
        s->distance = distance;
    }
}
