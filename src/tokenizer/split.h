/* SPDX-License-Identifier: MIT */
/* Words of normalised text, as CLIP's pattern finds them:
 *
 *     <|endoftext|> | 's | 't | 're | 've | 'm | 'll | 'd | letters | one digit | other signs
 *
 * where letters are \p{L}+, a digit is \p{N} and other signs are [^\s\p{L}\p{N}]+; white space
 * (Unicode's White_Space) only separates. The written-out end token falls apart again into "<|",
 * "endoftext" and "|>", as it does in Hugging Face's tokenizer, whose byte-level step splits what
 * the first pattern found. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct splitter {
    const char *text;
    size_t length;
    size_t at;
    size_t fence; /* no word reaches from before to behind this offset */
};

struct word {
    const char *text;
    size_t length;
};

/* `text` is UTF-8. False at the end. */
bool splitter_next(struct splitter *s, struct word *ret_word);
