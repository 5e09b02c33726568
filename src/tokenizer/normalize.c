/* SPDX-License-Identifier: MIT */
/* Normalizes text to NFC in lower case. */
#include "tokenizer/normalize.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "tokenizer/utf8.h"

/* No character's canonical decomposition has more code points (Unicode Standard Annex 15). */
enum { MAX_DECOMPOSITION = 4 };

static bool is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] & 0x80)
            return false;
    }
    return true;
}

static char *lower_ascii(const char *text, size_t length)
{
    char *lower = xstrndup(text, length);
    for (size_t i = 0; i < length; i++) {
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] |= 32;
    }
    return lower;
}

static size_t decompose_text(const char *text, size_t length, utf8proc_int32_t *ret_codes,
                             size_t cap)
{
    size_t count = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t used = text_decode(text + at, length - at, &code);
        utf8proc_ssize_t n =
            used == 0 ? -1
                      : utf8proc_decompose_char((utf8proc_int32_t)code, ret_codes + count,
                                                (utf8proc_ssize_t)(cap - count), UTF8PROC_DECOMPOSE,
                                                NULL);
        if (n < 0 || (size_t)n > cap - count)
            BUG("a character of checked text does not decompose");
        count += (size_t)n;
        at += used;
    }
    return count;
}

static int combining_class(utf8proc_int32_t code)
{
    return utf8proc_get_property(code)->combining_class;
}

/* Sorts a run of combining marks by class with a stable counting sort, so that a long hostile run
 * costs no more per mark than a short one. */
static void sort_marks(utf8proc_int32_t *marks, size_t n, utf8proc_int32_t *scratch)
{
    size_t starts[257] = {0};
    for (size_t i = 0; i < n; i++)
        starts[combining_class(marks[i]) + 1]++;
    for (int c = 0; c < 256; c++)
        starts[c + 1] += starts[c];
    for (size_t i = 0; i < n; i++)
        scratch[starts[combining_class(marks[i])]++] = marks[i];
    memcpy(marks, scratch, n * sizeof *marks);
}

static void order_marks(utf8proc_int32_t *codes, size_t count)
{
    AUTO_FREE utf8proc_int32_t *scratch = xmalloc((count + 1) * sizeof *scratch);
    for (size_t at = 0; at < count;) {
        size_t end = at;
        while (end < count && combining_class(codes[end]) != 0)
            end++;
        if (end - at > 1)
            sort_marks(codes + at, end - at, scratch);
        at = end + 1;
    }
}

static char *lower_codes(const utf8proc_int32_t *codes, size_t count, size_t *ret_length)
{
    enum { CAPITAL_I_WITH_DOT = 0x130, DOT_ABOVE = 0x307 };
    char *text = xmalloc(4 * count + 1);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == CAPITAL_I_WITH_DOT) {
            text[used++] = 'i';
            used += utf8_encode(DOT_ABOVE, text + used);
        } else {
            used += utf8_encode((uint32_t)utf8proc_tolower(codes[i]), text + used);
        }
    }
    text[used] = '\0';
    *ret_length = used;
    return text;
}

char *normalize_text(const char *text, size_t length, size_t *ret_length)
{
    if (is_ascii(text, length)) {
        *ret_length = length;
        return lower_ascii(text, length);
    }
    size_t cap = MAX_DECOMPOSITION * length;
    AUTO_FREE utf8proc_int32_t *codes = xmalloc(cap * sizeof *codes);
    size_t count = decompose_text(text, length, codes, cap);
    order_marks(codes, count);
    utf8proc_ssize_t composed = utf8proc_normalize_utf32(codes, (utf8proc_ssize_t)count,
                                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (composed < 0)
        BUG("utf8proc cannot compose: %s", utf8proc_errmsg(composed));
    return lower_codes(codes, (size_t)composed, ret_length);
}
