/* SPDX-License-Identifier: MIT */
/* Error bodies of the services become sentences: the code, what to do, and no key. */
#include "base/limits.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "llm/error_reply.h"
#include "tap.h"

static struct error err;
static struct error_facts facts;

static int read_error(long status, const char *body, size_t size, double wait_s)
{
    struct error_reply reply = {.status = status,
                                .body = body,
                                .size = size,
                                .content_type = "application/json",
                                .host = "api.example",
                                .url = "https://api.example/v1",
                                .model = "claude-x",
                                .key_name = "THE_KEY",
                                .key = "sk-secret",
                                .request_id = "req_1",
                                .wait_s = wait_s};
    return error_reply_read(&reply, &facts, &err);
}

/* `part` is what the sentence must say. */
static void says(long status, const char *body, int code, const char *part)
{
    int rc = read_error(status, body, strlen(body), 0);
    ok(rc == code && err.code == code && strstr(err.message, part) != NULL, "%ld: %s", status,
       err.message);
    ok(strlen(facts.cause) > 0 && !strstr(err.message, "sk-secret"), "... no key, a cause: %s",
       facts.cause);
}

#define ERROR(type, message, details)                                                          \
    "{\"type\":\"error\",\"error\":{\"type\":\"" type "\",\"message\":\"" message "\"" details \
    "},\"request_id\":\"req_2\"}"
#define CODE(code) ",\"details\":{\"error_code\":\"" code "\"}"

static void test_statuses(void)
{
    says(400, ERROR("invalid_request_error", "messages: bad", ""), ERR_INVALID, "messages: bad");
    says(400, ERROR("invalid_request_error", "prompt is too long: 2 > 1", ""), ERR_LIMIT,
         "send fewer photos");
    says(401, ERROR("authentication_error", "invalid key sk-secret", ""), ERR_DENIED,
         "check THE_KEY");
    says(402, ERROR("billing_error", "no credit", ""), ERR_LIMIT, "billing");
    says(403, ERROR("permission_error", "no", ""), ERR_DENIED, "may not use \"claude-x\"");
    says(404, ERROR("not_found_error", "model: claude-x", ""), ERR_NOT_FOUND,
         "no such service at https://api.example/v1: check both");
    says(413, "<html><h1>413 Request Entity Too Large</h1></html>", ERR_LIMIT,
         "send fewer photos (HTTP 413, request req_1)");
    says(429, ERROR("rate_limit_error", "slow down", ""), ERR_NETWORK,
         "try again in a few minutes");
    says(500, ERROR("api_error", "oops", ""), ERR_NETWORK, "api.example failed");
    says(503, "", ERR_NETWORK, "overloaded");
    says(529, ERROR("overloaded_error", "Overloaded", ""), ERR_NETWORK, "overloaded");
    says(302, "", ERR_NETWORK, "redirects");
    says(418, "\xff\xfe", ERR_INVALID, "HTTP 418");
    is_int(read_error(429, "", 0, 90), ERR_NETWORK, "a 429 that asks to wait");
    ok(strstr(err.message, "try again in 1 min 30 s") != NULL, "... %s", err.message);
    is_str(facts.cause, "api.example takes no more requests from this account now",
           "... without advice for who waits by himself");
}

static void test_codes(void)
{
    says(429, ERROR("rate_limit_error", "limit", CODE("enforced_spend_limit_reached")), ERR_LIMIT,
         "monthly spend limit");
    ok(facts.pointless, "... is not asked again");
    says(429, ERROR("rate_limit_error", "limit", CODE("contract_spend_limit_reached")), ERR_LIMIT,
         "contract");
    ok(facts.pointless, "... is not asked again");
    says(429, ERROR("rate_limit_error", "limit", CODE("ramp_limit_exceeded")), ERR_NETWORK,
         "ramp_limit_exceeded");
    ok(!facts.pointless, "... may be asked again");
    says(400,
         ERROR("invalid_request_error", "held",
               ",\"details\":{\"error_code\":\"organization_on_hold\",\"appeal_url\":"
               "\"https://appeal.example\"}"),
         ERR_DENIED, "on hold; to appeal: https://appeal.example");
    says(413, ERROR("request_too_large", "big", CODE("request_body_too_large_after_decoding")),
         ERR_LIMIT, "send fewer photos");
    says(402, ERROR("billing_error", "no", CODE("linked_organization_billing_unavailable")),
         ERR_LIMIT, "credit");
    says(400,
         ERROR("invalid_request_error", "image too large",
               ",\"details\":{\"error_code\":\"image_dimensions_too_large\","
               "\"max_side_length_pixels\":2000,\"paths\":[\"messages.0.content.1\"]}"),
         ERR_INVALID, "no side may be longer than 2000 px");
    is_int(facts.max_side_px, 2000, "... the side is kept");
    says(400,
         ERROR("invalid_request_error", "?",
               ",\"details\":{\"error_code\":\"image_dimensions_too_large\","
               "\"max_side_length_pixels\":-5}"),
         ERR_INVALID, "does not accept");
    is_int(facts.max_side_px, 0, "... a senseless side is not");
}

