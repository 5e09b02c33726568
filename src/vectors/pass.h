/* SPDX-License-Identifier: MIT */
/* One pass over the codes of an index, for one query or for several at once: reading the codes from
 * memory is what a pass over a large index costs, and queries that share it share that. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vectors/code.h"
#include "vectors/shortlist.h"
#include "vectors/vectors.h"

struct pass_query {
    const struct code_query *query;
    size_t k;                                /* 1 to the number of rows */
    bool (*keep)(void *context, int64_t id); /* NULL: every row */
    void *context;
    struct shortlist list; /* what comes of it, for the caller to release: every row that is kept
                              and can be among the k best, best upper bound first */
};

/* With a `keep`, which belongs to the caller's thread, n is 1. */
void pass_run(const struct vectors *v, struct pass_query *const *queries, size_t n);

/* The index is so large that a pass keeps several threads busy. */
bool pass_is_long(const struct vectors *v);
