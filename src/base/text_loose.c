/* SPDX-License-Identifier: MIT */
/* Folds names as people type them: without accents, with any apostrophe. */
#include <string.h>
#include <utf8proc.h>

#include "base/memory.h"
#include "base/text.h"

#define LAST_WITH_ACCENTS \
    0x052F /* of Latin, Greek and Cyrillic; marks of other scripts are letters */

static bool is_accent(utf8proc_int32_t code, utf8proc_int32_t base)
{
    return code >= 0x300 && code <= 0x36F && base <= LAST_WITH_ACCENTS;
}

/* Letters whose stroke is not a combining mark, and characters used as apostrophes; the rest is
 * unchanged. */
static utf8proc_int32_t plain_of(utf8proc_int32_t code)
{
    static const struct {
        utf8proc_int32_t from, to;
    } known[] = {{0xF8, 'o'},    {0x142, 'l'},   {0x111, 'd'},   {0x131, 'i'},
                 {0x2018, '\''}, {0x2019, '\''}, {0x201B, '\''}, {0x2BC, '\''},
                 {0x2B9, '\''},  {0x2032, '\''}, {0x60, '\''},   {0xB4, '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].from == code)
            return known[i].to;
    return code;
}

char *text_fold_loosely(const char *text)
{
    AUTO_FREE char *folded = text_fold(text);
    utf8proc_uint8_t *parts = utf8proc_NFD((const utf8proc_uint8_t *)folded);
    if (!parts)
        memory_exhausted(strlen(folded));
    size_t size = strlen((const char *)parts), used = 0;
    char *out = xmalloc(size + 5);
    utf8proc_int32_t code, base = 0;
    for (size_t at = 0; at < size;) {
        utf8proc_ssize_t n = utf8proc_iterate(parts + at, (utf8proc_ssize_t)(size - at), &code);
        if (n <= 0)
            break;
        at += (size_t)n;
        if (is_accent(code, base))
            continue;
        base = code;
        used += (size_t)utf8proc_encode_char(plain_of(code), (utf8proc_uint8_t *)out + used);
    }
    out[used] = '\0';
    free(parts);
    return out;
}
