/* SPDX-License-Identifier: MIT */
/* Thumbnails: two small JPEGs of every photo, made at index time from the same decode, kept in one
 * file beside the gallery, found by the photo's content hash. Only a cache: lost or damaged, it is
 * made anew; bounded on disk, the longest unused go first; small ones keep three quarters of the
 * room. */
#pragma once

#include "base/hash.h"
#include "image/image.h"

enum thumb_size {
    THUMB_SMALL, /* grid: short edge 256 px, at most 512 on the long edge */
    THUMB_LARGE, /* viewer: long edge 1000 to 1440 px, as the decode at index time gave it */
};

/* Neither is ever larger than the photo. */
#define THUMBS_MAX_BYTES_DEFAULT 4000000000

struct thumbs;

/* The file: GALLERY.thumbs for a gallery in a file; $XDG_CACHE_HOME/keepsake/NAME.thumbs for one on
 * a server, or in a folder that may not be written. The caller frees. NULL without HOME. */
char *thumbs_path(const char *gallery);

/* `gallery`: as store_open has it. Makes the file when there is none. max_bytes 0: the default. A
 * struct thumbs may be used by any number of threads. ERR_IO, ERR_DENIED. */
int thumbs_open(const char *gallery, int64_t max_bytes, struct thumbs **ret_thumbs,
                struct error *err) MUST_CHECK;
/* For who shows pictures all the same when thumbs_open failed: thumbs_make makes each anew, and
 * none is kept. */
struct thumbs *thumbs_new_unkept(void);
void thumbs_close(struct thumbs *thumbs); /* NULL is fine */
DEFINE_AUTO(thumbs, thumbs_close)

/* Keeps both sizes of an upright picture: the photo's own pixels, or a decode that thumbs_suffices
 * for it. */
int thumbs_put(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], const struct image *image,
               struct error *err) MUST_CHECK;
/* Whether a decode of a photo of width x height has the pixels for both sizes. */
bool thumbs_suffices(const struct image *image, int width, int height);
/* What decode_options.short_edge_px must be at least for that. */
int thumbs_short_edge(int width, int height);

/* ERR_NOT_FOUND: not there (make it with thumbs_make). ret_data is the caller's (free). */
int thumbs_get(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], enum thumb_size size,
               uint8_t **ret_data, size_t *ret_size, struct error *err) MUST_CHECK;
/* 0 when both sizes are there, else ERR_NOT_FOUND. */
int thumbs_has(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], struct error *err) MUST_CHECK;
/* From the photo's file, decoded under the usual limits, and kept. No more decodes run at once than
 * there are processors; the others wait. ERR_MISMATCH: the file is no longer the photo of that
 * hash; else errors as of photo_file_read and cage_decode. */
int thumbs_make(struct thumbs *thumbs, const char *path, const uint8_t hash[HASH_BYTES],
                enum thumb_size size, uint8_t **ret_data, size_t *ret_size,
                struct error *err) MUST_CHECK;
/* Of a photo that was forgotten. */
int thumbs_remove(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES],
                  struct error *err) MUST_CHECK;

/* The disk's last room is not for thumbnails: below a reserve (5 %, at least 200 MB, at most 2 GB)
 * none is kept, thumbs_put says ERR_IO, and thumbs_make gives what it made all the same. */
bool thumbs_has_room(const struct thumbs *thumbs);
/* Before a gallery is written: when its disk is full (less than 1 MB), the thumbnails on it are
 * deleted; true when they were. */
bool thumbs_make_way(const char *gallery);
/* Deletes them all, for a gallery that needs the room. */
void thumbs_discard(struct thumbs *thumbs);

/* Whether little room is left below the bound, so that more would push others out. */
bool thumbs_is_full(struct thumbs *thumbs);

struct thumbs_status {
    int64_t bytes; /* on disk */
    int64_t count; /* pictures, two a photo */
};
/* Of a gallery's file; zeros when there is none, which is then not made. */
int thumbs_status(const char *gallery, struct thumbs_status *ret_status,
                  struct error *err) MUST_CHECK;
/* The same of a file that is open; zeros when none are kept. */
int thumbs_get_status(struct thumbs *thumbs, struct thumbs_status *ret_status,
                      struct error *err) MUST_CHECK;
