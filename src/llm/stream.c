/* SPDX-License-Identifier: MIT */
/* Reads the bytes of a reply in any form that a server may send. */
#include "llm/stream.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/text.h"

/* ---- failures ---- */

int stream_fail(struct stream *stream, const json_t *data, struct error *err)
{
    json_decref(stream->failure);
    stream->failure = json_deep_copy(data);
    return error_set(err, ERR_NETWORK, "the server reported an error in the reply");
}

static int fail_with_words(struct stream *s, const char *words, size_t size, struct error *err)
{
    AUTO_FREE char *safe = text_printable(words, size);
    AUTO_JSON *failure = json_pack("{s:{s:s}}", "error", "message", safe);
    return stream_fail(s, failure, err);
}

static void note_stray(struct stream *s, const char *words, size_t size)
{
    AUTO_FREE char *safe = text_printable(words, size);
    text_copy(s->stray, sizeof s->stray, safe);
}

/* ---- events ---- */

/* {"error": null} and other empty values are not errors. */
static bool is_error(const json_t *root)
{
    const json_t *error = json_object_get(root, "error");
    return json_object_size(error) > 0 || json_array_size(error) > 0 ||
           json_string_length(error) > 0 || json_is_true(error) || json_integer_value(error) != 0;
}

static int take_object(struct stream *s, const char *name, const json_t *root, struct error *err)
{
    bool is_failure = is_error(root) || (name && strcmp(name, "error") == 0);
    return is_failure ? stream_fail(s, root, err) : s->protocol->event(s, name, root, err);
}

static bool is_done_mark(const char *data, size_t size)
{
    return size >= 6 && strncmp(data, "[DONE]", 6) == 0;
}

/* Handles events that were separated by only one line end, so that their data arrived as one. */
static int take_lines(struct stream *s, const char *name, const char *data, size_t size,
                      struct error *err)
{
    const char *end = data + size;
    int rc = 0;
    for (const char *at = data, *next; !rc && at < end && !s->done; at = next) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        next = line_end + 1;
        AUTO_JSON *root = json_read_lenient(at, (size_t)(line_end - at), JSON_HALVES_KEPT);
        if (json_is_object(root))
            rc = take_object(s, name, root, err);
        else if (is_done_mark(at, (size_t)(line_end - at)))
            s->done = s->began;
    }
    return rc;
}

static bool all_are_objects(const char *data, size_t size)
{
    const char *end = data + size;
    size_t objects = 0;
    for (const char *at = data; at < end; objects++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end ? line_end : end;
        AUTO_JSON *root = json_read_lenient(at, (size_t)(line_end - at), JSON_HALVES_KEPT);
        if (!json_is_object(root) && !is_done_mark(at, (size_t)(line_end - at)))
            return false;
        at = line_end + 1;
    }
    return objects > 1;
}

static int take_event(void *context, const char *name, const char *data, size_t size,
                      struct error *err)
{
    struct stream *s = context;
    if (s->done || size == 0)
        return 0;
    if (is_done_mark(data, size)) {
        s->done = s->began;
        return 0;
    }
    AUTO_JSON *root = json_read_lenient(data, size, JSON_HALVES_KEPT);
    if (json_is_object(root))
        return take_object(s, name, root, err);
    if (memchr(data, '\n', size) && all_are_objects(data, size))
        return take_lines(s, name, data, size, err);
    if (name && strcmp(name, "error") == 0)
        return fail_with_words(s, data, size, err);
    if (s->protocol->ignores(name))
        return 0;
    note_stray(s, data, size);
    return error_set(err, ERR_CORRUPT, "a part of the reply is not valid JSON");
}

/* Handles a line outside the event stream: usually an error that the server inserted. */
static int take_stray(void *context, const char *line, size_t size, struct error *err)
{
    struct stream *s = context;
    const char *brace = memchr(line, '{', size);
    bool is_named = size > 6 && strncasecmp(line, "error:", 6) == 0;
    if (brace && (brace == line || is_named)) {
        size_t rest = size - (size_t)(brace - line);
        AUTO_JSON *root = json_read_lenient(brace, rest, JSON_HALVES_KEPT);
        if (json_is_object(root) && is_named && !is_error(root)) {
            AUTO_JSON *failure = json_pack("{s:O}", "error", root);
            return stream_fail(s, failure, err);
        }
        if (json_is_object(root))
            return take_object(s, NULL, root, err);
    }
    note_stray(s, line, size);
    return 0;
}

