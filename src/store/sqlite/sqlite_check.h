/* SPDX-License-Identifier: MIT */
/* The findings of sqlite_check: private to store/sqlite_check*.c. */
#pragma once

#include "store/sqlite/sqlite_internal.h"

struct checking {
    struct sqlite *s;
    void (*each)(void *context, const struct store_finding *finding);
    void *context;
};

void sqlite_find(const struct checking *c, const char *check, enum store_verdict verdict,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));
/* False, with a finding, when the question failed; ends the query. */
bool sqlite_ask(const struct checking *c, const char *check, struct query q, int64_t *ret_answer);

/* Labels, rules and the ledger. */
void sqlite_check_all_records(const struct checking *c);
