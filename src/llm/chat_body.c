/* SPDX-License-Identifier: MIT */
/* Converts a conversation from the Messages API into a request of OpenAI's chat completions. */
#include "llm/chat_body.h"

#include <string.h>

#include "base/memory.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool is_type(const json_t *block, const char *type)
{
    return strcmp(text_of(block, "type"), type) == 0;
}

/* Returns NULL if the source is not data. */
static json_t *image_part(const json_t *image)
{
    const json_t *source = json_object_get(image, "source");
    if (!is_type(source, "base64"))
        return NULL;
    AUTO_FREE char *url =
        xasprintf("data:%s;base64,%s", text_of(source, "media_type"), text_of(source, "data"));
    return json_pack("{s:s, s:{s:s}}", "type", "image_url", "image_url", "url", url);
}

static void add_part(json_t *parts, const json_t *block)
{
    if (is_type(block, "text"))
        json_array_append_new(
            parts, json_pack("{s:s, s:s}", "type", "text", "text", text_of(block, "text")));
    else if (is_type(block, "image"))
        json_array_append_new(parts, image_part(block));
}

static void add_user_message(json_t *messages, json_t *parts)
{
    const json_t *only = json_array_size(parts) == 1 ? json_array_get(parts, 0) : NULL;
    json_t *content = only && is_type(only, "text") ? json_object_get(only, "text") : parts;
    if (json_array_size(parts))
        json_array_append_new(messages,
                              json_pack("{s:s, s:O}", "role", "user", "content", content));
    json_decref(parts);
}

/* ---- results of tools ---- */

static char *result_text(const json_t *content)
{
    if (json_is_string(content))
        return xstrdup(json_string_value(content));
    char *text = xstrdup("");
    for (size_t i = 0; i < json_array_size(content); i++) {
        const json_t *block = json_array_get(content, i);
        if (!is_type(block, "text"))
            continue;
        char *more = xasprintf("%s%s%s", text, *text ? "\n" : "", text_of(block, "text"));
        free(text);
        text = more;
    }
    return text;
}

/* Adds the result together with its pictures, for templates that allow nothing between it and the
 * answer. */
static void add_strict_result(json_t *messages, const json_t *result)
{
    const json_t *content = json_object_get(result, "content");
    AUTO_FREE char *text = result_text(content);
    json_t *parts = json_pack("[{s:s, s:s}]", "type", "text", "text", text);
    for (size_t i = 0; !json_is_string(content) && i < json_array_size(content); i++)
        if (is_type(json_array_get(content, i), "image"))
            add_part(parts, json_array_get(content, i));
    json_t *own = json_array_size(parts) > 1 ? json_incref(parts) : json_string(text);
    json_array_append_new(messages, json_pack("{s:s, s:s, s:o}", "role", "tool", "tool_call_id",
                                              text_of(result, "tool_use_id"), "content", own));
    json_decref(parts);
}

static void add_result(json_t *messages, json_t *pictures, const json_t *result)
{
    const json_t *content = json_object_get(result, "content");
    AUTO_FREE char *text = result_text(content);
    json_array_append_new(messages, json_pack("{s:s, s:s, s:s}", "role", "tool", "tool_call_id",
                                              text_of(result, "tool_use_id"), "content", text));
    for (size_t i = 0; !json_is_string(content) && i < json_array_size(content); i++) {
        const json_t *block = json_array_get(content, i);
        if (is_type(block, "image"))
            add_part(pictures, block);
    }
}

static void add_user(json_t *messages, const json_t *content, bool strict_roles)
{
    json_t *parts = json_array();
    for (size_t i = 0; i < json_array_size(content); i++) {
        const json_t *block = json_array_get(content, i);
        if (is_type(block, "tool_result") && strict_roles)
            add_strict_result(messages, block);
        else if (is_type(block, "tool_result"))
            add_result(messages, parts, block);
        else
            add_part(parts, block);
    }
    add_user_message(messages, parts);
}

/* ---- the model's own turns ---- */

