/* SPDX-License-Identifier: MIT */
/* Server-sent events, at every cut of the bytes. The expected events are those that the HTML
 * standard's own examples (section 9.2.6) and the rules of 9.2.5 give. */
#include "base/limits.h"
#include "base/memory.h"
#include "llm/sse.h"
#include "tap.h"

/* Events as "NAME=DATA|", a missing name as "-". */
struct seen {
    char text[4096];
    int stop_at, count; /* the handler returns 7 at event number stop_at */
};

static int on_event(void *context, const char *event, const char *data, size_t size,
                    struct error *err)
{
    struct seen *s = context;
    (void)err;
    size_t n = strlen(s->text);
    snprintf(s->text + n, sizeof s->text - n, "%s=%s|", event ? event : "-", data);
    if (strlen(data) != size)
        snprintf(s->text, sizeof s->text, "the size is wrong");
    return ++s->count == s->stop_at ? 7 : 0;
}

/* What comes of the bytes, fed in pieces of `step` after a first piece of `first` bytes. */
static const char *read_in(const char *bytes, size_t size, size_t first, size_t step)
{
    static struct seen seen;
    struct sse sse;
    seen = (struct seen){.stop_at = 0};
    sse_init(&sse, on_event, NULL, &seen);
    for (size_t at = 0; at < size;) {
        size_t n = at == 0 && first ? first : step;
        n = n < size - at ? n : size - at;
        /* A copy of just these bytes, so that the sanitizers see any reading past them. */
        char *piece = memcpy(xmalloc(n), bytes + at, n);
        if (sse_feed(&sse, piece, n, NULL))
            snprintf(seen.text, sizeof seen.text, "failed");
        free(piece);
        at += n;
    }
    sse_release(&sse);
    return seen.text;
}

static void at_every_cut(const char *bytes, const char *want, const char *name)
{
    size_t size = strlen(bytes), wrong = 0;
    for (size_t first = 0; first <= size; first++) {
        wrong += strcmp(read_in(bytes, size, first, size), want) != 0;
        wrong += strcmp(read_in(bytes, size, first, 1), want) != 0;
        wrong += strcmp(read_in(bytes, size, first, 3), want) != 0;
    }
    if (!is_int((long long)wrong, 0, name))
        diag("got %s", read_in(bytes, size, 0, 1));
}

static void test_examples(void)
{
    at_every_cut("data: YHOO\ndata: +2\ndata: 10\n\n", "-=YHOO\n+2\n10|", "several data lines");
    at_every_cut(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                 "data:  third event\n\n",
                 "-=first event|-=second event|-= third event|", "comment, id, spaces");
    at_every_cut("data\n\ndata\ndata\n\ndata:", "-=|-=\n|", "data without a value");
    at_every_cut("data:test\n\ndata: test\n\n", "-=test|-=test|", "one space after the colon");
    at_every_cut("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
                 "add=73857293|remove=2153|", "names");
}

static void test_lines(void)
{
    at_every_cut("event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", "a=1|-=2|", "CRLF");
    at_every_cut("event: a\rdata: 1\r\rdata: 2\r\r", "a=1|-=2|", "CR");
    at_every_cut("event: a\ndata: 1\r\n\ndata: 2\r\r\ndata: 3\n\r\n", "a=1|-=2|-=3|", "mixed");
    at_every_cut("\xEF\xBB\xBF"
                 "data: 1\n\n",
                 "-=1|", "byte order mark");
    at_every_cut("data: caf\xC3\xA9 \xF0\x9F\x90\x95\n\n", "-=caf\xC3\xA9 \xF0\x9F\x90\x95|",
                 "characters of several bytes");
    at_every_cut("\n\n\r\r\n\n", "", "empty lines only");
    at_every_cut("retry: 10\nfoo: bar\nDATA: x\nDatas: y\n\n", "", "unknown fields");
    at_every_cut("event: a\n\n", "a=|", "a name without data");
    at_every_cut("data: 1\n\ndata: cut off", "-=1|", "cut off in a line");
    at_every_cut("data: 1\n\ndata: cut off\n", "-=1|", "cut off before the empty line");
    at_every_cut("event: a\nevent: b\ndata: a:b:c\n\n", "b=a:b:c|", "the last name, colons");
}

static void test_stop(void)
{
    struct seen seen = {.stop_at = 2};
    struct sse sse;
    const char *bytes = "data: 1\n\ndata: 2\n\ndata: 3\n\n";
    sse_init(&sse, on_event, NULL, &seen);
    is_int(sse_feed(&sse, bytes, strlen(bytes), NULL), 7, "what the handler returns is returned");
    is_str(seen.text, "-=1|-=2|", "... and nothing follows");
    sse_release(&sse);
}

static void test_limits(void)
{
    struct error err = ERROR_INIT;
    struct seen seen = {.stop_at = 0};
    struct sse sse;
    AUTO_FREE char *line = xmalloc(LIMIT_LLM_EVENT_BYTES);
    memset(line, 'x', LIMIT_LLM_EVENT_BYTES);
    sse_init(&sse, on_event, NULL, &seen);
    is_int(sse_feed(&sse, line, LIMIT_LLM_EVENT_BYTES, &err), 0, "a line of the limit");
    is_int(sse_feed(&sse, "x", 1, &err), ERR_LIMIT, "... and one byte more");
    sse_release(&sse);
    sse_init(&sse, on_event, NULL, &seen);
    int rc = 0;
    memcpy(line, "data: ", 6);
    line[LIMIT_LLM_EVENT_BYTES / 3] = '\n';
    for (int i = 0; i < 3 && !rc; i++)
        rc = sse_feed(&sse, line, LIMIT_LLM_EVENT_BYTES / 3 + 1, &err);
    is_int(rc, 0, "data of nearly the limit over three lines");
    is_int(sse_feed(&sse, line, LIMIT_LLM_EVENT_BYTES / 3 + 1, &err), ERR_LIMIT, "a fourth");
    sse_release(&sse);
}

int main(void)
{
    test_examples();
    test_lines();
    test_stop();
    test_limits();
    return done_testing();
}