void stream_init(struct stream *stream, const struct stream_protocol *protocol,
                 const struct llm_events *events, struct llm_reply *reply)
{
    *stream = (struct stream){
        .protocol = protocol, .reply = reply, .whole = STRBUF_INIT(LIMIT_LLM_REPLY_BYTES)};
    reply->stop = LLM_STOP_OTHER;
    sse_init(&stream->sse, take_event, take_stray, stream);
    blocks_init(&stream->blocks, events);
}

void stream_release(struct stream *stream)
{
    sse_release(&stream->sse);
    strbuf_release(&stream->whole);
    blocks_release(&stream->blocks);
    json_decref(stream->failure);
}

/* ---- bytes ---- */

/* A line of an event stream never begins with a brace. */
static void find_form(struct stream *s, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size && !s->has_form; i++) {
        s->has_form = !isspace((unsigned char)bytes[i]) && !strchr("\xEF\xBB\xBF", bytes[i]);
        s->is_whole = bytes[i] == '{' || bytes[i] == '[';
    }
}

int stream_feed(struct stream *stream, const char *bytes, size_t size, struct error *err)
{
    find_form(stream, bytes, size);
    int rc = stream->is_whole ? strbuf_add(&stream->whole, bytes, size, err)
                              : sse_feed(&stream->sse, bytes, size, err);
    return rc ? rc : stream->done;
}

/* Handles a reply that is not a stream: one JSON value, or one object per line, the first of which
 * may have been taken for the beginning of a stream. */
static int take_whole(struct stream *s, struct error *err)
{
    const char *data = s->whole.data ? s->whole.data : "";
    size_t size = s->whole.length;
    AUTO_JSON *root = json_read_lenient(data, size, JSON_HALVES_KEPT);
    const json_t *object = json_is_array(root) ? json_array_get(root, 0) : root;
    if (json_is_object(object))
        return take_object(s, NULL, object, err);
    note_stray(s, data, size < sizeof s->stray ? size : sizeof s->stray);
    return size > 0 ? take_lines(s, NULL, data, size, err) : 0;
}

bool stream_has_content(const struct stream *stream)
{
    return stream->blocks.count > 0 || json_array_size(stream->blocks.asides.calls) > 0;
}

static bool has_calls(const json_t *content)
{
    for (size_t i = 0; i < json_array_size(content); i++) {
        const json_t *type = json_object_get(json_array_get(content, i), "type");
        if (json_is_string(type) && strcmp(json_string_value(type), "tool_use") == 0)
            return true;
    }
    return false;
}

/* Calls must be answered, whichever stop reason the server gives. */
static void settle_stop(struct stream *s)
{
    struct llm_reply *reply = s->reply;
    bool is_named = s->stopped && reply->stop_name[0];
    if (!is_named && reply->stop == LLM_STOP_OTHER)
        reply->stop = LLM_STOP_END;
    if (has_calls(reply->content)) {
        if (reply->stop == LLM_STOP_END || reply->stop == LLM_STOP_OTHER)
            reply->stop = LLM_STOP_TOOLS;
    } else if (reply->stop == LLM_STOP_TOOLS) {
        reply->stop = LLM_STOP_END;
    }
}

/* Whether the content looks complete without a final event: a text that ends with a full stop or
 * similar, or complete calls. */
static bool ends_well(const json_t *content)
{
    static const char *const ends[] = {".",  "!",  "?", ")", "]",  "*",  "`",  "\"", ":", "。",
                                       "！", "？", "”", "»", "」", "）", "】", "…",  "|"};
    const json_t *last = json_array_get(content, json_array_size(content) - 1);
    const json_t *words = json_object_get(last, "text");
    if (!json_is_string(words))
        return last && !json_object_get(json_object_get(last, "input"), "invalid_json");
    const char *text = json_string_value(words);
    size_t n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        n--;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t size = strlen(ends[i]);
        if (n >= size && memcmp(text + n - size, ends[i], size) == 0)
            return true;
    }
    return false;
}

