/* SPDX-License-Identifier: MIT */
/* Streamed replies of both protocols at every cut of their bytes. The streams are those of
 * Anthropic's and OpenAI's streaming pages with what the pages tell to expect mixed in. */
#include "base/json.h"
#include "base/memory.h"
#include "llm/stream.h"
#include "tap.h"

struct result {
    int rc;
    struct llm_reply reply;
    char text[512], tools[128]; /* as the events told them */
    bool failed;                /* an error came as an event */
};

static bool is_lost; /* the connection, instead of a proper end */

static void on_text(void *context, const char *text, size_t size)
{
    struct result *r = context;
    size_t n = strlen(r->text);
    snprintf(r->text + n, sizeof r->text - n, "%.*s", (int)size, text);
}

static void on_tool(void *context, const char *name)
{
    struct result *r = context;
    size_t n = strlen(r->tools);
    snprintf(r->tools + n, sizeof r->tools - n, "%s;", name);
}

static struct result read_in(const struct stream_protocol *protocol, const char *bytes, size_t size,
                             size_t first, size_t step)
{
    struct result r = {.rc = 0};
    struct llm_events events = {.context = &r, .text = on_text, .tool = on_tool};
    struct stream stream;
    stream_init(&stream, protocol, &events, &r.reply);
    for (size_t at = 0; at < size && r.rc == 0;) {
        size_t n = at == 0 && first ? first : step;
        n = n < size - at ? n : size - at;
        char *piece = memcpy(xmalloc(n), bytes + at, n);
        r.rc = stream_feed(&stream, piece, n, NULL);
        free(piece);
        at += n;
    }
    int end = stream_finish(&stream, !is_lost, NULL);
    r.rc = r.rc < 0 ? r.rc : end;
    r.failed = stream.failure != NULL;
    stream_release(&stream);
    return r;
}

static bool is_like(const struct result *r, const json_t *content, const char *text)
{
    return json_equal(r->reply.content, content) && strcmp(r->text, text) == 0;
}

/* Reads the stream at every cut; returns the reading in one piece. */
static struct result read_all(const struct stream_protocol *protocol, const char *bytes, int rc,
                              const char *content, const char *text, const char *name)
{
    size_t size = strlen(bytes), wrong = 0;
    AUTO_JSON *want = json_loads(content, 0, NULL);
    if (!want)
        ok(false, "%s: the test's own JSON", name);
    for (size_t first = 0; first <= size; first++) {
        struct result r = read_in(protocol, bytes, size, first, first % 2 ? size : 1);
        wrong += r.rc != rc || !is_like(&r, want, text);
        llm_reply_release(&r.reply);
    }
    struct result whole = read_in(protocol, bytes, size, 0, size);
    if (!is_int((long long)wrong, 0, name)) {
        AUTO_FREE char *got = json_dumps(whole.reply.content, JSON_COMPACT);
        diag("rc %d, text %s, content %s", whole.rc, whole.text, got);
    }
    return whole;
}

#define START                                                                                     \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","      \
    "\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"claude-sonnet-5-5\"," \
    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,"                 \
    "\"cache_read_input_tokens\":7,\"cache_creation_input_tokens\":null,\"output_tokens\":1}}}"   \
    "\n\n"
#define BLOCK(index, block)                                                                \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":" index \
    ",\"content_block\":" block "}\n\n"
#define DELTA(index, delta)                                                                \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":" index \
    ",\"delta\":" delta "}\n\n"
#define STOP(index) \
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":" index "}\n\n"
#define END(reason)                                                                                \
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason \
    "\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":null,\"output_tokens\":15}}\n\n"       \
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
#define PING "event: ping\ndata: {\"type\": \"ping\"}\n\n"

