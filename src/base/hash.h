/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4) by libcrypto. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define HASH_BYTES 32
#define HASH_HEX_SIZE 65 /* 64 digits and the NUL */

struct hash; /* a running digest */

struct hash *hash_new(void);
void hash_add(struct hash *h, const void *data, size_t size);
/* Finishes and frees h. */
void hash_finish(struct hash *h, uint8_t ret_digest[HASH_BYTES]);
void hash_free(struct hash *h); /* frees h without a result; NULL is fine */

void hash_bytes(const void *data, size_t size, uint8_t ret_digest[HASH_BYTES]);
/* Reads the whole file; ERR_IO, ERR_NOT_FOUND, ERR_DENIED, ERR_INVALID when not a regular file. */
int hash_file(const char *path, uint8_t ret_digest[HASH_BYTES], struct error *err) MUST_CHECK;
/* Lower-case hexadecimal; returns ret_hex. */
char *hash_hex(const uint8_t digest[HASH_BYTES], char ret_hex[HASH_HEX_SIZE]);

/* The version of OpenSSL, such as "3.0.20". */
const char *hash_engine_version(void);
