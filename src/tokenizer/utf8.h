/* SPDX-License-Identifier: MIT */
/* Encodes code points as UTF-8. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Writes 1 to 4 bytes, returns their number. `code` is at most 0x10FFFF and not a surrogate. */
static inline size_t utf8_encode(uint32_t code, char *ret_bytes)
{
    if (code < 0x80) {
        ret_bytes[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        ret_bytes[i] = (char)(0x80 | (code & 0x3F));
    ret_bytes[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | code);
    return n;
}
