/* SPDX-License-Identifier: MIT */
/* The ledger as people read it: one row a request, of its two entries, and the totals. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/ledger.h"

struct ledger_request {
    char *name, *purpose, *host, *model, *end; /* end: how it ended; NULL: not known */
    json_t *photos;
    char *facts;            /* as ledger_entry.facts */
    bool failed, estimated; /* estimated: cost_usd is from before it was sent */
    int64_t at, bytes, input_tokens, output_tokens;
    double cost_usd; /* NAN: not known */
};

struct ledger_view {
    struct ledger_request *items;
    size_t count, cap;
};

/* For store_ledger_list; context is the view. An end whose beginning is not in the list is left
 * out. */
int ledger_view_add(void *context, const struct ledger_entry *entry);
/* On stdout; with `photos` the path of each below its request. */
void ledger_view_print(const struct ledger_view *view, bool photos);
void ledger_view_release(struct ledger_view *view);

/* "2026", "2026-11" or "2026-11-23" as the second it begins where the user is; false: no date. */
bool ledger_day(const char *text, int64_t *ret_unix_seconds);
