/* SPDX-License-Identifier: MIT */
/* For tests of galleries in SQLite files: the file as other programs see it. */
#pragma once

#include <sqlite3.h>

#include "base/file.h"
#include "store/sqlite/sqlite_internal.h"
#include "store_fixture.h"

static struct error err;

static inline bool says(const char *part)
{
    bool found = strstr(err.message, part) != NULL;
    if (!found)
        diag("message: %s", err.message);
    return found;
}

static inline char *in_folder(const char *name)
{
    return file_join(fixture_folder, name);
}

static inline void write_file(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f))
        ok(false, "cannot write %s", path);
}

/* Runs SQL on a file, as another program would. */
static inline void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    if (sqlite3_open(path, &db) || sqlite3_exec(db, sql, NULL, NULL, &message))
        ok(false, "%s: %s", sql, message ? message : sqlite3_errmsg(db));
    sqlite3_free(message);
    sqlite3_close(db);
}

/* The first column of the first row as text; the caller frees. */
static inline char *ask_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    char *answer = NULL;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        answer = xstrdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static inline int64_t count_photos(const char *gallery)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    if (store_open(gallery, STORE_READ, &store, &err) || store_status(store, &status, &err)) {
        diag("%s", err.message);
        return -1;
    }
    return status.photos;
}

/* A closed gallery of n photos; the caller frees the name. */
static inline char *filled(size_t n)
{
    char *gallery = xasprintf("%s/%d.db", fixture_folder, ++fixture_number);
    AUTO(store) *store = fixture_open(gallery);
    for (size_t i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%zu.jpg", i);
        fixture_put(store, path, i);
    }
    return gallery;
}

/* Opens both ways; both must give `code` and a sentence with `part`, and leave the file alone. */
static inline void refused(const char *path, int code, const char *part, const char *name)
{
    struct store *store = NULL;
    uint8_t before[HASH_BYTES] = {0}, after[HASH_BYTES] = {0};
    struct stat info;
    bool unhashed = stat(path, &info) || !S_ISREG(info.st_mode) || hash_file(path, before, NULL);
    is_int(store_open(path, STORE_READ, &store, &err), code, name);
    ok(says(part) && says(path), "... %s", err.message);
    is_int(store_open(path, STORE_WRITE, &store, &err), code, "... nor to write");
    ok(says(part) && says(path), "... same sentence");
    ok(unhashed || (hash_file(path, after, NULL) == 0 && memcmp(before, after, HASH_BYTES) == 0),
       "... the file is as it was");
}
