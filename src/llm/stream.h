/* SPDX-License-Identifier: MIT */
/* The bytes of a reply become a struct llm_reply. Two protocols: the events of the Messages API
 * (stream_messages.c) and the chunks of chat completions (stream_chat.c).
 *
 * Servers differ from what they imitate. Read as well: a whole reply as one JSON object, or as
 * objects on lines, where a stream was asked for; events parted by one line end; a last event
 * without its empty line; an event that came without "data:". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/limits.h"
#include "llm/blocks.h"
#include "llm/llm.h"
#include "llm/sse.h"

struct stream;

struct stream_protocol {
    /* One event's data, parsed; `name` may be NULL. A negative return ends the stream. */
    int (*event)(struct stream *stream, const char *name, const json_t *data, struct error *err);
    /* Is data that is not JSON in an event of this name to be overlooked? */
    bool (*ignores)(const char *name);
    /* The end of the bytes ends a reply that looks whole, although no event said so; and a word for
     * the end that nobody knows is an end. */
    bool ends_by_itself;
};

extern const struct stream_protocol stream_messages, stream_chat;

struct stream {
    const struct stream_protocol *protocol;
    struct sse sse;
    struct strbuf whole;     /* of a reply that is no stream */
    bool is_whole, has_form; /* which of them: known with the first byte that is no blank */
    struct blocks blocks;
    struct llm_reply *reply; /* its model, stop and usage are filled as they come */
    bool began;              /* an event of the protocol arrived */
    bool stopped;            /* the reason for the end has arrived */
    bool done;               /* the last event has arrived */
    json_t *failure;         /* the error that came as an event, as it came; NULL: none */
    char stray[LIMIT_LLM_QUOTED_BYTES]; /* the latest words that are no part of the protocol */
};

void stream_init(struct stream *stream, const struct stream_protocol *protocol,
                 const struct llm_events *events, struct llm_reply *reply);
void stream_release(struct stream *stream);

/* Returns 1 when the reply is complete and the rest of the bytes does not matter. ERR_CORRUPT when
 * it is not this protocol; ERR_LIMIT; ERR_NETWORK with `failure` set when the server reported an
 * error in mid-reply. */
int stream_feed(struct stream *stream, const char *bytes, size_t size,
                struct error *err) MUST_CHECK;

/* After the last byte (`ended`: the server closed the reply properly), or instead of it:
 * reply->content is what arrived. 0 when the reply is complete; else reply->stop is LLM_STOP_CUT
 * and the return ERR_NETWORK, or ERR_CORRUPT when nothing of the protocol came at all. */
int stream_finish(struct stream *stream, bool ended, struct error *err) MUST_CHECK;

/* Whether some content came. */
bool stream_has_content(const struct stream *stream);

/* For the protocols. */
void stream_set_text(char *ret_text, size_t size, const json_t *text); /* only when a string */
void stream_set_tokens(int64_t *ret_tokens, const json_t *number);     /* only when one, >= 0 */
/* Notes `data` as the failure, for its event to return. */
int stream_fail(struct stream *stream, const json_t *data, struct error *err);
/* Sets reply->stop by the server's own word, which may be of any vendor. */
void stream_set_stop(struct stream *stream, const json_t *reason);