int stream_finish(struct stream *stream, bool ended, struct error *err)
{
    struct llm_reply *reply = stream->reply;
    struct error ignored = ERROR_INIT;
    int rc = 0;
    if (stream->is_whole && !stream->failure)
        rc = take_whole(stream, err ? err : &ignored);
    else if (!stream->failure && !stream->done)
        rc = sse_end(&stream->sse, err ? err : &ignored);
    json_decref(reply->content);
    reply->content = blocks_finish(&stream->blocks);
    bool by_itself = ended && stream->protocol->ends_by_itself && ends_well(reply->content);
    if (stream->failure == NULL && (stream->stopped || stream->done || by_itself)) {
        settle_stop(stream);
        return 0;
    }
    reply->stop = LLM_STOP_CUT;
    text_copy(reply->stop_name, sizeof reply->stop_name, "cut");
    if (rc == ERR_LIMIT)
        return rc;
    if (!stream->began)
        return error_set(err, ERR_CORRUPT, "the reply is not a stream of events");
    return error_set(err, ERR_NETWORK, "the reply is incomplete");
}

/* ---- for the protocols ---- */

void stream_set_text(char *ret_text, size_t size, const json_t *text)
{
    if (!json_is_string(text))
        return;
    AUTO_FREE char *own = xstrdup(json_string_value(text));
    own[json_join_halves(own, strlen(own), false)] = '\0';
    AUTO_FREE char *safe = text_printable(own, strlen(own));
    text_copy(ret_text, size, safe);
}

void stream_set_tokens(int64_t *ret_tokens, const json_t *number)
{
    int64_t tokens;
    double fraction;
    if (json_whole_number(number, &tokens) && tokens >= 0)
        *ret_tokens = tokens;
    else if (json_any_number(number, &fraction) && fraction >= 0 && fraction < 1e15)
        *ret_tokens = (int64_t)(fraction + 0.5);
}

/* Stop reasons of OpenAI, Anthropic, Google, Mistral, Cohere, Ollama, text-generation-inference
 * and DeepSeek; the first of these substrings that matches decides. */
static const struct {
    const char *part;
    enum llm_stop stop;
} stop_parts[] = {
    {"pause_turn", LLM_STOP_PAUSE}, {"context_window", LLM_STOP_CONTEXT},
    {"tool", LLM_STOP_TOOLS},       {"function", LLM_STOP_TOOLS},
    {"length", LLM_STOP_LENGTH},    {"max_", LLM_STOP_LENGTH},
    {"max-", LLM_STOP_LENGTH},      {"limit", LLM_STOP_LENGTH},
    {"refus", LLM_STOP_REFUSAL},    {"filter", LLM_STOP_REFUSAL},
    {"safety", LLM_STOP_REFUSAL},   {"recitation", LLM_STOP_REFUSAL},
    {"block", LLM_STOP_REFUSAL},    {"prohibited", LLM_STOP_REFUSAL},
    {"toxic", LLM_STOP_REFUSAL},    {"stop", LLM_STOP_END},
    {"eos", LLM_STOP_END},          {"end", LLM_STOP_END},
    {"complete", LLM_STOP_END},     {"finish", LLM_STOP_END},
    {"done", LLM_STOP_END},         {"error", LLM_STOP_OTHER},
    {"abort", LLM_STOP_OTHER},      {"cancel", LLM_STOP_OTHER},
    {"fail", LLM_STOP_OTHER},       {"insufficient", LLM_STOP_OTHER},
};

void stream_set_stop(struct stream *stream, const json_t *reason)
{
    struct llm_reply *reply = stream->reply;
    const char *word = json_string_value(reason);
    if (json_is_object(reason)) /* {"type": "eos_found"} */
        word = json_string_value(json_object_get(reason, "type"));
    if (!word || !*word)
        return;
    stream->stopped = true;
    reply->stop = stream->protocol->ends_by_itself ? LLM_STOP_END : LLM_STOP_OTHER;
    stream_set_text(reply->stop_name, sizeof reply->stop_name,
                    json_is_object(reason) ? json_object_get(reason, "type") : reason);
    for (size_t i = sizeof stop_parts / sizeof *stop_parts; i-- > 0;)
        if (strcasestr(word, stop_parts[i].part))
            reply->stop = stop_parts[i].stop;
}
