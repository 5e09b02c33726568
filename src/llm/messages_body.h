/* SPDX-License-Identifier: MIT */
/* Builds bodies of the Messages API, as anthropic, bedrock and vertex take them. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "llm/llm.h"

struct messages_form {
    const char *model;    /* NULL: it is in the URL */
    const char *version;  /* "anthropic_version" in the body; NULL: it is a header */
    bool top_level_cache; /* accepts cache_control beside the messages; else it goes on blocks */
    bool image_transformations; /* accepts them on image blocks; else they are left out */
    int64_t max_tokens;         /* the server's maximum; 0: no limit */
    /* The other features that its server does not accept. */
    bool no_tools, no_stream, no_cache, no_effort;
};

/* Requests streaming unless the server does not accept it. Never sets temperature, top_p, top_k or
 * thinking: the 5.x models refuse the first three, and control their own thinking. Returns a new
 * reference. */
json_t *messages_body(const struct messages_form *form, const struct llm_request *request);