static void add_call(json_t *calls, const json_t *use)
{
    char *arguments = json_dumps(json_object_get(use, "input"), JSON_COMPACT);
    json_array_append_new(calls,
                          json_pack("{s:s, s:s, s:{s:s, s:s}}", "id", text_of(use, "id"), "type",
                                    "function", "function", "name", text_of(use, "name"),
                                    "arguments", arguments ? arguments : "{}"));
    free(arguments);
}

static void add_assistant(json_t *messages, const json_t *content)
{
    json_t *calls = json_array();
    for (size_t i = 0; i < json_array_size(content); i++)
        if (is_type(json_array_get(content, i), "tool_use"))
            add_call(calls, json_array_get(content, i));
    AUTO_FREE char *text = result_text(content);
    json_t *message = json_pack("{s:s, s:s}", "role", "assistant", "content", text);
    if (json_array_size(calls))
        json_object_set(message, "tool_calls", calls);
    json_decref(calls);
    json_array_append_new(messages, message);
}

static void add_message(json_t *messages, const json_t *message, bool strict_roles)
{
    const json_t *content = json_object_get(message, "content");
    const char *role = text_of(message, "role");
    if (json_is_string(content))
        json_array_append_new(
            messages, json_pack("{s:s, s:s}", "role", role, "content", json_string_value(content)));
    else if (strcmp(role, "assistant") == 0)
        add_assistant(messages, content);
    else
        add_user(messages, content, strict_roles);
}

/* Puts the instructions at the beginning of the first message. */
static void put_before(json_t *messages, const char *system)
{
    json_t *first = json_array_get(messages, 0);
    json_t *content = json_object_get(first, "content");
    if (json_is_string(content)) {
        AUTO_FREE char *text = xasprintf("%s\n\n%s", system, json_string_value(content));
        json_object_set_new(first, "content", json_string(text));
    } else if (json_is_array(content)) {
        json_array_insert_new(content, 0, json_pack("{s:s, s:s}", "type", "text", "text", system));
    }
}

static json_t *messages_of(const struct chat_form *form, const struct llm_request *request)
{
    json_t *messages = json_array();
    bool has_system = request->system && *request->system;
    if (has_system && !form->no_system)
        json_array_append_new(
            messages, json_pack("{s:s, s:s}", "role", "system", "content", request->system));
    for (size_t i = 0; i < json_array_size(request->messages); i++)
        add_message(messages, json_array_get(request->messages, i), form->strict_roles);
    if (has_system && form->no_system)
        put_before(messages, request->system);
    return messages;
}

static json_t *tools_of(const json_t *tools)
{
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(tools); i++) {
        const json_t *tool = json_array_get(tools, i);
        json_array_append_new(list, json_pack("{s:s, s:{s:s, s:s, s:O}}", "type", "function",
                                              "function", "name", text_of(tool, "name"),
                                              "description", text_of(tool, "description"),
                                              "parameters", json_object_get(tool, "input_schema")));
    }
    return list;
}

json_t *chat_body(const struct chat_form *form, const struct llm_request *request)
{
    json_t *body = json_pack("{s:s}", "model", form->model);
    if (!form->no_limit)
        json_object_set_new(body, form->new_limit_name ? "max_completion_tokens" : "max_tokens",
                            json_integer(request->max_tokens));
    json_object_set_new(body, "stream", json_boolean(!form->no_stream));
    if (!form->no_stream_options && !form->no_stream)
        json_object_set_new(body, "stream_options", json_pack("{s:b}", "include_usage", 1));
    if (request->effort && !form->no_effort) /* chat completions have no "max" */
        json_object_set_new(
            body, "reasoning_effort",
            json_string(strcmp(request->effort, "max") == 0 ? "xhigh" : request->effort));
    if (json_array_size(request->tools) && !form->no_tools)
        json_object_set_new(body, "tools", tools_of(request->tools));
    json_object_set_new(body, "messages", messages_of(form, request));
    return body;
}
