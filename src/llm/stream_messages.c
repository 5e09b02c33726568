/* SPDX-License-Identifier: MIT */
/* Handles the events of the Messages API. Unknown events, deltas and fields are ignored, as the
 * API requires. Blocks of an unknown type are kept as they began, so that they can be sent back.
 * The API's citations refer to text that we do not send; they are also ignored. */
#include <string.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "llm/stream.h"

static const char *type_of(const json_t *object)
{
    const char *type = json_string_value(json_object_get(object, "type"));
    return type ? type : "";
}

/* Counters of message_delta are cumulative; those that did not change are missing or null. */
static void read_usage(struct llm_usage *usage, const json_t *json)
{
    stream_set_tokens(&usage->input_tokens, json_object_get(json, "input_tokens"));
    stream_set_tokens(&usage->output_tokens, json_object_get(json, "output_tokens"));
    stream_set_tokens(&usage->cache_read_tokens, json_object_get(json, "cache_read_input_tokens"));
    stream_set_tokens(&usage->cache_write_tokens,
                      json_object_get(json, "cache_creation_input_tokens"));
}

static int64_t index_of(const json_t *data)
{
    int64_t index = 0;
    return json_whole_number(json_object_get(data, "index"), &index) ? index : 0;
}

static int begin_block(struct stream *s, const json_t *data, struct error *err)
{
    const json_t *block = json_object_get(data, "content_block");
    if (!json_is_object(block))
        return error_set(err, ERR_CORRUPT, "a part of the reply has no content");
    return blocks_begin(&s->blocks, index_of(data), json_deep_copy(block), err);
}

/* Finds the block that a piece belongs to. Proxies may omit the beginning of a block, or number
 * its pieces differently: then text begins a new block, and input goes to the preceding call. */
static struct block *block_for(struct stream *s, int64_t index, enum block_kind kind,
                               struct error *err)
{
    struct block *block = blocks_find(&s->blocks, index, kind);
    if (block)
        return block;
    if (blocks_find(&s->blocks, index, BLOCK_OTHER))
        return NULL; /* of an unknown kind */
    struct block *last = s->blocks.count ? &s->blocks.items[s->blocks.count - 1] : NULL;
    if (last && last->kind == kind)
        return last;
    if (kind == BLOCK_TOOL)
        return NULL;
    const char *type = kind == BLOCK_TEXT ? "text" : "thinking";
    json_t *json = json_pack("{s:s, s:s}", "type", type, type, "");
    if (blocks_begin(&s->blocks, index, json, err))
        return NULL;
    return &s->blocks.items[s->blocks.count - 1];
}

static int add_piece(struct stream *s, int64_t index, enum block_kind kind, const json_t *piece,
                     struct error *err)
{
    struct error why = ERROR_INIT;
    if (!json_is_string(piece) || json_string_length(piece) == 0)
        return 0;
    struct block *block = block_for(s, index, kind, &why);
    if (!block)
        return why.code ? error_set(err, why.code, "%s", why.message) : 0;
    return blocks_add(&s->blocks, block, json_string_value(piece), json_string_length(piece), err);
}

/* Also accepts input that a proxy sends as an object. */
static int add_input(struct stream *s, int64_t index, const json_t *input, struct error *err)
{
    if (!json_is_object(input))
        return add_piece(s, index, BLOCK_TOOL, input, err);
    AUTO_FREE char *text = json_dumps(input, JSON_COMPACT);
    AUTO_JSON *piece = json_string(text ? text : "{}");
    return add_piece(s, index, BLOCK_TOOL, piece, err);
}

static int read_delta(struct stream *s, const json_t *data, struct error *err)
{
    const json_t *delta = json_object_get(data, "delta");
    int64_t index = index_of(data);
    const char *type = type_of(delta);
    if (strcmp(type, "text_delta") == 0)
        return add_piece(s, index, BLOCK_TEXT, json_object_get(delta, "text"), err);
    if (strcmp(type, "input_json_delta") == 0)
        return add_input(s, index, json_object_get(delta, "partial_json"), err);
    if (strcmp(type, "thinking_delta") == 0)
        return add_piece(s, index, BLOCK_THINKING, json_object_get(delta, "thinking"), err);
    struct block *thinking = blocks_find(&s->blocks, index, BLOCK_THINKING);
    if (strcmp(type, "signature_delta") == 0 && thinking)
        json_object_set(thinking->json, "signature", json_object_get(delta, "signature"));
    return 0;
}

/* Reads a whole message: the initial fields in message_start, or the reply of a server that does
 * not stream. */
static int read_message(struct stream *s, const json_t *message, struct error *err)
{
    const json_t *content = json_object_get(message, "content");
    int rc = 0;
    s->began = true;
    stream_set_text(s->reply->model, sizeof s->reply->model, json_object_get(message, "model"));
    read_usage(&s->reply->usage, json_object_get(message, "usage"));
    if (json_is_string(content))
        rc = add_piece(s, 0, BLOCK_TEXT, content, err);
    for (size_t i = 0; !rc && i < json_array_size(content); i++) {
        const json_t *block = json_array_get(content, i);
        if (json_is_object(block))
            rc = blocks_begin(&s->blocks, (int64_t)i, json_deep_copy(block), err);
    }
    if (!rc)
        stream_set_stop(s, json_object_get(message, "stop_reason"));
    return rc;
}

static int on_event(struct stream *s, const char *name, const json_t *data, struct error *err)
{
    const char *type = type_of(data);
    (void)name;
    if (strcmp(type, "error") == 0)
        return stream_fail(s, data, err);
    if (strcmp(type, "message_start") == 0)
        return read_message(s, json_object_get(data, "message"), err);
    if (strcmp(type, "message") == 0) {
        s->done = true;
        return read_message(s, data, err);
    }
    if (strcmp(type, "content_block_start") == 0) {
        s->began = true;
        return begin_block(s, data, err);
    }
    if (strcmp(type, "content_block_delta") == 0) {
        s->began = true;
        return read_delta(s, data, err);
    }
    if (strcmp(type, "message_delta") == 0) {
        stream_set_stop(s, json_object_get(json_object_get(data, "delta"), "stop_reason"));
        read_usage(&s->reply->usage, json_object_get(data, "usage"));
    } else if (strcmp(type, "message_stop") == 0) {
        s->done = s->began;
    }
    return 0;
}

static bool is_ignored(const char *name)
{
    static const char *const known[] = {"message_start",       "message_delta",
                                        "message_stop",        "content_block_start",
                                        "content_block_delta", "content_block_stop"};
    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], name) == 0)
            return false;
    return true;
}

const struct stream_protocol stream_messages = {.event = on_event, .ignores = is_ignored};