static void test_text(void)
{
    struct result r =
        read_all(&stream_messages,
                 START BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}")
                     PING DELTA("0", "{\"type\":\"text_delta\",\"text\":\"Caf\xC3\xA9 \"}")
                         DELTA("0", "{\"type\":\"text_delta\",\"text\":\"\\ud83d\\udc15!\"}")
                             STOP("0") END("end_turn"),
                 0, "[{\"type\":\"text\",\"text\":\"Caf\xC3\xA9 \xF0\x9F\x90\x95!\"}]",
                 "Caf\xC3\xA9 \xF0\x9F\x90\x95!", "text");
    is_int(r.reply.stop, LLM_STOP_END, "stop reason: end_turn is complete");
    is_str(r.reply.stop_name, "end_turn", "... by its name");
    is_str(r.reply.model, "claude-sonnet-5-5", "the model");
    is_int(r.reply.usage.input_tokens, 25, "input of message_start stays when the end has null");
    is_int(r.reply.usage.output_tokens, 15, "output of message_delta");
    is_int(r.reply.usage.cache_read_tokens, 7, "read from the cache");
    is_int(r.reply.usage.cache_write_tokens, 0, "null is nothing");
    llm_reply_release(&r.reply);
}

static void test_tools(void)
{
    struct result r = read_all(
        &stream_messages,
        START BLOCK("0", "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
            DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"Let me \"}")
                DELTA("0", "{\"type\":\"thinking_delta\",\"thinking\":\"see\"}") DELTA(
                    "0", "{\"type\":\"signature_delta\",\"signature\":\"EqQBCg==\"}") STOP("0")
                    BLOCK("1", "{\"type\":\"redacted_thinking\",\"data\":\"Emwk\"}") STOP("1")
                        BLOCK("2", "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":"
                                   "\"search_photos\",\"input\":{},\"caller\":{\"type\":"
                                   "\"direct\"}}")
                            DELTA("2", "{\"type\":\"input_json_delta\",\"partial_json\":\"\"}")
                                DELTA("2", "{\"type\":\"input_json_delta\",\"partial_json\":"
                                           "\"{\\\"query\\\": \\\"d\"}")
                                    DELTA("2", "{\"type\":\"input_json_delta\",\"partial_json\":"
                                               "\"og\\\", \\\"count\\\": 3}\"}") STOP("2")
                                        BLOCK("3", "{\"type\":\"tool_use\",\"id\":\"toolu_2\","
                                                   "\"name\":\"list\",\"input\":{}}") STOP("3")
                                            END("tool_use"),
        0,
        "[{\"type\":\"thinking\",\"thinking\":\"Let me see\",\"signature\":\"EqQBCg==\"},"
        "{\"type\":\"redacted_thinking\",\"data\":\"Emwk\"},"
        "{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"search_photos\",\"input\":"
        "{\"query\":\"dog\",\"count\":3},\"caller\":{\"type\":\"direct\"}},"
        "{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"list\",\"input\":{}}]",
        "", "thinking, redacted thinking and tools");
    is_int(r.reply.stop, LLM_STOP_TOOLS, "stop reason: tool_use is known");
    is_str(r.tools, "search_photos;list;", "the tools are announced");
    llm_reply_release(&r.reply);
}

static void test_unknown(void)
{
    struct result r = read_all(
        &stream_messages,
        ": hello\n\nevent: future\ndata: not json\n\n" START
        "event: future_event\ndata: {\"type\":\"future_event\",\"index\":0}\n\n" BLOCK(
            "0", "{\"type\":\"future_block\",\"note\":{\"a\":[1,2.5,null]},\"text\":\"x\"}")
            DELTA("0", "{\"type\":\"future_delta\",\"text\":\"y\"}")
                DELTA("0", "{\"type\":\"text_delta\",\"text\":\"not of a text\"}") STOP("0")
                    BLOCK("1", "{\"type\":\"text\",\"text\":\"a\",\"citations\":null}")
                        DELTA("1", "{\"type\":\"citations_delta\",\"citation\":{}}")
                            DELTA("1", "{\"type\":\"text_delta\",\"text\":\"b\"}")
                                DELTA("9", "{\"type\":\"text_delta\",\"text\":\"c\"}") STOP("1")
                                    END("a_new_reason"),
        0,
        "[{\"type\":\"future_block\",\"note\":{\"a\":[1,2.5,null]},\"text\":\"x\"},"
        "{\"type\":\"text\",\"text\":\"abc\",\"citations\":null}]",
        "abc", "unknown events, blocks and deltas");
    is_int(r.reply.stop, LLM_STOP_OTHER, "an unknown reason");
    is_str(r.reply.stop_name, "a_new_reason", "... by its name");
    llm_reply_release(&r.reply);
}

