/* SPDX-License-Identifier: MIT */
/* Renames tool calls and strips reasoning, so that a conversation can continue with another
 * model.
 */
#include "ask/own_calls.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 24 };

static bool is_of_type(const json_t *block, const char *type)
{
    const char *own = json_string_value(json_object_get(block, "type"));
    return own && strcmp(own, type) == 0;
}

static size_t count_calls(const json_t *messages)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(messages); i++) {
        const json_t *content = json_object_get(json_array_get(messages, i), "content");
        for (size_t k = 0; k < json_array_size(content); k++)
            count += is_of_type(json_array_get(content, k), "tool_use");
    }
    return count;
}

static void name_call(json_t *block, size_t number)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "k%08zu", number);
    json_object_set_new(block, "id", json_string(name));
}

static bool is_kept(const json_t *block, bool foreign)
{
    static const char *const known[] = {"text", "picture", "tool_use", "tool_result", NULL};
    if (is_of_type(block, "thinking") &&
        json_string_length(json_object_get(block, "signature")) == 0)
        return false;
    for (size_t i = 0; foreign && known[i]; i++)
        if (is_of_type(block, known[i]))
            return true;
    return !foreign;
}

static json_t *kept_blocks(const json_t *content, bool foreign)
{
    json_t *kept = json_array();
    for (size_t i = 0; i < json_array_size(content); i++)
        if (is_kept(json_array_get(content, i), foreign))
            json_array_append(kept, json_array_get(content, i));
    if (json_array_size(kept) == 0)
        json_array_append_new(kept, json_pack("{s:s, s:s}", "type", "text", "text", "(no answer)"));
    return kept;
}

json_t *own_calls_reply(const json_t *messages, const json_t *content)
{
    size_t count = count_calls(messages);
    json_t *own = kept_blocks(content, false);
    for (size_t i = 0; i < json_array_size(own); i++) {
        if (!is_of_type(json_array_get(own, i), "tool_use"))
            continue;
        json_t *block = json_copy(json_array_get(own, i));
        name_call(block, ++count);
        json_array_set_new(own, i, block);
    }
    return own;
}

/* ---- saved conversations ---- */

/* Gives the results in `content` the new ids of the calls in `asked`, whose previous ids are in
 * `old`; each call has one result. */
static void name_results(json_t *content, const json_t *asked, json_t *old)
{
    for (size_t i = 0; i < json_array_size(content); i++) {
        json_t *result = json_array_get(content, i);
        const json_t *name = json_object_get(result, "tool_use_id");
        for (size_t k = 0; is_of_type(result, "tool_result") && k < json_array_size(old); k++) {
            if (!json_is_string(name) || !json_equal(json_array_get(old, k), name))
                continue;
            json_object_set(result, "tool_use_id", json_object_get(json_array_get(asked, k), "id"));
            json_array_set_new(old, k, json_null());
            break;
        }
    }
}

void own_calls_adopt(json_t *messages, bool foreign)
{
    json_t *asked = json_array(), *old = json_array();
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(messages); i++) {
        json_t *message = json_array_get(messages, i);
        const char *role = json_string_value(json_object_get(message, "role"));
        if (!role || strcmp(role, "assistant") != 0) {
            name_results(json_object_get(message, "content"), asked, old);
            continue;
        }
        json_t *content = kept_blocks(json_object_get(message, "content"), foreign);
        json_object_set_new(message, "content", content);
        json_array_clear(asked);
        json_array_clear(old);
        for (size_t k = 0; k < json_array_size(content); k++) {
            json_t *block = json_array_get(content, k);
            if (!is_of_type(block, "tool_use"))
                continue;
            json_t *name = json_object_get(block, "id");
            json_array_append_new(old, name ? json_incref(name) : json_null());
            name_call(block, ++count);
            json_array_append(asked, block);
        }
    }
    json_decref(asked);
    json_decref(old);
}
