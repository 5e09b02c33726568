/* SPDX-License-Identifier: MIT */
/* Parses and formats a box in a photo, in pixels or percent. */
#include "cli/box.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* People round percentages: 33.4 and 66.7 add up to 100.1. */
#define ROUNDED 0.002

bool box_is_meant(const char *text)
{
    return strchr(text, ',') && text[strspn(text, "0123456789.,%+- ")] == '\0';
}

/* Reads a number >= 0 without exponent; returns the text after it, or NULL if there is none. */
static const char *read_number(const char *text, double *ret_number)
{
    double value = 0, unit = 1;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (*at - '0');
    size_t digits = (size_t)(at - text);
    if (*at == '.')
        for (at++; *at >= '0' && *at <= '9'; at++, digits++)
            value += (unit /= 10) * (*at - '0');
    *ret_number = value;
    return digits ? at : NULL;
}

static int refuse_misspelt(const char *text, struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "invalid box '%s': write LEFT,TOP,WIDTH,HEIGHT in pixels (120,80,200,260) "
                     "or in percent (10%%,20%%,30%%,40%%)",
                     text);
}

/* Reads four numbers as fractions of the photo. */
static int read_fractions(const char *text, const int size_px[2], double ret_numbers[4],
                          struct error *err)
{
    const char *at = text;
    for (int i = 0; i < 4; i++) {
        double number;
        at = read_number(at + strspn(at, " "), &number);
        if (!at)
            return refuse_misspelt(text, err);
        bool percent = *at == '%';
        if (!percent && size_px[i % 2] <= 0)
            return error_set(err, ERR_INVALID,
                             "cannot use a box in pixels: the size of this photo is unknown; "
                             "give the box in percent (10%%,20%%,30%%,40%%)");
        ret_numbers[i] = number / (percent ? 100 : size_px[i % 2]);
        at += percent;
        at += strspn(at, " ");
        if (*at != (i < 3 ? ',' : '\0'))
            return refuse_misspelt(text, err);
        at += i < 3;
    }
    return 0;
}

int box_parse(const char *text, int photo_width, int photo_height, struct store_box *ret_box,
              struct error *err)
{
    const int size_px[2] = {photo_width, photo_height};
    double n[4];
    int rc = read_fractions(text, size_px, n, err);
    if (rc)
        return rc;
    if (!(n[2] > 0 && n[3] > 0))
        return error_set(err, ERR_INVALID,
                         "invalid box %s: it is empty; width and height must "
                         "be greater than 0",
                         text);
    if (n[0] + n[2] > 1 + ROUNDED || n[1] + n[3] > 1 + ROUNDED)
        return error_set(err, ERR_INVALID,
                         "invalid box %s: it extends beyond the photo, which is %d x %d pixels",
                         text, photo_width, photo_height);
    *ret_box = (struct store_box){n[0], n[1], fmin(n[2], 1 - n[0]), fmin(n[3], 1 - n[1])};
    return 0;
}

char *box_format(char *ret_text, size_t size, const struct store_box *box)
{
    double tenths[] = {box->x, box->y, box->width, box->height};
    for (int i = 0; i < 4; i++)
        tenths[i] = round(tenths[i] * 1000) / 10;
    snprintf(ret_text, size, "%g%%,%g%%,%g%%,%g%%", tenths[0], tenths[1], tenths[2], tenths[3]);
    return ret_text;
}
