/* Chunks of OpenAI's chat completions, as llama-server, Ollama and others send them, become blocks
 * of the Messages API. The reasoning that some servers stream beside the answer is passed over. */
#include <stdio.h>
#include <string.h>

#include "llm/stream.h"

/* Calls are numbered from 0 by the server, texts get numbers below. */
enum { TEXT_INDEX = -1 };

static enum llm_stop stop_of(const char *reason)
{
    if (strcmp(reason, "stop") == 0)
        return LLM_STOP_END;
    if (strcmp(reason, "length") == 0)
        return LLM_STOP_LENGTH;
    if (strcmp(reason, "tool_calls") == 0 || strcmp(reason, "function_call") == 0)
        return LLM_STOP_TOOLS;
    return strcmp(reason, "content_filter") == 0 ? LLM_STOP_REFUSAL : LLM_STOP_OTHER;
}

static bool has_calls(const struct stream *s)
{
    for (size_t i = 0; i < s->blocks.count; i++)
        if (s->blocks.items[i].kind == BLOCK_TOOL)
            return true;
    return false;
}

static void read_stop(struct stream *s, const json_t *reason)
{
    if (!json_is_string(reason))
        return;
    s->reply->stop = stop_of(json_string_value(reason));
    stream_set_text(s->reply->stop_name, sizeof s->reply->stop_name, reason);
    s->stopped = true;
    /* Some servers end a turn of tool calls with "stop". */
    if (s->reply->stop == LLM_STOP_END && has_calls(s))
        s->reply->stop = LLM_STOP_TOOLS;
}

static void read_usage(struct llm_usage *usage, const json_t *json)
{
    if (!json_is_object(json))
        return;
    int64_t prompt = 0, cached = 0;
    stream_set_tokens(&prompt, json_object_get(json, "prompt_tokens"));
    stream_set_tokens(
        &cached, json_object_get(json_object_get(json, "prompt_tokens_details"), "cached_tokens"));
    stream_set_tokens(&usage->output_tokens, json_object_get(json, "completion_tokens"));
    usage->cache_read_tokens = cached < prompt ? cached : prompt;
    usage->input_tokens = prompt - usage->cache_read_tokens;
}

/* Text after a tool call is another block. */
static int add_text(struct stream *s, const json_t *text, struct error *err)
{
    if (!json_is_string(text) || json_string_length(text) == 0)
        return 0;
    struct blocks *b = &s->blocks;
    struct block *last = b->count ? &b->items[b->count - 1] : NULL;
    if (!last || last->kind != BLOCK_TEXT) {
        json_t *block = json_pack("{s:s, s:s}", "type", "text", "text", "");
        int rc = blocks_begin(b, TEXT_INDEX, block, err);
        if (rc)
            return rc;
        last = &b->items[b->count - 1];
    }
    return blocks_add(b, last, json_string_value(text), json_string_length(text), err);
}

static int begin_call(struct stream *s, int64_t index, const json_t *call, struct error *err)
{
    char made[32];
    const char *id = json_string_value(json_object_get(call, "id"));
    const char *name =
        json_string_value(json_object_get(json_object_get(call, "function"), "name"));
    snprintf(made, sizeof made, "call_%zu", s->blocks.count);
    return blocks_begin(&s->blocks, index,
                        json_pack("{s:s, s:s, s:s, s:{}}", "type", "tool_use", "id",
                                  id && *id ? id : made, "name", name ? name : "", "input"),
                        err);
}

/* A call without a number is the latest one, or a whole new one when it has a name. */
static int add_call(struct stream *s, const json_t *call, struct error *err)
{
    const json_t *function = json_object_get(call, "function");
    const json_t *number = json_object_get(call, "index");
    const json_t *arguments = json_object_get(function, "arguments");
    bool named = json_string_length(json_object_get(function, "name")) > 0;
    int64_t index = json_integer_value(number);
    if (!json_is_integer(number) && named)
        index = (int64_t)s->blocks.count;
    struct block *block = blocks_find(&s->blocks, index, BLOCK_TOOL);
    if (!block) {
        int rc = begin_call(s, index, call, err);
        if (rc)
            return rc;
        block = blocks_find(&s->blocks, index, BLOCK_TOOL);
    }
    if (!block || !json_is_string(arguments))
        return 0;
    return blocks_add(&s->blocks, block, json_string_value(arguments),
                      json_string_length(arguments), err);
}

static int read_delta(struct stream *s, const json_t *delta, struct error *err)
{
    const json_t *calls = json_object_get(delta, "tool_calls");
    int rc = add_text(s, json_object_get(delta, "content"), err);
    if (!rc)
        rc = add_text(s, json_object_get(delta, "refusal"), err);
    for (size_t i = 0; !rc && i < json_array_size(calls); i++)
        rc = add_call(s, json_array_get(calls, i), err);
    return rc;
}

static int on_event(struct stream *s, const char *name, const json_t *data, struct error *err)
{
    const json_t *failure = json_object_get(data, "error");
    (void)name;
    if (failure && !json_is_null(failure)) {
        json_decref(s->failure);
        s->failure = json_deep_copy(data);
        return error_set(err, ERR_NETWORK, "the server reported an error in the reply");
    }
    const json_t *choices = json_object_get(data, "choices");
    if (!json_is_array(choices))
        return 0;
    s->began = true;
    stream_set_text(s->reply->model, sizeof s->reply->model, json_object_get(data, "model"));
    read_usage(&s->reply->usage, json_object_get(data, "usage"));
    const json_t *choice = json_array_get(choices, 0);
    int rc = read_delta(s, json_object_get(choice, "delta"), err);
    if (!rc)
        read_stop(s, json_object_get(choice, "finish_reason"));
    return rc;
}

static bool ignores(const char *name)
{
    return name != NULL; /* chunks have no event name */
}

const struct stream_protocol stream_chat = {.event = on_event, .ignores = ignores};
