#include "llm/stream.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

static int on_event(void *context, const char *name, const char *data, size_t size,
                    struct error *err)
{
    struct stream *s = context;
    if (s->done || size == 0)
        return 0;
    if (strncmp(data, "[DONE]", 6) == 0) {
        s->done = s->began;
        return 0;
    }
    AUTO_JSON *root = json_loadb(data, size, JSON_ALLOW_NUL, NULL);
    if (json_is_object(root))
        return s->protocol->event(s, name, root, err);
    if (name && strcmp(name, "error") == 0) {
        AUTO_FREE char *safe = text_printable(data, size);
        json_decref(s->failure);
        s->failure = json_pack("{s:{s:s}}", "error", "message", safe);
        return error_set(err, ERR_NETWORK, "the server reported an error in the reply");
    }
    if (s->protocol->ignores(name))
        return 0;
    return error_set(err, ERR_CORRUPT, "a part of the reply is not valid JSON");
}

void stream_init(struct stream *stream, const struct stream_protocol *protocol,
                 const struct llm_events *events, struct llm_reply *reply)
{
    *stream = (struct stream){.protocol = protocol, .reply = reply};
    reply->stop = LLM_STOP_OTHER;
    sse_init(&stream->sse, on_event, stream);
    blocks_init(&stream->blocks, events);
}

void stream_release(struct stream *stream)
{
    sse_release(&stream->sse);
    blocks_release(&stream->blocks);
    json_decref(stream->failure);
}

int stream_feed(struct stream *stream, const char *bytes, size_t size, struct error *err)
{
    int rc = sse_feed(&stream->sse, bytes, size, err);
    return rc ? rc : stream->done;
}

int stream_finish(struct stream *stream, struct error *err)
{
    struct llm_reply *reply = stream->reply;
    json_decref(reply->content);
    reply->content = blocks_finish(&stream->blocks);
    if (stream->stopped || stream->done)
        return 0;
    reply->stop = LLM_STOP_CUT;
    text_copy(reply->stop_name, sizeof reply->stop_name, "cut");
    if (!stream->began)
        return error_set(err, ERR_CORRUPT, "the reply is not a stream of events");
    return error_set(err, ERR_NETWORK, "the reply ended before its end");
}

void stream_set_text(char *ret_text, size_t size, const json_t *text)
{
    if (!json_is_string(text))
        return;
    AUTO_FREE char *safe = text_printable(json_string_value(text), json_string_length(text));
    text_copy(ret_text, size, safe);
}

void stream_set_tokens(int64_t *ret_tokens, const json_t *number)
{
    if (json_is_integer(number) && json_integer_value(number) >= 0)
        *ret_tokens = json_integer_value(number);
}
