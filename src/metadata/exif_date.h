/* SPDX-License-Identifier: MIT */
/* Converts dates as programs write them into pictures to RFC 3339. */
#pragma once

#include <stdbool.h>

/* Parses "2019:07:04 18:30:00" and the variations found in files: '-', '/', '.' as separators,
 * blanks for zeros, "6:30:00 PM", "18:30", fractions of a second, a zone after it, only a day;
 * also "4 Jul 2019 18:30:00 +0200" and "Thu Jul 4 18:30:00 2019".
 *
 * Gives "2019-07-04T18:30:00", with "+02:00" after it if the text has a zone, or "2019-07-04" if
 * the day is certain and the time is missing or impossible (second 60 becomes second 59). Returns
 * false if there is no possible day, or the date is a default of devices without a set clock: the
 * zero of a computer's clock (1 January 1970, 1 January 1980, a year before photography), or noon
 * of 8 December 2002 (Android). */
bool exif_date_parse(const char *text, char ret_date[32]);

/* Parses "+02:00" or "Z" to "+02:00"; zones range from -12:00 to +14:00. */
bool exif_date_zone(const char *text, char ret_zone[8]);
