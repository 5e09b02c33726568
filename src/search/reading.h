/* SPDX-License-Identifier: MIT */
/* Determines the part of a text that the model can read: words in the scripts and in the language
 * of its training data. Private to search/.
 *
 * A model that was trained on English captions gives a vector to any text, and the vector of a text
 * it does not understand is as far from unrelated photos as a good one, so only the letters show
 * the difference. Therefore letters of other scripts are removed before the model sees the text,
 * and if they are the larger part of a query, the whole query counts as unread. A Chinese character
 * counts as three letters, a syllable of Japanese or Korean as two. Digits, signs and emoji belong
 * to no script. Languages in Latin letters are told by their words (search/language.h). */
#pragma once

#include <stdbool.h>

#include "clip/clip.h"

/* The extent to which a well-formed text is in scripts or a language that the model does not read.
 */
struct reading {
    bool none;            /* the larger part of the letters, or all, or the language */
    bool some;            /* at least one letter */
    const char *language; /* its English name; NULL: English, not recognised, or read */
};
struct reading reading_of(const struct clip *clip, const char *text);
/* The same for the part `rest` of a text, which is loosely folded and has '.' in place of names. */
struct reading reading_of_rest(const struct clip *clip, const char *text, const char *rest);

/* Returns the text without letters that the model does not read and without their marks; returns it
 * unchanged if no letter would remain. The caller frees it. */
char *reading_readable(const struct clip *clip, const char *text);
