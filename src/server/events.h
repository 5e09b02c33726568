/* SPDX-License-Identifier: MIT */
/* A stream of server-sent events: one thread writes, another sends, and neither blocks the other.
 *
 *     writer: events_send(e, "text", data) ...  events_close(e); events_unref(e);
 *     sender: events_read until it gives EVENTS_END, or events_abandon when the client disconnected
 *
 * Unsent text is buffered, up to EVENTS_BYTES_MAX: a client that is too slow is abandoned. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

#define EVENTS_BYTES_MAX ((size_t)4 << 20)

struct events;

struct events *events_new(void);
struct events *events_ref(struct events *e); /* returns e */
void events_unref(struct events *e);         /* NULL is fine */
DEFINE_AUTO(events, events_unref)

/* Takes over `data`. False when the client has disconnected; the event is then dropped. */
bool events_send(struct events *e, const char *name, json_t *data);
void events_close(struct events *e); /* no more events; buffered ones are still sent */
bool events_is_abandoned(struct events *e);

/* events_read calls `sleep` when the buffer is empty, and the writer calls `wake` when there is
 * text again. Both are called with the stream locked, so they must not use it. */
void events_attach(struct events *e, void (*sleep)(void *context), void (*wake)(void *context),
                   void *context);
#define EVENTS_END (-1)
/* Copies up to `size` bytes into ret_data and returns their number; 0: nothing yet, `sleep` was
 * called; EVENTS_END. */
long events_read(struct events *e, char *ret_data, size_t size);
/* After a silence, sends a comment that keeps proxies from closing the connection and detects
 * clients that have gone. */
void events_keep_alive(struct events *e, double silence_s);
void events_abandon(struct events *e);
