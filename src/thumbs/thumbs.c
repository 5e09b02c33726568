/* SPDX-License-Identifier: MIT */
/* Makes, stores and reads the two thumbnails of a photo. */
#include "thumbs/thumbs.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/photo_file.h"
#include "cache/blob_cache.h"
#include "cage/cage.h"
#include "image/encode.h"

#define SMALL_SHORT_PX 256
#define SMALL_LONG_PX 512
#define LARGE_LONG_PX 1440
#define LARGE_LEAST_PX 1000
#define SMALL_QUALITY 75
#define LARGE_QUALITY 82

struct thumbs {
    struct blob_cache *cache; /* NULL: nothing is stored */
    sem_t decodes;            /* the decodes that may still begin */
};

static struct thumbs *thumbs_new(struct blob_cache *cache)
{
    struct thumbs *thumbs = xcalloc(1, sizeof *thumbs);
    thumbs->cache = cache;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    sem_init(&thumbs->decodes, 0, processors > 0 ? (unsigned)processors : 1);
    return thumbs;
}

struct thumbs *thumbs_new_unkept(void)
{
    return thumbs_new(NULL);
}

int thumbs_open(const char *gallery, int64_t max_bytes, struct thumbs **ret_thumbs,
                struct error *err)
{
    AUTO_FREE char *path = thumbs_path(gallery);
    if (!path)
        return error_set(err, ERR_IO,
                         "cannot find a folder for this gallery's thumbnails: HOME is not set; "
                         "set HOME");
    struct blob_cache *cache;
    int rc =
        blob_cache_open(path, max_bytes > 0 ? max_bytes : THUMBS_MAX_BYTES_DEFAULT, &cache, err);
    if (rc)
        return rc;
    *ret_thumbs = thumbs_new(cache);
    return 0;
}

void thumbs_close(struct thumbs *thumbs)
{
    if (!thumbs)
        return;
    blob_cache_close(thumbs->cache);
    sem_destroy(&thumbs->decodes);
    free(thumbs);
}

static int longer_side(int width, int height)
{
    return width > height ? width : height;
}

bool thumbs_suffices(const struct image *image, int width, int height)
{
    int whole = longer_side(width, height);
    return longer_side(image->width, image->height) >=
           (whole < LARGE_LEAST_PX ? whole : LARGE_LEAST_PX);
}

int thumbs_short_edge(int width, int height)
{
    int64_t whole = longer_side(width, height), other = width + height - whole;
    /* A decoder returns at least twice the requested edge. */
    if (whole <= LARGE_LEAST_PX)
        return (int)other;
    return (int)((other * LARGE_LEAST_PX + 2 * whole - 1) / (2 * whole));
}

/* The edge to pass to image_fit so that the small one follows its rule. */
static int small_edge(int width, int height)
{
    int64_t whole = longer_side(width, height), other = width + height - whole;
    int64_t edge = (SMALL_SHORT_PX * whole + other / 2) / other;
    return edge < SMALL_LONG_PX ? (int)edge : SMALL_LONG_PX;
}

/* Scales the picture down to `edge`; *ret_own is NULL if it is already small enough. */
static int shrink_image(const struct image *image, int edge, struct image **ret_own,
                        struct error *err)
{
    int width, height;
    image_fit(image->width, image->height, edge, 0, &width, &height);
    *ret_own = NULL;
    if (width == image->width && height == image->height)
        return 0;
    return image_resize(image, width, height, ret_own, err);
}

/* Renders both pictures; none remains on failure. */
static int render_both(const struct image *image, struct blob ret_blobs[2], struct error *err)
{
    AUTO(image) *large = NULL, *small = NULL;
    AUTO_FREE uint8_t *large_data = NULL;
    uint8_t *small_data = NULL;
    size_t large_size, small_size;
    int rc = shrink_image(image, LARGE_LONG_PX, &large, err);
    const struct image *from = large ? large : image;
    if (!rc)
        rc = shrink_image(from, small_edge(from->width, from->height), &small, err);
    if (!rc)
        rc = image_encode_jpeg(from, LARGE_QUALITY, &large_data, &large_size, err);
    if (!rc)
        rc = image_encode_jpeg(small ? small : from, SMALL_QUALITY, &small_data, &small_size, err);
    if (rc)
        return rc;
    ret_blobs[THUMB_SMALL] = (struct blob){THUMB_SMALL, small_data, small_size};
    ret_blobs[THUMB_LARGE] = (struct blob){THUMB_LARGE, large_data, large_size};
    large_data = NULL;
    return 0;
}

static void blobs_free(struct blob blobs[2])
{
    free((void *)(uintptr_t)blobs[THUMB_SMALL].data);
    free((void *)(uintptr_t)blobs[THUMB_LARGE].data);
}

