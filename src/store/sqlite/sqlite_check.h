/* SPDX-License-Identifier: MIT */
/* Reports the findings of sqlite_check. Private to store/sqlite_check*.c. */
#pragma once

#include "store/sqlite/sqlite_internal.h"

struct checking {
    struct sqlite *s;
    void (*each)(void *context, const struct store_finding *finding);
    void *context;
};

void sqlite_find(const struct checking *c, const char *check, enum store_verdict verdict,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Gets the integer result of a query and ends the query. Returns false, with a finding, if the
 * query failed. */
bool sqlite_ask(const struct checking *c, const char *check, struct query q, int64_t *ret_answer);

/* Checks labels, rules and the ledger. */
void sqlite_check_all_records(const struct checking *c);
