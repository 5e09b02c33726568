/* SPDX-License-Identifier: MIT */
/* What stands at the other end of a stream: a terminal, how wide, with colours or not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

bool terminal_is(FILE *stream);
/* Columns of the terminal behind the stream; $COLUMNS or 80 when there is none. */
size_t terminal_columns(FILE *stream);

struct terminal_cells {
    int columns, rows;       /* of the terminal */
    int width_px, height_px; /* of one character */
};
/* Of the terminal behind the stream; 80 x 24 of 10 x 20 px where it does not say. */
struct terminal_cells terminal_cells(FILE *stream);

/* A terminal that obeys escape sequences: not a "dumb" one. */
bool terminal_obeys(FILE *stream);
/* On such a terminal, unless NO_COLOR is set (https://no-color.org). */
bool terminal_has_colour(FILE *stream);
