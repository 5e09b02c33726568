/* SPDX-License-Identifier: MIT */
/* Checks days, months and years as people write them. */
#include "query/dates.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define SHOWN_BYTES 40 /* of an invalid date in an error message */

static bool has_digits(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static int two_digits(const char *text)
{
    return has_digits(text, 2) ? (text[0] - '0') * 10 + text[1] - '0' : -1;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool is_date(const char *text)
{
    size_t length = strlen(text);
    if ((length != 4 && length != 7 && length != 10) || !has_digits(text, 4))
        return false;
    if (length == 4)
        return true;
    int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5);
    if (text[4] != '-' || month < 1 || month > 12)
        return false;
    if (length == 7)
        return true;
    int day = two_digits(text + 8);
    return text[7] == '-' && day >= 1 && day <= days_in(year, month);
}

int date_check(const char *text, struct error *err)
{
    if (is_date(text))
        return 0;
    AUTO_FREE char *name = text_printable(text, strnlen(text, SHOWN_BYTES));
    return error_set(err, ERR_INVALID,
                     "%s is not a date: write a year, a month or a day as 2019, 2019-07 or "
                     "2019-07-04",
                     name[0] ? name : "an empty text");
}
