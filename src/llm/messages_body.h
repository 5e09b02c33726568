/* SPDX-License-Identifier: MIT */
/* Bodies of the Messages API, as anthropic, bedrock and vertex take them. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "llm/llm.h"

struct messages_form {
    const char *model;          /* NULL: it is in the address */
    const char *version;        /* "anthropic_version" in the body; NULL: it is a header */
    bool top_level_cache;       /* takes cache_control beside the messages; else on blocks */
    bool image_transformations; /* takes them on image blocks; else they are left out */
    int64_t max_tokens;         /* that it takes, at most; 0: any */
    bool no_tools, no_stream, no_cache, no_effort; /* what else its server does not take */
};

/* Streams unless that is not taken. Never temperature, top_p, top_k, thinking: the 5.x models
 * refuse the first three, and choose by themselves how to think. A new reference. */
json_t *messages_body(const struct messages_form *form, const struct llm_request *request);
