/* SPDX-License-Identifier: MIT */
/* A cache of byte strings in one SQLite file, keyed by a hash and a number.
 *
 * It is only a cache: a missing or damaged file is silently replaced by an empty one. It stays
 * within its size limit on disk: the least recently used blob is evicted first, of kind 1 while
 * that kind has more than a quarter of the room, else of kind 0. Any number of threads and
 * processes may use it at the same time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

struct blob_cache;

struct blob {
    int kind; /* 0 or 1: one of the two blobs of a key */
    const void *data;
    size_t size;
};

/* Opens the file, and creates it (readable only by its owner) and its folder if they do not exist.
 * max_bytes limits the file's size, to within one blob. ERR_IO (also if the file is another
 * program's database), ERR_DENIED. */
int blob_cache_open(const char *path, int64_t max_bytes, struct blob_cache **ret_cache,
                    struct error *err) MUST_CHECK;
void blob_cache_close(struct blob_cache *cache); /* NULL is allowed */
DEFINE_AUTO(blob_cache, blob_cache_close)

/* Stores all of them in one transaction, and replaces those with the same key and kind. ERR_IO,
 * ERR_DENIED. */
int blob_cache_put(struct blob_cache *cache, const uint8_t key[HASH_BYTES],
                   const struct blob *blobs, size_t n, struct error *err) MUST_CHECK;

/* ERR_NOT_FOUND: missing, or damaged. The caller frees ret_data. */
int blob_cache_get(struct blob_cache *cache, const uint8_t key[HASH_BYTES], int kind,
                   uint8_t **ret_data, size_t *ret_size, struct error *err) MUST_CHECK;

/* Returns 0 or ERR_NOT_FOUND, without reading the blob and without counting as a use. */
int blob_cache_has(struct blob_cache *cache, const uint8_t key[HASH_BYTES], int kind,
                   struct error *err) MUST_CHECK;

/* Removes every blob of the key. It is not an error if there is none. */
int blob_cache_remove(struct blob_cache *cache, const uint8_t key[HASH_BYTES],
                      struct error *err) MUST_CHECK;

struct blob_cache_status {
    int64_t bytes; /* on disk, without space freed for reuse */
    int64_t count; /* blobs */
};
int blob_cache_status(struct blob_cache *cache, struct blob_cache_status *ret_status,
                      struct error *err) MUST_CHECK;

/* Whether its disk has room for more data that can be made again: its free space exceeds a reserve
 * of 5 %, which is at least 200 MB and at most 2 GB. */
bool blob_cache_has_room(const struct blob_cache *cache);
/* Deletes the file to make room for data that cannot be made again. */
void blob_cache_discard(struct blob_cache *cache);

/* Whether adding more would evict blobs that have no lower priority. */
bool blob_cache_is_full(struct blob_cache *cache);
