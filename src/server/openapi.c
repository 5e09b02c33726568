/* SPDX-License-Identifier: MIT */
/* Embeds openapi.json. */
#include "server/openapi.h"

#include <pthread.h>
#include <stdio.h>

#include "base/hash.h"

/* The assembler takes the file in; make knows that this file depends on it. */
__asm__(".section .rodata\n"
        ".global openapi_text, openapi_end\n"
        ".type openapi_text, @object\n"
        "openapi_text:\n"
        ".incbin \"src/server/openapi.json\"\n"
        "openapi_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char openapi_end[];

static char etag[17];
static pthread_once_t once = PTHREAD_ONCE_INIT;

size_t openapi_size(void)
{
    return (size_t)(openapi_end - openapi_text);
}

static void make_etag(void)
{
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes(openapi_text, openapi_size(), digest);
    snprintf(etag, sizeof etag, "%.16s", hash_hex(digest, hex));
}

const char *openapi_etag(void)
{
    pthread_once(&once, make_etag);
    return etag;
}
