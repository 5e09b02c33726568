/* SPDX-License-Identifier: MIT */
/* Parses dates as programs write them into pictures, and formats them as RFC 3339. */
#include "metadata/exif_date.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define FIRST_PHOTO_YEAR 1826

struct moment {
    int year, month, day;
    int hour, minute, second; /* hour < 0: the time is unknown */
    char zone[8];             /* "+02:00" or "" */
};

static void skip_any(const char **at, const char *characters)
{
    *at += strspn(*at, characters);
}

/* A number of at most that many digits after blanks; -1 if there is none. */
static int take_number(const char **at, int most_digits)
{
    int number = -1;
    skip_any(at, " ");
    for (; most_digits > 0 && isdigit((unsigned char)**at); most_digits--, ++*at)
        number = (number < 0 ? 0 : number * 10) + (**at - '0');
    return number;
}

static bool take_separator(const char **at, const char *characters)
{
    bool found = **at && strchr(characters, **at);
    *at += found;
    return found;
}

static bool take_word(const char **at, const char *word)
{
    size_t n = strlen(word);
    bool found = strncasecmp(*at, word, n) == 0;
    *at += found ? n : 0;
    return found;
}

/* The half of the day on a 12-hour clock: -1 unspecified, 0 before noon, 1 after. */
static int take_half(const char **at)
{
    static const struct {
        const char *word;
        int half;
    } words[] = {
        {"AM", 0}, {"A.M.", 0}, {"上午", 0}, {"午前", 0}, {"오전", 0},
        {"PM", 1}, {"P.M.", 1}, {"下午", 1}, {"午後", 1}, {"오후", 1},
    };
    skip_any(at, " ");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (take_word(at, words[i].word))
            return words[i].half;
    return -1;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool day_is_possible(const struct moment *m)
{
    return m->year >= 1 && m->month >= 1 && m->month <= 12 && m->day >= 1 &&
           m->day <= days_in_month(m->year, m->month);
}

static bool is_day(const struct moment *m, int year, int month, int day)
{
    return m->year == year && m->month == month && m->day == day;
}

/* Whether it is the default of a clock that was never set. The last hours of 1969 are the zero of
 * Unix time west of Greenwich. */
static bool is_factory_default(const struct moment *m)
{
    if (m->year < FIRST_PHOTO_YEAR || is_day(m, 1970, 1, 1) || is_day(m, 1980, 1, 1))
        return true;
    if (is_day(m, 2002, 12, 8))
        return m->hour == 12 && m->minute == 0 && m->second == 0;
    return is_day(m, 1969, 12, 31) && m->hour >= 12 && m->minute % 30 == 0 && m->second == 0;
}

static bool zone_is_possible(int hour, int minute)
{
    return hour >= 0 && hour <= 14 && minute >= 0 && minute <= 59;
}

bool exif_date_zone(const char *text, char ret_zone[8])
{
    if (strcmp(text, "Z") == 0)
        return text_copy(ret_zone, 8, "+00:00") > 0;
    if (strlen(text) != 6 || !strchr("+-", text[0]) || text[3] != ':')
        return false;
    const char *at = text + 1;
    int hour = take_number(&at, 2);
    at = text + 4;
    int minute = take_number(&at, 2);
    if (at != text + 6 || !zone_is_possible(hour, minute))
        return false;
    return text_copy(ret_zone, 8, text) > 0;
}

/* Parses "+02:00", "+0200", "Z" or "UTC" after a time; anything else is not a zone. */
static void take_zone(const char **at, char ret_zone[8])
{
    skip_any(at, " ");
    if (take_word(at, "Z") || take_word(at, "UTC") || take_word(at, "GMT")) {
        text_copy(ret_zone, 8, "+00:00");
        return;
    }
    char sign = **at;
    if (!take_separator(at, "+-"))
        return;
    const char *start = *at;
    int hour = take_number(at, 2);
    if (*at != start + 2)
        return;
    take_separator(at, ":");
    start = *at;
    int minute = take_number(at, 2);
    if ((minute >= 0 && *at != start + 2) || (minute < 0 && **at))
        return;
    minute = minute < 0 ? 0 : minute;
    if (zone_is_possible(hour, minute))
        snprintf(ret_zone, 8, "%c%02u:%02u", sign, (unsigned)hour % 100, (unsigned)minute % 100);
}

static int hour_of_day(int hour, int half)
{
    if (half < 0 || hour < 1 || hour > 12)
        return hour;
    return hour % 12 + 12 * half;
}

/* Parses a time; an impossible one leaves only the day. */
static void take_time(const char **at, struct moment *m)
{
    skip_any(at, " T,");
    int half = take_half(at);
    int hour = take_number(at, 2);
    take_separator(at, ":");
    int minute = take_number(at, 2), second = 0;
    const char *behind = *at;
    if (take_separator(&behind, ":") || isdigit((unsigned char)*behind)) {
        second = take_number(&behind, 2);
        *at = behind;
    }
    if (take_separator(at, ".,"))
        skip_any(at, "0123456789");
    if (half < 0)
        half = take_half(at);
    hour = hour_of_day(hour, half);
    m->hour = -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return;
    m->hour = hour;
    m->minute = minute;
    m->second = second == 60 ? 59 : second;
    take_zone(at, m->zone);
}

/* Parses "2019:07:04 ...". */
static bool parse_numbers(const char *at, struct moment *m)
{
    const char *start = at;
    m->year = take_number(&at, 4);
    if (at != start + 4)
        return false;
    take_separator(&at, ":-/.");
    m->month = take_number(&at, 2);
    take_separator(&at, ":-/.");
    m->day = take_number(&at, 2);
    if (!day_is_possible(m))
        return false;
    take_time(&at, m);
    return true;
}

static int take_month(const char **at)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    skip_any(at, " ");
    for (int i = 0; i < 12; i++)
        if (take_word(at, months[i])) {
            while (isalpha((unsigned char)**at))
                ++*at;
            skip_any(at, " ,-");
            return i + 1;
        }
    return 0;
}