static void test_reasons(void)
{
    static const struct {
        const char *stream;
        enum llm_stop stop;
    } cases[] = {
        {START END("stop_sequence"), LLM_STOP_END},
        {START END("max_tokens"), LLM_STOP_LENGTH},
        {START END("pause_turn"), LLM_STOP_PAUSE},
        {START END("refusal"), LLM_STOP_REFUSAL},
        {START END("model_context_window_exceeded"), LLM_STOP_CONTEXT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result r = read_in(&stream_messages, cases[i].stream, strlen(cases[i].stream), 0, 1);
        is_int(r.reply.stop, cases[i].stop, r.reply.stop_name);
        llm_reply_release(&r.reply);
    }
}

#define HELLO                                             \
    START BLOCK("0", "{\"type\":\"text\",\"text\":\"\"}") \
        DELTA("0", "{\"type\":\"text_delta\",\"text\":\"Hello\"}")

static void test_ends(void)
{
    const char *hello = "[{\"type\":\"text\",\"text\":\"Hello\"}]";
    struct result r = read_all(&stream_messages, HELLO, ERR_NETWORK, hello, "Hello", "cut off");
    is_int(r.reply.stop, LLM_STOP_CUT, "... is told");
    llm_reply_release(&r.reply);
    r = read_all(&stream_messages,
                 HELLO "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                       "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
                 ERR_NETWORK, hello, "Hello", "an error in mid-reply");
    ok(r.failed && r.reply.stop == LLM_STOP_CUT, "... is kept");
    llm_reply_release(&r.reply);
    r = read_all(&stream_messages, HELLO "event: error\ndata: Overloaded\n\n", ERR_NETWORK, hello,
                 "Hello", "an error that is not JSON");
    ok(r.failed, "... is kept");
    llm_reply_release(&r.reply);
    r = read_all(&stream_messages, HELLO "event: content_block_delta\ndata: {\"type\":\n\n",
                 ERR_CORRUPT, hello, "Hello", "broken JSON");
    llm_reply_release(&r.reply);
    r = read_all(&stream_messages, "<html><p>Sign in to the Wi-Fi</p></html>\n\n", ERR_CORRUPT,
                 "[]", "", "a page instead of a stream");
    llm_reply_release(&r.reply);
    r = read_all(
        &stream_messages,
        START BLOCK("0", "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{}}")
            DELTA("0", "{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\": [1\"}")
                END("max_tokens"),
        0,
        "[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":"
        "{\"invalid_json\":\"{\\\"a\\\": [1\"}}]",
        "", "input that was cut off");
    llm_reply_release(&r.reply);
}

/* ---- chat completions ---- */

#define CHUNK(delta, reason)                                                                     \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"qwen\",\"choices\":[{" \
    "\"index\":0,\"delta\":" delta ",\"finish_reason\":" reason "}]}\n\n"
#define USAGE                                                                    \
    "data: {\"model\":\"qwen\",\"choices\":[],\"usage\":{\"prompt_tokens\":100," \
    "\"completion_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":60}}}\n\n"
#define DONE "data: [DONE]\n\n"

