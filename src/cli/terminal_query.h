/* SPDX-License-Identifier: MIT */
/* What a terminal says of itself when asked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Asks for the primary device attributes (ECMA-48 DA, answered by everything that descends from the
 * VT100) and waits at most a second: true when sixel graphics are among them. False without asking
 * unless both stdin and the stream are the terminal, in the foreground, and nothing was typed
 * ahead. Call it before threads are started: signals wait while the terminal does not echo. */
bool terminal_shows_sixel(FILE *stream);

/* The answer, "ESC [ ? 62 ; 4 ; 22 c", lists attribute 4, sixel graphics. Anything may be given. */
bool terminal_answer_has_sixel(const char *answer, size_t size);
