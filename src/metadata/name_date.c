/* SPDX-License-Identifier: MIT */
/* Searches file names for dates. */
#include "metadata/name_date.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "metadata/exif_date.h"

enum { FIRST_YEAR = 1990, LAST_YEAR = 2099 };

static size_t count_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Takes exactly two digits after an optional separator; -1 if they are not there. */
static int take_pair(const char **at, const char *separators)
{
    const char *from = *at;
    if (*from && strchr(separators, *from))
        from++;
    if (!isdigit((unsigned char)from[0]) || !isdigit((unsigned char)from[1]))
        return -1;
    *at = from + 2;
    return (from[0] - '0') * 10 + (from[1] - '0');
}

/* Takes "20190704", "2019-07-04", "2019_07_04" or "2019.07.04". */
static bool take_day(const char **at, char ret_day[16])
{
    const char *from = *at;
    size_t digits = count_digits(from);
    bool is_compact = digits == 8 || digits == 14 || digits == 17; /* with time, milliseconds */
    if (!is_compact && digits != 4)
        return false;
    int year =
        (from[0] - '0') * 1000 + (from[1] - '0') * 100 + (from[2] - '0') * 10 + from[3] - '0';
    from += 4;
    char separator[2] = {is_compact ? '\0' : *from, '\0'};
    if (!is_compact && !(*from && strchr("-_.", *from)))
        return false;
    int month = take_pair(&from, separator), day = month < 0 ? -1 : take_pair(&from, separator);
    if (day < 0 || year < FIRST_YEAR || year > LAST_YEAR || (!is_compact && count_digits(from)))
        return false;
    snprintf(ret_day, 16, "%04d-%02d-%02d", year, month % 100, day % 100);
    *at = from;
    return true;
}

/* Takes a time after the day: "_183000", " at 6.30.00 PM", "-18-30-00-123", "183000123". */
static bool take_time(const char *at, char ret_time[16])
{
    static const char *const between[] = {" at ", "_", "-", " ", ".", "T", "t"};
    for (size_t i = 0; i < sizeof between / sizeof *between; i++)
        if (strncasecmp(at, between[i], strlen(between[i])) == 0) {
            at += strlen(between[i]);
            break;
        }
    char hour_digits = (char)count_digits(at), padded[64];
    snprintf(padded, sizeof padded, "%s%.40s", hour_digits == 1 ? "0" : "", at); /* "6.30.00 PM" */
    const char *from = padded;
    int hour = take_pair(&from, ""), minute, second;
    if (hour < 0 || (minute = take_pair(&from, "-_.:h")) < 0 ||
        (second = take_pair(&from, "-_.:m")) < 0)
        return false;
    if (count_digits(from) != 0 && count_digits(from) != 3) /* milliseconds */
        return false;
    from += strspn(from, " ");
    bool is_afternoon = strncasecmp(from, "PM", 2) == 0;
    if (is_afternoon || strncasecmp(from, "AM", 2) == 0)
        hour = hour % 12 + (is_afternoon ? 12 : 0);
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    snprintf(ret_time, 16, "%02d:%02d:%02d", hour, minute, second);
    return true;
}

bool name_date_parse(const char *path, char ret_date[32])
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    for (const char *at = name; *at; at += count_digits(at) ? count_digits(at) : 1) {
        char day[16], time[16], text[64];
        const char *after = at;
        if (!isdigit((unsigned char)*at) || !take_day(&after, day))
            continue;
        bool has_time = take_time(after, time);
        if (!has_time && isdigit((unsigned char)*after))
            continue; /* a longer number */
        snprintf(text, sizeof text, "%s%s%s", day, has_time ? " " : "", has_time ? time : "");
        if (exif_date_parse(text, ret_date))
            return true;
    }
    return false;
}
