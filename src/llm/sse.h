/* SPDX-License-Identifier: MIT */
/* Parses server-sent events from bytes in pieces of any size, including single bytes.
 *
 * Reads what the SDKs of Anthropic and OpenAI read (WHATWG HTML, section 9.2): lines end with LF,
 * CR or CRLF; a byte order mark before a line is skipped; lines that begin with a colon are
 * comments; the fields `event` and `data` are used, and several data lines are joined with LF; an
 * empty line ends the event. There are two extensions: a line without a field of the standard is
 * passed to a handler, because servers put their errors there; and sse_end accepts a last event
 * without an empty line after it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"

/* `event` is NULL if the event had no name; data is NUL-terminated and may be "". Any return value
 * but 0 stops sse_feed, which returns it. */
typedef int (*sse_handler)(void *context, const char *event, const char *data, size_t size,
                           struct error *err);

/* Receives a line that does not belong to an event stream; returns the same values. */
typedef int (*sse_stray_handler)(void *context, const char *line, size_t size, struct error *err);

struct sse {
    sse_handler handler;
    sse_stray_handler stray;
    void *context;
    struct strbuf line, event, data;
    bool has_event, has_data;
    bool after_cr; /* a following LF belongs to the previous line end */
};

/* `stray` may be NULL. */
void sse_init(struct sse *sse, sse_handler handler, sse_stray_handler stray, void *context);
void sse_release(struct sse *sse);

/* ERR_LIMIT if a line or an event is larger than LIMIT_LLM_EVENT_BYTES. */
int sse_feed(struct sse *sse, const char *bytes, size_t size, struct error *err) MUST_CHECK;

/* Ends the input: the remaining bytes without a line end, or without an empty line, are treated as
 * an event. */
int sse_end(struct sse *sse, struct error *err) MUST_CHECK;
