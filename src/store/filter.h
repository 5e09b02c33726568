/* SPDX-License-Identifier: MIT */
/* Which photos a search or a list may give: exact in both stores. */
#pragma once

#include <stdint.h>

/* All that are given must hold; zeros: every photo. */
struct store_filter {
    const char *folder; /* absolute path: photos at or below it */
    /* First and last day, month or year: "2019", "2019-07", "2019-07-04". A photo's own date
     * (photo_facts.taken) decides; one without a date never matches. */
    const char *from, *until;
    const char *label; /* photos that have a label of this name (store/labels.h) */
};
