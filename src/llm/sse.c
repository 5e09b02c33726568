/* SPDX-License-Identifier: MIT */
/* An incremental parser of server-sent events. */
#include "llm/sse.h"

#include <string.h>

#include "base/limits.h"

void sse_init(struct sse *sse, sse_handler handler, sse_stray_handler stray, void *context)
{
    *sse = (struct sse){.handler = handler,
                        .stray = stray,
                        .context = context,
                        .line = STRBUF_INIT(LIMIT_LLM_EVENT_BYTES),
                        .event = STRBUF_INIT(LIMIT_LLM_EVENT_BYTES),
                        .data = STRBUF_INIT(LIMIT_LLM_EVENT_BYTES)};
}

void sse_release(struct sse *sse)
{
    strbuf_release(&sse->line);
    strbuf_release(&sse->event);
    strbuf_release(&sse->data);
}

static int end_event(struct sse *sse, struct error *err)
{
    if (!sse->event.length && !sse->has_data)
        return 0;
    int rc = sse->handler(sse->context, sse->has_event ? sse->event.data : NULL,
                          sse->data.length ? sse->data.data : "", sse->data.length, err);
    strbuf_clear(&sse->event);
    strbuf_clear(&sse->data);
    sse->has_event = sse->has_data = false;
    return rc;
}

/* Whether the line is a comment or a field that is not needed here. */
static bool is_other_field(const char *line, size_t name)
{
    return name == 0 || (name == 2 && memcmp(line, "id", 2) == 0) ||
           (name == 5 && memcmp(line, "retry", 5) == 0);
}

static int add_field(struct sse *sse, const char *line, size_t length, struct error *err)
{
    const char *colon = memchr(line, ':', length);
    size_t name = colon ? (size_t)(colon - line) : length;
    const char *value = colon ? colon + 1 : "";
    size_t n = colon ? length - name - 1 : 0;
    if (n && *value == ' ')
        value++, n--;
    if (name == 5 && memcmp(line, "event", 5) == 0) {
        strbuf_clear(&sse->event);
        sse->has_event = true;
        return strbuf_add(&sse->event, value, n, err);
    }
    if (name != 4 || memcmp(line, "data", 4) != 0)
        return sse->stray && !is_other_field(line, name)
                   ? sse->stray(sse->context, line, length, err)
                   : 0;
    int rc = sse->has_data ? strbuf_add(&sse->data, "\n", 1, err) : 0;
    sse->has_data = true;
    return rc ? rc : strbuf_add(&sse->data, value, n, err);
}

static int end_line(struct sse *sse, struct error *err)
{
    const char *line = sse->line.data ? sse->line.data : "";
    size_t length = sse->line.length;
    if (length >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0)
        line += 3, length -= 3;
    int rc = length ? add_field(sse, line, length, err) : end_event(sse, err);
    strbuf_clear(&sse->line);
    return rc;
}

/* Number of bytes before the next CR or LF. */
static size_t line_rest(const char *bytes, size_t size)
{
    size_t n = 0;
    while (n < size && bytes[n] != '\n' && bytes[n] != '\r')
        n++;
    return n;
}

int sse_feed(struct sse *sse, const char *bytes, size_t size, struct error *err)
{
    for (size_t at = 0; at < size; at++) {
        if (sse->after_cr && bytes[at] == '\n') {
            sse->after_cr = false;
            continue;
        }
        size_t n = line_rest(bytes + at, size - at);
        sse->after_cr = false;
        int rc = strbuf_add(&sse->line, bytes + at, n, err);
        if (rc)
            return rc;
        at += n;
        if (at == size)
            break;
        sse->after_cr = bytes[at] == '\r';
        rc = end_line(sse, err);
        if (rc)
            return rc;
    }
    return 0;
}

int sse_end(struct sse *sse, struct error *err)
{
    int rc = sse->line.length ? end_line(sse, err) : 0;
    return rc ? rc : end_event(sse, err);
}
