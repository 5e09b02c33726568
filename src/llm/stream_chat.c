/* SPDX-License-Identifier: MIT */
/* Converts chunks of OpenAI's chat completions, with the deviations of llama-server, Ollama, LM
 * Studio, vLLM, SGLang, LiteLLM, OpenRouter and others, into blocks of the Messages API. The
 * reasoning that some servers stream beside the answer is ignored. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "llm/stream.h"

/* The server numbers calls from 0, texts get negative numbers, and a call that shares its number
 * with another gets one of ours. */
enum { TEXT_INDEX = -1, FIRST_OWN_INDEX = 1 << 20 };

/* Also reads Ollama's own names and Anthropic's. */
static void read_usage(struct llm_usage *usage, const json_t *json)
{
    static const char *const prompts[] = {"prompt_tokens", "input_tokens", "prompt_eval_count"};
    static const char *const outputs[] = {"completion_tokens", "output_tokens", "eval_count"};
    int64_t prompt = -1, cached = 0;
    if (!json_is_object(json))
        return;
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        if (prompt < 0)
            stream_set_tokens(&prompt, json_object_get(json, prompts[i]));
        stream_set_tokens(&usage->output_tokens, json_object_get(json, outputs[i]));
    }
    if (prompt < 0)
        return;
    stream_set_tokens(
        &cached, json_object_get(json_object_get(json, "prompt_tokens_details"), "cached_tokens"));
    usage->cache_read_tokens = cached < prompt ? cached : prompt;
    usage->input_tokens = prompt - usage->cache_read_tokens;
}

/* ---- text ---- */

/* Text after a tool call starts another block. */
static int add_plain(struct stream *s, const json_t *text, struct error *err)
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

/* Reads {"type": "text", "text": ...}; Mistral's thinking and references have other types. */
static int add_part(struct stream *s, const json_t *part, struct error *err)
{
    const char *type = json_string_value(json_object_get(part, "type"));
    if (type && strcmp(type, "text") != 0 && strcmp(type, "output_text") != 0 &&
        strcmp(type, "refusal") != 0)
        return 0;
    int rc = add_plain(s, json_object_get(part, "text"), err);
    return rc ? rc : add_plain(s, json_object_get(part, "refusal"), err);
}

/* Reads a text, a part, or a list of them. */
static int add_text(struct stream *s, const json_t *content, struct error *err)
{
    int rc = 0;
    if (json_is_object(content))
        return add_part(s, content, err);
    for (size_t i = 0; !rc && i < json_array_size(content); i++) {
        const json_t *part = json_array_get(content, i);
        rc = json_is_object(part) ? add_part(s, part, err) : add_plain(s, part, err);
    }
    return rc ? rc : add_plain(s, content, err);
}

/* ---- calls ---- */

/* One piece of a call, independent of where the server puts its fields. */
struct call_piece {
    const char *id, *name; /* or "" */
    const json_t *arguments;
    bool numbered;
    int64_t index;
};

static const char *text_or_empty(const json_t *text)
{
    const char *value = json_string_value(text);
    return value ? value : "";
}

static struct call_piece piece_of(const json_t *call)
{
    const json_t *function = json_object_get(call, "function");
    const json_t *from = json_is_object(function) ? function : call;
    struct call_piece piece = {.id = text_or_empty(json_object_get(call, "id")),
                               .name = text_or_empty(json_object_get(from, "name")),
                               .arguments = json_object_get(from, "arguments")};
    if (!piece.arguments)
        piece.arguments = json_object_get(from, "parameters");
    piece.numbered = json_whole_number(json_object_get(call, "index"), &piece.index);
    return piece;
}

static struct block *last_call(const struct stream *s)
{
    for (size_t i = s->blocks.count; i-- > 0;)
        if (s->blocks.items[i].kind == BLOCK_TOOL)
            return &s->blocks.items[i];
    return NULL;
}

/* The latest call with the number that the server assigned. */
static struct block *find_call(const struct stream *s, const struct call_piece *piece)
{
    for (size_t i = s->blocks.count; piece->id[0] && i-- > 0;) {
        struct block *block = &s->blocks.items[i];
        const char *id = text_or_empty(json_object_get(block->json, "id"));
        if (block->kind == BLOCK_TOOL && strcmp(id, piece->id) == 0)
            return block;
    }
    if (!piece->numbered)
        return last_call(s);
    for (size_t i = s->blocks.count; i-- > 0;) {
        struct block *block = &s->blocks.items[i];
        if (block->kind == BLOCK_TOOL && block->index % FIRST_OWN_INDEX == piece->index)
            return block;
    }
    return NULL;
}

static bool is_whole_object(const char *text, size_t size)
{
    AUTO_JSON *root = size > 1 ? json_read_lenient(text, size, JSON_HALVES_KEPT) : NULL;
    return json_is_object(root);
}

/* Whether the piece begins another call than `block`, which has the same number or none. */
static bool is_another(const struct block *block, const struct call_piece *piece)
{
    const char *id = text_or_empty(json_object_get(block->json, "id"));
    if (piece->id[0] && id[0] && strcmp(piece->id, id) != 0)
        /* Without a name, the same call with a new id in each piece. */
        return piece->name[0] != '\0';
    if (piece->id[0] && strcmp(piece->id, id) == 0)
        return false;
    const char *text = block->text.data ? block->text.data : "";
    return piece->name[0] &&
           (json_is_object(piece->arguments) || is_whole_object(text, block->text.length));
}

