/* SPDX-License-Identifier: MIT */
/* Words by which language.c recognises languages. Private to search/. Each list is one text, with a
 * blank before and after each word. */
#pragma once

#include <stddef.h>

extern const char language_english_sure[];  /* which no text in another language has */
extern const char language_english_maybe[]; /* which may be of another language, such as "in" */
extern const char language_english_other[]; /* besides those of ordinary.h */
extern const char language_shared[]; /* words of other languages that English queries also have */
extern const char language_likely[]; /* ... that they seldom have */

struct language_list {
    const char *language; /* "German" */
    const char *words;    /* function words, and what photos show */
};
extern const struct language_list language_lists[]; /* ends with NULL */
