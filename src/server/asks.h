/* SPDX-License-Identifier: MIT */
/* The server's conversations about photos (ask.h), each with its own gallery and provider. A
 * question is prepared, shown and sent; a thread per answer writes its events. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "ask/ask.h"
#include "base/error.h"
#include "server/events.h"

struct asks;
struct conversation;
struct server;

struct asks *asks_new(struct server *server);
/* Ends all answers, with a final event in their streams, and refuses every question from then on.
 */
void asks_stop(struct asks *asks);
void asks_free(struct asks *asks); /* NULL is fine */
size_t asks_count(struct asks *asks);

struct asks_question {
    const struct principal *principal; /* who asks */
    const char *question;
    const char *conversation; /* NULL: a new one */
    int64_t photo;            /* the photo that it is about; 0: the photos that a search finds */
    size_t k;
    struct store_filter filter;
    /* As ask_options, for a new conversation. */
    enum telling facts;
    bool include_weak;
    int more;
};

struct asks_consent {
    const json_t *photos; /* ids of the photos to send; NULL: all of the outbox */
    bool more_photos;     /* that the model may search for */
};

/* Prepares a question and checks the conversation out exclusively; return it with asks_send or
 * asks_put_back. ERR_NOT_FOUND: no such conversation; ERR_MISMATCH: it is in use; ERR_LIMIT: too
 * many, or the server is about to stop; errors of ask_prepare. */
int asks_prepare(struct asks *asks, const struct asks_question *question,
                 struct conversation **ret_conversation, struct error *err) MUST_CHECK;
/* Checks out a conversation whose question was prepared. ERR_MISMATCH: there is no question. */
int asks_take(struct asks *asks, const char *id, struct conversation **ret_conversation,
              struct error *err) MUST_CHECK;
void asks_put_back(struct asks *asks, struct conversation *c);
/* Sends the question. The conversation is returned when the answer is complete, and also on
 * failure. ERR_NOT_FOUND: no key for the provider, or a photo that is not in the outbox; ERR_LIMIT:
 * too many concurrent answers, or no thread for this one: the question stays prepared. */
int asks_send(struct asks *asks, struct conversation *c, const struct asks_consent *consent,
              struct events **ret_events, struct error *err) MUST_CHECK;
/* Stops the answer if there is one, else drops the conversation, also while a question is being
 * prepared: that preparation then fails with ERR_NOT_FOUND. ERR_NOT_FOUND: no such conversation. */
int asks_end(struct asks *asks, const char *id, struct error *err) MUST_CHECK;

/* The parts of a conversation that the caller has checked out. */
const char *conversation_id(const struct conversation *c);
const struct outbox *conversation_outbox(const struct conversation *c);
