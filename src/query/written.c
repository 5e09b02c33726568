/* SPDX-License-Identifier: MIT */
/* Compares what is written about a photo with quoted words of a query. */
#include "query/written.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

char *written_fold(const char *text, size_t length)
{
    AUTO_FREE char *printable = text_printable(text, length);
    AUTO_FREE char *folded = text_fold_loosely(printable);
    char *begin = folded + strspn(folded, " ");
    size_t n = strlen(begin);
    while (n > 0 && begin[n - 1] == ' ')
        n--;
    return xstrndup(begin, n);
}

static bool is_ascii(const char *text, size_t length)
{
    unsigned char bits = 0;
    for (size_t i = 0; i < length; i++)
        bits |= (unsigned char)text[i];
    return bits < 0x80;
}

static unsigned char lower_byte(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c == '`' ? '\'' : c);
}

/* Folding an ASCII text changes nothing but its case. */
static bool ascii_has(const char *text, size_t length, const char *folded, size_t n)
{
    for (size_t at = 0; at + n <= length; at++) {
        size_t same = 0;
        while (same < n && lower_byte(text[at + same]) == (unsigned char)folded[same])
            same++;
        if (same == n)
            return true;
    }
    return false;
}

bool written_has(const char *text, size_t length, const char *folded)
{
    if (is_ascii(text, length))
        return ascii_has(text, length, folded, strlen(folded));
    AUTO_FREE char *printable = text_printable(text, length);
    AUTO_FREE char *own = text_fold_loosely(printable);
    return strstr(own, folded) != NULL;
}

/* ---- the letters ---- */

static size_t encode_letter(uint32_t code, char ret_text[4])
{
    if (code < 0x80) {
        ret_text[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : 3;
    for (size_t i = n; i-- > 1; code >>= 6)
        ret_text[i] = (char)(0x80 | (code & 0x3f));
    ret_text[0] = (char)((n == 2 ? 0xc0 : 0xe0) | code);
    return n;
}

void written_letters(char **ret_from, char **ret_to)
{
    static const uint32_t ranges[][2] = {
        {'A', 'Z'},       {'`', '`'},       {0xa1, 0x587},    {0x10a0, 0x10ff},
        {0x1e00, 0x1eff}, {0x2018, 0x201b}, {0x2032, 0x2032}, {0x2c00, 0x2cff},
    };
    enum { LETTERS = 3000, BYTES = 3 * LETTERS };
    char *from = xcalloc(1, BYTES), *to = xcalloc(1, BYTES);
    size_t used = 0, used_to = 0;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (uint32_t code = ranges[i][0]; code <= ranges[i][1]; code++) {
            char letter[5] = "";
            uint32_t first;
            size_t n = encode_letter(code, letter);
            AUTO_FREE char *folded = text_fold_loosely(letter);
            size_t length = strlen(folded);
            if (strcmp(folded, letter) == 0 || !length ||
                text_decode(folded, length, &first) != length)
                continue;
            memcpy(from + used, letter, n);
            memcpy(to + used_to, folded, length);
            used += n;
            used_to += length;
        }
    *ret_from = from;
    *ret_to = to;
}

/* ---- facts ---- */

const struct fact *written_fact(size_t i)
{
    static const char *const names[] = {"title", "description", "keywords", "place",
                                        "town",  "city",        "region",   "country"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const struct fact *fact = fact_find(names[k]);
        if (fact && fact->since > 0 && fact_is_text(fact) && i-- == 0)
            return fact;
    }
    return NULL;
}
