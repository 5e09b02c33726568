/* SPDX-License-Identifier: MIT */
/* Finds words of a query that look like criteria. They are searched for as words, never applied. */
#pragma once

#include "search/understood.h"

/* Returns the query with the first such word as a criterion, "beach date:2015" for "beach 2015",
 * and the word in *ret_word; NULL if there is none. The caller frees both. Up to three words after
 * "in", "at", "from" or "near" are looked up in `store` as a place, country or folder, those after
 * "with", "of" or "by" as a label: "christmas place:Lisbon" for "christmas in Lisbon". With `store`
 * NULL they are not: for programs that must not learn which names there are. */
char *hint_for(struct store *store, const struct understood *query, char **ret_word);
