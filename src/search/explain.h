/* SPDX-License-Identifier: MIT */
/* Explains how a query was read: a tree in words, with the number of photos that each criterion
 * lets through. */
#pragma once

#include "search/understood.h"

struct explained {
    char *words;   /* "shows \"a beach\"", "folder is /photos/trips" */
    char *text;    /* this part of the query as text */
    char *without; /* the query that is left when this part is removed; NULL: it cannot be */
    enum syntax_kind kind;
    const struct keyword *keyword; /* of a criterion, and of an example; or NULL */
    struct syntax_span span;
    int64_t photos; /* that meet this criterion; -1: it is graded */
    struct explained *parts;
    size_t count;
};

/* Explains a query. ret_root->photos is the number of photos that the whole query does not exclude,
 * all that a search can find. The caller releases *ret_root. */
int explain_query(struct store *store, const struct understood *query,
                  const struct understood_options *options, struct explained *ret_root,
                  struct error *err) MUST_CHECK;
void explained_release(struct explained *explained);
/* Returns the order of the results in words: "best match first". */
const char *explain_sort(const struct understood *query);
