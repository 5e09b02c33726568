/* SPDX-License-Identifier: MIT */
/* Classifies a query by its script and language; see the header. */
#include "search/reading.h"

#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/language.h"

static bool is_letter(utf8proc_category_t category)
{
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

static bool is_mark(utf8proc_category_t category)
{
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

/* Returns the number of alphabetic letters that a character counts for. */
static size_t letter_weight(uint32_t code)
{
    bool is_han = (code >= 0x3400 && code < 0xA000) || (code >= 0xF900 && code < 0xFB00) ||
                  (code >= 0x20000 && code < 0x33480);
    bool is_syllable = (code >= 0x3040 && code < 0x3130) || (code >= 0xAC00 && code < 0xD7B0);
    return is_han ? 3 : is_syllable ? 2 : 1;
}

/* Iterates over a text; `foreign` is the class of the last letter, to which following marks belong.
 */
struct walk {
    const struct clip *clip;
    const char *at;
    size_t length; /* of the remaining text */
    bool foreign;
};

/* Returns the size of the next character in bytes, 0 at the end; *ret_weight is 0 if it is not a
 * letter. */
static size_t next_character(struct walk *walk, size_t *ret_weight)
{
    uint32_t code = 0;
    *ret_weight = 0;
    if (walk->length == 0)
        return 0;
    size_t n = text_decode(walk->at, walk->length, &code);
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)code);
    if (n > 0 && is_letter(category)) {
        *ret_weight = letter_weight(code);
        walk->foreign = !clip_reads_letter(walk->clip, code);
    } else if (n == 0 || !is_mark(category)) {
        walk->foreign = false;
    }
    n = n ? n : 1;
    walk->at += n;
    walk->length -= n;
    return n;
}

static struct reading read_letters(const struct clip *clip, const char *text)
{
    struct walk walk = {clip, text, strlen(text), false};
    size_t weight, read = 0, unread = 0;
    while (next_character(&walk, &weight) > 0)
        *(walk.foreign ? &unread : &read) += weight;
    return (struct reading){.none = unread > read, .some = unread > 0};
}

static void read_language(const struct clip *clip, const char *text, const char *rest,
                          struct reading *reading)
{
    reading->language = reading->none ? NULL : language_of(clip, text, rest);
    reading->none |= reading->language != NULL;
}

struct reading reading_of(const struct clip *clip, const char *text)
{
    struct reading reading = read_letters(clip, text);
    read_language(clip, text, NULL, &reading);
    return reading;
}

struct reading reading_of_rest(const struct clip *clip, const char *text, const char *rest)
{
    struct reading reading = read_letters(clip, rest);
    read_language(clip, text, rest, &reading);
    return reading;
}

char *reading_readable(const struct clip *clip, const char *text)
{
    struct walk walk = {clip, text, strlen(text), false};
    size_t n, weight, used = 0, letters = 0;
    char *readable = xmalloc(walk.length + 1);
    while ((n = next_character(&walk, &weight)) > 0) {
        if (!walk.foreign)
            memcpy(readable + used, walk.at - n, n);
        else if (used > 0 && readable[used - 1] != ' ')
            readable[used] = ' ', n = 1;
        else
            n = 0;
        used += n;
        letters += walk.foreign ? 0 : weight;
    }
    readable[used] = '\0';
    if (letters > 0)
        return readable;
    free(readable);
    return xstrdup(text);
}
