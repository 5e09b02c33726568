/* SPDX-License-Identifier: MIT */
/* Recognises texts in languages with Latin letters that a model does not read. Private to search/.
 *
 * A word is evidence for a language if it is in the list of its words (language_words.h), or if its
 * groups of three letters are more frequent in that list than in the English one; it is evidence
 * against all of them if it is an English word or one of the frequent words of the model's
 * vocabulary. Words with a capital letter count little, because they may be names. A text of one
 * or two words is recognised only by listed words, and one whose words all have capitals not at
 * all.
 *
 * Calling an English query foreign does more harm than missing a foreign one, so the threshold is
 * high. Measured: none of the 1,931 captions of Flickr8k and COCO in ../shared/photos, and none of
 * 7,577 parts of them, of one to four words without articles and prepositions, is called foreign.
 * Of 242 texts of three to seven words in nine languages, 95 % are recognised. Some words were
 * added to the lists after these texts had been missed: before that, 75 % of the 40 that were
 * written last, with many words that English also has, were recognised. */
#pragma once

#include "clip/clip.h"

/* Returns the English name of the language that a well-formed text is in ("German"), or NULL if it
 * is English, unknown, or one that the model reads. `rest` (may be NULL) is the loosely folded text
 * without words that do not count, such as names of labels. */
const char *language_of(const struct clip *clip, const char *text, const char *rest);
