/* SPDX-License-Identifier: MIT */
/* The file of a blob cache: creates it, opens it, and replaces it if it is damaged. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "cache/blob_cache_internal.h"

#define APPLICATION_ID 0x4b454543 /* "KEEC": identifies a cache of keepsake */
#define FORMAT 1

static const char *const statements[BLOBS_STATEMENTS] = {
    [BLOBS_PUT] = ("INSERT INTO blob (key, kind, used, digest, data)"
                   " VALUES (?, ?, unixepoch(), ?, ?)"),
    [BLOBS_GET] = "SELECT digest, data, unixepoch() - used FROM blob WHERE key = ? AND kind = ?",
    [BLOBS_HAS] = "SELECT 1 FROM blob WHERE key = ? AND kind = ?",
    [BLOBS_TOUCH] = "UPDATE blob SET used = unixepoch() WHERE key = ? AND kind = ?",
    [BLOBS_REMOVE] = "DELETE FROM blob WHERE key = ?",
    [BLOBS_REMOVE_ONE] = "DELETE FROM blob WHERE key = ? AND kind = ?",
    [BLOBS_REMOVE_OLDEST] = ("DELETE FROM blob WHERE id ="
                             " (SELECT id FROM blob WHERE kind = ? ORDER BY used, id LIMIT 1)"),
    [BLOBS_ROOM] = "SELECT bytes FROM room WHERE kind = ?",
};

