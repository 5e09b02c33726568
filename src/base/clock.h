/* SPDX-License-Identifier: MIT */
/* Time: a monotonic clock for durations, RFC 3339 for instants. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Seconds on a clock that never jumps; only differences mean something. */
double clock_seconds(void);

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t clock_unix(void);

/* "2026-11-23T15:42:00Z" into ret_text (at least 21 bytes); returns ret_text. */
char *clock_format_utc(char *ret_text, size_t size, int64_t unix_seconds);

/* "2026-11-23 17:03" in the user's time zone, or "unknown", into ret_text; returns ret_text. */
char *clock_format_local(char *ret_text, size_t size, int64_t unix_seconds);
