/* SPDX-License-Identifier: MIT */
/* Copies a gallery in a file with SQLite's online backup, and verifies the copy before it is
 * renamed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/text.h"
#include "store/sqlite/sqlite_backup.h"
#include "store/sqlite/sqlite_check.h"

/* Pages copied between two progress reports. */
enum { PAGES_AT_ONCE = 512 };
/* Free disk space to leave beside the copy, for other programs. */
#define SPARE_BYTES ((uint64_t)1 << 20)

/* ---- counting ---- */

static int count_rows(struct sqlite *s, struct store_backup_report *ret_counts, struct error *err)
{
    struct store_status status;
    int rc = sqlite_read_status(s, &status, err);
    if (rc)
        return rc;
    *ret_counts = (struct store_backup_report){.photos = status.photos,
                                               .failures = status.failed,
                                               .labels = status.labels,
                                               .rules = status.rules,
                                               .albums = status.albums,
                                               .ledger_entries = status.ledger_entries};
    return 0;
}

/* ---- copying ---- */

static int check_room(const char *folder, int64_t bytes, struct error *err)
{
    struct statvfs info;
    char need[32], room[32];
    if (statvfs(folder, &info) < 0)
        return 0; /* unknown; a write fails if the disk is full */
    uint64_t have = (uint64_t)info.f_bavail * info.f_frsize;
    if (have >= (uint64_t)bytes + SPARE_BYTES)
        return 0;
    AUTO_FREE char *name = text_printable(folder, strlen(folder));
    return error_set(
        err, ERR_IO,
        "not enough disk space: the copy needs %s, and only %s are free in %s; free some space, "
        "or write to another disk",
        text_bytes(need, sizeof need, (uint64_t)bytes + SPARE_BYTES),
        text_bytes(room, sizeof room, have), name);
}

static int step_through(struct sqlite *to, sqlite3_backup *backup, int64_t page_bytes,
                        const struct store_backup_options *options, struct error *err)
{
    int result;
    while ((result = sqlite3_backup_step(backup, PAGES_AT_ONCE)) == SQLITE_OK) {
        int64_t total = sqlite3_backup_pagecount(backup);
        if (options->progress)
            options->progress(options->context,
                              (total - sqlite3_backup_remaining(backup)) * page_bytes,
                              total * page_bytes);
        if (options->cancelled && options->cancelled(options->context))
            return error_set(err, ERR_CANCELLED, "interrupted");
    }
    if ((result & 0xff) == SQLITE_FULL)
        return error_set(err, ERR_IO,
                         "the disk is full: nothing was written to %s; free some space, or "
                         "write to another disk",
                         to->store.name);
    return result == SQLITE_DONE ? 0 : sqlite_error(to, result, err);
}

/* Within a transaction of `from`, so that concurrent writes do not change the copy. */
static int copy_pages(struct sqlite *from, struct sqlite *to,
                      const struct store_backup_options *options, struct error *err)
{
    int64_t page_bytes = 0;
    struct query q = query_start(from, "PRAGMA page_size");
    int rc = query_get_int(&q, &page_bytes, err);
    if (rc)
        return rc;
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
    if (!backup)
        return sqlite_error(to, sqlite3_errcode(to->db), err);
    rc = step_through(to, backup, page_bytes, options, err);
    sqlite3_backup_finish(backup);
    return rc;
}

/* Reduces the copy to one file without a log, and drops the claims of index runs, which have no
 * meaning in a copy. */
static int tidy_copy(struct sqlite *to, struct error *err)
{
    int64_t has_claims = 0;
    int result = sqlite3_exec(to->db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL",
                              NULL, NULL, NULL);
    struct query q = query_start(to, "SELECT count(*) FROM sqlite_schema WHERE name = 'claimer'");
    int rc = result ? sqlite_error(to, result, err) : query_get_int(&q, &has_claims, err);
    if (result)
        query_end(&q);
    if (!rc && has_claims) {
        result = sqlite3_exec(to->db, "BEGIN; DELETE FROM claim; DELETE FROM claimer; COMMIT", NULL,
                              NULL, NULL);
        rc = result ? sqlite_error(to, result, err) : 0;
    }
    return rc;
}

