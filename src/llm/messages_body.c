/* SPDX-License-Identifier: MIT */
/* Builds the request body of the Messages API, with its cache marks. */
#include "llm/messages_body.h"

#include <string.h>

static json_t *cache_mark(void)
{
    return json_pack("{s:s}", "type", "ephemeral");
}

static bool has_type(const json_t *block, const char *type)
{
    const char *has = json_string_value(json_object_get(block, "type"));
    return has && strcmp(has, type) == 0;
}

static json_t *copy_blocks(const json_t *content);

/* Copies a block that has to change; all others are shared with the caller's messages. */
static json_t *copy_block(json_t *block)
{
    if (has_type(block, "image") && json_object_get(block, "transformations")) {
        json_t *copy = json_copy(block);
        json_object_del(copy, "transformations");
        return copy;
    }
    const json_t *content = json_object_get(block, "content");
    if (has_type(block, "tool_result") && json_is_array(content)) {
        json_t *copy = json_copy(block);
        json_object_set_new(copy, "content", copy_blocks(content));
        return copy;
    }
    return json_incref(block);
}

static json_t *copy_blocks(const json_t *content)
{
    json_t *copy = json_array();
    for (size_t i = 0; i < json_array_size(content); i++)
        json_array_append_new(copy, copy_block(json_array_get(content, i)));
    return copy;
}

static json_t *without_transformations(const json_t *messages)
{
    json_t *copy = json_array();
    for (size_t i = 0; i < json_array_size(messages); i++) {
        json_t *message = json_copy(json_array_get(messages, i));
        const json_t *content = json_object_get(message, "content");
        if (json_is_array(content))
            json_object_set_new(message, "content", copy_blocks(content));
        json_array_append_new(copy, message);
    }
    return copy;
}

/* Marks the last block of message `at`, after copying its containers. */
static void mark_message(json_t *messages, size_t at)
{
    json_t *message = json_copy(json_array_get(messages, at));
    json_t *content = json_copy(json_object_get(message, "content"));
    size_t n = json_array_size(content);
    if (n) {
        json_t *last = json_copy(json_array_get(content, n - 1));
        json_object_set_new(last, "cache_control", cache_mark());
        json_array_set_new(content, n - 1, last);
        json_object_set(message, "content", content);
        json_array_set(messages, at, message);
    }
    json_decref(content);
    json_decref(message);
}

/* Marks the last two turns of the user: the later one writes the cache, the earlier one reads the
 * entry that the previous request wrote. */
static void mark_last_turns(json_t *messages)
{
    int marked = 0;
    for (size_t i = json_array_size(messages); i-- > 0 && marked < 2;) {
        const char *role = json_string_value(json_object_get(json_array_get(messages, i), "role"));
        if (!role || strcmp(role, "user") != 0)
            continue;
        mark_message(messages, i);
        marked++;
    }
}

static json_t *system_of(const struct llm_request *request, bool mark)
{
    if (!mark)
        return json_string(request->system);
    return json_pack("[{s:s, s:s, s:o}]", "type", "text", "text", request->system, "cache_control",
                     cache_mark());
}

static int64_t limit_of(const struct messages_form *form, const struct llm_request *request)
{
    bool is_less = form->max_tokens && form->max_tokens < request->max_tokens;
    return is_less ? form->max_tokens : request->max_tokens;
}

static void add_options(json_t *body, const struct messages_form *form,
                        const struct llm_request *request)
{
    if (request->cache && form->top_level_cache && !form->no_cache)
        json_object_set_new(body, "cache_control", cache_mark());
    if (request->effort && !form->no_effort)
        json_object_set_new(body, "output_config", json_pack("{s:s}", "effort", request->effort));
    if (json_array_size(request->tools) && !form->no_tools)
        json_object_set(body, "tools", (json_t *)request->tools);
}

json_t *messages_body(const struct messages_form *form, const struct llm_request *request)
{
    bool mark = request->cache && !form->no_cache && !form->top_level_cache;
    json_t *messages = form->image_transformations ? json_copy((json_t *)request->messages)
                                                   : without_transformations(request->messages);
    if (mark)
        mark_last_turns(messages);
    json_t *body = json_object();
    if (form->version)
        json_object_set_new(body, "anthropic_version", json_string(form->version));
    if (form->model)
        json_object_set_new(body, "model", json_string(form->model));
    json_object_set_new(body, "max_tokens", json_integer(limit_of(form, request)));
    json_object_set_new(body, "stream", json_boolean(!form->no_stream));
    add_options(body, form, request);
    if (request->system && *request->system)
        json_object_set_new(body, "system", system_of(request, mark));
    json_object_set_new(body, "messages", messages);
    return body;
}
