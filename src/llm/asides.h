/* SPDX-License-Identifier: MIT */
/* Removes from a streamed text everything that a model writes beside its answer: its reasoning
 * (<think>...</think> and the equivalents of other models), tool calls in the notation of its
 * training, and marks of its template. Servers that know the model remove them; many do not.
 *
 *     struct asides a;
 *     asides_init(&a);
 *     asides_feed(&a, text, size, err)     whole characters; pieces of any size
 *     a.answer, a.retracted                the output, which the caller takes and clears
 *     asides_end(&a, err)                  end of the text: releases the text held back
 *     asides_release(&a) */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

struct asides {
    struct strbuf answer; /* the part of the answer since the caller last took it */
    json_t *calls;        /* array of {"name", "input"} of calls written as text */
    bool retracted;     /* all text before `answer` was reasoning whose beginning was not marked */
    struct strbuf held; /* possibly the beginning of a mark, or an unfinished call */
    int open;           /* the kind of the current aside; -1: in the answer */
    bool began;         /* part of the answer, other than blanks, has arrived */
    bool skips;         /* blanks after an aside are not yet part of the answer */
};

void asides_init(struct asides *asides);
void asides_release(struct asides *asides);
/* ERR_LIMIT past LIMIT_LLM_REPLY_BYTES. */
int asides_feed(struct asides *asides, const char *text, size_t size, struct error *err) MUST_CHECK;
int asides_end(struct asides *asides, struct error *err) MUST_CHECK;
