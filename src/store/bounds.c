/* SPDX-License-Identifier: MIT */
/* Validates a filter, and turns its folder and dates into ranges for SQL. */
#include "store/bounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/check.h"

/* '0' is the byte after '/'. */
static int set_folder(struct bounds *b, const char *folder, struct error *err)
{
    int rc = store_check_path(folder, err);
    if (rc)
        return rc;
    size_t length = strlen(folder);
    while (length && folder[length - 1] == '/')
        length--;
    b->folder = xstrndup(folder, length);
    b->below = xasprintf("%s/", b->folder);
    b->past = xasprintf("%s0", b->folder);
    return 0;
}

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

/* "2019", "2019-07", "2019-07-04". */
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

static int check_date(const char *text, struct error *err)
{
    if (is_date(text))
        return 0;
    AUTO_FREE char *name = text_printable(text, strnlen(text, 40));
    return error_set(err, ERR_INVALID,
                     "%s is not a date: write a year, a month or a day as 2019, 2019-07 or "
                     "2019-07-04",
                     name[0] ? name : "an empty text");
}

/* Dates compare as text. '~' comes after all that may follow a date's beginning, so that the day,
 * month or year named is included. */
static int set_dates(struct bounds *b, const char *from, const char *until, struct error *err)
{
    int rc = from ? check_date(from, err) : 0;
    if (!rc && until)
        rc = check_date(until, err);
    if (rc)
        return rc;
    if (from)
        snprintf(b->from, sizeof b->from, "%s", from);
    if (until)
        snprintf(b->until, sizeof b->until, "%s~", until);
    if (from && until && strcmp(b->from, b->until) >= 0)
        return error_set(err, ERR_INVALID,
                         "the dates leave nothing: %s comes after %s (exchange them)", from, until);
    return 0;
}

int bounds_init(const struct store_filter *filter, struct bounds *ret_bounds, struct error *err)
{
    struct bounds b = {.any = false};
    int rc = 0;
    if (filter && filter->folder)
        rc = set_folder(&b, filter->folder, err);
    if (!rc && filter)
        rc = set_dates(&b, filter->from, filter->until, err);
    if (!rc && filter && filter->label)
        rc = store_fold_name(filter->label, &b.label, err);
    if (rc) {
        bounds_release(&b);
        return rc;
    }
    b.any = b.folder || b.label || bounds_dated(&b);
    *ret_bounds = b;
    return 0;
}

void bounds_release(struct bounds *b)
{
    free(b->folder);
    free(b->below);
    free(b->past);
    free(b->label);
    *b = (struct bounds){.any = false};
}
