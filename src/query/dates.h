/* SPDX-License-Identifier: MIT */
/* Checks days, months and years as people write them. Private to query/. */
#pragma once

#include "base/error.h"

/* ERR_INVALID unless `text` is "2019", "2019-07" or "2019-07-04", and such a day exists. */
int date_check(const char *text, struct error *err) MUST_CHECK;
