/* SPDX-License-Identifier: MIT */
/* The inside of a tokenizer, for tokenizer*.c only. */
#pragma once

#include "tokenizer/bpe.h"
#include "tokenizer/merges.h"
#include "tokenizer/tokenizer.h"

struct tokenizer {
    struct merges merges;
    struct alphabet alphabet;
    int32_t start_id, end_id;
    size_t vocab_size;
};
