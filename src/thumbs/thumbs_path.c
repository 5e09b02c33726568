/* SPDX-License-Identifier: MIT */
/* Determines the path of a gallery's thumbnails. */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store.h"
#include "thumbs/thumbs.h"

#define NAME_DIGITS 16 /* of the hash, which distinguishes galleries with similar names */
#define ENDING ".thumbs"

/* A file name for a gallery that has no folder of its own: the part of its name that people
 * recognize. */
static char *cache_name(const char *gallery)
{
    AUTO_FREE char *described = store_describe(gallery);
    uint8_t digest[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    hash_bytes(described, strlen(described), digest);
    hash_hex(digest, hex);
    char *last = strrchr(described, '/');
    char *shown = last && last[1] ? last + 1 : described;
    shown[strcspn(shown, "?")] = '\0';
    for (char *at = shown; *at; at++)
        if (!isalnum((unsigned char)*at))
            *at = '-';
    return xasprintf("%.64s-%.*s%s", shown, NAME_DIGITS, hex, ENDING);
}

char *thumbs_path(const char *gallery)
{
    if (store_is_file(gallery)) {
        AUTO_FREE char *folder = file_parent(gallery);
        if (access(folder, W_OK) == 0 || access(folder, F_OK) != 0)
            return xasprintf("%s%s", gallery, ENDING);
    }
    AUTO_FREE char *home = file_cache_home();
    AUTO_FREE char *name = cache_name(gallery);
    return home ? file_join(home, name) : NULL;
}
