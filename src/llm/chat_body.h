/* SPDX-License-Identifier: MIT */
/* Converts a conversation in the form of the Messages API into a body of OpenAI's chat
 * completions, as llama-server, Ollama and others accept it.
 *
 * Pictures become image_url parts with data: URLs; tool_use and tool_result become tool_calls and
 * messages of role tool. Those hold only text, so the pictures of a tool's result follow in a
 * message of the user. Thinking blocks and cache marks are left out. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "llm/llm.h"

struct chat_form {
    const char *model;
    /* Use max_completion_tokens, which OpenAI's own models require, instead of max_tokens. */
    bool new_limit_name;
    bool no_limit;                                          /* use neither */
    bool no_tools, no_stream, no_stream_options, no_effort; /* leave them out */
    bool no_system; /* its text goes before the first question */
    /* The assistant must follow a tool's result, so pictures go into the result. */
    bool strict_roles;
};

/* Returns a new reference. */
json_t *chat_body(const struct chat_form *form, const struct llm_request *request);
