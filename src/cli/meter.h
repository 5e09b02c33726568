/* SPDX-License-Identifier: MIT */
/* One line on stderr about work that takes long: redrawn in place on a terminal, repeated every few
 * seconds elsewhere, absent when silent.
 *
 *     struct meter m;
 *     meter_init(&m, silent);
 *     meter_show(&m, "120 of 400 photos");    as often as there is news
 *     meter_clear(&m);                        before anything else is printed, and at the end */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct meter {
    bool silent, on_terminal;
    bool drawn;        /* a line stands on the terminal now */
    double last_shown; /* clock_seconds */
};

void meter_init(struct meter *m, bool silent);
void meter_show(struct meter *m, const char *line);
void meter_clear(struct meter *m);

/* "120 of 400 photos, 35 a second, 8 s left, 2 failed": the parts that are known. `noun` is what
 * is counted; total 0 and seconds_left < 0: not known (below 1, not worth saying). The caller
 * frees. */
char *meter_line(const char *noun, int64_t done, int64_t total, double per_second,
                 double seconds_left, int64_t failed);
