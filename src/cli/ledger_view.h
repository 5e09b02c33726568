/* SPDX-License-Identifier: MIT */
/* The ledger as people read it: one row per request, joined from its two entries, and the totals.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/ledger.h"

struct ledger_request {
    char *name, *purpose, *host, *model, *end; /* end is the result; NULL: unknown */
    json_t *photos;
    char *facts;            /* as in ledger_entry.facts */
    bool failed, estimated; /* estimated: cost_usd is the estimate from before it was sent */
    int64_t at, bytes, input_tokens, output_tokens;
    double cost_usd; /* NAN: unknown */
};

struct ledger_view {
    struct ledger_request *items;
    size_t count, cap;
};

/* A callback for store_ledger_list; context is the view. Skips an end whose beginning is not in
 * the list. */
int ledger_view_add(void *context, const struct ledger_entry *entry);
/* Prints to stdout; with `photos`, also the path of each photo below its request. */
void ledger_view_print(const struct ledger_view *view, bool photos);
void ledger_view_release(struct ledger_view *view);

/* Parses "2026", "2026-11" or "2026-11-23" into its first second in local time; false: not a date.
 */
bool ledger_day(const char *text, int64_t *ret_unix_seconds);
