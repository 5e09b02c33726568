/* SPDX-License-Identifier: MIT */
/* Decodes, repairs, folds, splits and measures UTF-8 text of unknown origin. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "base/memory.h"

size_t text_decode(const char *text, size_t length, uint32_t *ret_code)
{
    const uint8_t *s = (const uint8_t *)text;
    if (s[0] < 0x80) {
        *ret_code = s[0];
        return 1;
    }
    size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || length < n)
        return 0;
    uint32_t code = s[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3F);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *ret_code = code;
    return n;
}

bool text_is_utf8(const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t n = text_decode(text + at, length - at, &code);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

size_t text_copy(char *ret_text, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        size_t start = length;
        while (start > 0 && length - start < 3 && (text[start] & 0xC0) == 0x80)
            start--;
        if ((text[start] & 0xC0) != 0x80)
            length = start;
    }
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
    return length;
}

char *text_printable(const char *text, size_t length)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
    char *out = xmalloc(3 * length + 1);
    size_t used = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t n = text_decode(text + at, length - at, &code);
        if (n == 0) {
            memcpy(out + used, replacement, 3);
            used += 3;
            at++;
        } else if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
            out[used++] = '?';
            at += n;
        } else {
            memcpy(out + used, text + at, n);
            used += n;
            at += n;
        }
    }
    out[used] = '\0';
    return out;
}

/* NULL if `text` is not UTF-8. */
static char *fold_valid(const char *text)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                     UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                         UTF8PROC_CASEFOLD | UTF8PROC_IGNORE); /* NFKC_Casefold */
    if (n == UTF8PROC_ERROR_NOMEM)
        memory_exhausted(strlen(text));
    return n < 0 ? NULL : (char *)folded;
}

char *text_fold(const char *text)
{
    char *folded = fold_valid(text);
    if (folded)
        return folded;
    AUTO_FREE char *valid = text_printable(text, strlen(text));
    return fold_valid(valid);
}

/* Scripts that write words without spaces between them, or attach particles to them. */
static bool is_unspaced(uint32_t code)
{
    static const uint32_t ranges[][2] = {
        {0x0E00, 0x0EFF},   /* Thai, Lao */
        {0x1000, 0x109F},   /* Myanmar */
        {0x1100, 0x11FF},   /* Hangul */
        {0x1780, 0x17FF},   /* Khmer */
        {0x2E80, 0xA4CF},   /* radicals, kana, bopomofo, ideographs, Yi */
        {0xAC00, 0xD7FF},   /* Hangul */
        {0xF900, 0xFAFF},   /* ideographs */
        {0x20000, 0x3FFFF}, /* ideographs */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

/* Whether the character belongs to the same word as an adjacent one of the same kind. */
static bool is_in_word(uint32_t code)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO &&
           !is_unspaced(code);
}

/* Whether there is a word boundary at `at`, which is inside [text, end]. */
static bool is_word_edge(const char *text, const char *at, const char *end)
{
    uint32_t before, after;
    const char *start = at;
    if (at == text || at == end)
        return true;
    do
        start--;
    while (start > text && ((uint8_t)*start & 0xC0) == 0x80);
    return !text_decode(start, (size_t)(at - start), &before) ||
           !text_decode(at, (size_t)(end - at), &after) || !is_in_word(before) ||
           !is_in_word(after);
}

const char *text_find_words(const char *text, const char *from, const char *words)
{
    size_t n = strlen(words);
    const char *end = from + strlen(from);
    for (const char *at = n ? strstr(from, words) : NULL; at; at = strstr(at + 1, words))
        if (is_word_edge(text, at, end) && is_word_edge(text, at + n, end))
            return at;
    return NULL;
}

char *text_bytes(char *ret_text, size_t size, uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 999.95 && unit < 4; unit++)
        value /= 1000;
    snprintf(ret_text, size, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    return ret_text;
}

char *text_duration(char *ret_text, size_t size, double seconds)
{
    long s = seconds > 0 ? (long)(seconds + 0.5) : 0;
    if (s < 60)
        snprintf(ret_text, size, "%ld s", s);
    else if (s < 3600)
        snprintf(ret_text, size, "%ld min %ld s", s / 60, s % 60);
    else
        snprintf(ret_text, size, "%ld h %ld min", s / 3600, s / 60 % 60);
    return ret_text;
}

size_t text_columns(const char *text)
{
    size_t length = strlen(text), columns = 0;
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t n = text_decode(text + at, length - at, &code);
        int width = n ? utf8proc_charwidth((utf8proc_int32_t)code) : 1;
        columns += width > 0 ? (size_t)width : 0;
        at += n ? n : 1;
    }
    return columns;
}
