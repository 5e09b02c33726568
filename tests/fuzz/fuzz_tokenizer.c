/* SPDX-License-Identifier: MIT */
/* Vocabulary and merges: the input is vocab.json, a NUL, merges.txt. What is accepted must encode.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tokenizer/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t vocab_size = nul ? (size_t)(nul - data) : size;
    size_t merges_size = nul ? size - vocab_size - 1 : 0;
    AUTO(tokenizer) *t = NULL;
    struct error err = ERROR_INIT;
    if (tokenizer_parse(data, vocab_size, nul ? nul + 1 : data, merges_size, &t, &err))
        return err.code < 0 && err.message[0] ? 0 : (abort(), 0);
    int32_t ids[64];
    size_t count;
    bool truncated;
    if (tokenizer_encode(t, "The abc of ab's <|endoftext|> caf\xC3\xA9 123", 64, ids, &count,
                         &truncated, &err))
        abort();
    for (size_t i = 0; i < count; i++) {
        if (ids[i] < 0 || (size_t)ids[i] >= tokenizer_vocab_size(t))
            abort();
    }
    return 0;
}
