/* SPDX-License-Identifier: MIT */
/* Server-sent events from bytes in pieces of any size, one byte included.
 *
 * Reads what the SDKs of Anthropic and OpenAI read (WHATWG HTML, section 9.2): lines end with LF,
 * CR or CRLF; a byte order mark before a line is skipped; lines that begin with a colon are
 * comments; `event` and `data` count, several data lines are joined with LF; an empty line ends the
 * event. Beyond that: a line of no field that the standard has is handed on, because servers put
 * their errors there; and sse_end takes a last event that no empty line ended. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"

/* `event` is NULL when the event had no name; data is NUL-terminated and may be "". Anything but 0
 * stops sse_feed, which returns it. */
typedef int (*sse_handler)(void *context, const char *event, const char *data, size_t size,
                           struct error *err);

/* A line that is none of a stream of events; the same return. */
typedef int (*sse_stray_handler)(void *context, const char *line, size_t size, struct error *err);

struct sse {
    sse_handler handler;
    sse_stray_handler stray;
    void *context;
    struct strbuf line, event, data;
    bool has_event, has_data;
    bool after_cr; /* an LF that follows belongs to the line end before it */
};

/* `stray` may be NULL. */
void sse_init(struct sse *sse, sse_handler handler, sse_stray_handler stray, void *context);
void sse_release(struct sse *sse);

/* ERR_LIMIT when a line or an event is larger than LIMIT_LLM_EVENT_BYTES. */
int sse_feed(struct sse *sse, const char *bytes, size_t size, struct error *err) MUST_CHECK;

/* The bytes are over: what stands there without its line end, or without its empty line, is taken
 * as an event. */
int sse_end(struct sse *sse, struct error *err) MUST_CHECK;
