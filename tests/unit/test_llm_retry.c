/* SPDX-License-Identifier: MIT */
/* Which replies are asked for again and after how long: the rules of Anthropic's SDK, read off its
 * source (client.ts: shouldRetry, retryRequest, calculateDefaultRetryTimeoutMillis).
 * tests/llm/wire.t compares the waits with those that the SDK itself makes. */
#include "base/text.h"
#include "llm/retry.h"
#include "tap.h"

#define NOW 1792584000.0 /* 2026-10-21T12:00:00Z */

static struct http_reply reply_of(long status, const char *should, const char *after,
                                  const char *after_ms)
{
    struct http_reply reply = {.status = status};
    text_copy(reply.should_retry, sizeof reply.should_retry, should);
    text_copy(reply.retry_after, sizeof reply.retry_after, after);
    text_copy(reply.retry_after_ms, sizeof reply.retry_after_ms, after_ms);
    return reply;
}

static void test_useful(void)
{
    static const struct {
        long status;
        const char *should;
        bool spend_limit, useful;
    } cases[] = {
        {0, "", false, true},         {100, "", false, true},      {400, "", false, false},
        {401, "", false, false},      {402, "", false, false},     {403, "", false, false},
        {404, "", false, false},      {408, "", false, true},      {409, "", false, true},
        {413, "", false, false},      {422, "", false, false},     {429, "", false, true},
        {500, "", false, true},       {502, "", false, true},      {529, "", false, true},
        {302, "", false, false},      {400, "true", false, true},  {529, "false", false, false},
        {429, "false", false, false}, {429, "maybe", false, true}, {429, "", true, false},
        {429, "true", true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_reply reply = reply_of(cases[i].status, cases[i].should, "", "");
        ok(retry_is_useful(&reply, cases[i].spend_limit) == cases[i].useful,
           "%ld, x-should-retry '%s'%s: %s", cases[i].status, cases[i].should,
           cases[i].spend_limit ? ", spend limit" : "", cases[i].useful ? "again" : "no");
    }
    struct http_reply refused = {.final = true};
    ok(!retry_is_useful(&refused, false), "a bad certificate: no");
}

static void test_asked(void)
{
    static const struct {
        const char *after, *after_ms;
        double seconds;
    } cases[] = {
        {"", "", 0},
        {"2", "", 2},
        {" 1.5", "", 1.5},
        {"3 apples", "", 3},
        {"7", "250", 0.25},
        {"7", "0", 7}, /* JavaScript: zero is no answer */
        {"7", "nonsense", 7},
        {"7", "-1", 0}, /* but a negative one is, a useless one */
        {"-7", "", 0},
        {"0", "", 0},
        {"nonsense", "", 0},
        {"Infinity", "", 0},
        {"0x10", "", 0},
        {"2147483.647", "", 2147483.647},
        {"2147484", "", 0}, /* more than one timer of JavaScript can wait */
        {"Wed, 21 Oct 2026 12:00:30 GMT", "", 30},
        {"Wed, 21 Oct 2026 11:59:30 GMT", "", 0},
        {"Wed, 21 Oct 2026 13:00:00 GMT", "", 3600},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_reply reply = reply_of(429, "", cases[i].after, cases[i].after_ms);
        double got = retry_asked_s(&reply, NOW);
        if (!ok(fabs(got - cases[i].seconds) < 1e-6, "retry-after '%s', -ms '%s': %g s",
                cases[i].after, cases[i].after_ms, cases[i].seconds))
            diag("got %g", got);
    }
}

static void test_wait(void)
{
    static const double longest[] = {0.5, 1, 2, 4, 8, 8, 8};
    struct http_reply silent = reply_of(500, "", "", ""), asks = reply_of(500, "", "3", "");
    for (int retry = 0; retry < 7; retry++) {
        double most = retry_wait_s(&silent, retry, NOW, 0);
        double least = retry_wait_s(&silent, retry, NOW, 1);
        ok(fabs(most - longest[retry]) < 1e-9 && fabs(least - 0.75 * longest[retry]) < 1e-9,
           "retry %d waits %g to %g s", retry, least, most);
    }
    ok(fabs(retry_wait_s(&asks, 1, NOW, 1) - 3) < 1e-9, "what is asked is waited, without jitter");
}

int main(void)
{
    test_useful();
    test_asked();
    test_wait();
    return done_testing();
}
