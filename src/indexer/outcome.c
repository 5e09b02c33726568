/* SPDX-License-Identifier: MIT */
/* Allocates and frees the result for one file. */
#include "indexer/outcome.h"

struct outcome *outcome_new(struct task *task)
{
    struct outcome *outcome = xcalloc(1, sizeof *outcome);
    outcome->task = task;
    return outcome;
}

void outcome_free(struct outcome *outcome)
{
    if (!outcome)
        return;
    while (outcome->twins) {
        struct outcome *twin = outcome->twins;
        outcome->twins = twin->next;
        outcome_free(twin);
    }
    free(outcome->pixels);
    free(outcome->reason);
    free(outcome->versions);
    free(outcome);
}
