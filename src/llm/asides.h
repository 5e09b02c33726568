/* SPDX-License-Identifier: MIT */
/* What a model writes beside its answer, into the same text: its reasoning (<think>...</think> and
 * what other models have for it), calls of tools in the words of its training, and marks of its
 * template. Servers that know the model take them out; many do not.
 *
 *     struct asides a;
 *     asides_init(&a);
 *     asides_feed(&a, text, size, err)     whole characters; pieces of any size
 *     a.answer, a.retracted                what came out: the caller takes and clears them
 *     asides_end(&a, err)                  the text is over: what was held back comes out
 *     asides_release(&a) */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

struct asides {
    struct strbuf answer; /* of the answer, since the caller took it last */
    json_t *calls;        /* array of {"name", "input"} that were written as text */
    bool retracted;       /* all that came before `answer` was reasoning whose beginning was not
                             marked */
    struct strbuf held;   /* the beginning of a mark perhaps, or a call under way */
    int open;             /* which kind of aside it is in; -1: in the answer */
    bool began;           /* some of the answer, other than blanks, has come */
    bool skips;           /* blanks behind an aside are no answer yet */
};

void asides_init(struct asides *asides);
void asides_release(struct asides *asides);
/* ERR_LIMIT past LIMIT_LLM_REPLY_BYTES. */
int asides_feed(struct asides *asides, const char *text, size_t size, struct error *err) MUST_CHECK;
int asides_end(struct asides *asides, struct error *err) MUST_CHECK;
