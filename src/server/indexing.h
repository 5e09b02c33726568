/* The index run of this server: one at a time, in a thread of its own, and those who watch it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "server/events.h"

struct indexing;
struct server;

struct indexing *indexing_new(struct server *server);
void indexing_free(struct indexing *i); /* stops and waits; NULL is fine */

/* ERR_MISMATCH: one is running, or the server was given no folders. */
int indexing_start(struct indexing *i, struct error *err) MUST_CHECK;
/* Asks it to stop; false: none is running. What is finished stays in the gallery. */
bool indexing_stop(struct indexing *i);
bool indexing_is_running(struct indexing *i);

/* The schema Index; a new reference. */
json_t *indexing_state(struct indexing *i);
/* A stream of `index` and `note` events that begins with the state now. ERR_LIMIT: too many
 * watch. */
int indexing_watch(struct indexing *i, struct events **ret_events, struct error *err) MUST_CHECK;
void indexing_close_streams(struct indexing *i);
