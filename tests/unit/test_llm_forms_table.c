/* SPDX-License-Identifier: MIT */
/* Good replies in the forms that servers give them: whatever the form, the same text, calls and
 * end come out, in one piece and byte by byte. */
#include "base/json.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "llm/stream.h"
#include "tap.h"

/* ---- reading ---- */

struct reading {
    int rc;
    struct llm_reply reply;
    char text[1024]; /* as the events told it */
    bool failed;
};

static void on_text(void *context, const char *text, size_t size)
{
    struct reading *r = context;
    size_t n = strlen(r->text);
    snprintf(r->text + n, sizeof r->text - n, "%.*s", (int)size, text);
}

static void on_retract(void *context)
{
    struct reading *r = context;
    r->text[0] = '\0';
}

static struct reading read_in_pieces(const struct stream_protocol *protocol, const char *bytes,
                                     size_t step)
{
    struct reading r = {.rc = 0};
    struct llm_events events = {.context = &r, .text = on_text, .retract = on_retract};
    struct stream stream;
    size_t size = strlen(bytes);
    stream_init(&stream, protocol, &events, &r.reply);
    for (size_t at = 0; at < size && r.rc == 0; at += step)
        r.rc = stream_feed(&stream, bytes + at, step < size - at ? step : size - at, NULL);
    int end = stream_finish(&stream, true, NULL);
    r.rc = r.rc < 0 ? r.rc : end;
    r.failed = stream.failure != NULL;
    stream_release(&stream);
    return r;
}

/* "text", and calls as name(input) with the kind of their id: "#" ours or none, else as it is. */
static char *outline(const struct llm_reply *reply)
{
    struct strbuf out = STRBUF_INIT(100000);
    for (size_t i = 0; i < json_array_size(reply->content); i++) {
        const json_t *block = json_array_get(reply->content, i);
        const char *type = json_string_value(json_object_get(block, "type"));
        const char *text = json_string_value(json_object_get(block, "text"));
        AUTO_FREE char *input =
            json_dumps(json_object_get(block, "input"), JSON_COMPACT | JSON_SORT_KEYS);
        const char *name = json_string_value(json_object_get(block, "name"));
        int rc = strcmp(type, "text") == 0       ? strbuf_addf(&out, NULL, "%s", text)
                 : strcmp(type, "tool_use") == 0 ? strbuf_addf(&out, NULL, "|%s(%s)", name, input)
                                                 : strbuf_addf(&out, NULL, "<%s>", type);
        if (rc)
            abort();
    }
    return strbuf_take(&out);
}

struct form {
    const char *name;
    bool is_chat;
    const char *bytes, *outline;
    enum llm_stop stop;
    int64_t input, output; /* tokens */
};

static void check_form(const struct form *form)
{
    const struct stream_protocol *protocol = form->is_chat ? &stream_chat : &stream_messages;
    static const size_t steps[] = {1 << 20, 7, 1};
    for (size_t i = 0; i < 3; i++) {
        struct reading r = read_in_pieces(protocol, form->bytes, steps[i]);
        AUTO_FREE char *got = outline(&r.reply);
        const char *call = strchr(form->outline, '|');
        size_t n = call ? (size_t)(call - form->outline) : strlen(form->outline);
        bool good = r.rc == 0 && strcmp(got, form->outline) == 0 && r.reply.stop == form->stop &&
                    strlen(r.text) == n && strncmp(r.text, form->outline, n) == 0 &&
                    r.reply.usage.input_tokens == form->input &&
                    r.reply.usage.output_tokens == form->output;
        if (!ok(good, "%s, by %zu bytes", form->name, steps[i]))
            diag("rc %d, '%s' (told: '%s'), stop %d %s, %lld and %lld tokens", r.rc, got, r.text,
                 (int)r.reply.stop, r.reply.stop_name, (long long)r.reply.usage.input_tokens,
                 (long long)r.reply.usage.output_tokens);
        llm_reply_release(&r.reply);
    }
}

/* ---- chat completions ---- */

