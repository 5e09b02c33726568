/* SPDX-License-Identifier: MIT */
/* Decides whether and when a failed request is sent again. */
#include "llm/retry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_S 0.5
#define LAST_S 8.0
#define JITTER 0.25
/* The longest delay that the SDK accepts: the maximum of a JavaScript timer. */
#define TIMER_MS 2147483647.0

bool retry_is_useful(const struct http_reply *reply, bool pointless)
{
    if (pointless || reply->final)
        return false;
    if (reply->status < 200) /* no reply: the connection failed */
        return true;
    if (strcmp(reply->should_retry, "true") == 0)
        return true;
    if (strcmp(reply->should_retry, "false") == 0)
        return false;
    return reply->status == 408 || reply->status == 409 || reply->status == 429 ||
           reply->status >= 500;
}

/* JavaScript's parseFloat: the longest decimal number at the beginning; NAN: none. */
static double parse_float(const char *text)
{
    char number[64];
    text += strspn(text, " \t");
    size_t n = strspn(text, "+-.0123456789eE");
    if (n >= sizeof number || n == 0)
        return NAN;
    memcpy(number, text, n);
    number[n] = '\0';
    char *end;
    double value = strtod(number, &end);
    return end == number ? NAN : value;
}

/* NAN if neither header is present and valid. As in the SDK, milliseconds take precedence unless
 * they are zero. */
static double asked_ms(const struct http_reply *reply, double now)
{
    double ms = parse_float(reply->retry_after_ms);
    if (!reply->retry_after[0] || (!isnan(ms) && ms != 0))
        return ms;
    double seconds = parse_float(reply->retry_after);
    if (!isnan(seconds))
        return seconds * 1000;
    int64_t date = http_read_date(reply->retry_after);
    return date < 0 ? NAN : ((double)date - now) * 1000;
}

double retry_asked_s(const struct http_reply *reply, double now)
{
    double ms = asked_ms(reply, now);
    return ms > 0 && ms <= TIMER_MS ? ms / 1000 : 0;
}

double retry_wait_s(const struct http_reply *reply, int retry, double now, double random)
{
    double asked = retry_asked_s(reply, now);
    if (asked > 0)
        return asked;
    return fmin(FIRST_S * pow(2, retry), LAST_S) * (1 - JITTER * random);
}
