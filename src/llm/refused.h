/* SPDX-License-Identifier: MIT */
/* Parts of a request that a server may not take: it is asked once more without them, and they stay
 * out for as long as the llm is open. */
#pragma once

#include <stdbool.h>

enum llm_part {
    PART_TOOLS,
    PART_STREAM_OPTIONS,  /* include_usage */
    PART_STREAM,          /* the reply comes whole then */
    PART_LIMIT_NAME,      /* max_tokens, where it must be max_completion_tokens, or the reverse */
    PART_LIMIT,           /* of tokens: its value is too large, so that the server chooses */
    PART_SYSTEM,          /* the role: its text goes before the first question */
    PART_ROLES,           /* a message of the user right after one of a tool */
    PART_TRANSFORMATIONS, /* of image blocks */
    PART_CACHE,           /* marks for the prompt cache */
    PART_EFFORT,          /* how hard the model thinks */
    PART_BEARER,          /* the key goes in x-api-key then */
    PART_VERSION,         /* anthropic-version: the oldest then */
    PARTS,
    PART_NONE = PARTS,
};

/* "tools", for sentences. */
const char *part_name(enum llm_part part);

/* The part that the words of a refusal speak of; PART_NONE: none. `words` are in lower case;
 * `status` is that of HTTP, or what stands for it. */
enum llm_part part_refused(long status, const char *words);
