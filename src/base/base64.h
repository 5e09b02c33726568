/* SPDX-License-Identifier: MIT */
/* Base64 (RFC 4648, section 4): the alphabet with + and /, padded, on one line. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* NUL-terminated; (size + 2) / 3 * 4 characters. The caller frees. */
char *base64_encode(const void *data, size_t size);