static int make_copy(struct sqlite *from, const char *partial,
                     const struct store_backup_options *options, struct error *err)
{
    AUTO_FREE char *name = text_printable(partial, strlen(partial));
    struct sqlite to = {.path = (char *)(uintptr_t)partial,
                        .store.name = name,
                        .mode = STORE_WRITE,
                        .patience_ms = SQLITE_PATIENCE_MS,
                        .immutable_mtime = -1};
    int fd = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot write the copy %s", name);
    close(fd);
    int result = sqlite3_open_v2(partial, &to.db, SQLITE_OPEN_READWRITE, NULL);
    int rc = result ? sqlite_error(&to, result, err) : copy_pages(from, &to, options, err);
    if (!rc)
        rc = tidy_copy(&to, err);
    sqlite_drop_statements(&to);
    sqlite3_close(to.db);
    return rc;
}

/* ---- verifying ---- */

static int check_integrity(struct sqlite *s, struct error *err)
{
    struct query q = query_start(s, "PRAGMA integrity_check(1)");
    int rc = query_next(&q, err);
    const char *said = rc > 0 ? (const char *)sqlite3_column_text(q.statement, 0) : NULL;
    if (rc >= 0)
        rc = said && strcmp(said, "ok") == 0
                 ? 0
                 : error_set(err, ERR_CORRUPT, "SQLite finds %s damaged (%s)", s->store.name,
                             said ? said : "no answer");
    query_end(&q);
    return rc;
}

static void note_damage(void *context, const struct store_finding *finding)
{
    struct store_backup_report *report = context;
    if (finding->verdict != STORE_BAD)
        return;
    if (report->damaged++ == 0)
        report->damage = xstrdup(finding->sentence);
}

static int count_bad_vectors(struct sqlite *s, struct store_backup_report *report,
                             struct error *err)
{
    int64_t n = 0;
    struct query q = query_start(s, "SELECT count(*) FROM photo LEFT JOIN vector ON photo = id"
                                    " WHERE length(vector) IS NOT (SELECT 4 * dim FROM model)");
    int rc = query_get_int(&q, &n, err);
    if (rc || n == 0)
        return rc;
    report->damaged += n;
    if (!report->damage)
        report->damage = xasprintf("%" PRId64 " %s no sound vector: `keepsake index` makes %s", n,
                                   n == 1 ? "photo has" : "photos have", n == 1 ? "it" : "them");
    return 0;
}

int sqlite_examine(const char *path, struct store_backup_report *ret_report, struct error *err)
{
    struct sqlite *opened;
    *ret_report = (struct store_backup_report){0};
    int rc = sqlite_open(path, STORE_READ, &opened, err);
    if (rc)
        return rc;
    AUTO(sqlite) *s = opened;
    rc = check_integrity(s, err);
    if (!rc)
        rc = count_rows(s, ret_report, err);
    if (!rc)
        rc = count_bad_vectors(s, ret_report, err);
    if (!rc)
        sqlite_check_all_records(&(struct checking){s, note_damage, ret_report});
    return rc;
}

static int compare_counts(const struct store_backup_report *a, const struct store_backup_report *b,
                          struct error *err)
{
    if (a->photos == b->photos && a->failures == b->failures && a->labels == b->labels &&
        a->rules == b->rules && a->albums == b->albums && a->ledger_entries == b->ledger_entries)
        return 0;
    return error_set(err, ERR_IO, "the copy has fewer rows than the gallery: check its disk");
}

static int sync_path(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) < 0 ? error_errno(err, errno, "cannot write the copy to disk") : 0;
    if (fd >= 0)
        close(fd);
    return rc;
}

