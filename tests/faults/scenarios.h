/* SPDX-License-Identifier: MIT */
/* What is done to a gallery while calls fail: each scenario can be done again after it failed, and
 * then ends as if nothing had failed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct scenario {
    const char *name;
    /* Does it to the gallery scenario_gallery. */
    int (*act)(struct error *err);
    bool begins_empty; /* without a gallery; else with the prepared one */
    bool writes;
    bool is_durable; /* what it reported as done survives a power cut */
};

/* Each how many calls one fails: all of them in a long test, and fewest under sanitizers, which
 * multiply the time of a call. */
long fault_stride(void);

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* Makes a folder in memory, and the gallery that scenarios begin with. */
void scenarios_start(void);
void scenarios_finish(void);
/* Puts the files back to where scenarios begin. */
void scenario_reset(const struct scenario *scenario);
/* All that the gallery and an export beside it hold, as text that is equal for equal content; NULL
 * with a sentence when it cannot be read. The caller frees. */
char *scenario_text(struct error *err);
/* NULL, or what store_check finds bad; the caller frees. */
char *scenario_complaint(void);
