/* SPDX-License-Identifier: MIT */
/* Whole copies of a gallery in a file: private to store/sqlite/sqlite_backup.c, sqlite_restore.c
 * and sqlite_upgrade.c. */
#pragma once

#include "store/backup.h"
#include "store/sqlite/sqlite_internal.h"

/* Copies what `from` has now into the new file `partial`, examines it and brings it to disk. On
 * failure nothing of it is left. */
int sqlite_copy(struct sqlite *from, const char *partial,
                const struct store_backup_options *options, struct store_backup_report *ret_report,
                struct error *err) MUST_CHECK;
void sqlite_remove_copy(const char *partial);
/* The same without examining it; `from` is in no transaction. */
int sqlite_copy_pages(struct sqlite *from, const char *partial, struct error *err) MUST_CHECK;
/* ERR_CORRUPT unless the file is a gallery that can be read throughout; counts its rows, and the
 * damaged ones among them. The report is to be released, also on failure. */
int sqlite_examine(const char *path, struct store_backup_report *ret_report,
                   struct error *err) MUST_CHECK;
int sqlite_backup(struct store *store, const char *file, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err) MUST_CHECK;
int sqlite_restore(const char *file, const char *where, const struct store_backup_options *options,
                   struct store_backup_report *ret_report, struct error *err) MUST_CHECK;