/* ---- complete operations ---- */

/* Must run within a transaction of `from`. */
static int copy_with_room(struct sqlite *from, const char *partial,
                          const struct store_backup_options *options, struct error *err)
{
    AUTO_FREE char *folder = file_parent(partial);
    int64_t pages = 0, page_bytes = 0;
    struct query q = query_start(from, "PRAGMA page_count");
    int rc = query_get_int(&q, &pages, err);
    if (rc)
        return rc;
    q = query_start(from, "PRAGMA page_size");
    rc = query_get_int(&q, &page_bytes, err);
    if (!rc)
        rc = check_room(folder, pages * page_bytes, err);
    return rc ? rc : make_copy(from, partial, options, err);
}

int sqlite_copy_pages(struct sqlite *from, const char *partial, struct error *err)
{
    static const struct store_backup_options silent;
    int rc = sqlite_begin_read(from, err);
    if (rc)
        return rc;
    rc = sqlite_finish(from, copy_with_room(from, partial, &silent, err), err);
    if (!rc)
        rc = sync_path(partial, err);
    if (rc)
        sqlite_remove_copy(partial);
    return rc;
}

static int copy_and_examine(struct sqlite *from, const char *partial,
                            const struct store_backup_options *options,
                            struct store_backup_report *ret_report, struct error *err)
{
    struct store_backup_report copied = {0};
    struct stat info;
    int rc = sqlite_begin_read(from, err);
    if (rc)
        return rc;
    rc = count_rows(from, ret_report, err);
    if (!rc)
        rc = copy_with_room(from, partial, options, err);
    rc = sqlite_finish(from, rc, err);
    if (!rc)
        rc = sqlite_examine(partial, &copied, err);
    if (!rc)
        rc = compare_counts(ret_report, &copied, err);
    if (!rc)
        rc = sync_path(partial, err);
    if (!rc && stat(partial, &info) == 0)
        ret_report->bytes = info.st_size;
    ret_report->damaged = copied.damaged;
    ret_report->damage = copied.damage;
    return rc;
}

void sqlite_remove_copy(const char *partial)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", partial, endings[i]);
        unlink(path);
    }
}

int sqlite_copy(struct sqlite *from, const char *partial,
                const struct store_backup_options *options, struct store_backup_report *ret_report,
                struct error *err)
{
    int rc = copy_and_examine(from, partial, options, ret_report, err);
    if (rc)
        sqlite_remove_copy(partial);
    return rc;
}

/* Refuses logs left by another file of that name, because SQLite would apply them to the copy. */
static int check_logs(const char *file, const char *name, struct error *err)
{
    static const char *const logs[] = {"-wal", "-journal"};
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", file, logs[i]);
        struct stat info;
        if (stat(path, &info) == 0 && info.st_size > 0)
            return error_set(err, ERR_INVALID,
                             "%s%s is the log of a gallery named %s: give another name, or move "
                             "it away together with its gallery",
                             name, logs[i], name);
    }
    return 0;
}

int sqlite_backup(struct store *store, const char *file, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    AUTO_FREE char *name = text_printable(file, strlen(file));
    AUTO_FREE char *partial = xasprintf("%s.partial-%d", file, (int)getpid());
    struct stat here, there;
    int rc = file_check_place(file, options->replace, err);
    if (!rc && stat(s->path, &here) == 0 && stat(file, &there) == 0 &&
        here.st_dev == there.st_dev && here.st_ino == there.st_ino)
        rc = error_set(err, ERR_INVALID,
                       "cannot copy to %s: it is the gallery itself; give "
                       "another name",
                       name);
    if (!rc)
        rc = check_logs(file, name, err);
    if (!rc)
        rc = sqlite_copy(s, partial, options, ret_report, err);
    if (rc)
        return rc;
    rc = file_put_in_place(partial, file, options->replace, err);
    if (rc)
        sqlite_remove_copy(partial);
    return rc;
}
