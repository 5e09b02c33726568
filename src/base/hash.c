#include "base/hash.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "base/file.h"

struct hash {
    EVP_MD_CTX *context;
};

struct hash *hash_new(void)
{
    struct hash *h = xmalloc(sizeof *h);
    h->context = EVP_MD_CTX_new();
    if (!h->context || !EVP_DigestInit_ex(h->context, EVP_sha256(), NULL))
        memory_exhausted(sizeof *h); /* SHA-256 is always there */
    return h;
}

void hash_add(struct hash *h, const void *data, size_t size)
{
    if (!EVP_DigestUpdate(h->context, data, size))
        BUG("SHA-256 update failed");
}

void hash_free(struct hash *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->context);
    free(h);
}

void hash_finish(struct hash *h, uint8_t ret_digest[HASH_BYTES])
{
    if (!EVP_DigestFinal_ex(h->context, ret_digest, NULL))
        BUG("SHA-256 finish failed");
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
