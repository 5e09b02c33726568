/* SPDX-License-Identifier: MIT */
/* Bodies: the keys that each provider takes, in a fixed order, and nothing else. What the stand-in
 * and the SDKs make of them is in tests/llm. */
#include "base/json.h"
#include "base/memory.h"
#include "llm/provider.h"
#include "tap.h"

static struct error err;

#define MESSAGES                                                                                  \
    "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Image 1:\"},{\"type\":"       \
    "\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/jpeg\",\"data\":\"QUJD\"}," \
    "\"transformations\":{\"oversized_image\":\"error\"}}]},{\"role\":\"assistant\",\"content\":" \
    "[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"c2ln\"},{\"type\":\"text\","     \
    "\"text\":\"Caf\xC3\xA9/\"},{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"view_photo\","    \
    "\"input\":{\"photo\":1}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","       \
    "\"tool_use_id\":\"t1\",\"content\":[{\"type\":\"text\",\"text\":\"Image 2:\"},{\"type\":"    \
    "\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/jpeg\",\"data\":\"REVG\"}," \
    "\"transformations\":{\"oversized_image\":\"error\"}}]},{\"type\":\"text\",\"text\":"         \
    "\"Go on.\"}]}]"
#define TOOLS                                                                                \
    "[{\"name\":\"view_photo\",\"description\":\"Looks closer\",\"input_schema\":{\"type\":" \
    "\"object\"}}]"

static char *body_of(const char *provider, const char *base_url, struct llm_request request)
{
    AUTO(llm) *llm = NULL;
    struct llm_options options = {.provider = provider, .base_url = base_url, .model = "m"};
    char *body = NULL;
    size_t size = 0;
    if (llm_open(&options, &llm, &err) || llm_body(llm, &request, &body, &size, &err))
        ok(false, "%s: %s", provider, err.message);
    else if (strlen(body) != size)
        ok(false, "the size of the body");
    return body ? body : xstrdup("");
}

static void is_body(const char *provider, struct llm_request request, const char *want,
                    const char *name)
{
    AUTO_FREE char *body = body_of(provider, "https://x.example", request);
    is_str(body, want, name);
    AUTO_FREE char *again = body_of(provider, "https://x.example", request);
    is_str(again, body, "... the same bytes again");
}

#define HELLO "[{\"role\":\"user\",\"content\":\"Hello\"}]"

static void test_small(void)
{
    AUTO_JSON *messages = json_loads(HELLO, 0, NULL);
    AUTO_JSON *tools = json_loads(TOOLS, 0, NULL);
    struct llm_request plain = {.messages = messages, .max_tokens = 99};
    struct llm_request full = {.messages = messages,
                               .max_tokens = 99,
                               .system = "Be brief.",
                               .effort = "max",
                               .tools = tools};
    is_body("anthropic", plain,
            "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true,\"messages\":" HELLO "}",
            "anthropic, no more than needed");
    is_body("anthropic", full,
            "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true,\"output_config\":{\"effort\":"
            "\"max\"},\"tools\":" TOOLS ",\"system\":\"Be brief.\",\"messages\":" HELLO "}",
            "anthropic, everything");
    is_body("vertex", plain,
            "{\"anthropic_version\":\"2026-10-21\",\"max_tokens\":99,\"stream\":true,"
            "\"messages\":" HELLO "}",
            "vertex: the version, not the model");
    is_body("openai", plain,
            "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true,\"stream_options\":"
            "{\"include_usage\":true},\"messages\":" HELLO "}",
            "openai, no more than needed");
    is_body("openai", full,
            "{\"model\":\"m\",\"max_tokens\":99,\"stream\":true,\"stream_options\":"
            "{\"include_usage\":true},\"reasoning_effort\":\"xhigh\",\"tools\":[{\"type\":"
            "\"function\",\"function\":{\"name\":\"view_photo\",\"description\":\"Looks closer\","
            "\"parameters\":{\"type\":\"object\"}}}],\"messages\":[{\"role\":\"system\","
            "\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Hello\"}]}",
            "openai, everything");
    AUTO_FREE char *own = body_of("openai", "https://api.openai.com/v1", plain);
    ok(strstr(own, "\"max_completion_tokens\":99") && !strstr(own, "\"max_tokens\""),
       "OpenAI's own models know the limit by another name");
}

static int count(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        n++;
    return n;
}

static void test_messages(void)
{
    AUTO_JSON *messages = json_loads(MESSAGES, 0, NULL);
    AUTO_JSON *before = json_deep_copy(messages);
    struct llm_request request = {
        .messages = messages, .max_tokens = 9, .system = "S", .cache = true};
    AUTO_FREE char *anthropic = body_of("anthropic", NULL, request);
    ok(strstr(anthropic, "\"messages\":" MESSAGES "}") != NULL,
       "anthropic: the conversation as it is, thinking and signature included");
    ok(strstr(anthropic, "\"stream\":true,\"cache_control\":{\"type\":\"ephemeral\"},\"system\":"
                         "\"S\"") &&
           count(anthropic, "cache_control") == 1,
       "... one mark for the cache, at the top");
    AUTO_FREE char *bedrock = body_of("bedrock", "https://x.example", request);
    is_int(count(bedrock, "transformations"), 0, "bedrock: no image transformations");
    is_int(count(bedrock, "\"QUJD\""), 1, "... the images are there");
    is_int(count(bedrock, "cache_control"), 3, "... marks on the system and two turns");
    ok(strstr(bedrock, "\"text\":\"Go on.\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}") &&
           strstr(bedrock, "\"system\":[{\"type\":\"text\",\"text\":\"S\",\"cache_control\"") &&
           strstr(bedrock, "\"data\":\"QUJD\"},\"cache_control\""),
       "... at their ends");
    ok(json_equal(before, messages), "the caller's conversation is untouched");
}

static void test_chat(void)
{
    AUTO_JSON *messages = json_loads(MESSAGES, 0, NULL);
    struct llm_request request = {.messages = messages, .max_tokens = 9, .cache = true};
    AUTO_FREE char *body = body_of("openai", NULL, request);
    AUTO_JSON *root = json_loads(body, 0, NULL);
    AUTO_FREE char *got = json_dumps(json_object_get(root, "messages"), JSON_COMPACT);
    is_str(got,
           "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Image 1:\"},{\"type\":"
           "\"image_url\",\"image_url\":{\"url\":\"data:image/jpeg;base64,QUJD\"}}]},{\"role\":"
           "\"assistant\",\"content\":\"Caf\xC3\xA9/\",\"tool_calls\":[{\"id\":\"t1\",\"type\":"
           "\"function\",\"function\":{\"name\":\"view_photo\",\"arguments\":\"{\\\"photo\\\":1}\"}"
           "}]},{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":\"Image 2:\"},{\"role\":"
           "\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
           "\"data:image/jpeg;base64,REVG\"}},{\"type\":\"text\",\"text\":\"Go on.\"}]}]",
           "openai: pictures as data addresses, calls and results as messages");
    ok(!strstr(body, "cache_control") && !strstr(body, "hm"), "... no marks, no thinking");
}

int main(void)
{
    setenv("ANTHROPIC_VERTEX_PROJECT_ID", "p", 1);
    setenv("CLOUD_ML_REGION", "eu", 1);
    test_small();
    test_messages();
    test_chat();
    return done_testing();
}
