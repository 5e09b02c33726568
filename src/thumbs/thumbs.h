/* SPDX-License-Identifier: MIT */
/* Thumbnails: two small JPEGs of every photo, made at index time from the same decode, stored in
 * one file beside the gallery, and found by the photo's content hash. They are only a cache: a
 * lost or damaged file is made again; its size on disk is bounded, and the least recently used
 * ones are evicted first; small ones keep three quarters of the room. */
#pragma once

#include "base/hash.h"
#include "image/image.h"

enum thumb_size {
    THUMB_SMALL, /* grid: short edge 256 px, at most 512 on the long edge */
    THUMB_LARGE, /* viewer: long edge 1000 to 1440 px, depending on the decode at index time */
};

/* Neither is ever larger than the photo. */
#define THUMBS_MAX_BYTES_DEFAULT 4000000000

struct thumbs;

/* The path of the file: GALLERY.thumbs for a gallery in a file;
 * $XDG_CACHE_HOME/keepsake/NAME.thumbs for one on a server, or in a read-only folder. The caller
 * frees it. NULL without HOME. */
char *thumbs_path(const char *gallery);

/* Opens the file, and creates it if it does not exist. `gallery` is as in store_open. max_bytes 0:
 * the default. A struct thumbs is thread-safe. ERR_IO, ERR_DENIED. */
int thumbs_open(const char *gallery, int64_t max_bytes, struct thumbs **ret_thumbs,
                struct error *err) MUST_CHECK;
/* For a caller that shows pictures even though thumbs_open failed: thumbs_make makes each one
 * again, and stores none. */
struct thumbs *thumbs_new_unkept(void);
void thumbs_close(struct thumbs *thumbs); /* NULL is allowed */
DEFINE_AUTO(thumbs, thumbs_close)

/* Stores both sizes of an upright picture: the photo's own pixels, or a decode that
 * thumbs_suffices accepts for it. */
int thumbs_put(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], const struct image *image,
               struct error *err) MUST_CHECK;
/* Whether a decode of a photo of width x height has enough pixels for both sizes. */
bool thumbs_suffices(const struct image *image, int width, int height);
/* The minimum of decode_options.short_edge_px for that. */
int thumbs_short_edge(int width, int height);

/* ERR_NOT_FOUND: not stored (make it with thumbs_make). The caller frees ret_data. */
int thumbs_get(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], enum thumb_size size,
               uint8_t **ret_data, size_t *ret_size, struct error *err) MUST_CHECK;
/* 0 if both sizes are stored, else ERR_NOT_FOUND. */
int thumbs_has(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], struct error *err) MUST_CHECK;
/* Makes the thumbnail from the photo's file, decoded under the usual limits, and stores it. At
 * most as many decodes as processors run at the same time; others wait. ERR_MISMATCH: the file no
 * longer has the content of that hash; else the errors of photo_file_read and cage_decode. */
int thumbs_make(struct thumbs *thumbs, const char *path, const uint8_t hash[HASH_BYTES],
                enum thumb_size size, uint8_t **ret_data, size_t *ret_size,
                struct error *err) MUST_CHECK;
/* Removes the thumbnails of a photo that was forgotten. */
int thumbs_remove(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES],
                  struct error *err) MUST_CHECK;

/* Whether the disk has room for thumbnails: below a reserve (5 %, at least 200 MB, at most 2 GB)
 * none is stored, thumbs_put returns ERR_IO, and thumbs_make still returns the thumbnail. */
bool thumbs_has_room(const struct thumbs *thumbs);
/* To be called before a gallery is written: if its disk is full (less than 1 MB free), deletes the
 * thumbnails on it and returns true. */
bool thumbs_make_way(const char *gallery);
/* Deletes all thumbnails, for a gallery that needs the room. */
void thumbs_discard(struct thumbs *thumbs);

/* Whether little room is left below the bound, so that more would evict others. */
bool thumbs_is_full(struct thumbs *thumbs);

struct thumbs_status {
    int64_t bytes; /* on disk */
    int64_t count; /* pictures, two per photo */
};
/* The status of a gallery's file; zeros if there is none; does not create it. */
int thumbs_status(const char *gallery, struct thumbs_status *ret_status,
                  struct error *err) MUST_CHECK;
/* The same for an open file; zeros if none are stored. */
int thumbs_get_status(struct thumbs *thumbs, struct thumbs_status *ret_status,
                      struct error *err) MUST_CHECK;
