/* SPDX-License-Identifier: MIT */
/* A gallery in a file, copied whole: labels, rules, ledger, vectors, to the bit and as of one
 * moment.
 *
 * A copy is made beside its place, examined (SQLite's integrity check, the tables, the number of
 * rows), brought to disk and only then given its name. Rows of labels, rules and ledger that are
 * not as keepsake wrote them, and vectors of a wrong size, are copied as they are, and counted.
 * Galleries on a server have pg_dump, and `keepsake export`: ERR_UNSUPPORTED. */
#pragma once

#include "store/store.h"

struct store_backup_options {
    bool replace;                                                 /* a file of that name */
    void (*progress)(void *context, int64_t done, int64_t total); /* bytes; may be NULL */
    bool (*cancelled)(void *context);                             /* may be NULL */
    void *context;
};

struct store_backup_report {
    int64_t photos, failures, labels, rules, ledger_entries;
    int64_t bytes;
    int64_t damaged; /* rows that are not as they were written */
    char *damage;    /* a sentence about the first of them; NULL: there is none */
    char *kept;      /* restore: where the gallery that was there is now; NULL: there was none */
};
void store_backup_report_release(struct store_backup_report *report);

/* Other processes may read and write the gallery during the copy. ERR_INVALID: `file` exists, or
 * cannot be one; ERR_IO: no room, or the copy is not sound; ERR_CANCELLED. */
int store_backup(struct store *store, const char *file, const struct store_backup_options *options,
                 struct store_backup_report *ret_report, struct error *err) MUST_CHECK;

/* The other way: `file`, which is examined first, becomes the gallery `where`. One that is there
 * is kept under another name. ERR_IO: another process has it open. On failure all is as it was. */
int store_restore(const char *file, const char *where, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err) MUST_CHECK;
