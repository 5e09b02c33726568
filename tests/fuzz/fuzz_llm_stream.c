/* SPDX-License-Identifier: MIT */
/* A streamed reply: whatever comes, a reply that can be sent back comes out, the same whatever the
 * pieces. The first byte: its lowest bit chooses the protocol, the rest the size of the pieces. */
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "llm/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    int rc;
    struct llm_reply reply;
    size_t text_bytes;
};

static void check(bool good)
{
    if (!good)
        __builtin_trap();
}

static void on_text(void *context, const char *text, size_t size)
{
    struct outcome *o = context;
    check(size > 0 && text_is_utf8(text, size));
    o->text_bytes += size;
}

static void on_retract(void *context)
{
    struct outcome *o = context;
    o->text_bytes = 0;
}

static struct outcome read_in(const struct stream_protocol *protocol, const char *bytes,
                              size_t size, size_t step)
{
    struct outcome o = {.rc = 0};
    struct error err = ERROR_INIT;
    struct llm_events events = {.context = &o, .text = on_text, .retract = on_retract};
    struct stream stream;
    stream_init(&stream, protocol, &events, &o.reply);
    for (size_t at = 0; at < size && o.rc == 0; at += step) {
        size_t n = step < size - at ? step : size - at;
        char *piece = memcpy(xmalloc(n), bytes + at, n);
        o.rc = stream_feed(&stream, piece, n, &err);
        free(piece);
        check(o.rc >= 0 || (err.code == o.rc && err.message[0]));
    }
    int end = stream_finish(&stream, true, &err);
    o.rc = o.rc < 0 ? o.rc : end;
    stream_release(&stream);
    return o;
}

static void check_reply(const struct outcome *o)
{
    const struct llm_usage *u = &o->reply.usage;
    char *json = json_dumps(o->reply.content, JSON_COMPACT);
    check(json_is_array(o->reply.content) && json);
    free(json);
    check(u->input_tokens >= 0 && u->output_tokens >= 0 && u->cache_read_tokens >= 0 &&
          u->cache_write_tokens >= 0);
    check(text_is_utf8(o->reply.model, strlen(o->reply.model)));
    check(text_is_utf8(o->reply.stop_name, strlen(o->reply.stop_name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 1 << 16)
        return 0;
    const struct stream_protocol *protocol = data[0] & 1 ? &stream_chat : &stream_messages;
    const char *bytes = (const char *)data + 1;
    size_t step = data[0] / 2 + 1;
    struct outcome whole = read_in(protocol, bytes, size - 1, size - 1);
    struct outcome pieces = read_in(protocol, bytes, size - 1, step);
    check_reply(&whole);
    check_reply(&pieces);
    check(whole.rc == pieces.rc && whole.text_bytes == pieces.text_bytes);
    check(json_equal(whole.reply.content, pieces.reply.content));
    llm_reply_release(&whole.reply);
    llm_reply_release(&pieces.reply);
    return 0;
}
