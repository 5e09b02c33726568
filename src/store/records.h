/* SPDX-License-Identifier: MIT */
/* Transfers labels, rules, albums and the ledger between galleries: the part of an export that is
 * not photos. */
#pragma once

#include "store/albums.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/rules.h"

enum store_record_kind {
    STORE_RECORD_LABEL,
    STORE_RECORD_RULE,
    STORE_RECORD_ALBUM,
    STORE_RECORD_MEMBER, /* of an album that exists, or is before it among the records */
    STORE_RECORD_ENTRY,
};

struct store_record {
    enum store_record_kind kind; /* which of these members is valid */
    struct store_label label;    /* hash, name, box; the photo need not exist */
    struct store_rule rule;
    struct store_album album; /* name, query; an existing album of this name keeps its own query */
    struct store_member member; /* all; an existing membership of the content is kept */
    struct ledger_entry entry;  /* at is kept; the entry gets a new id */
};

/* Adds all records in one transaction, or none; skips existing ones. ERR_INVALID as the functions
 * that add one. */
int store_put_records(struct store *store, const struct store_record *records, size_t n,
                      struct error *err) MUST_CHECK;
/* Calls `each` with labels, rules, albums, members, then entries, strings borrowed for the call. A
 * non-zero return value of `each` ends the iteration and is returned; `each` must not change this
 * store. ERR_CORRUPT if a label or rule is damaged. */
int store_dump_records(struct store *store,
                       int (*each)(void *context, const struct store_record *record), void *context,
                       struct error *err) MUST_CHECK;
