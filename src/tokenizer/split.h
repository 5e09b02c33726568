/* SPDX-License-Identifier: MIT */
/* Splits normalized text into words by CLIP's pattern:
 *
 *     <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | letters | one digit | other signs
 *
 * where letters are \p{L}+, a digit is \p{N} and other signs are [^\s\p{L}\p{N}]+; white space
 * (Unicode's White_Space) only separates. A literal end token is split again into "<|",
 * "endoftext" and "|>", as in Hugging Face's tokenizer, whose byte-level step splits the matches
 * of the first pattern. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct splitter {
    const char *text;
    size_t length;
    size_t at;
    size_t fence; /* no word extends across this offset */
};

struct word {
    const char *text;
    size_t length;
};

/* `text` is UTF-8. False at the end. */
bool splitter_next(struct splitter *s, struct word *ret_word);
