/* SPDX-License-Identifier: MIT */
/* Parts of a request that a server may refuse: the request is sent once more without them, and
 * they are left out for as long as the llm is open. */
#pragma once

#include <stdbool.h>

enum llm_part {
    PART_TOOLS,
    PART_STREAM_OPTIONS,  /* include_usage */
    PART_STREAM,          /* without it, the reply arrives as a whole */
    PART_LIMIT_NAME,      /* max_tokens instead of max_completion_tokens, or the reverse */
    PART_LIMIT,           /* the token limit: its value is too large, so the server chooses one */
    PART_SYSTEM,          /* the system role: its text goes before the first question */
    PART_ROLES,           /* a user message directly after a tool message */
    PART_TRANSFORMATIONS, /* of image blocks */
    PART_CACHE,           /* prompt cache marks */
    PART_EFFORT,          /* how long the model thinks */
    PART_BEARER,          /* without it, the key is sent in x-api-key */
    PART_VERSION,         /* anthropic-version: the oldest one is sent instead */
    PARTS,
    PART_NONE = PARTS,
};

/* "tools", for use in sentences. */
const char *part_name(enum llm_part part);

/* Returns the part that a refusal mentions, or PART_NONE. `words` are in lower case; `status` is
 * the HTTP status, or its equivalent. */
enum llm_part part_refused(long status, const char *words);
