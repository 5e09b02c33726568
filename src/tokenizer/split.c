/* SPDX-License-Identifier: MIT */
/* Splits normalized text into words by CLIP's pattern. */
#include "tokenizer/split.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/error.h"
#include "base/text.h"

enum kind { SPACE, LETTER, DIGIT, SIGN };

static bool is_space(uint32_t code)
{
    return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

static enum kind kind_of(uint32_t code)
{
    if (is_space(code))
        return SPACE;
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return DIGIT;
    default:
        return SIGN;
    }
}

/* The kind of the character at s->at; *ret_bytes is its length. */
static enum kind kind_at(const struct splitter *s, size_t at, size_t *ret_bytes)
{
    uint32_t code;
    *ret_bytes = text_decode(s->text + at, s->length - at, &code);
    if (*ret_bytes == 0)
        BUG("text was not checked");
    return kind_of(code);
}

static bool starts_with(const struct splitter *s, const char *what)
{
    size_t n = strlen(what);
    return s->length - s->at >= n && memcmp(s->text + s->at, what, n) == 0;
}

/* Length in bytes of the contraction at s->at, or 0. */
static size_t contraction_length(const struct splitter *s)
{
    static const char *const endings[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    if (s->text[s->at] != '\'')
        return 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (starts_with(s, endings[i]))
            return strlen(endings[i]);
    }
    return 0;
}

/* Length in bytes of the longest run of one kind at s->at, up to the fence. */
static size_t run_length(const struct splitter *s, enum kind kind)
{
    size_t stop = s->fence > s->at ? s->fence : s->length, at = s->at, n;
    while (at < stop && kind_at(s, at, &n) == kind)
        at += n;
    return at - s->at;
}

bool splitter_next(struct splitter *s, struct word *ret_word)
{
    static const char end_token[] = "<|endoftext|>";
    s->at += run_length(s, SPACE);
    if (s->at == s->length)
        return false;
    if (starts_with(s, end_token))
        s->fence = s->at + strlen(end_token);
    size_t n = contraction_length(s);
    if (n == 0) {
        enum kind kind = kind_at(s, s->at, &n);
        if (kind != DIGIT)
            n = run_length(s, kind);
    }
    *ret_word = (struct word){s->text + s->at, n};
    s->at += n;
    return true;
}
