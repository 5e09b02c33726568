/* SPDX-License-Identifier: MIT */
/* Finds words of a query that look like criteria. They are searched for as words, never applied. */
#pragma once

#include "search/understood.h"

/* Returns the query with the first such word as a criterion, "beach date:2015" for "beach 2015",
 * and the word in *ret_word; NULL if there is none. The caller frees both. */
char *hint_for(const struct understood *query, char **ret_word);
