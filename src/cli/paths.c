/* SPDX-License-Identifier: MIT */
/* Formats paths as the commands print them. */
#include "cli/paths.h"

#include <string.h>
#include <unistd.h>

#include "base/memory.h"

char *path_shorten(const char *path)
{
    AUTO_FREE char *here = getcwd(NULL, 0);
    size_t n = here ? strlen(here) : 0;
    if (n > 1 && strncmp(path, here, n) == 0 && path[n] == '/' && path[n + 1])
        return xstrdup(path + n + 1);
    return xstrdup(path);
}
