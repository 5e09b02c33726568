/* SPDX-License-Identifier: MIT */
/* Prints the results of a search or the photos of an album. */
#pragma once

#include "cli/context.h"
#include "cli/preview.h"
#include "search/search.h"

/* The number of results, from the best on, shown as pictures, and the protocol. */
struct pictures {
    enum preview_kind kind;
    size_t count;
    bool hides_copies; /* the table has the number of copies */
};

/* Prints a table, with previews if the terminal can show them; with --json one object per photo. */
void results_print(struct context *context, struct pictures pictures,
                   const struct search_results *results);
