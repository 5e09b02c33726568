/* Thumbnails: two sizes of every photo, made at index time from the same decode, kept in one file
 * beside the gallery (GALLERY.thumbs for a file; $XDG_CACHE_HOME/keepsake/NAME.thumbs for a
 * server), found by the photo's content hash. Only a cache: lost or damaged, it is made anew;
 * bounded on disk, the longest unused go first. */
#pragma once

#include "base/hash.h"
#include "image/image.h"

enum thumb_size {
    THUMB_SMALL, /* grid: short edge 256 px, at most 512 on the long edge */
    THUMB_LARGE, /* viewer: long edge at most 1440 px */
};

struct thumbs;

/* `gallery`: as store_open has it. Makes the file when there is none. A struct thumbs may be used
 * by any number of threads. ERR_IO, ERR_DENIED. */
int thumbs_open(const char *gallery, int64_t max_bytes, struct thumbs **ret_thumbs,
                struct error *err) MUST_CHECK;
void thumbs_close(struct thumbs *thumbs); /* NULL is fine */
DEFINE_AUTO(thumbs, thumbs_close)

/* The JPEG of both sizes of an upright picture, from a decode whose short edge is at least
 * thumbs_short_edge(), or the picture's own size. */
int thumbs_put(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], const struct image *image,
               struct error *err) MUST_CHECK;
int thumbs_short_edge(void);

/* ERR_NOT_FOUND: not there (make it with thumbs_make). ret_data is the caller's (free). */
int thumbs_get(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], enum thumb_size size,
               uint8_t **ret_data, size_t *ret_size, struct error *err) MUST_CHECK;
/* From the photo's file, decoded under the usual limits, and kept. */
int thumbs_make(struct thumbs *thumbs, const char *path, const uint8_t hash[HASH_BYTES],
                enum thumb_size size, uint8_t **ret_data, size_t *ret_size,
                struct error *err) MUST_CHECK;