static void test_chat(void)
{
    struct result r = read_all(&stream_chat,
                               CHUNK("{\"role\":\"assistant\",\"content\":null}",
                                     "null") CHUNK("{\"reasoning_content\":\"hm\"}", "null")
                                   CHUNK("{\"content\":\"Hi \"}", "null") ": keep-alive\n\n" CHUNK(
                                       "{\"content\":\"\xF0\x9F\x90\x95\"}", "null")
                                       CHUNK("{}", "\"stop\"") USAGE DONE,
                               0, "[{\"type\":\"text\",\"text\":\"Hi \xF0\x9F\x90\x95\"}]",
                               "Hi \xF0\x9F\x90\x95", "chat: text");
    is_int(r.reply.stop, LLM_STOP_END, "stop reason: stop is complete");
    is_int(r.reply.usage.input_tokens, 40, "tokens not from the cache");
    is_int(r.reply.usage.cache_read_tokens, 60, "tokens from the cache");
    is_int(r.reply.usage.output_tokens, 9, "tokens of the answer");
    is_str(r.reply.model, "qwen", "the model");
    llm_reply_release(&r.reply);
    r = read_all(&stream_chat, CHUNK("{\"content\":\"Hi\"}", "\"length\""), 0,
                 "[{\"type\":\"text\",\"text\":\"Hi\"}]", "Hi", "chat: without [DONE]");
    is_int(r.reply.stop, LLM_STOP_LENGTH, "stop reason: length is incomplete");
    llm_reply_release(&r.reply);
    is_lost = true;
    r = read_all(&stream_chat, CHUNK("{\"content\":\"Hi\"}", "null"), ERR_NETWORK,
                 "[{\"type\":\"text\",\"text\":\"Hi\"}]", "Hi", "chat: cut off");
    llm_reply_release(&r.reply);
    is_lost = false;
    r = read_all(&stream_chat, CHUNK("{\"content\":\"Hi\"}", "null"), ERR_NETWORK,
                 "[{\"type\":\"text\",\"text\":\"Hi\"}]", "Hi", "chat: without any end");
    llm_reply_release(&r.reply);
    r = read_all(&stream_chat, CHUNK("{\"content\":\"Hi.\"}", "null"), 0,
                 "[{\"type\":\"text\",\"text\":\"Hi.\"}]", "Hi.", "chat: a whole sentence");
    is_int(r.reply.stop, LLM_STOP_END, "... the end of the bytes is one");
    llm_reply_release(&r.reply);
    r = read_all(&stream_chat,
                 CHUNK("{\"content\":\"Hi\"}",
                       "null") "data: {\"error\":{\"code\":500,\"message\":\"no memory\"}}\n\n",
                 ERR_NETWORK, "[{\"type\":\"text\",\"text\":\"Hi\"}]", "Hi", "chat: an error");
    ok(r.failed, "... is kept");
    llm_reply_release(&r.reply);
}

static void test_chat_tools(void)
{
    const char *want =
        "[{\"type\":\"text\",\"text\":\"Wait.\"},"
        "{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"search\",\"input\":{\"q\":\"dog\"}},"
        "{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"view\",\"input\":{}}]";
    struct result r = read_all(
        &stream_chat,
        CHUNK("{\"content\":\"Wait.\"}", "null")
            CHUNK("{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":"
                  "{\"name\":\"search\",\"arguments\":\"\"}}]}",
                  "null")
                CHUNK("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"q\\\":\"}}]"
                      "}",
                      "null") CHUNK("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":"
                                    "\"\\\"dog\\\"}\"}}]}",
                                    "null")
                    CHUNK("{\"tool_calls\":[{\"index\":1,\"id\":\"c2\",\"function\":{\"name\":"
                          "\"view\",\"arguments\":\"{}\"}}]}",
                          "null") CHUNK("{}", "\"tool_calls\"") DONE,
        0, want, "Wait.", "chat: tool calls in pieces");
    is_int(r.reply.stop, LLM_STOP_TOOLS, "tool_calls");
    is_str(r.tools, "search;view;", "the tools are announced");
    llm_reply_release(&r.reply);
    r = read_all(&stream_chat,
                 CHUNK("{\"content\":\"Wait.\",\"tool_calls\":[{\"id\":\"c1\",\"function\":{"
                       "\"name\":\"search\",\"arguments\":\"{\\\"q\\\":\\\"dog\\\"}\"}},{\"id\":"
                       "\"c2\",\"function\":{\"name\":\"view\",\"arguments\":\"{}\"}}]}",
                       "null") CHUNK("{\"content\":\"\"}", "\"stop\"") DONE,
                 0, want, "Wait.", "chat: whole calls without numbers, ended by \"stop\"");
    is_int(r.reply.stop, LLM_STOP_TOOLS, "... are tool calls");
    llm_reply_release(&r.reply);
}

int main(void)
{
    test_text();
    test_tools();
    test_unknown();
    test_reasons();
    test_ends();
    test_chat();
    test_chat_tools();
    return done_testing();
}
