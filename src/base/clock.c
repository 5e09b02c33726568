/* SPDX-License-Identifier: MIT */
/* Monotonic time for durations, and RFC 3339 text for instants. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

double clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int64_t clock_unix(void)
{
    return (int64_t)time(NULL);
}

char *clock_format_utc(char *ret_text, size_t size, int64_t unix_seconds)
{
    time_t seconds = (time_t)unix_seconds;
    struct tm parts;
    if (!gmtime_r(&seconds, &parts) || !strftime(ret_text, size, "%Y-%m-%dT%H:%M:%SZ", &parts))
        ret_text[0] = '\0';
    return ret_text;
}

char *clock_format_local(char *ret_text, size_t size, int64_t unix_seconds)
{
    time_t seconds = (time_t)unix_seconds;
    struct tm local;
    if (!localtime_r(&seconds, &local) || !strftime(ret_text, size, "%Y-%m-%d %H:%M", &local))
        snprintf(ret_text, size, "unknown");
    return ret_text;
}
