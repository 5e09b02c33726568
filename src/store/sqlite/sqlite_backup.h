/* SPDX-License-Identifier: MIT */
/* Makes and verifies complete copies of a gallery in a file. Private to
 * store/sqlite/sqlite_backup.c, sqlite_restore.c and sqlite_upgrade.c. */
#pragma once

#include "store/backup.h"
#include "store/sqlite/sqlite_internal.h"

/* Copies the current state of `from` into the new file `partial`, verifies the copy and flushes it
 * to disk. A failure leaves no file behind. */
int sqlite_copy(struct sqlite *from, const char *partial,
                const struct store_backup_options *options, struct store_backup_report *ret_report,
                struct error *err) MUST_CHECK;
void sqlite_remove_copy(const char *partial);
/* The same without the verification; `from` must not be in a transaction. */
int sqlite_copy_pages(struct sqlite *from, const char *partial, struct error *err) MUST_CHECK;
/* ERR_CORRUPT unless the file is a gallery that can be read completely. Counts its rows and its
 * damaged rows. The caller releases the report, even on failure. */
int sqlite_examine(const char *path, struct store_backup_report *ret_report,
                   struct error *err) MUST_CHECK;
int sqlite_backup(struct store *store, const char *file, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err) MUST_CHECK;
int sqlite_restore(const char *file, const char *where, const struct store_backup_options *options,
                   struct store_backup_report *ret_report, struct error *err) MUST_CHECK;
