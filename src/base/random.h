/* SPDX-License-Identifier: MIT */
/* Random numbers from the kernel. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* From 1 to 2^63 - 1. */
int64_t random_id(void);
/* Writes 2 * bytes lower-case hexadecimal digits and a NUL into ret_text. From 16 bytes on the name
 * cannot be guessed. At most 64 bytes. */
void random_hex(char *ret_text, size_t bytes);
