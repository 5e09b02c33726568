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
    while (outcome->duplicates) {
        struct outcome *duplicate = outcome->duplicates;
        outcome->duplicates = duplicate->next;
        outcome_free(duplicate);
    }
    size_t kinds;
    signal_kinds(&kinds);
    for (size_t i = 0; outcome->signals && i < kinds; i++)
        free(outcome->signals[i].data);
    free(outcome->signals);
    free(outcome->pixels);
    free(outcome->reason);
    free(outcome->versions);
    free(outcome);
}
