/* SPDX-License-Identifier: MIT */
/* The server's index run, one at a time in a thread of its own, and the clients that watch it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "server/events.h"

struct indexing;
struct server;

struct indexing *indexing_new(struct server *server);
void indexing_free(struct indexing *i); /* stops and waits; NULL is fine */

/* ERR_MISMATCH: one is running, or the server was given no folders. ERR_LIMIT: the server is about
 * to stop, or the system gives no thread. */
int indexing_start(struct indexing *i, struct error *err) MUST_CHECK;
/* Asks the run to stop; false when none is running. Finished work stays in the gallery. */
bool indexing_stop(struct indexing *i);
bool indexing_is_running(struct indexing *i);

/* The schema Index; a new reference. */
json_t *indexing_state(struct indexing *i);
/* A stream of `index` and `note` events that begins with the current state. ERR_LIMIT: too many
 * clients are watching, or the server is about to stop. */
int indexing_watch(struct indexing *i, struct events **ret_events, struct error *err) MUST_CHECK;
/* Stops for good: asks the run to stop, ends all streams, and refuses further runs. */
void indexing_end(struct indexing *i);
