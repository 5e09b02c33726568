/* SPDX-License-Identifier: MIT */
/* Checks that every program on the way parses the head of a request alike. Where two parse it
 * differently, one takes for a body what is a second request to the other (request smuggling).
 * Refused: names that are no tokens ("Transfer-Encoding :"), control characters in values, a NUL,
 * lines that end without a CR, continuation lines. libmicrohttpd 1.0 refuses these itself; 0.9
 * accepts them all, but the layout of its buffer reveals them. */
#pragma once

#include <stdbool.h>

struct MHD_Connection;

/* From the request line as the library gave it (not a copy): where the target ended, and the
 * version. */
bool http_head_is_strict(struct MHD_Connection *mhd, const char *target_end, const char *version);
