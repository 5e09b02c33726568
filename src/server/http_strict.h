/* SPDX-License-Identifier: MIT */
/* Whether the head of a request is one that every program on its way reads alike. Where two read it
 * differently, what one takes for a body is a further request to the other (request smuggling).
 *
 * Refused: names that are no tokens ("Transfer-Encoding :"), control characters in values, a NUL,
 * lines that end without a CR, lines that continue the one before. libmicrohttpd 1.0 refuses these
 * by itself; of 0.9, which reads them all, the layout of its buffer tells. */
#pragma once

#include <stdbool.h>

struct MHD_Connection;

/* Of the request line, as the library gave it (no copy): where the target ended, and the version.
 */
bool http_head_is_strict(struct MHD_Connection *mhd, const char *target_end, const char *version);