static void test_shapes(void)
{
    says(400,
         "{\"error\":{\"message\":\"of OpenAI\",\"type\":\"invalid_request_error\","
         "\"param\":null,\"code\":null}}",
         ERR_INVALID, "of OpenAI");
    says(400, "{\"error\":\"of Ollama\"}", ERR_INVALID, "of Ollama");
    says(400, "[{\"error\":{\"code\":400,\"message\":\"of Google\",\"status\":\"X\"}}]",
         ERR_INVALID, "of Google");
    says(400, "{\"message\":\"of Amazon\"}", ERR_INVALID, "of Amazon");
    says(400, "{\"Message\":\"of Amazon\"}", ERR_INVALID, "of Amazon");
    says(400, "{\"detail\":\"of vLLM\"}", ERR_INVALID, "of vLLM");
    says(400,
         "{\"error\":{\"message\":\"registry.ollama.ai/library/llava does not support "
         "tools\"}}",
         ERR_INVALID, "does not support tools");
    ok(facts.refused == PART_TOOLS, "... can be asked without");
    says(500, "{\"error\":{\"code\":500,\"message\":\"tools param requires --jinja flag\"}}",
         ERR_NETWORK, "--jinja");
    ok(facts.refused == PART_TOOLS, "... can be asked without");
    says(0, ERROR("overloaded_error", "Overloaded", ""), ERR_NETWORK, "after HTTP 200");
    says(0, ERROR("invalid_request_error", "bad", ""), ERR_INVALID, "bad");
    says(0, ERROR("a_new_error", "new", ""), ERR_NETWORK, "during the reply");
}

static void test_other_servers(void)
{
    says(429,
         "{\"error\":{\"message\":\"You exceeded your current quota\",\"type\":"
         "\"insufficient_quota\",\"param\":null,\"code\":\"insufficient_quota\"}}",
         ERR_LIMIT, "quota at api.example is used up");
    ok(facts.pointless, "... is not asked again");
    says(400,
         "{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens\","
         "\"type\":\"invalid_request_error\",\"code\":\"context_length_exceeded\"}}",
         ERR_LIMIT, "send fewer photos");
    says(400,
         "{\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\","
         "\"type\":\"exceed_context_size_error\",\"n_ctx\":4096}}",
         ERR_LIMIT, "send fewer photos");
    says(400,
         ERROR("invalid_request_error",
               "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000", ""),
         ERR_LIMIT, "send fewer photos");
    says(400, "{\"message\":\"Input is too long for requested model.\"}", ERR_LIMIT,
         "send fewer photos");
    says(500, "{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint\"}}",
         ERR_INVALID, "cannot see pictures");
    ok(facts.pointless, "... is not asked again");
}

static void test_foreign_words(void)
{
    struct strbuf body = STRBUF_INIT(20000);
    bool built =
        !strbuf_addf(&body, NULL, "{\"error\":{\"message\":\"\\u001b[31m\\u0000 sk-secret ");
    for (int i = 0; i < 9000; i++)
        built &= !strbuf_addf(&body, NULL, "\xC3\xA9");
    built &= !strbuf_addf(&body, NULL, "\"}}");
    ok(built, "a body of %zu bytes", body.length);
    int rc = read_error(400, body.data, body.length, 0);
    strbuf_release(&body);
    is_int(rc, ERR_INVALID, "a long message with control characters and the key");
    ok(strlen(err.message) < LIMIT_LLM_QUOTED_BYTES + 200, "... is cut to %zu bytes",
       strlen(err.message));
    ok(text_is_utf8(err.message, strlen(err.message)), "... at a character's end");
    ok(!strchr(err.message, '\x1b') && !strstr(err.message, "sk-secret") &&
           strstr(err.message, "*********"),
       "... printable, the key is covered");
}

int main(void)
{
    test_statuses();
    test_codes();
    test_shapes();
    test_other_servers();
    test_foreign_words();
    return done_testing();
}
