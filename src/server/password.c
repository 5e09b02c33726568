/* SPDX-License-Identifier: MIT */
/* Hashes and verifies passwords with Argon2id, by libsodium. */
#include "server/password.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define SHORTEST 8
#define LONGEST 1000

static void init(void)
{
    if (sodium_init() < 0)
        BUG("libsodium cannot start");
}

int password_hash(const char *password, char **ret_hash, struct error *err)
{
    char hash[crypto_pwhash_STRBYTES];
    size_t length = strlen(password);
    init();
    if (length < SHORTEST || length > LONGEST)
        return error_set(err, ERR_INVALID, "invalid password: it must have %d to %d characters",
                         SHORTEST, LONGEST);
    if (crypto_pwhash_str(hash, password, length, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return error_set(err, ERR_NO_MEMORY,
                         "cannot hash the password: out of memory (64 MiB "
                         "needed)");
    *ret_hash = xstrdup(hash);
    return 0;
}

bool password_is_hash(const char *text)
{
    static const char prefix[] = crypto_pwhash_STRPREFIX;
    return strncmp(text, prefix, sizeof prefix - 1) == 0 && strlen(text) < crypto_pwhash_STRBYTES;
}

bool password_fits(const char *password, const char *hash)
{
    char room[crypto_pwhash_STRBYTES] = {0}; /* the library reads the whole buffer */
    size_t length = strlen(password);
    init();
    if (length > LONGEST || !password_is_hash(hash))
        return false;
    memcpy(room, hash, strlen(hash));
    return crypto_pwhash_str_verify(room, password, length) == 0;
}

bool password_same(const char *a, const char *b)
{
    uint8_t digest_a[HASH_BYTES], digest_b[HASH_BYTES];
    hash_bytes(a, strlen(a), digest_a);
    hash_bytes(b, strlen(b), digest_b);
    return sodium_memcmp(digest_a, digest_b, HASH_BYTES) == 0;
}

const char *password_engine_version(void)
{
    return sodium_version_string();
}
