/* SPDX-License-Identifier: MIT */
/* One line on stderr about a long operation: redrawn in place on a terminal, repeated every few
 * seconds elsewhere, and omitted if silent.
 *
 *     struct meter m;
 *     meter_init(&m, silent);
 *     meter_show(&m, "120 of 400 photos");    whenever there is progress
 *     meter_clear(&m);                        before printing anything else, and at the end */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct meter {
    bool silent, on_terminal;
    bool drawn;        /* a line is on the terminal now */
    double last_shown; /* time of clock_seconds */
};

void meter_init(struct meter *m, bool silent);
void meter_show(struct meter *m, const char *line);
void meter_clear(struct meter *m);

/* "120 of 400 photos, 35 a second, 8 s left, 2 failed": the known parts. `noun` is the counted
 * thing; total 0 and seconds_left < 0 mean unknown (below 1, it is omitted). The caller frees it.
 */
char *meter_line(const char *noun, int64_t done, int64_t total, double per_second,
                 double seconds_left, int64_t failed);