#define D(json) "data: " json "\n\n"
#define CHUNK(delta) D("{\"choices\":[{\"index\":0,\"delta\":" delta ",\"finish_reason\":null}]}")
#define TEXT(text) CHUNK("{\"content\":\"" text "\"}")
#define END_AS(word) D("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":" word "}]}")
#define STOP END_AS("\"stop\"")
#define DONE "data: [DONE]\n\n"
#define CALLS(calls) CHUNK("{\"tool_calls\":[" calls "]}")
#define F(name, args) \
    "\"type\":\"function\",\"function\":{\"name\":\"" name "\",\"arguments\":" args "}"
#define DOG "\"{\\\"q\\\":\\\"dog\\\"}\""
#define SNOW "\"{\\\"q\\\":\\\"snow\\\"}\""
#define ONE "|search({\"q\":\"dog\"})"
#define TWO ONE "|search({\"q\":\"snow\"})"
#define MESSAGE(content, more) \
    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":" content more "}"

static const struct form chat_forms[] = {
    /* calls */
    {"calls that all have index 0", true,
     CALLS("{\"id\":\"a\",\"index\":0," F("search", DOG) "}")
         CALLS("{\"id\":\"b\",\"index\":0," F("search", SNOW) "}") END_AS("\"tool_calls\"") DONE,
     TWO, LLM_STOP_TOOLS, 0, 0},
    {"whole calls of one index, without ids", true,
     CALLS("{\"index\":0," F("search", DOG) "}") CALLS("{\"index\":0," F("search", SNOW) "}") STOP,
     TWO, LLM_STOP_TOOLS, 0, 0},
    {"calls without index", true,
     CALLS("{\"id\":\"a\"," F("search", DOG) "},{\"id\":\"b\"," F("search", SNOW) "}") STOP, TWO,
     LLM_STOP_TOOLS, 0, 0},
    {"pieces without index that repeat name and id", true,
     CALLS("{\"id\":\"a\"," F("search", "\"{\\\"q\\\":\"") "}")
         CALLS("{\"id\":\"a\"," F("search", "\"\\\"dog\\\"}\"") "}") STOP,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"pieces with a new id each", true,
     CALLS("{\"index\":0,\"id\":\"a\"," F("search", "\"{\\\"q\\\":\"") "}")
         CALLS("{\"index\":0,\"id\":\"b\",\"function\":{\"arguments\":\"\\\"dog\\\"}\"}}") STOP,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"an index that is a text", true,
     CALLS("{\"id\":\"a\",\"index\":\"0\"," F("search", DOG) "}") STOP, ONE, LLM_STOP_TOOLS, 0, 0},
    {"calls numbered from 1", true,
     CALLS("{\"id\":\"a\",\"index\":1," F("search", DOG) "}")
         CALLS("{\"id\":\"b\",\"index\":2," F("search", SNOW) "}") STOP,
     TWO, LLM_STOP_TOOLS, 0, 0},
    {"arguments as an object", true,
     CALLS("{\"id\":\"a\",\"index\":0," F("search", "{\"q\":\"dog\"}") "}") STOP, ONE,
     LLM_STOP_TOOLS, 0, 0},
    {"arguments as a text of a text", true,
     CALLS("{\"id\":\"a\",\"index\":0," F(
         "search", "\"\\\"{\\\\\\\"q\\\\\\\":\\\\\\\"dog\\\\\\\"}\\\"\"") "}") STOP,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"arguments that are empty", true,
     CALLS("{\"id\":\"a\",\"index\":0," F("list", "\"\"") "}") STOP, "|list({})", LLM_STOP_TOOLS, 0,
     0},
    {"arguments that are null, in words", true,
     CALLS("{\"id\":\"a\",\"index\":0," F("list", "\"null\"") "}") STOP, "|list({})",
     LLM_STOP_TOOLS, 0, 0},
    {"arguments that are null first", true,
     CALLS("{\"id\":\"a\",\"index\":0," F("search", "null") "}")
         CALLS("{\"id\":null,\"index\":0,\"function\":{\"name\":null,\"arguments\":" DOG "}}") STOP,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"a call of the older kind", true,
     CHUNK("{\"function_call\":{\"name\":\"search\",\"arguments\":\"\"}}")
         CHUNK("{\"function_call\":{\"arguments\":" DOG "}}") END_AS("\"function_call\"") DONE,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"a call without \"function\"", true,
     CALLS("{\"id\":\"a\",\"name\":\"search\",\"arguments\":{\"q\":\"dog\"}}") STOP, ONE,
     LLM_STOP_TOOLS, 0, 0},
    {"calls, and no end", true, CALLS("{\"id\":\"a\",\"index\":0," F("search", DOG) "}") DONE, ONE,
     LLM_STOP_TOOLS, 0, 0},
    {"calls, and the end of a text", true,
     CALLS("{\"id\":\"a\",\"index\":0," F("search", DOG) "}") END_AS("\"eos\"") DONE, ONE,
     LLM_STOP_TOOLS, 0, 0},
    {"a call that the model wrote as text", true,
     TEXT("<tool_call>\\n{\\\"name\\\": \\\"search\\\", \\\"arguments\\\"")
         TEXT(": {\\\"q\\\": \\\"dog\\\"}}\\n</tool_call>") STOP DONE,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"a call as bare JSON", true,
     TEXT("{\\\"name\\\": \\\"search\\\", \\\"parameters\\\": {\\\"q\\\": \\\"dog\\\"}}") STOP DONE,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"a call in a fence", true,
     TEXT("```json\\n{\\\"name\\\": \\\"search\\\", \\\"arguments\\\": {\\\"q\\\": "
          "\\\"dog\\\"}}\\n```") STOP DONE,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"calls in Mistral's words", true,
     TEXT("[TOOL_CALLS][{\\\"name\\\": \\\"search\\\", \\\"arguments\\\": {\\\"q\\\": "
          "\\\"dog\\\"}}]") STOP DONE,
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"JSON that is no call", true, TEXT("{\\\"dog\\\": 1}") STOP DONE, "{\"dog\": 1}", LLM_STOP_END,
     0, 0},
    /* reasoning */
    {"<think>", true,
     TEXT("<think>Photo [3]") TEXT(" or [2].</think>") TEXT("\\n\\nA dog [1].") STOP, "A dog [1].",
     LLM_STOP_END, 0, 0},
    {"<think> in pieces", true,
     TEXT("<th") TEXT("ink>no</th") TEXT("ink") TEXT(">A ") TEXT("dog.") STOP, "A dog.",
     LLM_STOP_END, 0, 0},
    {"a thought whose beginning is not marked", true,
     TEXT("Photo [3] or [2].") TEXT("</think>\\nA dog [1].") STOP, "A dog [1].", LLM_STOP_END, 0,
     0},
    {"a thought in Kimi's marks", true,
     TEXT("\xE2\x97\x81think\xE2\x96\xB7no\xE2\x97\x81/think\xE2\x96\xB7"
          "A dog.") STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"a thought in Magistral's marks", true, TEXT("[THINK]no[/THINK]A dog [1].") STOP, "A dog [1].",
     LLM_STOP_END, 0, 0},
    {"gpt-oss's channels", true,
     TEXT("<|channel|>analysis<|message|>no<|end|><|start|>assistant<|channel|>final<|message|>A "
          "dog.") STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"an end of the template", true, TEXT("A dog.<|im_end|>") STOP, "A dog.", LLM_STOP_END, 0, 0},
    {"reasoning beside the content", true,
     CHUNK("{\"reasoning_content\":\"no [9]\"}") CHUNK("{\"reasoning\":\"no\"}") TEXT("A dog.")
         STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"other brackets and angles", true, TEXT("a < b, [x], <b>A dog</b> [1] <") STOP,
     "a < b, [x], <b>A dog</b> [1] <", LLM_STOP_END, 0, 0},
    /* contents */
    {"content in parts", true,
     CHUNK("{\"content\":[{\"type\":\"text\",\"text\":\"A "
           "\"},{\"type\":\"text\",\"text\":\"dog.\"}]}") STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"content in parts, with thinking", true,
     CHUNK(
         "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"no\"}]},"
         "{\"type\":\"text\",\"text\":\"A dog.\"}]}") STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"content as one part", true,
     CHUNK("{\"content\":{\"type\":\"text\",\"text\":\"A dog.\"}}") STOP, "A dog.", LLM_STOP_END, 0,
     0},
    {"a message instead of a delta", true,
     D(MESSAGE("\"A dog.\"", "") ",\"finish_reason\":\"stop\"}]}") DONE, "A dog.", LLM_STOP_END, 0,
     0},
    {"a message that repeats the deltas", true,
     TEXT("A dog.") D(MESSAGE("\"A dog.\"", "") ",\"finish_reason\":\"stop\"}]}") DONE, "A dog.",
     LLM_STOP_END, 0, 0},
    {"text of the older kind", true,
     D("{\"choices\":[{\"text\":\"A dog.\",\"finish_reason\":\"stop\"}]}"), "A dog.", LLM_STOP_END,
     0, 0},
    /* whole replies */
    {"a whole reply", true,
     MESSAGE("\"A dog.\"", "") ",\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,"
                               "\"completion_tokens\":5}}",
     "A dog.", LLM_STOP_END, 10, 5},
    {"a whole reply with a call", true,
     MESSAGE("null", ",\"tool_calls\":[{\"id\":\"a\"," F(
                         "search", DOG) "}]") ",\"finish_reason\":\"tool_calls\"}]}",
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"a whole reply on several lines, behind a mark of byte order", true,
     "\xEF\xBB\xBF\r\n{\n  \"choices\": [\n {\"message\": {\"content\": \"A dog.\"}}\n]\n}\n",
     "A dog.", LLM_STOP_END, 0, 0},
    {"Ollama's own lines", true,
     "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"A \"},\"done\":false}\n"
     "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"dog.\"},\"done\":false}\n"
     "{\"model\":\"m\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":10,\"eval_"
     "count\":5}\n",
     "A dog.", LLM_STOP_END, 10, 5},
    /* events */
    {"events parted by one line end", true,
     "data: {\"choices\":[{\"delta\":{\"content\":\"A dog.\"}}]}\n"
     "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\ndata: [DONE]\n",
     "A dog.", LLM_STOP_END, 0, 0},
    {"a last event without its empty line", true,
     TEXT("A dog.") "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", "A dog.",
     LLM_STOP_END, 0, 0},
    {"lines that end in CR LF, without a blank", true,
     "data:{\"choices\":[{\"delta\":{\"content\":\"A dog.\"},\"finish_reason\":\"stop\"}]}\r\n\r\n"
     "data:[DONE]\r\n\r\n",
     "A dog.", LLM_STOP_END, 0, 0},
    {"named events, comments and times", true,
     ": PROCESSING\n\nevent: message\nid: 1\nretry: 5\n" TEXT("A dog.") STOP "event: done\n" DONE,
     "A dog.", LLM_STOP_END, 0, 0},
    /* ends */
    {"an end in capitals", true, TEXT("A dog.") END_AS("\"STOP\"") DONE, "A dog.", LLM_STOP_END, 0,
     0},
    {"an end that Anthropic has", true, TEXT("A dog.") END_AS("\"end_turn\"") DONE, "A dog.",
     LLM_STOP_END, 0, 0},
    {"an end that nobody has", true, TEXT("A dog.") END_AS("\"fini\"") DONE, "A dog.", LLM_STOP_END,
     0, 0},
    {"an end with details", true, TEXT("A dog.") END_AS("{\"type\":\"eos_found\"}") DONE, "A dog.",
     LLM_STOP_END, 0, 0},
    {"an empty end, then the true one", true,
     D("{\"choices\":[{\"delta\":{\"content\":\"A \"},\"finish_reason\":\"\"}]}") TEXT("dog.") STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"no end but [DONE]", true, TEXT("A dog.") DONE, "A dog.", LLM_STOP_END, 0, 0},
    {"no end at all", true, TEXT("A dog."), "A dog.", LLM_STOP_END, 0, 0},
    {"the limit in Google's words", true, TEXT("A dog.") END_AS("\"MAX_TOKENS\"") DONE, "A dog.",
     LLM_STOP_LENGTH, 0, 0},
    {"the limit in Mistral's words", true, TEXT("A dog.") END_AS("\"model_length\"") DONE, "A dog.",
     LLM_STOP_LENGTH, 0, 0},
    {"a refusal in Google's words", true, TEXT("A dog.") END_AS("\"SAFETY\"") DONE, "A dog.",
     LLM_STOP_REFUSAL, 0, 0},
    {"DeepSeek without resources", true,
     TEXT("A dog.") END_AS("\"insufficient_system_resource\"") DONE, "A dog.", LLM_STOP_OTHER, 0,
     0},
    /* JSON */
    {"halves of a character", true, TEXT("A dog \\ud83d") TEXT("\\ude00 [1].") STOP,
     "A dog \xF0\x9F\x98\x80 [1].", LLM_STOP_END, 0, 0},
    {"a half whose other half never comes", true, TEXT("A \\ud83d") TEXT("dog.\\ude00") STOP,
     "A \xEF\xBF\xBD"
     "dog.\xEF\xBF\xBD",
     LLM_STOP_END, 0, 0},
    {"bytes that are not UTF-8", true, TEXT("A \xF0\x9F dog\xFF.") STOP,
     "A \xEF\xBF\xBD\xEF\xBF\xBD dog\xEF\xBF\xBD.", LLM_STOP_END, 0, 0},
    {"a number beyond 64 bits", true,
     D("{\"choices\":[{\"delta\":{\"content\":\"A dog.\"}}],\"seed\":18446744073709551615}") STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"numbers that are none", true,
     D("{\"choices\":[{\"delta\":{\"content\":\"A dog.\"},\"logprobs\":[NaN,-Infinity,1e999]}]}")
         STOP,
     "A dog.", LLM_STOP_END, 0, 0},
    {"control characters, and an escape that JSON does not know", true,
     D("{\"choices\":[{\"delta\":{\"content\":\"A\tdog\\'s.\"}},]}") STOP, "A\tdog's.",
     LLM_STOP_END, 0, 0},
    /* tokens */
    {"tokens as fractions", true,
     TEXT("A dog.") STOP D(
         "{\"choices\":null,\"usage\":{\"prompt_tokens\":100.0,\"completion_tokens\":3.0}}") DONE,
     "A dog.", LLM_STOP_END, 100, 3},
    {"tokens without choices", true,
     TEXT("A dog.") STOP D("{\"usage\":{\"prompt_tokens\":\"100\",\"completion_tokens\":3}}") DONE,
     "A dog.", LLM_STOP_END, 100, 3},
    {"tokens in each chunk, null at last", true,
     D("{\"choices\":[{\"delta\":{\"content\":\"A "
       "\"}}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":1}}")
         D("{\"choices\":[{\"delta\":{\"content\":\"dog.\"},\"finish_reason\":\"stop\"}],\"usage\":"
           "{\"input_tokens\":100,\"output_tokens\":4}}") D("{\"choices\":[],\"usage\":null}") DONE,
     "A dog.", LLM_STOP_END, 100, 4},
};

