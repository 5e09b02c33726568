/* SPDX-License-Identifier: MIT */
/* Properties of the output of a stream: whether it is a terminal, its width, and whether it has
 * colours. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool terminal_is(FILE *stream);
/* Columns of the stream's terminal; $COLUMNS or 80 if there is none. */
size_t terminal_columns(FILE *stream);

struct terminal_cells {
    int columns, rows;       /* of the terminal */
    int width_px, height_px; /* of one character */
};
/* The size of the stream's terminal; 80 x 24 of 10 x 20 px if it is unknown. */
struct terminal_cells terminal_cells(FILE *stream);

/* Whether the terminal supports escape sequences: not a "dumb" one. */
bool terminal_obeys(FILE *stream);
/* The same, unless NO_COLOR is set (https://no-color.org). */
bool terminal_has_colour(FILE *stream);
