/* SPDX-License-Identifier: MIT */
/* Normalizes text as CLIP's tokenizer requires: canonical composition (NFC), then lower case.
 *
 * Lower case is Unicode's mapping of each character on its own, as in Hugging Face's fast
 * tokenizer: U+0130 becomes two characters, and a capital sigma at a word's end becomes the
 * ordinary small one. Characters newer than utf8proc's Unicode (15.0 in utf8proc 2.8) keep their
 * case and count as signs; Hugging Face supports later versions. Runs of white space need not be
 * collapsed, because the splitter skips them. */
#pragma once

#include <stddef.h>

/* `text` is UTF-8. Returns a new string of *ret_length bytes, at most 12 times as long, which the
 * caller frees. */
char *normalize_text(const char *text, size_t length, size_t *ret_length);
