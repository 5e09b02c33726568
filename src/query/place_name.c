/* SPDX-License-Identifier: MIT */
/* Compares names of towns and regions with what people type. */
#include "query/place_name.h"

#include <string.h>

#include "base/memory.h"
#include "query/written.h"

char *place_name_fold(const char *name)
{
    AUTO_FREE char *folded = written_fold(name, strlen(name));
    char *spaced = xasprintf(" %s ", folded);
    for (char *c = spaced; *c; c++)
        if (strchr(PLACE_SEPARATORS, *c))
            *c = ' ';
    return spaced;
}

bool place_name_has(const char *name, const char *folded)
{
    AUTO_FREE char *own = place_name_fold(name);
    return strstr(own, folded) != NULL;
}
