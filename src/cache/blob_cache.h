/* SPDX-License-Identifier: MIT */
/* A cache of byte strings in one SQLite file, found by a hash and a number.
 *
 * Only a cache: a file that is missing or damaged is made anew, empty, and nobody is told. It stays
 * within its bound on disk: of the blobs of kind 1 while these have more than a quarter of the
 * room, else of kind 0, the longest unused goes first. Any number of threads and processes may use
 * it at once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

struct blob_cache;

struct blob {
    int kind; /* 0 or 1: which of the two blobs of a key */
    const void *data;
    size_t size;
};

/* Makes the file (readable for its owner only) and its folder when there is none. max_bytes: of the
 * file, give or take the last blob. ERR_IO (also: the file is another program's database),
 * ERR_DENIED. */
int blob_cache_open(const char *path, int64_t max_bytes, struct blob_cache **ret_cache,
                    struct error *err) MUST_CHECK;
void blob_cache_close(struct blob_cache *cache); /* NULL is fine */
DEFINE_AUTO(blob_cache, blob_cache_close)

/* All of them in one transaction; what was there under the key and kind is replaced. ERR_IO,
 * ERR_DENIED. */
int blob_cache_put(struct blob_cache *cache, const uint8_t key[HASH_BYTES],
                   const struct blob *blobs, size_t n, struct error *err) MUST_CHECK;

/* ERR_NOT_FOUND: not there, or damaged. ret_data is the caller's (free). */
int blob_cache_get(struct blob_cache *cache, const uint8_t key[HASH_BYTES], int kind,
                   uint8_t **ret_data, size_t *ret_size, struct error *err) MUST_CHECK;

/* 0, or ERR_NOT_FOUND: without reading it and without counting as use. */
int blob_cache_has(struct blob_cache *cache, const uint8_t key[HASH_BYTES], int kind,
                   struct error *err) MUST_CHECK;

/* Every blob of the key. Nothing there is no error. */
int blob_cache_remove(struct blob_cache *cache, const uint8_t key[HASH_BYTES],
                      struct error *err) MUST_CHECK;

struct blob_cache_status {
    int64_t bytes; /* on disk, without what was freed for reuse */
    int64_t count; /* blobs */
};
int blob_cache_status(struct blob_cache *cache, struct blob_cache_status *ret_status,
                      struct error *err) MUST_CHECK;

/* Whether its disk has room for more of what can be made again: more than 5 % are free, at least
 * 200 MB and at most 2 GB of it. */
bool blob_cache_has_room(const struct blob_cache *cache);
/* Deletes the file, so that its room is there for what cannot be made again. */
void blob_cache_discard(struct blob_cache *cache);

/* More would push out blobs that no rule prefers to it. */
bool blob_cache_is_full(struct blob_cache *cache);
