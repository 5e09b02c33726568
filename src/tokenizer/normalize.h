/* SPDX-License-Identifier: MIT */
/* The text as CLIP's tokenizer wants it: canonical composition (NFC), then lower case.
 *
 * Lower case is Unicode's mapping of each character by itself, as Hugging Face's fast tokenizer
 * does it: U+0130 becomes two characters, and a capital sigma at a word's end becomes the ordinary
 * small one. Characters newer than utf8proc's Unicode (15.0 in utf8proc 2.8) keep their case and
 * count as signs; Hugging Face's know later versions. Runs of white space need not be collapsed:
 * the splitter drops them. */
#pragma once

#include <stddef.h>

/* `text` is UTF-8. A new string of *ret_length bytes, at most 12 times as long; the caller frees.
 */
char *normalize_text(const char *text, size_t length, size_t *ret_length);
