/* SPDX-License-Identifier: MIT */
/* Determines whether a stream is a terminal, its width, and whether it has colours. */
#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80
#define ROWS_DEFAULT 24
#define CELL_WIDTH_DEFAULT_PX 10
#define CELL_HEIGHT_DEFAULT_PX 20

bool terminal_is(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

size_t terminal_columns(FILE *stream)
{
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *given = getenv("COLUMNS");
    long columns = given ? strtol(given, NULL, 10) : 0;
    return columns > 0 && columns <= 1000 ? (size_t)columns : COLUMNS_DEFAULT;
}

struct terminal_cells terminal_cells(FILE *stream)
{
    struct terminal_cells cells = {(int)terminal_columns(stream), ROWS_DEFAULT,
                                   CELL_WIDTH_DEFAULT_PX, CELL_HEIGHT_DEFAULT_PX};
    struct winsize size;
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || !size.ws_col || !size.ws_row)
        return cells;
    cells.rows = size.ws_row;
    if (size.ws_xpixel >= size.ws_col && size.ws_ypixel >= size.ws_row) {
        cells.width_px = size.ws_xpixel / size.ws_col;
        cells.height_px = size.ws_ypixel / size.ws_row;
    }
    return cells;
}

bool terminal_obeys(FILE *stream)
{
    const char *kind = getenv("TERM");
    return kind && strcmp(kind, "dumb") != 0 && terminal_is(stream);
}

bool terminal_has_colour(FILE *stream)
{
    const char *refused = getenv("NO_COLOR");
    return !(refused && refused[0]) && terminal_obeys(stream);
}