static void skip_weekday(const char **at)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (take_word(at, days[i])) {
            while (isalpha((unsigned char)**at))
                ++*at;
            skip_any(at, " ,");
            return;
        }
}

/* Parses "Thu, 4 Jul 2019 18:30:00 +0200" (RFC 1123) and "Thu Jul  4 18:30:00 2019" (C's asctime).
 */
static bool parse_words(const char *at, struct moment *m)
{
    skip_weekday(&at);
    m->day = take_number(&at, 2);
    skip_any(&at, " -");
    m->month = take_month(&at);
    if (m->day < 0) {
        m->day = take_number(&at, 2);
        skip_any(&at, " ,");
        const char *after = at;
        int hour = take_number(&after, 2);
        if (hour >= 0 && *after == ':')
            take_time(&at, m);
    }
    m->year = take_number(&at, 4);
    if (!day_is_possible(m))
        return false;
    if (m->hour < 0)
        take_time(&at, m);
    return true;
}

bool exif_date_parse(const char *text, char ret_date[32])
{
    struct moment m = {.hour = -1};
    skip_any(&text, " ");
    bool is_numeric = isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[1]) &&
                      isdigit((unsigned char)text[2]);
    if (!(is_numeric ? parse_numbers(text, &m) : parse_words(text, &m)) || is_factory_default(&m))
        return false;
    unsigned year = (unsigned)m.year % 10000, month = (unsigned)m.month % 100;
    unsigned day = (unsigned)m.day % 100;
    if (m.hour < 0)
        snprintf(ret_date, 32, "%04u-%02u-%02u", year, month, day);
    else
        snprintf(ret_date, 32, "%04u-%02u-%02uT%02u:%02u:%02u%.6s", year, month, day,
                 (unsigned)m.hour % 100, (unsigned)m.minute % 100, (unsigned)m.second % 100,
                 m.zone);
    return true;
}
