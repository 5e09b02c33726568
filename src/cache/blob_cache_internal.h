/* SPDX-License-Identifier: MIT */
/* A connection to the file of a blob_cache; private to cache/. */
#pragma once

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum blobs_statement {
    BLOBS_PUT,
    BLOBS_GET,
    BLOBS_HAS,
    BLOBS_TOUCH,
    BLOBS_REMOVE,
    BLOBS_REMOVE_ONE,
    BLOBS_REMOVE_OLDEST,
    BLOBS_ROOM,
    BLOBS_STATEMENTS
};

/* The state that one thread at a time uses, protected by the mutex. */
struct blobs_connection {
    pthread_mutex_t lock;
    const char *path; /* borrowed */
    sqlite3 *db;      /* NULL: closed */
    sqlite3_stmt *statements[BLOBS_STATEMENTS];
};

void blobs_connection_init(struct blobs_connection *c, const char *path);
void blobs_connection_release(struct blobs_connection *c);

/* Connects if necessary: the first time, and after another file has replaced the open one. A
 * damaged file is replaced by an empty one. ERR_IO, ERR_DENIED. */
int blobs_connect(struct blobs_connection *c, struct error *err) MUST_CHECK;

/* The caller holds the mutex. */
void blobs_disconnect(struct blobs_connection *c);
void blobs_delete_file(const char *path);

/* How long one process waits for another to finish writing. */
#define BLOBS_PATIENCE_MS 30000

/* Other processes may delete or replace the file at any time, even repeatedly. */
#define BLOBS_ATTEMPTS 5

/* To be called after SQLite returned `result`: returns true if another attempt is worthwhile,
 * because the file was deleted, replaced or damaged. A damaged file has been removed. The
 * connection is closed. */
bool blobs_recover(struct blobs_connection *c, int result);

/* Sets *err to the message for a failure and returns its code. */
int blobs_error(const struct blobs_connection *c, int result, struct error *err);

/* Reads the first column of the first row. Returns SQLite's result. */
int blobs_number(sqlite3 *db, const char *sql, int64_t *ret_number);

/* Returns the statement, reset; NULL with *ret_result set if it cannot be prepared. */
sqlite3_stmt *blobs_statement(struct blobs_connection *c, enum blobs_statement which,
                              int *ret_result);
