/* SPDX-License-Identifier: MIT */
/* Remembers which schemas were found to be exactly what this program creates.
 *
 * The expected schema comes from running the SQL of every format in memory, which takes several
 * milliseconds of each search. The result depends on the program and the schema alone, so the
 * SHA-256 of both is kept in the cache folder once the schema was found sound. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/hash.h"
#include "store/sqlite/sqlite_internal.h"

enum { KNOWN_MAX = 64 }; /* the newest ones are kept */

/* The caller frees; NULL: there is no cache folder. */
static char *known_path(void)
{
    AUTO_FREE char *cache = file_cache_home();
    return cache ? file_join(cache, "sound-schemas") : NULL;
}

/* False if the program's file cannot be examined. */
static bool describe_program(char *ret_text, size_t size)
{
    struct stat info;
    if (stat("/proc/self/exe", &info) < 0)
        return false;
    snprintf(ret_text, size, "%llu %lld %lld.%09ld %lld.%09ld %s %s",
             (unsigned long long)info.st_ino, (long long)info.st_size,
             (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (long long)info.st_ctim.tv_sec,
             info.st_ctim.tv_nsec, sqlite3_libversion(), sqlite3_sourceid());
    return true;
}

bool sqlite_schema_digest(int version, const char *schema, size_t length, uint8_t ret_digest[32])
{
    char program[512];
    if (!describe_program(program, sizeof program))
        return false;
    struct hash *hash = hash_new();
    hash_add(hash, program, strlen(program) + 1);
    hash_add(hash, &version, sizeof version);
    hash_add(hash, schema, length);
    hash_finish(hash, ret_digest);
    return true;
}

/* The digests in the file, the oldest first. */
static size_t read_known(const char *path, uint8_t (*ret_known)[HASH_BYTES])
{
    struct file file;
    if (!path || file_read(path, KNOWN_MAX * HASH_BYTES, &file, NULL))
        return 0;
    size_t n = file.size / HASH_BYTES;
    memcpy(ret_known, file.data, n * HASH_BYTES);
    file_release(&file);
    return n;
}

bool sqlite_schema_is_known(const uint8_t digest[32])
{
    uint8_t known[KNOWN_MAX][HASH_BYTES];
    AUTO_FREE char *path = known_path();
    size_t n = read_known(path, known);
    for (size_t i = 0; i < n; i++)
        if (memcmp(known[i], digest, HASH_BYTES) == 0)
            return true;
    return false;
}

void sqlite_schema_remember(const uint8_t digest[32])
{
    struct error ignored;
    uint8_t known[KNOWN_MAX + 1][HASH_BYTES];
    AUTO_FREE char *path = known_path();
    AUTO_FREE char *folder = path ? file_parent(path) : NULL;
    if (!folder || file_make_folders(folder, &ignored))
        return;
    size_t n = read_known(path, known), skip = n == KNOWN_MAX;
    memcpy(known[n++], digest, HASH_BYTES);
    if (file_replace(path, known + skip, (n - skip) * HASH_BYTES, 0600, &ignored))
        return; /* it is examined again next time */
}
