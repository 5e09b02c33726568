/* SPDX-License-Identifier: MIT */
/* An answer as a stream of events. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "ask/ask.h"
#include "server/events.h"

struct answering {
    struct events *events;
    bool more_photos;
    atomic_bool stop;
};

/* Sends the prepared question, writes all events including the final one, and closes the stream. */
void answering_run(struct answering *a, struct ask *ask, const char *conversation);
