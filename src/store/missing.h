/* SPDX-License-Identifier: MIT */
/* Rows without a vector, which other programs insert into the table of a PostgreSQL gallery, for an
 * index run to fill. Both functions return ERR_UNSUPPORTED for a gallery in a file. */
#pragma once

#include "store/store.h"

/* Calls `each` for the path of every photo at position 0 without a vector, in path order, with the
 * reason why its file could not be read, or "". Both strings are borrowed. A non-zero return value
 * of `each` ends the iteration and is returned; `each` must not change the gallery. */
int store_list_missing(struct store *store,
                       int (*each)(void *context, const char *path, const char *reason),
                       void *context, struct error *err) MUST_CHECK;
/* Waits until another program has inserted such a row, but at most this many seconds. The server
 * tells of rows that are committed after the first call, which therefore precedes the first
 * store_list_missing, with `seconds` 0. *ret_told is false if the time has passed. Through a
 * connection pooler the server cannot tell, which one notice says, and the time is at most
 * STORE_UNTOLD_S. ERR_CANCELLED. */
#define STORE_UNTOLD_S 30.0
int store_wait_missing(struct store *store, double seconds, bool *ret_told,
                       struct error *err) MUST_CHECK;
