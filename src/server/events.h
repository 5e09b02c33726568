/* SPDX-License-Identifier: MIT */
/* A stream of server-sent events: one thread writes, another sends, and neither waits for the
 * other.
 *
 *     writer: events_send(e, "text", data) ...  events_close(e); events_unref(e);
 *     sender: events_read until it gives EVENTS_END, or events_abandon when the reader went away
 *
 * What is written waits in memory, EVENTS_BYTES_MAX at most: a reader that takes too long is
 * abandoned. */
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

/* Takes over `data`. False when nobody reads any more; the event is dropped then. */
bool events_send(struct events *e, const char *name, json_t *data);
void events_close(struct events *e); /* no more will come; what is there is still sent */
bool events_is_abandoned(struct events *e);

/* `sleep` is called by events_read when there is nothing, `wake` by the writer once there is
 * something again: with the stream locked, so that neither may use it. */
void events_attach(struct events *e, void (*sleep)(void *context), void (*wake)(void *context),
                   void *context);
#define EVENTS_END (-1)
/* Up to `size` bytes into ret_data: how many; 0: none yet, and sleep was called; EVENTS_END. */
long events_read(struct events *e, char *ret_data, size_t size);
/* A comment that keeps proxies from giving up, and finds out whether the reader is still there;
 * when nothing else was sent for so long. */
void events_keep_alive(struct events *e, double silence_s);
void events_abandon(struct events *e);
