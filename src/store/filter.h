/* SPDX-License-Identifier: MIT */
/* Which photos a search or a list may give: exact in both stores. The members besides `where` are
 * what options, parameters of the API and arguments of tools give; both stores see only the tree
 * that store_filter_tree makes of all of them. */
#pragma once

#include <stdint.h>

#include "query/criteria.h"

/* All that are given must hold; zeros: every photo. */
struct store_filter {
    const char *folder; /* absolute path: photos at or below it */
    /* First and last day, month or year: "2019", "2019-07", "2019-07-04". A photo's own date
     * (photo_facts.taken) decides; one without a date never matches. */
    const char *from, *until;
    const char *label;            /* photos that have a label of this name (store/labels.h) */
    const struct criteria *where; /* and whatever else; NULL: nothing */
};

/* Whether it asks for anything; `filter` may be NULL. */
bool store_filter_any(const struct store_filter *filter);
/* The same as one tree (the caller frees), NULL when it asks for nothing; `filter` may be NULL.
 * ERR_INVALID: a folder that is not absolute, a date that is none, a first day after the last, a
 * name that is none. ERR_LIMIT: too large together. */
int store_filter_tree(const struct store_filter *filter, struct criteria **ret_where,
                      struct error *err) MUST_CHECK;
/* A copy that owns what it points to, for store_filter_release. */
struct store_filter store_filter_copy(const struct store_filter *filter);
void store_filter_release(struct store_filter *copy);
