/* SPDX-License-Identifier: MIT */
/* What a question asks to see.
 *
 * CLIP learned captions, not questions: words such as "what", "is" and "show me" only take a text
 * away from the photos it speaks of. Of captions of photos that mini never saw, turned into
 * questions by eight templates ("What is the dog doing in the snow?", "Which photos show ...?"),
 * this many find their photo among the 1, 5 and 10 best:
 *
 *                                               as they are           cleaned
 *     3,168 questions, 125 photos (Flickr8k)    17.2 / 43.3 / 58.4    21.5 / 49.1 / 65.9
 *     1,332 questions, 60 photos (COCO)         17.4 / 35.7 / 50.9    19.5 / 40.6 / 54.4
 *     625 captions as they are (Flickr8k)       22.2 / 51.2 / 67.8    22.4 / 50.6 / 67.5
 *
 * Dropping articles and prepositions, too, gains nothing more (21.0 / 49.7 / 65.7). */
#pragma once

/* The question without English question words, auxiliaries, pronouns, and what asks for photos, as
 * a text for search_request; the question itself when nothing else is left. Other languages stay as
 * they are. `question` is UTF-8; the caller frees. */
char *search_question_text(const char *question);
