#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS_DEFAULT 80

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
