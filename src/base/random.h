/* SPDX-License-Identifier: MIT */
/* Numbers from the kernel that nobody else has. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* From 1 to 2^63 - 1. */
int64_t random_id(void);
/* 2 * bytes lower-case hexadecimal digits and a NUL into ret_text: a name that cannot be guessed,
 * from 16 bytes on. At most 64 bytes. */
void random_hex(char *ret_text, size_t bytes);
