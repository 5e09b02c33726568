/* SPDX-License-Identifier: MIT */
/* merges.txt: the pairs of neighbouring tokens to merge, best first.
 *
 * A line is "LEFT RIGHT"; its number is the merge's rank. The file exists with and without a first
 * line "#version: ...", with Unix and DOS line ends, and with empty lines at its end: all forms
 * are accepted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_table.h"
#include "tokenizer/vocab.h"

struct merge {
    int32_t rank;   /* the lowest is merged first */
    int32_t result; /* id */
};

struct merge_rule {
    int32_t left, right, result; /* ids */
};

struct merges {
    struct merge_rule *rules; /* by rank */
    size_t count;
    struct hash_table table; /* of the rules, by left and right */
    bool borrowed;           /* both arrays are another's */
};

/* ERR_CORRUPT: a line that does not have two parts, a pair given twice, a part or a result that
 * the vocabulary lacks. ERR_LIMIT past LIMIT_VOCAB_BYTES or LIMIT_VOCAB_TOKENS lines. */
int merges_parse(const void *data, size_t size, const struct vocab *vocab,
                 struct merges *ret_merges, struct error *err) MUST_CHECK;
void merges_release(struct merges *m);

/* False if the two tokens do not merge. */
bool merges_find(const struct merges *m, int32_t left, int32_t right, struct merge *ret_merge);
