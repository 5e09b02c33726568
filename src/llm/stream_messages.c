/* Events of the Messages API. What this program does not know is passed over, as the API asks:
 * events, deltas, fields. Blocks of a type it does not know are kept as they began, to be replayed.
 * Citations of the API are about text that we do not send; they are passed over too. */
#include <string.h>

#include "llm/stream.h"

static const char *type_of(const json_t *object)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    return type ? type : "";
}

/* Counters of message_delta are cumulative, and missing or null where nothing changed. */
static void read_usage(struct llm_usage *usage, const json_t *json)
{
    stream_set_tokens(&usage->input_tokens, json_object_get(json, "input_tokens"));
    stream_set_tokens(&usage->output_tokens, json_object_get(json, "output_tokens"));
    stream_set_tokens(&usage->cache_read_tokens, json_object_get(json, "cache_read_input_tokens"));
    stream_set_tokens(&usage->cache_write_tokens,
                      json_object_get(json, "cache_creation_input_tokens"));
}

static enum llm_stop stop_of(const char *reason)
{
    static const struct {
        const char *name;
        enum llm_stop stop;
    } known[] = {
        {"end_turn", LLM_STOP_END},
        {"stop_sequence", LLM_STOP_END},
        {"max_tokens", LLM_STOP_LENGTH},
        {"tool_use", LLM_STOP_TOOLS},
        {"pause_turn", LLM_STOP_PAUSE},
        {"refusal", LLM_STOP_REFUSAL},
        {"model_context_window_exceeded", LLM_STOP_CONTEXT},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, reason) == 0)
            return known[i].stop;
    return LLM_STOP_OTHER;
}

static void read_stop(struct stream *s, const json_t *delta)
{
    const json_t *reason = json_object_get(delta, "stop_reason");
    if (!json_is_string(reason))
        return;
    s->reply->stop = stop_of(json_string_value(reason));
    stream_set_text(s->reply->stop_name, sizeof s->reply->stop_name, reason);
    s->stopped = true;
}

static int begin_block(struct stream *s, const json_t *data, struct error *err)
{
    const json_t *block = json_object_get(data, "content_block");
    if (!json_is_object(block))
        return error_set(err, ERR_CORRUPT, "a part of the reply has no content");
    return blocks_begin(&s->blocks, json_integer_value(json_object_get(data, "index")),
                        json_deep_copy(block), err);
}

static int add_piece(struct stream *s, int64_t index, enum block_kind kind, const json_t *piece,
                     struct error *err)
{
    struct block *block = blocks_find(&s->blocks, index, kind);
    if (!block || !json_is_string(piece))
        return 0;
    return blocks_add(&s->blocks, block, json_string_value(piece), json_string_length(piece), err);
}

static int read_delta(struct stream *s, const json_t *data, struct error *err)
{
    const json_t *delta = json_object_get(data, "delta");
    int64_t index = json_integer_value(json_object_get(data, "index"));
    const char *type = type_of(delta);
    if (strcmp(type, "text_delta") == 0)
        return add_piece(s, index, BLOCK_TEXT, json_object_get(delta, "text"), err);
    if (strcmp(type, "input_json_delta") == 0)
        return add_piece(s, index, BLOCK_TOOL, json_object_get(delta, "partial_json"), err);
    if (strcmp(type, "thinking_delta") == 0)
        return add_piece(s, index, BLOCK_THINKING, json_object_get(delta, "thinking"), err);
    struct block *thinking = blocks_find(&s->blocks, index, BLOCK_THINKING);
    if (strcmp(type, "signature_delta") == 0 && thinking)
        json_object_set(thinking->json, "signature", json_object_get(delta, "signature"));
    return 0;
}

static int on_event(struct stream *s, const char *name, const json_t *data, struct error *err)
{
    const char *type = type_of(data);
    /* The name of the event decides about errors, its data about everything else. */
    if ((name && strcmp(name, "error") == 0) || strcmp(type, "error") == 0) {
        json_decref(s->failure);
        s->failure = json_deep_copy(data);
        return error_set(err, ERR_NETWORK, "the server reported an error in the reply");
    }
    if (strcmp(type, "message_start") == 0) {
        const json_t *message = json_object_get(data, "message");
        s->began = true;
        stream_set_text(s->reply->model, sizeof s->reply->model, json_object_get(message, "model"));
        read_usage(&s->reply->usage, json_object_get(message, "usage"));
        return 0;
    }
    if (!s->began)
        return 0;
    if (strcmp(type, "content_block_start") == 0)
        return begin_block(s, data, err);
    if (strcmp(type, "content_block_delta") == 0)
        return read_delta(s, data, err);
    if (strcmp(type, "message_delta") == 0) {
        read_stop(s, json_object_get(data, "delta"));
        read_usage(&s->reply->usage, json_object_get(data, "usage"));
    } else if (strcmp(type, "message_stop") == 0) {
        s->done = true;
    }
    return 0;
}

static bool ignores(const char *name)
{
    static const char *const known[] = {"message_start",       "message_delta",
                                        "message_stop",        "content_block_start",
                                        "content_block_delta", "content_block_stop"};
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], name) == 0)
            return false;
    return true;
}

const struct stream_protocol stream_messages = {.event = on_event, .ignores = ignores};
