/* SPDX-License-Identifier: MIT */
/* A thumbnail cache that somebody else wrote: used, or made anew; what it gives is what was put
 * in. */
#include "cache/blob_cache.h"
#include "fuzz/files.h"

#define MOST_BYTES (1 << 20)

static const uint8_t key[HASH_BYTES] = {1, 2, 3};

static void make_sound(const char *path)
{
    static const char picture[] = "a picture";
    struct blob blobs[] = {{0, picture, sizeof picture}, {1, picture, 3}};
    struct error err = ERROR_INIT;
    AUTO(blob_cache) *cache = NULL;
    if (blob_cache_open(path, MOST_BYTES, &cache, &err) ||
        blob_cache_put(cache, key, blobs, 2, &err))
        BUG("%s", err.message);
}

static void read_blobs(struct blob_cache *cache)
{
    struct error err = ERROR_INIT;
    struct blob_cache_status status;
    for (int kind = 0; kind < 2; kind++) {
        uint8_t *bytes;
        size_t n;
        int rc = blob_cache_has(cache, key, kind, &err);
        if (!blob_cache_get(cache, key, kind, &bytes, &n, &err))
            free(bytes);
        else if (!err.message[0] || rc > 0)
            BUG("an error without its sentence");
    }
    if (blob_cache_status(cache, &status, &err) && !err.message[0])
        BUG("an error without its sentence");
    blob_cache_is_full(cache);
}

static void write_blobs(struct blob_cache *cache)
{
    static const uint8_t other[HASH_BYTES] = {9}, picture[] = {7, 7, 7, 7};
    struct blob blob = {0, picture, sizeof picture};
    struct error err = ERROR_INIT;
    uint8_t *bytes;
    size_t n;
    if (blob_cache_put(cache, other, &blob, 1, &err))
        return;
    if (blob_cache_get(cache, other, 0, &bytes, &n, &err))
        return; /* pushed out again */
    free(bytes);
    if (!blob_cache_remove(cache, other, &err) && blob_cache_has(cache, other, 0, &err) == 0)
        BUG("what was removed is there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    if (fuzz_begin())
        make_sound(fuzz_path("sound"));
    const char *path = fuzz_path("thumbs");
    fuzz_make_database(path, fuzz_path("sound"), data, size);
    AUTO(blob_cache) *cache = NULL;
    if (blob_cache_open(path, MOST_BYTES, &cache, &err)) {
        if (!err.message[0])
            BUG("an error without its sentence");
        return 0;
    }
    read_blobs(cache);
    write_blobs(cache);
    return 0;
}