/* ---- the Messages API ---- */

#define BEGIN                                                                                   \
    D("{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":5," \
      "\"output_tokens\":0}}}")
#define BLOCK(index, block) \
    D("{\"type\":\"content_block_start\",\"index\":" index ",\"content_block\":" block "}")
#define PIECE(index, delta) \
    D("{\"type\":\"content_block_delta\",\"index\":" index ",\"delta\":" delta "}")
#define WORDS(index, text) PIECE(index, "{\"type\":\"text_delta\",\"text\":\"" text "\"}")
#define OVER(reason)                                                   \
    D("{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":" reason \
      "},\"usage\":{\"output_tokens\":3}}")                            \
    D("{\"type\":\"message_stop\"}")
#define USE "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"search\",\"input\":"

static const struct form messages_forms[] = {
    {"a block without its beginning", false, BEGIN WORDS("0", "A dog.") OVER("\"end_turn\""),
     "A dog.", LLM_STOP_END, 5, 3},
    {"no beginning at all", false, WORDS("0", "A dog.") OVER("\"end_turn\""), "A dog.",
     LLM_STOP_END, 0, 3},
    {"pieces of another number", false,
     BEGIN BLOCK("1", "{\"type\":\"text\",\"text\":\"\"}") WORDS("0", "A dog.")
         OVER("\"end_turn\""),
     "A dog.", LLM_STOP_END, 5, 3},
    {"input of another number", false,
     BEGIN BLOCK("1", USE "{}}") PIECE("0", "{\"type\":\"input_json_delta\",\"partial_json\":" DOG
                                            "}") OVER("\"tool_use\""),
     ONE, LLM_STOP_TOOLS, 5, 3},
    {"a call that ends the turn", false,
     BEGIN BLOCK("0", USE "{\"q\":\"dog\"}}") OVER("\"end_turn\""), ONE, LLM_STOP_TOOLS, 5, 3},
    {"a call without a reason to stop", false,
     BEGIN BLOCK("0", USE "{\"q\":\"dog\"}}") OVER("null"), ONE, LLM_STOP_TOOLS, 5, 3},
    {"a number used twice", false,
     BEGIN BLOCK("0", USE "{\"q\":\"dog\"}}") BLOCK("0", USE "{\"q\":\"snow\"}}")
         OVER("\"tool_use\""),
     TWO, LLM_STOP_TOOLS, 5, 3},
    {"input as an object", false,
     BEGIN BLOCK("0", USE "{}}")
         PIECE("0", "{\"type\":\"input_json_delta\",\"partial_json\":{\"q\":\"dog\"}}")
             OVER("\"tool_use\""),
     ONE, LLM_STOP_TOOLS, 5, 3},
    {"a whole message", false,
     "{\"type\":\"message\",\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"A dog.\"}],"
     "\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":5,\"output_tokens\":3}}",
     "A dog.", LLM_STOP_END, 5, 3},
    {"a whole message with a call", false,
     "{\"type\":\"message\",\"content\":[" USE "{\"q\":\"dog\"}}],\"stop_reason\":\"tool_use\"}",
     ONE, LLM_STOP_TOOLS, 0, 0},
    {"halves of a character, of the Messages API", false,
     BEGIN WORDS("0", "A \\ud83d") WORDS("0", "\\ude00") OVER("\"end_turn\""), "A \xF0\x9F\x98\x80",
     LLM_STOP_END, 5, 3},
    {"<think> of the Messages API", false,
     BEGIN WORDS("0", "<think>[2]</think>A dog.") OVER("\"end_turn\""), "A dog.", LLM_STOP_END, 5,
     3},
};

