/* SPDX-License-Identifier: MIT */
/* Queries a terminal for its capabilities. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Requests the primary device attributes (ECMA-48 DA, answered by all descendants of the VT100)
 * and waits at most a second: true if they include sixel graphics. Returns false without a request
 * unless both stdin and the stream are the terminal, in the foreground, and no input is pending.
 * Call it before threads are started: signals are delayed while the terminal does not echo. */
bool terminal_shows_sixel(FILE *stream);

/* Whether the answer, "ESC [ ? 62 ; 4 ; 22 c", lists attribute 4, sixel graphics. The answer is
 * untrusted. */
bool terminal_answer_has_sixel(const char *answer, size_t size);
