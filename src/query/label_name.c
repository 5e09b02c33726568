/* SPDX-License-Identifier: MIT */
/* Normalises names of labels for comparison. */
#include "query/label_name.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

static bool has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f)
            return true;
    return false;
}

char *label_name_trim(const char *name)
{
    name += strspn(name, " ");
    size_t length = strlen(name);
    while (length && name[length - 1] == ' ')
        length--;
    return xstrndup(name, length);
}

int label_name_fold(const char *name, char **ret_folded, struct error *err)
{
    size_t length = strlen(name);
    if (length > LIMIT_LABEL_NAME_BYTES)
        return error_set(err, ERR_INVALID, "a name of %zu bytes is too long: %d at most", length,
                         LIMIT_LABEL_NAME_BYTES);
    if (!text_is_utf8(name, length) || has_control(name)) {
        AUTO_FREE char *shown = text_printable(name, length);
        return error_set(err, ERR_INVALID,
                         "the name %s contains control or invalid characters: leave them out",
                         shown);
    }
    AUTO_FREE char *folded = text_fold(name); /* converts other kinds of spaces to ' ' */
    AUTO_FREE char *trimmed = label_name_trim(folded);
    if (!trimmed[0])
        return error_set(err, ERR_INVALID, "the name is empty: say who or what it is");
    *ret_folded = trimmed;
    trimmed = NULL;
    return 0;
}
