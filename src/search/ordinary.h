/* SPDX-License-Identifier: MIT */
/* Recognises common words, which are names only in the spelling of a name. Private to search/.
 *
 * A word is common if
 *
 * - it is in the list of ordinary_facts.c: words that are also names ("will", "rose"), and what
 *   captions are about; or a form of one that ends in -s, -es, -ing or -ed; or
 * - the model's vocabulary has it as one token among the first ORDINARY_TOKENS, which are the most
 *   frequent words of captions, and it is none of the given names among them ("john", "ana"). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clip/clip.h"

enum { ORDINARY_TOKENS = 6500 };

/* Returns whether the folded text is one common English word, such as "will", "rose" or "snow".
 * `clip`: the model of the gallery. */
bool ordinary_is_word(const struct clip *clip, const char *folded);
/* Returns whether it is one for each model. */
bool ordinary_is_listed(const char *folded);
/* Returns whether it is one of the ORDINARY_TOKENS, which are also names and words of other
 * languages. */
bool ordinary_is_frequent(const struct clip *clip, const char *folded);
/* Returns the i-th word of the list, NULL after the last. */
const char *ordinary_listed(size_t i);