/* application_id and user_version are APPLICATION_ID and FORMAT. */
static const char make_tables[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE blob (id INTEGER PRIMARY KEY, key BLOB NOT NULL, kind INTEGER NOT NULL,"
    " used INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL, UNIQUE (key, kind));"
    "CREATE INDEX blob_used ON blob (kind, used);"
    "CREATE TABLE room (kind INTEGER PRIMARY KEY, bytes INTEGER NOT NULL);"
    "INSERT INTO room VALUES (0, 0), (1, 0);"
    "CREATE TRIGGER blob_added AFTER INSERT ON blob BEGIN"
    " UPDATE room SET bytes = bytes + length(new.data) WHERE kind = new.kind; END;"
    "CREATE TRIGGER blob_removed AFTER DELETE ON blob BEGIN"
    " UPDATE room SET bytes = bytes - length(old.data) WHERE kind = old.kind; END;"
    "PRAGMA application_id = 1262830915;"
    "PRAGMA user_version = 1;"
    "COMMIT;";

void blobs_connection_init(struct blobs_connection *c, const char *path)
{
    *c = (struct blobs_connection){.path = path};
    pthread_mutex_init(&c->lock, NULL);
}

void blobs_disconnect(struct blobs_connection *c)
{
    for (int i = 0; i < BLOBS_STATEMENTS; i++)
        sqlite3_finalize(c->statements[i]);
    memset(c->statements, 0, sizeof c->statements);
    sqlite3_close(c->db);
    c->db = NULL;
}

void blobs_connection_release(struct blobs_connection *c)
{
    blobs_disconnect(c);
    pthread_mutex_destroy(&c->lock);
}

int blobs_error(const struct blobs_connection *c, int result, struct error *err)
{
    int number = c->db ? sqlite3_system_errno(c->db) : 0;
    bool denied = number == EACCES || number == EPERM || number == EROFS;
    switch (result & 0xff) {
    case SQLITE_READONLY:
    case SQLITE_PERM:
        denied = true;
        break;
    case SQLITE_FULL:
        return error_set(err, ERR_IO, "the disk is full: %s cannot grow", c->path);
    default:
        break;
    }
    if (denied)
        return error_set(err, ERR_DENIED,
                         "no permission to write the cache %s: change the permissions", c->path);
    return error_set(err, ERR_IO, "the cache %s cannot be used: %s", c->path,
                     number ? strerror(number) : sqlite3_errstr(result));
}

/* Serializes creating and replacing the file among all processes. On a file system without such
 * locks there is no lock. */
static int lock_folder(const char *path)
{
    AUTO_FREE char *folder = file_parent(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void unlock_folder(int fd)
{
    if (fd >= 0)
        close(fd);
}

/* The caller holds the folder's lock. The write-ahead log is removed first: a new file must not
 * find it, nor share it with processes that still have the old one open. */
static void remove_file(const char *path)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", ""};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *name = xasprintf("%s%s", path, endings[i]);
        unlink(name);
    }
}

void blobs_delete_file(const char *path)
{
    int lock = lock_folder(path);
    remove_file(path);
    unlock_folder(lock);
}

/* The file is created here and not by SQLite, because other users must not see small pictures. */
static int make_file(const char *path, struct error *err)
{
    if (access(path, F_OK) < 0)
        remove_file(path); /* the file was deleted, but not its companions */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return error_errno(err, errno, "cannot make the cache %s", path);
    if (fd >= 0)
        close(fd);
    return 0;
}

int blobs_number(sqlite3 *db, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (!result && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        *ret_number = sqlite3_column_int64(statement, 0);
        result = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return result;
}

/* With auto_vacuum, a smaller limit returns space to the file system. */
static int prepare_new(struct blobs_connection *c)
{
    int result = sqlite3_exec(c->db, "PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL;",
                              NULL, NULL, NULL);
    if (!result)
        result = sqlite3_exec(c->db,
                              path_on_network(c->path) ? "PRAGMA journal_mode = DELETE"
                                                       : "PRAGMA journal_mode = WAL",
                              NULL, NULL, NULL);
    return result ? result : sqlite3_exec(c->db, make_tables, NULL, NULL, NULL);
}

/* Returns SQLITE_NOTADB for a cache of another format, which counts as damaged; SQLITE_AUTH for
 * another program's file. */
static int check_owner(struct blobs_connection *c)
{
    int64_t id, format, tables;
    int result = blobs_number(c->db, "PRAGMA application_id", &id);
    if (!result)
        result = blobs_number(c->db, "PRAGMA user_version", &format);
    if (!result)
        result = blobs_number(c->db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (result)
        return result;
    if (tables == 0)
        return prepare_new(c);
    if (id != APPLICATION_ID)
        return SQLITE_AUTH;
    return format == FORMAT ? SQLITE_OK : SQLITE_NOTADB;
}

static int open_file(struct blobs_connection *c)
{
    int result = sqlite3_open_v2(c->path, &c->db, SQLITE_OPEN_READWRITE, NULL);
    if (result)
        return result;
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, BLOBS_PATIENCE_MS);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    result = check_owner(c);
    return result ? result
                  : sqlite3_exec(c->db,
                                 "PRAGMA synchronous = NORMAL;"
                                 "PRAGMA wal_autocheckpoint = 4000;",
                                 NULL, NULL, NULL);
}

static bool is_damage(int result)
{
    switch (result & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return true;
    case SQLITE_IOERR:
        return result == SQLITE_IOERR_SHORT_READ || result == SQLITE_IOERR_CORRUPTFS;
    default:
        return false;
    }
}

/* Whether the path of the open file has another file, or none. */
static bool has_moved(struct blobs_connection *c)
{
    int moved = 0;
    return c->db &&
           sqlite3_file_control(c->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved;
}

/* Whether this is a failure of a file that was deleted while it was being opened. */
static bool has_vanished(struct blobs_connection *c, int result)
{
    bool absent = c->db && sqlite3_system_errno(c->db) == ENOENT;
    return result == SQLITE_READONLY_DBMOVED || result == SQLITE_IOERR_FSTAT ||
           (absent && (result & 0xff) == SQLITE_CANTOPEN);
}

bool blobs_recover(struct blobs_connection *c, int result)
{
    bool again = has_vanished(c, result) || has_moved(c);
    if (!again && is_damage(result)) {
        again = true;
        int lock = lock_folder(c->path);
        if (!has_moved(c)) /* no other process has replaced it yet */
            remove_file(c->path);
        unlock_folder(lock);
    }
    if (again)
        blobs_disconnect(c);
    return again;
}

static int connect_once(struct blobs_connection *c, int *ret_result, struct error *err)
{
    int lock = lock_folder(c->path);
    int rc = make_file(c->path, err);
    *ret_result = 0;
    if (!rc && (*ret_result = open_file(c)) != SQLITE_OK)
        rc = *ret_result == SQLITE_AUTH
                 ? error_set(err, ERR_IO,
                             "%s is another program's database, not a cache of keepsake: move it "
                             "away",
                             c->path)
                 : blobs_error(c, *ret_result, err);
    unlock_folder(lock);
    return rc;
}

int blobs_connect(struct blobs_connection *c, struct error *err)
{
    if (c->db && !has_moved(c))
        return 0;
    int rc = 0, result;
    for (int i = 0; i < BLOBS_ATTEMPTS; i++) {
        blobs_disconnect(c);
        rc = connect_once(c, &result, err);
        if (!rc || !blobs_recover(c, result))
            break;
    }
    if (rc)
        blobs_disconnect(c);
    return rc;
}

sqlite3_stmt *blobs_statement(struct blobs_connection *c, enum blobs_statement which,
                              int *ret_result)
{
    sqlite3_stmt **statement = &c->statements[which];
    *ret_result = SQLITE_OK;
    if (*statement)
        sqlite3_reset(*statement);
    else
        *ret_result = sqlite3_prepare_v3(c->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT,
                                         statement, NULL);
    if (*ret_result == SQLITE_ERROR) /* a table or column is missing */
        *ret_result = SQLITE_CORRUPT;
    return *statement;
}
