/* SPDX-License-Identifier: MIT */
/* Allocates and frees the result for one file. */
#include "indexer/outcome.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/strbuf.h"

struct outcome *outcome_new(struct task *task)
{
    struct outcome *outcome = xcalloc(1, sizeof *outcome);
    outcome->task = task;
    return outcome;
}

/* The mark of regions is a digest of what a label is made of. */
void outcome_set_regions(struct outcome *outcome, const struct photo_regions *regions)
{
    struct strbuf text = STRBUF_INIT(sizeof *regions + (size_t)LIMIT_REGIONS * 128);
    uint8_t hash[HASH_BYTES];
    outcome->facts.regions[0] = '\0';
    if (!regions->n)
        return;
    for (size_t i = 0; i < regions->n; i++) {
        const struct photo_region *r = &regions->items[i];
        if (strbuf_addf(&text, NULL, "%s\n%d %.9f %.9f %.9f %.9f\n", r->name, r->has_box, r->x,
                        r->y, r->width, r->height))
            BUG("%zu regions do not fit", regions->n);
    }
    hash_bytes(text.data, text.length, hash);
    for (size_t i = 0; i < 8; i++)
        snprintf(outcome->facts.regions + 2 * i, 3, "%02x", hash[i]);
    strbuf_release(&text);
    outcome->regions = xmalloc(sizeof *regions);
    *outcome->regions = *regions;
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
    free(outcome->regions);
    free(outcome->remark);
    free(outcome->kept_vector);
    free(outcome->reason);
    free(outcome->versions);
    free(outcome);
}
