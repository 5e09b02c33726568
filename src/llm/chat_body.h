/* SPDX-License-Identifier: MIT */
/* A conversation in the shape of the Messages API becomes a body of OpenAI's chat completions, as
 * llama-server, Ollama and others take it.
 *
 * Pictures become image_url parts with data: addresses; tool_use and tool_result become tool_calls
 * and messages of role tool. Those hold text only, so that the pictures of a tool's result follow
 * in a message of the user. Thinking blocks and marks for caching are left out. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "llm/llm.h"

struct chat_form {
    const char *model;
    bool
        new_limit_name; /* max_completion_tokens, as OpenAI's own models want it; else max_tokens */
    bool no_limit;      /* none of both */
    bool no_tools, no_stream, no_stream_options, no_effort; /* leave them out */
    bool no_system;    /* its text goes before the first question */
    bool strict_roles; /* after a tool's result comes the assistant: pictures go in the result */
};

/* A new reference. */
json_t *chat_body(const struct chat_form *form, const struct llm_request *request);
