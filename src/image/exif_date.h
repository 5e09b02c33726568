/* SPDX-License-Identifier: MIT */
/* Dates as programs write them into pictures, to RFC 3339. */
#pragma once

#include <stdbool.h>

/* "2019:07:04 18:30:00" and what else is found in files for it: '-', '/', '.' between, blanks for
 * zeros, "6:30:00 PM", "18:30", fractions of a second, a zone behind it, only a day; also "4 Jul
 * 2019 18:30:00 +0200" and "Thu Jul 4 18:30:00 2019".
 *
 * Gives "2019-07-04T18:30:00", with "+02:00" after it where the text has a zone, or "2019-07-04"
 * when the day is certain and the time missing or impossible (second 60 is second 59). False when
 * there is no possible day, or the date is one that devices write which do not know it: the zero of
 * a computer's clock (1 January 1970, 1 January 1980, a year before photography), or noon of 8
 * December 2002 (Android). */
bool exif_date_parse(const char *text, char ret_date[32]);

/* "+02:00" or "Z" to "+02:00"; zones run from -12:00 to +14:00. */
bool exif_date_zone(const char *text, char ret_zone[8]);
