/* SPDX-License-Identifier: MIT */
/* Opens database connections, including read-only ones, on full disks and after crashes. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/path.h"
#include "store/sqlite/sqlite_internal.h"

/* Waits for a lock grow up to this many milliseconds. */
#define LOCK_STEPS 50
/* A cancelled operation still waits this long for a lock: others hold it only briefly, and finished
 * work should be stored. */
#define GRACE_S 2.0

static bool is_cancelled(const struct sqlite *s)
{
    return s->options.cancelled && s->options.cancelled(s->options.context);
}

/* SQLite's busy handler: another connection holds the lock, and this is call number `times`;
 * returning 0 gives up. */
static int wait_for_lock(void *context, int times)
{
    struct sqlite *s = context;
    double now = clock_seconds();
    if (times == 0)
        s->waits_since = now;
    double waited = now - s->waits_since;
    if (waited > s->patience_ms / 1000.0 || (waited > GRACE_S && is_cancelled(s)))
        return 0;
    sqlite3_sleep(times < LOCK_STEPS ? times + 1 : LOCK_STEPS);
    return 1;
}

/* Offset of the application id in the header of a SQLite file. */
enum { ID_OFFSET = 68 };

static int prepare_connection(struct sqlite *s)
{
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_handler(s->db, wait_for_lock, s);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, SQLITE_LONGEST_BYTES);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    int result = sqlite_filter_install(s);
    if (!result)
        result = sqlite_checksum_install(s);
    if (result)
        return result;
    /* secure_delete overwrites deleted data in the file. The last statement is the first to read
     * the file, and fails if the file is unreadable. */
    return sqlite3_exec(s->db,
                        "PRAGMA foreign_keys = ON;"
                        "PRAGMA secure_delete = ON;"
                        "PRAGMA temp_store = MEMORY;"
                        "PRAGMA synchronous = NORMAL;"
                        "SELECT count(*) FROM sqlite_schema;",
                        NULL, NULL, NULL);
}

static int64_t size_of(const char *path, const char *suffix)
{
    AUTO_FREE char *name = xasprintf("%s%s", path, suffix);
    struct stat info;
    return stat(name, &info) == 0 ? (int64_t)info.st_size : -1;
}

static bool has_file(const char *path, const char *suffix)
{
    return size_of(path, suffix) >= 0;
}

static bool has_bytes(const char *path, const char *suffix)
{
    return size_of(path, suffix) > 0;
}

/* SQLite checkpoints the log when the last connection closes, unless that connection is read-only.
 * In that case, this function opens and closes a writable one. */
static void fold_log(const struct sqlite *s)
{
    sqlite3 *db = NULL;
    if (eaccess(s->path, W_OK) == 0 && (has_file(s->path, "-wal") || has_file(s->path, "-shm")) &&
        sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
        sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    sqlite3_close(db);
}

/* Reads the application id from the file itself, without the log; -1 if the file has no header. */
static int64_t read_own_id(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    unsigned char id[4];
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file ||
        !file->pMethods || file->pMethods->xRead(file, id, sizeof id, ID_OFFSET) != SQLITE_OK)
        return -1;
    return (int64_t)id[0] << 24 | id[1] << 16 | id[2] << 8 | id[3];
}

