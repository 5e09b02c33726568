/* SPDX-License-Identifier: MIT */
/* Guesses when a photo was taken from the name of its file, which cameras, phones and messengers
 * write dates into. */
#pragma once

#include <stdbool.h>

/* Finds a date in the last component of `path`: "IMG_20190704_183000.jpg",
 * "IMG-20190704-WA0001.jpg", "signal-2019-07-04-18-30-00-123.jpg", "Screenshot 2019-07-04
 * at 6.30.00 PM.png". Gives "2019-07-04T18:30:00", or "2019-07-04" if the name has no time after
 * the day. The digits of the day must not be part of a longer number, and years before 1990 are
 * numbers of another kind. False if there is none. */
bool name_date_parse(const char *path, char ret_date[32]);