/* ---- errors in the place of a reply ---- */

static void test_failures(void)
{
    static const struct {
        const char *name, *bytes;
    } cases[] = {
        {"an error as one object", "{\"error\":{\"message\":\"no memory\"}}"},
        {"an error as a text", "{\"error\":\"no memory\"}"},
        {"an error in a list", "[{\"error\":{\"message\":\"no memory\"}}]"},
        {"an error in the choice", D("{\"choices\":[{\"delta\":{},\"finish_reason\":\"error\","
                                     "\"error\":{\"message\":\"no memory\"}}]}")},
        {"an error of which there is no more than the word", END_AS("\"error\"")},
        {"an error behind \"error:\"", "error: {\"code\":500,\"message\":\"no memory\"}\n\n"},
        {"an error without \"data:\"", TEXT("A") "{\"error\":{\"message\":\"no memory\"}}\n\n"},
        {"an event that is one by its name", "event: error\ndata: {\"message\":\"no memory\"}\n\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 1000; step += 998) {
            struct reading r = read_in_pieces(&stream_chat, cases[i].bytes, step);
            ok(r.failed && r.rc != 0, "%s, by %zu bytes", cases[i].name, step);
            llm_reply_release(&r.reply);
        }
}

int main(void)
{
    for (size_t i = 0; i < sizeof chat_forms / sizeof *chat_forms; i++)
        check_form(&chat_forms[i]);
    for (size_t i = 0; i < sizeof messages_forms / sizeof *messages_forms; i++)
        check_form(&messages_forms[i]);
    test_failures();
    return done_testing();
}
