/* SPDX-License-Identifier: MIT */
/* For fuzz targets whose input is a file: a folder in memory, and galleries in it. */
#pragma once

#include <ftw.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

static char fuzz_folder[64];

static int fuzz_unlink(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info, (void)type, (void)ftw;
    return remove(path);
}

static void fuzz_remove_folder(void)
{
    nftw(fuzz_folder, fuzz_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the folder at the first call; true then. */
static inline bool fuzz_begin(void)
{
    if (fuzz_folder[0])
        return false;
    bool in_memory = access("/dev/shm", W_OK) == 0;
    snprintf(fuzz_folder, sizeof fuzz_folder, "%s/keepsake-fuzz-XXXXXX",
             in_memory ? "/dev/shm" : "/tmp");
    if (!mkdtemp(fuzz_folder))
        abort();
    atexit(fuzz_remove_folder);
    setenv("XDG_CACHE_HOME", fuzz_folder, 1);
    return true;
}

/* A path in the folder, in one of a few static buffers. */
static inline const char *fuzz_path(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", fuzz_folder, name);
    return path;
}

static inline void fuzz_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file))
        abort();
}

/* What lies beside a database goes with the old one. */
static inline void fuzz_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".thumbs"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *name = xasprintf("%s%s", path, endings[i]);
        unlink(name);
    }
}

static inline void fuzz_copy(const char *from, const char *to)
{
    struct file file;
    if (file_read(from, SIZE_MAX / 4, &file, NULL))
        abort();
    fuzz_remove(to);
    fuzz_write(to, file.data, file.size);
    file_release(&file);
}

/* ---- databases: bytes, or statements on a sound one ---- */

static inline int fuzz_stop(void *context)
{
    return ++*(int *)context > 200;
}

/* No other file is touched. */
static inline int fuzz_authorize(void *context, int action, const char *a, const char *b,
                                 const char *c, const char *d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

/* As somebody with the sqlite3 shell would: what fails does nothing. */
static inline void fuzz_run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    int steps = 0;
    if (sqlite3_open(path, &db) == SQLITE_OK) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
        sqlite3_set_authorizer(db, fuzz_authorize, NULL);
        sqlite3_progress_handler(db, 1000, fuzz_stop, &steps);
        sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
        sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    sqlite3_close(db);
}

/* Makes `path` of the input: an SQLite file as it is, or else statements that are run on a copy of
 * the sound one. */
static inline void fuzz_make_database(const char *path, const char *sound, const uint8_t *data,
                                      size_t size)
{
    static const char magic[] = "SQLite format 3";
    if (size >= sizeof magic && memcmp(data, magic, sizeof magic) == 0) {
        fuzz_remove(path);
        fuzz_write(path, data, size);
        return;
    }
    AUTO_FREE char *sql = xstrndup((const char *)data, size);
    fuzz_copy(sound, path);
    fuzz_run_sql(path, sql);
}
