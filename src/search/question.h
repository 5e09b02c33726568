/* SPDX-License-Identifier: MIT */
/* Extracts the part of a question that describes photos.
 *
 * CLIP was trained on captions, not on questions: words such as "what", "is" and "show me" only
 * move the vector of a text away from the matching photos. The table has the percentage of texts
 * that find their photo among the 1, 5 and 10 best. The photos are not in mini's training set;
 * eight templates turn their captions into questions ("What is the dog doing in the snow?", "Which
 * photos show ...?").
 *
 *                                               as they are           cleaned
 *     3,168 questions, 125 photos (Flickr8k)    17.2 / 43.3 / 58.4    21.5 / 49.1 / 65.9
 *     1,332 questions, 60 photos (COCO)         17.4 / 35.7 / 50.9    19.5 / 40.6 / 54.4
 *     625 captions as they are (Flickr8k)       22.2 / 51.2 / 67.8    22.4 / 50.6 / 67.5
 *
 * Dropping articles and prepositions as well gives no improvement (21.0 / 49.7 / 65.7). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns the question without English question words, auxiliaries, pronouns and requests for
 * photos, as a text for search_request; returns the whole question if no other words remain. Other
 * languages stay unchanged. `question` is UTF-8; the caller frees the result. */
char *search_question_text(const char *question);
/* Returns whether a word of `length` bytes is one of those. */
bool question_drops(const char *word, size_t length);
