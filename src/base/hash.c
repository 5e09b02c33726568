/* SPDX-License-Identifier: MIT */
/* SHA-256 of bytes and of files, by libcrypto. */
#include "base/hash.h"

/* These functions allocate nothing and so cannot fail; their OpenSSL 3 successor can, and crashes
 * in places when memory runs out. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <unistd.h>

#include "base/file.h"

struct hash {
    SHA256_CTX context;
};

struct hash *hash_new(void)
{
    struct hash *h = xmalloc(sizeof *h);
    SHA256_Init(&h->context);
    return h;
}

void hash_add(struct hash *h, const void *data, size_t size)
{
    SHA256_Update(&h->context, data, size);
}

void hash_free(struct hash *h)
{
    free(h);
}

void hash_finish(struct hash *h, uint8_t ret_digest[HASH_BYTES])
{
    SHA256_Final(ret_digest, &h->context);
    hash_free(h);
}

void hash_bytes(const void *data, size_t size, uint8_t ret_digest[HASH_BYTES])
{
    struct hash *h = hash_new();
    hash_add(h, data, size);
    hash_finish(h, ret_digest);
}

int hash_file(const char *path, uint8_t ret_digest[HASH_BYTES], struct error *err)
{
    enum { CHUNK = 1 << 20 };
    int fd;
    size_t size;
    int rc = file_open_regular(path, &fd, &size, err);
    if (rc)
        return rc;
    AUTO_FREE char *chunk = xmalloc(CHUNK);
    struct hash *h = hash_new();
    ssize_t n;
    while ((n = read(fd, chunk, CHUNK)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int number = errno;
            hash_free(h);
            close(fd);
            return error_errno(err, number, "cannot read %s", path);
        }
        hash_add(h, chunk, (size_t)n);
    }
    close(fd);
    hash_finish(h, ret_digest);
    return 0;
}

char *hash_hex(const uint8_t digest[HASH_BYTES], char ret_hex[HASH_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < HASH_BYTES; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[2 * HASH_BYTES] = '\0';
    return ret_hex;
}

const char *hash_engine_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}