int thumbs_put(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], const struct image *image,
               struct error *err)
{
    struct blob blobs[2];
    if (!thumbs_has_room(thumbs))
        return error_set(err, ERR_IO,
                         "the disk is nearly full, and the remaining space is reserved for the "
                         "gallery: free some space, then run `keepsake index --thumbnails`");
    int rc = render_both(image, blobs, err);
    if (rc)
        return rc;
    rc = blob_cache_put(thumbs->cache, hash, blobs, 2, err);
    blobs_free(blobs);
    return rc;
}

static int refuse_unkept(struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "thumbnails are not stored");
}

int thumbs_get(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], enum thumb_size size,
               uint8_t **ret_data, size_t *ret_size, struct error *err)
{
    if (!thumbs->cache)
        return refuse_unkept(err);
    return blob_cache_get(thumbs->cache, hash, (int)size, ret_data, ret_size, err);
}

int thumbs_has(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], struct error *err)
{
    int rc =
        thumbs->cache ? blob_cache_has(thumbs->cache, hash, THUMB_SMALL, err) : refuse_unkept(err);
    return rc ? rc : blob_cache_has(thumbs->cache, hash, THUMB_LARGE, err);
}

int thumbs_remove(struct thumbs *thumbs, const uint8_t hash[HASH_BYTES], struct error *err)
{
    return thumbs->cache ? blob_cache_remove(thumbs->cache, hash, err) : 0;
}

/* Reads and decodes the file, which must still match the hash. */
static int load_photo(const char *path, const uint8_t hash[HASH_BYTES], struct image **ret_image,
                      struct error *err)
{
    struct file file;
    int rc = photo_file_read(path, hash, LIMIT_PHOTO_FILE_BYTES, &file, err);
    if (rc)
        return rc;
    /* The decoder keeps twice this. */
    struct decode_options options = {.short_edge_px = LARGE_LONG_PX / 2};
    if ((rc = cage_decode(file.data, file.size, &options, ret_image, NULL, err)))
        error_add(err, "%s", path);
    file_release(&file);
    return rc;
}

/* The caller holds one of the decode slots. */
static int make_both(struct thumbs *thumbs, const char *path, const uint8_t hash[HASH_BYTES],
                     enum thumb_size size, uint8_t **ret_data, size_t *ret_size, struct error *err)
{
    /* A caller that waited for the same photo finds it now. */
    if (!thumbs_get(thumbs, hash, size, ret_data, ret_size, NULL))
        return 0;
    AUTO(image) *image = NULL;
    struct blob blobs[2];
    int rc = load_photo(path, hash, &image, err);
    if (!rc)
        rc = render_both(image, blobs, err);
    if (rc)
        return rc;
    struct error ignored; /* the picture exists: a full disk must not lose it */
    int kept =
        thumbs_has_room(thumbs) ? blob_cache_put(thumbs->cache, hash, blobs, 2, &ignored) : 0;
    (void)kept;
    *ret_data = (void *)(uintptr_t)blobs[size].data;
    *ret_size = blobs[size].size;
    blobs[size].data = NULL;
    blobs_free(blobs);
    return 0;
}

int thumbs_make(struct thumbs *thumbs, const char *path, const uint8_t hash[HASH_BYTES],
                enum thumb_size size, uint8_t **ret_data, size_t *ret_size, struct error *err)
{
    while (sem_wait(&thumbs->decodes) < 0 && errno == EINTR)
        continue;
    int rc = make_both(thumbs, path, hash, size, ret_data, ret_size, err);
    sem_post(&thumbs->decodes);
    return rc;
}

bool thumbs_has_room(const struct thumbs *thumbs)
{
    return thumbs->cache && blob_cache_has_room(thumbs->cache);
}

void thumbs_discard(struct thumbs *thumbs)
{
    if (thumbs->cache)
        blob_cache_discard(thumbs->cache);
}

bool thumbs_is_full(struct thumbs *thumbs)
{
    return !thumbs_has_room(thumbs) || blob_cache_is_full(thumbs->cache);
}

static int count_thumbs(struct blob_cache *cache, struct thumbs_status *ret_status,
                        struct error *err)
{
    struct blob_cache_status status;
    int rc = blob_cache_status(cache, &status, err);
    if (!rc)
        *ret_status = (struct thumbs_status){status.bytes, status.count};
    return rc;
}

int thumbs_status(const char *gallery, struct thumbs_status *ret_status, struct error *err)
{
    *ret_status = (struct thumbs_status){0, 0};
    AUTO_FREE char *path = thumbs_path(gallery);
    if (!path || access(path, F_OK) < 0)
        return 0;
    AUTO(blob_cache) *cache = NULL;
    int rc = blob_cache_open(path, THUMBS_MAX_BYTES_DEFAULT, &cache, err);
    return rc ? rc : count_thumbs(cache, ret_status, err);
}

int thumbs_get_status(struct thumbs *thumbs, struct thumbs_status *ret_status, struct error *err)
{
    *ret_status = (struct thumbs_status){0, 0};
    return thumbs->cache ? count_thumbs(thumbs->cache, ret_status, err) : 0;
}
