/* SPDX-License-Identifier: MIT */
/* Finds formats, extensions and media types in the table of decoders. */
#include "image/formats.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "image/decode.h"

static const struct picture_format *find_format(const char *name)
{
    for (size_t i = 0; i < decoder_count; i++)
        for (const struct picture_format *f = decoder_table[i]->formats; f->name; f++)
            if (strcmp(f->name, name) == 0)
                return f;
    return NULL;
}

bool format_is_known(const char *format)
{
    return find_format(format) != NULL;
}

const char *format_media_type(const char *format)
{
    const struct picture_format *found = find_format(format);
    return found ? found->media_type : NULL;
}

bool format_has_extension(const char *extension)
{
    for (size_t i = 0; i < decoder_count; i++)
        for (const char *const *e = decoder_table[i]->extensions; *e; e++)
            if (strcasecmp(*e, extension) == 0)
                return true;
    return false;
}

void format_list(char *ret_text, size_t size)
{
    size_t used = 0, left = 0;
    for (size_t i = 0; i < decoder_count; i++)
        for (const struct picture_format *f = decoder_table[i]->formats; f->name; f++)
            left++;
    ret_text[0] = '\0';
    for (size_t i = 0; i < decoder_count; i++)
        for (const struct picture_format *f = decoder_table[i]->formats; f->name; f++) {
            left--;
            const char *after = left > 1 ? ", " : left == 1 ? " or " : "";
            int n = snprintf(ret_text + used, size - used, "%s%s", f->label, after);
            used = (size_t)n < size - used ? used + (size_t)n : size - 1;
        }
}
