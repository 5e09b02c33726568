/* SPDX-License-Identifier: MIT */
/* CLIP's byte-pair encoding: converts text to token ids, identical to Hugging Face's
 * CLIPTokenizer.
 *
 * The vocabulary (vocab.json) and merges (merges.txt) come with the model, or are those of another
 * model of the same family with fewer merges. A tokenizer is immutable and can be used by any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

struct tokenizer;

/* Reads FOLDER/vocab.json and FOLDER/merges.txt. ERR_NOT_FOUND, ERR_CORRUPT (a merge whose parts
 * or result the vocabulary lacks, ids not unique or out of range, no start or end token),
 * ERR_LIMIT. */
int tokenizer_open(const char *folder, struct tokenizer **ret_tokenizer,
                   struct error *err) MUST_CHECK;
/* The same from memory, for tests and fuzzing. */
int tokenizer_parse(const void *vocab, size_t vocab_size, const void *merges, size_t merges_size,
                    struct tokenizer **ret_tokenizer, struct error *err) MUST_CHECK;
/* A tokenizer as bytes that can be used as they are, for a cache: at a multiple of 4, in the byte
 * order of this machine. */
size_t tokenizer_packed_bytes(const struct tokenizer *t);
void tokenizer_pack(const struct tokenizer *t, void *ret_bytes);
/* From such bytes, which must outlive it. They are not trusted: ERR_CORRUPT if a table is of
 * another size or points outside; damage within yields other ids, all below vocab_size. */
int tokenizer_open_packed(const void *bytes, size_t size, struct tokenizer **ret_tokenizer,
                          struct error *err) MUST_CHECK;
void tokenizer_close(struct tokenizer *t); /* NULL is allowed */
DEFINE_AUTO(tokenizer, tokenizer_close)

/* 1 + the largest id. */
size_t tokenizer_vocab_size(const struct tokenizer *t);
int32_t tokenizer_end_id(const struct tokenizer *t);

/* Writes the start token, the text's tokens and the end token to ret_ids: at most `context` ids
 * (context >= 2), and their number to *ret_count. A longer text is cut but keeps its end token,
 * and *ret_truncated is set. ERR_INVALID if the text is not UTF-8; ERR_LIMIT past
 * LIMIT_QUERY_BYTES. */
int tokenizer_encode(const struct tokenizer *t, const char *text, size_t context, int32_t *ret_ids,
                     size_t *ret_count, bool *ret_truncated, struct error *err) MUST_CHECK;
