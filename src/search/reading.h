/* SPDX-License-Identifier: MIT */
/* What of a text the model can read: words in the scripts that it learned. Private to search/.
 *
 * A model that learned English captions gives a vector to any text, and it is as far from unrelated
 * photos as a good one; only the letters tell that nothing was understood. So letters of other
 * scripts are left out of what the model sees, and where they are the larger part of what is asked,
 * the whole is not read. A Chinese character counts as three letters, a syllable of Japanese or
 * Korean as two. Digits, signs and emoji belong to no script.
 *
 * Other languages in Latin letters cannot be told apart from names and rare words so: they are not
 * noticed. */
#pragma once

#include <stdbool.h>

#include "clip/clip.h"

/* How much of a well-formed text is in scripts that the model does not read. */
struct reading {
    bool none; /* the larger part, or all */
    bool some; /* any letter */
};
struct reading reading_of(const struct clip *clip, const char *text);

/* The text without letters that the model does not read, and what belongs to them; as it is when
 * none would be left. The caller frees. */
char *reading_readable(const struct clip *clip, const char *text);