bool sqlite_has_foreign_log(sqlite3 *db)
{
    sqlite3_stmt *q = NULL;
    int64_t id = SQLITE_APPLICATION_ID;
    if (sqlite3_prepare_v2(db, "PRAGMA application_id", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW)
        id = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return id != SQLITE_APPLICATION_ID && read_own_id(db) == SQLITE_APPLICATION_ID;
}

/* Serialises threads that close at the same time; otherwise each would leave the checkpoint to
 * another one. */
static pthread_mutex_t closing = PTHREAD_MUTEX_INITIALIZER;

void sqlite_disconnect(struct sqlite *s)
{
    if (!s->db)
        return;
    pthread_mutex_lock(&closing);
    if (!s->is_gallery) /* a log of another database would replace the file */
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(s->db);
    s->db = NULL;
    if (s->is_gallery && s->immutable_mtime < 0)
        fold_log(s);
    pthread_mutex_unlock(&closing);
}

/* *ret_result is SQLite's result code; after a failure there is no connection. */
static int open_as(struct sqlite *s, const char *name, int flags, int *ret_result,
                   struct error *err)
{
    int result = sqlite3_open_v2(name, &s->db, flags, NULL);
    if (!result)
        result = prepare_connection(s);
    int rc = result ? sqlite_error(s, result, err) : 0;
    if (rc)
        sqlite_disconnect(s);
    *ret_result = result & 0xff;
    return rc;
}

/* A file: URI is the only way to say "immutable". */
static char *immutable_uri(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
    char *uri = xmalloc(3 * strlen(path) + 32), *at = uri;
    at += snprintf(at, 32, "file:");
    for (; *path; path++)
        if (strchr(plain, *path))
            *at++ = *path;
        else
            at += snprintf(at, 4, "%%%02X", (unsigned char)*path);
    snprintf(at, 16, "?immutable=1");
    return uri;
}

static int connect_immutable(struct sqlite *s, struct error *err)
{
    if (has_bytes(s->path, "-wal") || has_bytes(s->path, "-journal"))
        return error_set(err, ERR_DENIED,
                         "the gallery %s was not closed, and cannot be recovered in a read-only "
                         "folder: copy it with the file %s-wal to a writable folder",
                         s->store.name, s->store.name);
    struct stat info;
    if (stat(s->path, &info) < 0)
        return error_errno(err, errno, "cannot open the gallery %s", s->store.name);
    AUTO_FREE char *uri = immutable_uri(s->path);
    int result, rc = open_as(s, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, &result, err);
    if (!rc) {
        s->immutable_mtime = info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
        s->immutable_size = info.st_size;
    }
    return rc;
}

/* Rolls back the journal of a killed writer, which only a writable connection does. */
static bool roll_back_journal(struct sqlite *s)
{
    int result;
    if (!has_bytes(s->path, "-journal") || eaccess(s->path, W_OK) < 0)
        return false;
    bool done = open_as(s, s->path, SQLITE_OPEN_READWRITE, &result, NULL) == 0;
    if (done)
        sqlite_disconnect(s);
    return done;
}

/* Free disk space for a reader; it creates the index of the log, which takes 32 KB. */
#define ROOM_TO_READ ((uint64_t)1 << 20)

static bool is_disk_full(const char *path)
{
    AUTO_FREE char *folder = file_parent(path);
    struct statvfs info;
    return statvfs(folder, &info) == 0 && (uint64_t)info.f_bavail * info.f_frsize < ROOM_TO_READ;
}

/* Nobody else has the file open, since the index of the log is missing; without a log, the file is
 * complete. */
static int connect_on_full_disk(struct sqlite *s, struct error *err)
{
    if (!has_bytes(s->path, "-wal") && !has_bytes(s->path, "-journal"))
        return connect_immutable(s, err);
    return error_set(
        err, ERR_IO,
        "cannot open the gallery %s: the disk is full, and the last program did not close the "
        "gallery; free a megabyte (%s.thumbs is only a cache and may be deleted)",
        s->store.name, s->store.name);
}

int sqlite_connect(struct sqlite *s, struct error *err)
{
    int result;
    s->immutable_mtime = -1;
    if (s->mode == STORE_WRITE)
        return open_as(s, s->path, SQLITE_OPEN_READWRITE, &result, err);
    struct error first;
    int rc = open_as(s, s->path, SQLITE_OPEN_READONLY, &result, &first);
    bool refused = result == SQLITE_CANTOPEN || result == SQLITE_READONLY;
    if (refused && roll_back_journal(s))
        return open_as(s, s->path, SQLITE_OPEN_READONLY, &result, err);
    if (refused)
        return connect_immutable(s, err);
    if ((result == SQLITE_IOERR || result == SQLITE_FULL) && is_disk_full(s->path))
        return connect_on_full_disk(s, err);
    return rc ? error_set(err, rc, "%s", first.message) : 0;
}

/* Returns whether a list is being read. Its callback may read the gallery, which must not end the
 * list. */
static bool is_listing(sqlite3 *db)
{
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(db, at));)
        if (sqlite3_stmt_busy(at))
            return true;
    return false;
}

int sqlite_follow(struct sqlite *s, struct error *err)
{
    struct stat info;
    bool in_use = !sqlite3_get_autocommit(s->db) || is_listing(s->db);
    if (s->immutable_mtime < 0 || in_use)
        return 0;
    if (stat(s->path, &info) < 0)
        return error_errno(err, errno, "cannot open the gallery %s", s->store.name);
    if (s->immutable_mtime == info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec &&
        s->immutable_size == info.st_size && !has_bytes(s->path, "-wal"))
        return 0;
    sqlite_drop_statements(s);
    sqlite_disconnect(s);
    sqlite_forget_index(s);
    sqlite_filter_free(s);
    s->dim = 0;
    return sqlite_connect(s, err);
}

/* With a rollback journal, unlike a write-ahead log, a missing sync can leave a damaged file after
 * a power cut. */
#define USE_ROLLBACK_JOURNAL "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL"

int sqlite_choose_journal(struct sqlite *s, struct error *err)
{
    const char *sql = path_on_network(s->path) ? USE_ROLLBACK_JOURNAL : "PRAGMA journal_mode = WAL";
    double deadline = clock_seconds() + s->patience_ms / 1000.0;
    int result;
    /* SQLite does not call the busy handler here, when several programs create the same gallery. */
    while ((result = sqlite3_exec(s->db, sql, NULL, NULL, NULL)) != SQLITE_OK) {
        if ((result & 0xff) == SQLITE_BUSY && clock_seconds() < deadline && !is_cancelled(s))
            sqlite3_sleep(10);
        else
            break;
    }
    if (result && (result & 0xff) != SQLITE_BUSY)
        result = sqlite3_exec(s->db, USE_ROLLBACK_JOURNAL, NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}
