/* SPDX-License-Identifier: MIT */
/* An answer as a stream of events, and what belongs to it as JSON. */
#pragma once

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "ask/ask.h"
#include "server/events.h"

struct answering {
    struct events *events;
    bool more_photos;
    atomic_bool stop;
};

/* Sends the prepared question, writes all events up to the last one, and closes the stream. */
void answering_run(struct answering *a, struct ask *ask, const char *conversation);

json_t *form_outbox(const struct outbox *outbox); /* the schema Outbox; a new reference */
