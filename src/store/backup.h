/* SPDX-License-Identifier: MIT */
/* Backup and restore of a gallery in a file: a bit-exact snapshot, including labels, rules, ledger
 * and vectors.
 *
 * A copy is written under a temporary name in the target folder, verified (SQLite's integrity
 * check, the tables, the number of rows), flushed to disk and only then renamed. Rows of labels,
 * rules and the ledger that differ from what keepsake wrote, and vectors of a wrong size, are
 * copied unchanged and counted. A gallery on a server gives ERR_UNSUPPORTED; use pg_dump or
 * `keepsake export` there. */
#pragma once

#include "store/store.h"

struct store_backup_options {
    bool replace;                                                 /* replace an existing file */
    void (*progress)(void *context, int64_t done, int64_t total); /* bytes; may be NULL */
    bool (*cancelled)(void *context);                             /* may be NULL */
    void *context;
};

struct store_backup_report {
    int64_t photos, failures, labels, rules, albums, ledger_entries;
    int64_t bytes;
    int64_t damaged; /* number of damaged rows */
    char *damage;    /* a sentence about the first of them; NULL: none */
    char *kept;      /* restore: the new path of the previous gallery; NULL: there was none */
};
void store_backup_report_release(struct store_backup_report *report);

/* Other processes may read and write the gallery during the copy. ERR_INVALID: `file` exists, or is
 * not a possible file name; ERR_IO: the disk is full, or the copy is not sound; ERR_CANCELLED. */
int store_backup(struct store *store, const char *file, const struct store_backup_options *options,
                 struct store_backup_report *ret_report, struct error *err) MUST_CHECK;

/* Verifies `file` and makes it the gallery `where`. An existing gallery there is kept under another
 * name. ERR_IO: another process has it open. A failure leaves everything unchanged. */
int store_restore(const char *file, const char *where, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err) MUST_CHECK;
