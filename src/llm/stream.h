/* SPDX-License-Identifier: MIT */
/* Converts the bytes of a reply into a struct llm_reply. There are two protocols: the events of
 * the Messages API (stream_messages.c) and the chunks of chat completions (stream_chat.c).
 *
 * Servers deviate from the protocols that they imitate, so the following is also accepted: a whole
 * reply as one JSON object, or as one object per line, although a stream was requested; events
 * separated by only one line end; a last event without an empty line; an event without "data:". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/limits.h"
#include "llm/blocks.h"
#include "llm/llm.h"
#include "llm/sse.h"

struct stream;

struct stream_protocol {
    /* Handles one event's parsed data; `name` may be NULL. A negative return value ends the
     * stream. */
    int (*event)(struct stream *stream, const char *name, const json_t *data, struct error *err);
    /* Whether to ignore data that is not JSON in an event of this name. */
    bool (*ignores)(const char *name);
    /* The end of the bytes ends a reply that looks complete, even without a final event; and an
     * unknown word for the stop reason also counts as an end. */
    bool ends_by_itself;
};

extern const struct stream_protocol stream_messages, stream_chat;

struct stream {
    const struct stream_protocol *protocol;
    struct sse sse;
    struct strbuf whole; /* a reply that is not a stream */
    /* The form of the reply: known after the first byte that is not blank. */
    bool is_whole, has_form;
    struct blocks blocks;
    struct llm_reply *reply; /* its model, stop and usage are set as they arrive */
    bool began;              /* an event of the protocol has arrived */
    bool stopped;            /* the stop reason has arrived */
    bool done;               /* the last event has arrived */
    json_t *failure;         /* the error that arrived as an event, unchanged; NULL: none */
    char stray[LIMIT_LLM_QUOTED_BYTES]; /* the latest text outside the protocol */
};

void stream_init(struct stream *stream, const struct stream_protocol *protocol,
                 const struct llm_events *events, struct llm_reply *reply);
void stream_release(struct stream *stream);

/* Returns 1 if the reply is complete and the remaining bytes can be ignored. ERR_CORRUPT if the
 * bytes are not this protocol; ERR_LIMIT; ERR_NETWORK with `failure` set if the server reported an
 * error during the reply. */
int stream_feed(struct stream *stream, const char *bytes, size_t size,
                struct error *err) MUST_CHECK;

/* To be called after the last byte (`ended`: the server closed the reply properly), or in its
 * place; reply->content then holds the part that arrived. Returns 0 if the reply is complete;
 * otherwise reply->stop is LLM_STOP_CUT and the return value is ERR_NETWORK, or ERR_CORRUPT if
 * nothing of the protocol arrived. */
int stream_finish(struct stream *stream, bool ended, struct error *err) MUST_CHECK;

/* Whether any content has arrived. */
bool stream_has_content(const struct stream *stream);

/* ---- helpers for the protocols ---- */
void stream_set_text(char *ret_text, size_t size, const json_t *text); /* only if it is a string */
void stream_set_tokens(int64_t *ret_tokens, const json_t *number); /* only if it is a number >= 0 */
/* Stores `data` as the failure and sets *err; the event handler returns the result. */
int stream_fail(struct stream *stream, const json_t *data, struct error *err);
/* Sets reply->stop from the server's own word, which may be that of any vendor. */
void stream_set_stop(struct stream *stream, const json_t *reason);