static int begin_call(struct stream *s, const struct call_piece *piece, struct block **ret_block,
                      struct error *err)
{
    int64_t number = piece->numbered && piece->index >= 0 && piece->index < FIRST_OWN_INDEX
                         ? piece->index
                         : (int64_t)s->blocks.count;
    int64_t own = (int64_t)s->blocks.count * FIRST_OWN_INDEX;
    int rc = blocks_begin(&s->blocks, own + number,
                          json_pack("{s:s, s:s, s:s, s:{}}", "type", "tool_use", "id", piece->id,
                                    "name", piece->name, "input"),
                          err);
    if (!rc)
        *ret_block = &s->blocks.items[s->blocks.count - 1];
    return rc;
}

static int add_arguments(struct stream *s, struct block *block, const json_t *arguments,
                         struct error *err)
{
    if (json_is_string(arguments))
        return blocks_add(&s->blocks, block, json_string_value(arguments),
                          json_string_length(arguments), err);
    if (!json_is_object(arguments) || block->text.length > 0)
        return 0;
    AUTO_FREE char *text = json_dumps(arguments, JSON_COMPACT);
    return text ? blocks_add(&s->blocks, block, text, strlen(text), err) : 0;
}

static int add_call(struct stream *s, const json_t *call, struct error *err)
{
    struct call_piece piece = piece_of(call);
    struct block *block = find_call(s, &piece);
    if (block && is_another(block, &piece))
        block = NULL;
    if (!block && !piece.name[0] && !piece.id[0] && !piece.numbered)
        return 0; /* belongs to no call */
    int rc = block ? 0 : begin_call(s, &piece, &block, err);
    if (rc)
        return rc;
    if (piece.name[0] && !text_or_empty(json_object_get(block->json, "name"))[0])
        json_object_set_new(block->json, "name", json_string(piece.name));
    if (piece.id[0] && !text_or_empty(json_object_get(block->json, "id"))[0])
        json_object_set_new(block->json, "id", json_string(piece.id));
    return add_arguments(s, block, piece.arguments, err);
}

static int add_calls(struct stream *s, const json_t *calls, struct error *err)
{
    int rc = json_is_object(calls) ? add_call(s, calls, err) : 0;
    for (size_t i = 0; !rc && i < json_array_size(calls); i++)
        rc = add_call(s, json_array_get(calls, i), err);
    return rc;
}

/* ---- chunks ---- */

static int read_delta(struct stream *s, const json_t *delta, struct error *err)
{
    int rc = add_text(s, json_object_get(delta, "content"), err);
    if (!rc)
        rc = add_text(s, json_object_get(delta, "refusal"), err);
    if (!rc)
        rc = add_calls(s, json_object_get(delta, "tool_calls"), err);
    return rc ? rc : add_calls(s, json_object_get(delta, "function_call"), err);
}

/* Reads a whole message; ignores one that only repeats at the end the pieces that arrived. */
static int read_message(struct stream *s, const json_t *message, bool is_piece, struct error *err)
{
    return s->blocks.count == 0 || is_piece ? read_delta(s, message, err) : 0;
}

/* Whether the choice has {"error": ...} or just the stop reason of an error. */
static bool is_failed(const json_t *choice)
{
    const json_t *error = json_object_get(choice, "error");
    const char *reason = json_string_value(json_object_get(choice, "finish_reason"));
    return json_is_object(error) || json_string_length(error) > 0 ||
           (reason && strcmp(reason, "error") == 0);
}

static int read_choice(struct stream *s, const json_t *choice, struct error *err)
{
    const json_t *delta = json_object_get(choice, "delta");
    const json_t *message = json_object_get(choice, "message");
    int rc = json_is_object(delta) ? read_delta(s, delta, err) : 0;
    if (!rc && json_is_object(message))
        rc = read_message(s, message, false, err);
    if (!rc && !delta && !message)
        rc = add_text(s, json_object_get(choice, "text"), err);
    if (!rc && is_failed(choice)) {
        const json_t *error = json_object_get(choice, "error");
        AUTO_JSON *failure =
            error ? json_pack("{s:O}", "error", error)
                  : json_pack("{s:{s:s}}", "error", "message", "the reply ended with an error");
        return stream_fail(s, failure, err);
    }
    if (!rc)
        stream_set_stop(s, json_object_get(choice, "finish_reason"));
    return rc;
}

/* Ollama's own form: {"message": {...}, "done": true, "done_reason": "stop"}. */
static int read_ollama(struct stream *s, const json_t *data, struct error *err)
{
    int rc = read_message(s, json_object_get(data, "message"), true, err);
    if (rc || !json_is_true(json_object_get(data, "done")))
        return rc;
    stream_set_stop(s, json_object_get(data, "done_reason"));
    read_usage(&s->reply->usage, data);
    s->done = true;
    return 0;
}

/* Returns the first choice; some servers send an object instead of an array. */
static const json_t *choice_of(const json_t *choices)
{
    return json_is_object(choices) ? choices : json_array_get(choices, 0);
}

static int on_event(struct stream *s, const char *name, const json_t *data, struct error *err)
{
    const json_t *choices = json_object_get(data, "choices"),
                 *usage = json_object_get(data, "usage");
    (void)name;
    bool is_ollama = json_is_object(json_object_get(data, "message")) ||
                     json_is_boolean(json_object_get(data, "done"));
    if (!json_is_array(choices) && !json_is_object(choices) && !json_is_object(usage) && !is_ollama)
        return 0;
    s->began = true;
    stream_set_text(s->reply->model, sizeof s->reply->model, json_object_get(data, "model"));
    read_usage(&s->reply->usage, usage);
    const json_t *choice = choice_of(choices);
    if (choice)
        return read_choice(s, choice, err);
    return is_ollama ? read_ollama(s, data, err) : 0;
}

static bool is_ignored(const char *name)
{
    return name != NULL; /* chunks have no event name */
}

const struct stream_protocol stream_chat = {
    .event = on_event, .ignores = is_ignored, .ends_by_itself = true};
