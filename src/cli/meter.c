/* SPDX-License-Identifier: MIT */
/* Prints one line of progress on stderr. */
#include "cli/meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/terminal.h"

#define PLAIN_LINE_EVERY_S 5.0
#define REDRAW_EVERY_S 0.1
#define ERASE_LINE "\r\033[K"

void meter_init(struct meter *m, bool silent)
{
    *m = (struct meter){
        .silent = silent, .on_terminal = terminal_obeys(stderr), .last_shown = clock_seconds()};
}

void meter_clear(struct meter *m)
{
    if (m->drawn)
        fputs(ERASE_LINE, stderr);
    m->drawn = false;
}

/* The number of bytes of valid UTF-8 text that fit the columns. */
static size_t fitting_bytes(const char *text, size_t columns)
{
    AUTO_FREE char *copy = xstrdup(text);
    size_t n = strlen(copy);
    while (n > 0 && text_columns(copy) > columns) {
        do
            n--;
        while (n > 0 && ((unsigned char)copy[n] & 0xC0) == 0x80);
        copy[n] = '\0';
    }
    return n;
}

void meter_show(struct meter *m, const char *line)
{
    double now = clock_seconds();
    double pause = m->on_terminal ? REDRAW_EVERY_S : PLAIN_LINE_EVERY_S;
    bool first = m->on_terminal && !m->drawn;
    if (m->silent || (!first && now - m->last_shown < pause))
        return;
    m->last_shown = now;
    AUTO_FREE char *text = text_printable(line, strlen(line));
    if (!m->on_terminal) {
        fprintf(stderr, "keepsake: %s\n", text);
        return;
    }
    size_t columns = terminal_columns(stderr);
    fprintf(stderr, ERASE_LINE "%.*s", (int)fitting_bytes(text, columns - 1), text);
    m->drawn = true;
}

char *meter_line(const char *noun, int64_t done, int64_t total, double per_second,
                 double seconds_left, int64_t failed)
{
    char left[48] = "", rate[48] = "", of[32] = "", failures[48] = "", duration[32];
    if (total > 0)
        snprintf(of, sizeof of, " of %" PRId64, total);
    if (per_second > 0)
        snprintf(rate, sizeof rate, ", %.*f a second", per_second < 10 ? 1 : 0, per_second);
    if (seconds_left >= 1)
        snprintf(left, sizeof left, ", %s left",
                 text_duration(duration, sizeof duration, seconds_left));
    if (failed > 0)
        snprintf(failures, sizeof failures, ", %" PRId64 " failed", failed);
    return xasprintf("%" PRId64 "%s %s%s%s%s", done, of, noun, rate, left, failures);
}
