/* SPDX-License-Identifier: MIT */
/* Restores a backup and keeps the previous gallery under another name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/text.h"
#include "store/sqlite/sqlite_backup.h"

static int in_use(const char *name, struct error *err)
{
    return error_set(err, ERR_IO,
                     "another program has the gallery %s open: stop `keepsake serve`, `index` "
                     "and all other programs that read it, and run restore again; nothing was "
                     "changed",
                     name);
}

/* Locks the present gallery exclusively, which fails while anybody else has it open. The caller
 * closes *ret_db after the gallery is renamed; it is NULL for a file that SQLite cannot open, which
 * is kept unchanged, with its log. */
static int lock_present(const char *where, const char *name, sqlite3 **ret_db, struct error *err)
{
    sqlite3 *db = NULL;
    *ret_db = NULL;
    int result = sqlite3_open_v2(where, &db, SQLITE_OPEN_READWRITE, NULL);
    if (!result && sqlite_has_foreign_log(db))
        result = SQLITE_NOTADB;
    if (!result)
        result = sqlite3_exec(db,
                              "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;"
                              "PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; COMMIT",
                              NULL, NULL, NULL);
    if ((result & 0xff) == SQLITE_BUSY || (result & 0xff) == SQLITE_LOCKED) {
        sqlite3_close(db);
        return in_use(name, err);
    }
    if (result) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_close(db);
        return 0;
    }
    *ret_db = db;
    return 0;
}

/* Returns an unused name such as "gallery.db.before-20261130-101500", with a number appended if
 * that exists. */
static char *free_name(const char *where)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    struct stat info;
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &local);
    for (int i = 0;; i++) {
        char *name = i ? xasprintf("%s.before-%s-%d", where, stamp, i)
                       : xasprintf("%s.before-%s", where, stamp);
        if (lstat(name, &info) < 0)
            return name;
        free(name);
    }
}

static const char *const logs[] = {"-wal", "-shm", "-journal"};

/* Renames the logs together with the file they belong to. */
static int keep_logs(const char *where, const char *kept, bool back, struct error *err)
{
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        AUTO_FREE char *from = xasprintf("%s%s", back ? kept : where, logs[i]);
        AUTO_FREE char *to = xasprintf("%s%s", back ? where : kept, logs[i]);
        if (rename(from, to) < 0 && errno != ENOENT)
            return error_errno(err, errno, "cannot keep the gallery under another name");
    }
    return 0;
}

/* Exchanges the files. If the file system has hard links, a gallery exists at every moment. */
static int exchange_files(const char *partial, const char *where, const char *kept,
                          struct error *err)
{
    bool linked = link(where, kept) == 0;
    if (!linked && rename(where, kept) < 0)
        return error_errno(err, errno, "cannot keep the gallery under another name");
    if (rename(partial, where) == 0)
        return 0;
    int rc = error_errno(err, errno, "cannot put the backup in place");
    if (linked)
        unlink(kept);
    else if (rename(kept, where) < 0)
        error_add(err, "the gallery is now %s", kept);
    return rc;
}

/* Best effort: the gallery is in place, and some file systems cannot sync a folder. */
static void sync_folder_of(const char *where)
{
    struct error ignored;
    AUTO_FREE char *folder = file_parent(where);
    int unsynced = file_sync_folder(folder, &ignored);
    (void)unsynced;
}

/* Removes the empty journal that SQLite leaves if a lock outlasts the transaction; it contains
 * nothing to roll back. */
static void remove_empty_journal(const char *kept)
{
    AUTO_FREE char *journal = xasprintf("%s-journal", kept);
    unlink(journal);
}

/* A log may exist even if its gallery does not. */
static int put_in_place(const char *partial, const char *where, bool present, char **ret_kept,
                        struct error *err)
{
    AUTO_FREE char *name = text_printable(where, strlen(where));
    AUTO_FREE char *kept = free_name(where);
    struct error ignored;
    sqlite3 *db = NULL;
    int rc = present ? lock_present(where, name, &db, err) : 0;
    if (rc)
        return rc;
    rc = keep_logs(where, kept, false, err);
    if (!rc && present)
        rc = exchange_files(partial, where, kept, err);
    else if (!rc && rename(partial, where) < 0)
        rc = error_errno(err, errno, "cannot put the backup in place");
    if (rc && keep_logs(where, kept, true, &ignored))
        error_add(err, "the files beside it are now at %s", kept);
    sqlite3_close(db);
    if (rc || !present)
        return rc;
    if (db)
        remove_empty_journal(kept);
    *ret_kept = kept;
    kept = NULL;
    return 0;
}

static int check_places(const char *file, const char *where, bool *ret_present, struct error *err)
{
    struct stat backup, present;
    AUTO_FREE char *name = text_printable(where, strlen(where));
    *ret_present = stat(where, &present) == 0;
    if (!*ret_present)
        return errno == ENOENT ? 0 : error_errno(err, errno, "cannot restore %s", name);
    if (!S_ISREG(present.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a regular file: give the file of a gallery",
                         name);
    if (stat(file, &backup) == 0 && backup.st_dev == present.st_dev &&
        backup.st_ino == present.st_ino)
        return error_set(err, ERR_INVALID, "%s is the gallery itself, not a backup of it", name);
    return 0;
}

static int copy_backup(const char *file, const char *partial,
                       const struct store_backup_options *options,
                       struct store_backup_report *ret_report, struct error *err)
{
    struct sqlite *opened;
    struct store_backup_report before;
    AUTO_FREE char *folder = file_parent(partial);
    int rc = sqlite_examine(file, &before, err);
    store_backup_report_release(&before);
    if (!rc)
        rc = file_make_folders(folder, err);
    if (!rc)
        rc = sqlite_open(file, STORE_READ, &opened, err);
    if (rc)
        return rc;
    AUTO(sqlite) *from = opened;
    return sqlite_copy(from, partial, options, ret_report, err);
}

int sqlite_restore(const char *file, const char *where, const struct store_backup_options *options,
                   struct store_backup_report *ret_report, struct error *err)
{
    AUTO_FREE char *partial = xasprintf("%s.partial-%d", where, (int)getpid());
    bool present;
    char *kept = NULL;
    int rc = check_places(file, where, &present, err);
    if (!rc)
        rc = copy_backup(file, partial, options, ret_report, err);
    if (rc)
        return rc;
    rc = put_in_place(partial, where, present, &kept, err);
    if (rc) {
        sqlite_remove_copy(partial);
        return rc;
    }
    sync_folder_of(where);
    ret_report->kept = kept;
    return 0;
}
