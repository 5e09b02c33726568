/* SPDX-License-Identifier: MIT */
/* One scan of all codes of an index, for one or several queries. The cost of scanning a large index
 * is reading the codes from memory, which queries in the same scan share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vectors/code.h"
#include "vectors/shortlist.h"
#include "vectors/vectors.h"

struct scan_query {
    const struct code_query *query;
    size_t k;                                /* 1 to the number of rows */
    bool (*keep)(void *context, int64_t id); /* NULL: every row */
    void *context;
    struct shortlist list; /* the result, which the caller releases: every kept row that can be
                              among the k best, best upper bound first */
};

/* Scans for n queries. A query with `keep`, which must be called in the caller's thread, must be
 * alone (n is 1). */
void vectors_scan_run(const struct vectors *v, struct scan_query *const *queries, size_t n);

/* Returns whether the index is large enough for a scan by several threads. */
bool vectors_scan_is_long(const struct vectors *v);
