/* SPDX-License-Identifier: MIT */
/* Restricts a search or a list to some photos; exact in both backends. The members besides `where`
 * come from options, API parameters and tool arguments; backends see only the tree that
 * store_filter_tree makes of all members. */
#pragma once

#include <stdint.h>

#include "query/criteria.h"

/* A photo must match all members that are set; zeros match every photo. */
struct store_filter {
    const char *folder; /* absolute path: photos at or below it */
    /* First and last day, month or year: "2019", "2019-07", "2019-07-04". They are compared with
     * the photo's date (photo_facts.taken); a photo without a date never matches. */
    const char *from, *until;
    const char *label;            /* photos that have a label of this name (store/labels.h) */
    const struct criteria *where; /* further criteria; NULL: none */
};

/* Returns whether any member is set; `filter` may be NULL. */
bool store_filter_any(const struct store_filter *filter);
/* Makes one tree of all members (the caller frees it); NULL if no member is set. `filter` may be
 * NULL. ERR_INVALID: a folder that is not absolute, an invalid date, a first day after the last, an
 * invalid name. ERR_LIMIT: all together are too large. */
int store_filter_tree(const struct store_filter *filter, struct criteria **ret_where,
                      struct error *err) MUST_CHECK;
/* Returns a deep copy, to be released with store_filter_release. */
struct store_filter store_filter_copy(const struct store_filter *filter);
void store_filter_release(struct store_filter *copy);
