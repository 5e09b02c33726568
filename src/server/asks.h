/* SPDX-License-Identifier: MIT */
/* Conversations about photos (ask.h), each with a gallery and a provider of its own. A question is
 * prepared, shown, and sent: a thread of its own writes the answer's events. */
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
/* Ends all answers, which say so in their streams, and refuses every question from then on. */
void asks_stop(struct asks *asks);
void asks_free(struct asks *asks); /* NULL is fine */
size_t asks_count(struct asks *asks);

struct asks_question {
    const char *question;
    const char *conversation; /* NULL: a new one */
    int64_t photo;            /* that it is about; 0: those that are found */
    size_t k;
    struct store_filter filter;
    /* As ask_options; of a new conversation. */
    enum telling facts;
    bool include_weak;
    int more;
};

struct asks_consent {
    const json_t *photos; /* ids of those that may go; NULL: all of the outbox */
    bool more_photos;     /* that the model searches for */
};

/* Prepares a question and hands the conversation out, for nobody else to use until asks_send or
 * asks_put_back. ERR_NOT_FOUND: no such conversation; ERR_MISMATCH: it is in use; ERR_LIMIT: too
 * many, or the server is about to stop; as ask_prepare. */
int asks_prepare(struct asks *asks, const struct asks_question *question,
                 struct conversation **ret_conversation, struct error *err) MUST_CHECK;
/* Takes out a conversation whose question was prepared. ERR_MISMATCH: there is no question. */
int asks_take(struct asks *asks, const char *id, struct conversation **ret_conversation,
              struct error *err) MUST_CHECK;
void asks_put_back(struct asks *asks, struct conversation *c);
/* Sends the question. The conversation is put back, also on failure, once the answer is there.
 * ERR_NOT_FOUND: no key for the provider, or a photo that the outbox has not; ERR_LIMIT: too many
 * answers at once, or no thread for this one: the question stays prepared. */
int asks_send(struct asks *asks, struct conversation *c, const struct asks_consent *consent,
              struct events **ret_events, struct error *err) MUST_CHECK;
/* Stops the answer; else drops the conversation, also while a question is prepared: whoever
 * prepares it gets ERR_NOT_FOUND. ERR_NOT_FOUND: there is none. */
int asks_end(struct asks *asks, const char *id, struct error *err) MUST_CHECK;

/* Of a conversation that is handed out. */
const char *conversation_id(const struct conversation *c);
const struct outbox *conversation_outbox(const struct conversation *c);
