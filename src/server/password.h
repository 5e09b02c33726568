/* SPDX-License-Identifier: MIT */
/* Passwords as Argon2id hashes (RFC 9106), by libsodium. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* "$argon2id$v=19$m=65536,t=2,p=1$...": for the caller to free. Takes 64 MiB and some 100 ms.
 * ERR_INVALID: shorter than 8 characters or longer than 1000; ERR_NO_MEMORY. */
int password_hash(const char *password, char **ret_hash, struct error *err) MUST_CHECK;
/* Whether the password is right. Takes as long as password_hash. */
bool password_fits(const char *password, const char *hash);
/* Whether the text has the form of such a hash. */
bool password_is_hash(const char *text);

/* Whether two secrets are equal, in constant time. */
bool password_same(const char *a, const char *b);

/* The version of libsodium, such as "1.0.18". */
const char *password_engine_version(void);
