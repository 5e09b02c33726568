/* SPDX-License-Identifier: MIT */
/* Labels, rules and the ledger of one gallery, for another: what export and import carry besides
 * photos. */
#pragma once

#include "store/labels.h"
#include "store/ledger.h"
#include "store/rules.h"

enum store_record_kind { STORE_RECORD_LABEL, STORE_RECORD_RULE, STORE_RECORD_ENTRY };

struct store_record {
    enum store_record_kind kind; /* which one of these means something */
    struct store_label label;    /* hash, name, box; the photo need not be there */
    struct store_rule rule;
    struct ledger_entry entry; /* at: as it was; its id is given anew */
};

/* All of them in one transaction, or none; nothing for those that are there already. ERR_INVALID as
 * for adding each. */
int store_put_records(struct store *store, const struct store_record *records, size_t n,
                      struct error *err) MUST_CHECK;
/* Calls `each` with labels, then rules, then entries, strings borrowed for the call. A non-zero
 * return of `each` stops and is returned; `each` must not change this store. ERR_CORRUPT when
 * a label or rule is not as it was written. */
int store_dump_records(struct store *store,
                       int (*each)(void *context, const struct store_record *record), void *context,
                       struct error *err) MUST_CHECK;
