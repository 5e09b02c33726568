/* SPDX-License-Identifier: MIT */
/* Thumbnails: sizes, pixels, upright, from files of every fate; lost and damaged caches; threads.
 */
#include "thumbs/thumbs.h"

#include <pthread.h>

#include "encode.h"
#include "exif_block.h"
#include "tap.h"
#include "tree.h"

static char *folder, *gallery;
static struct error err;

/* Red grows to the right, green downwards, blue is 64. */
static uint8_t *make_pixels(int width, int height)
{
    uint8_t *rgb = malloc((size_t)width * (size_t)height * 3);
    for (int y = 0, i = 0; y < height; y++)
        for (int x = 0; x < width; x++, i++) {
            rgb[3 * i] = (uint8_t)(x * 255 / width);
            rgb[3 * i + 1] = (uint8_t)(y * 255 / height);
            rgb[3 * i + 2] = 64;
        }
    return rgb;
}

static struct image *make_picture(int width, int height)
{
    struct image *image = malloc(sizeof *image);
    *image = (struct image){.width = width, .height = height, .rgb = make_pixels(width, height)};
    return image;
}

static struct thumbs *open_thumbs(int64_t max_bytes)
{
    struct thumbs *thumbs;
    if (thumbs_open(gallery, max_bytes, &thumbs, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return thumbs;
}

/* NULL when it is not there. */
static struct image *get(struct thumbs *thumbs, const uint8_t *hash, enum thumb_size size)
{
    uint8_t *data;
    size_t n;
    struct image *image = NULL;
    if (thumbs_get(thumbs, hash, size, &data, &n, &err))
        return NULL;
    if (image_decode(data, n, NULL, &image, NULL, &err))
        diag("%s", err.message);
    free(data);
    return image;
}

/* The picture is make_pixels', at any size: at every tenth of either side. `turned`: clockwise. */
static bool looks_right(const struct image *image, bool turned)
{
    for (int i = 1; i < 10; i++)
        for (int k = 1; k < 10; k++) {
            const uint8_t *px =
                image->rgb + (image->height * k / 10 * image->width + image->width * i / 10) * 3;
            int red = turned ? 255 * k / 10 : 255 * i / 10;
            int green = turned ? 255 - 255 * i / 10 : 255 * k / 10;
            if (abs(px[0] - red) > 12 || abs(px[1] - green) > 12 || abs(px[2] - 64) > 12) {
                diag("%d, %d: %d %d %d", i, k, px[0], px[1], px[2]);
                return false;
            }
        }
    return true;
}

static void test_sizes(void)
{
    static const struct {
        int width, height, large_width, large_height, small_width, small_height;
    } cases[] = {
        {2000, 1500, 1440, 1080, 341, 256},
        {1500, 2000, 1080, 1440, 256, 341},
        {3000, 400, 1440, 192, 512, 68},
        {500, 375, 500, 375, 341, 256},
        {1440, 1440, 1440, 1440, 256, 256},
        {100, 80, 100, 80, 100, 80},
        {256, 300, 256, 300, 256, 300},
        {2000, 1, 1440, 1, 512, 1},
        {1, 1, 1, 1, 1, 1},
    };
    AUTO(thumbs) *thumbs = open_thumbs(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(image) *image = make_picture(cases[i].width, cases[i].height);
        uint8_t hash[HASH_BYTES];
        hash_bytes(&i, sizeof i, hash);
        ok(thumbs_has(thumbs, hash, NULL) == ERR_NOT_FOUND &&
               !thumbs_put(thumbs, hash, image, &err) && !thumbs_has(thumbs, hash, NULL),
           "%d x %d is kept", cases[i].width, cases[i].height);
        AUTO(image) *large = get(thumbs, hash, THUMB_LARGE),
                    *small = get(thumbs, hash, THUMB_SMALL);
        ok(large && large->width == cases[i].large_width && large->height == cases[i].large_height,
           "large: %d x %d", large ? large->width : 0, large ? large->height : 0);
        ok(small && small->width == cases[i].small_width && small->height == cases[i].small_height,
           "small: %d x %d", small ? small->width : 0, small ? small->height : 0);
        if (large && small && cases[i].small_height > 60)
            ok(looks_right(large, false) && looks_right(small, false), "both show the picture");
    }
    uint8_t hash[HASH_BYTES] = {0};
    ok(!get(thumbs, hash, THUMB_SMALL) && err.code == ERR_NOT_FOUND, "another: %s", err.message);
}

/* What a decoder gives that halves as long as twice the edge stays (decode_jpeg.c) is enough. */
static void test_decode_size(void)
{
    int wrong = 0;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        int width = 1 + rand() % 9000, height = 1 + rand() % (i % 2 ? 9000 : 300), scale = 1;
        int edge = thumbs_short_edge(width, height), least = width < height ? width : height;
        while (scale < 8 && least / (2 * scale) >= 2 * edge)
            scale *= 2;
        struct image decoded = {.width = (width + scale - 1) / scale,
                                .height = (height + scale - 1) / scale};
        struct image less = {.width = decoded.width / 2, .height = decoded.height / 2};
        int most = decoded.width > decoded.height ? decoded.width : decoded.height;
        wrong += !thumbs_suffices(&decoded, width, height);
        wrong += most < 1990 && most > 1 && thumbs_suffices(&less, width, height);
    }
    is_int(wrong, 0, "the decode that is asked for suffices, and half of it only if it is large");
    struct bytes b;
    uint8_t *pixels = make_pixels(3000, 2000);
    b = encode_jpeg(pixels, 3000, 2000, false);
    free(pixels);
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = thumbs_short_edge(3000, 2000)};
    ok(!image_decode(b.data, b.size, &options, &image, NULL, &err) && image->width == 1500 &&
           thumbs_suffices(image, 3000, 2000),
       "a JPEG of 3000 x 2000 is decoded at half its size");
    free(b.data);
}

static char *write_photo(const char *name, const void *data, size_t size,
                         uint8_t ret_hash[HASH_BYTES])
{
    tree_write(folder, name, data, size);
    hash_bytes(data, size, ret_hash);
    return file_join(folder, name);
}

/* A JPEG of 900 x 600 whose Exif says that it must be turned clockwise. */
static struct bytes turned_photo(void)
{
    uint8_t *pixels = make_pixels(900, 600);
    struct bytes b = encode_jpeg(pixels, 900, 600, false);
    uint8_t app1[] = {0xFF, 0xE1, (EXIF_BLOCK_SIZE + 2) >> 8, (EXIF_BLOCK_SIZE + 2) & 255};
    bytes_insert(&b, 2, exif_block, EXIF_BLOCK_SIZE);
    bytes_insert(&b, 2, app1, 4);
    free(pixels);
    return b;
}

static bool is_made(struct thumbs *thumbs, const char *path, const uint8_t *hash,
                    enum thumb_size size, int width, int height)
{
    AUTO_FREE uint8_t *data = NULL;
    AUTO(image) *image = NULL;
    size_t n = 0;
    if (thumbs_make(thumbs, path, hash, size, &data, &n, &err) ||
        image_decode(data, n, NULL, &image, NULL, &err)) {
        diag("%s", err.message);
        return false;
    }
    return image->width == width && image->height == height && looks_right(image, true) &&
           !memmem(data, n, "Exif", 4) && !memmem(data, n, "Fujifilm", 8);
}

static void test_make(void)
{
    AUTO(thumbs) *thumbs = open_thumbs(0);
    struct bytes b = turned_photo();
    uint8_t hash[HASH_BYTES], other[HASH_BYTES];
    AUTO_FREE char *path = write_photo("a/turned.jpg", b.data, b.size, hash);
    ok(is_made(thumbs, path, hash, THUMB_SMALL, 256, 384), "made from the file, upright, no Exif");
    unlink(path);
    ok(is_made(thumbs, path, hash, THUMB_LARGE, 600, 900),
       "the other size, too: no file is needed");
    ok(!thumbs_remove(thumbs, hash, &err) && thumbs_has(thumbs, hash, NULL) == ERR_NOT_FOUND,
       "the thumbnails are removed");
    uint8_t *data = NULL;
    size_t size;
    is_int(thumbs_make(thumbs, path, hash, THUMB_LARGE, &data, &size, &err), ERR_NOT_FOUND,
           err.message);
    free(write_photo("a/turned.jpg", b.data, b.size - 1, other));
    is_int(thumbs_make(thumbs, path, hash, THUMB_LARGE, &data, &size, &err), ERR_MISMATCH,
           err.message);
    AUTO_FREE char *broken = write_photo("broken.jpg", b.data, b.size / 2, other);
    is_int(thumbs_make(thumbs, broken, other, THUMB_LARGE, &data, &size, &err), ERR_CORRUPT,
           err.message);
    ok(!data && thumbs_has(thumbs, other, NULL) == ERR_NOT_FOUND, "nothing is kept of that");
    free(b.data);
}

static void test_lost(void)
{
    struct bytes b = turned_photo();
    uint8_t hash[HASH_BYTES];
    AUTO_FREE char *path = write_photo("turned.jpg", b.data, b.size, hash);
    AUTO_FREE char *file = thumbs_path(gallery);
    AUTO(thumbs) *thumbs = open_thumbs(0);
    ok(is_made(thumbs, path, hash, THUMB_SMALL, 256, 384), "the thumbnails are made");
    unlink(file);
    ok(thumbs_has(thumbs, hash, NULL) == ERR_NOT_FOUND &&
           is_made(thumbs, path, hash, THUMB_SMALL, 256, 384) && !thumbs_has(thumbs, hash, NULL),
       "the file is deleted under us: made again");
    thumbs_close(thumbs);
    thumbs = NULL;
    tree_write(folder, "gallery.db.thumbs", "this is no database at all", 26);
    thumbs = open_thumbs(0);
    ok(thumbs_has(thumbs, hash, NULL) == ERR_NOT_FOUND &&
           is_made(thumbs, path, hash, THUMB_SMALL, 256, 384) && !thumbs_has(thumbs, hash, NULL),
       "a damaged one is replaced");
    struct thumbs_status status = {0, 0};
    bool good = !thumbs_status(gallery, &status, &err);
    ok(good && status.count == 2 && status.bytes > 10000, "%lld bytes", (long long)status.bytes);
    free(b.data);
}

static void test_bound(void)
{
    AUTO(thumbs) *thumbs = open_thumbs((int64_t)1 << 20);
    AUTO(image) *image = make_picture(1200, 900);
    srand(1);
    for (int i = 0; i < 1200 * 900 * 3; i++) /* noise, so that a picture takes its room */
        image->rgb[i] = (uint8_t)(image->rgb[i] / 2 + rand() % 24);
    uint8_t first[HASH_BYTES], last[HASH_BYTES];
    for (int i = 0; i < 12; i++) {
        hash_bytes(&i, sizeof i, last);
        if (i == 0)
            memcpy(first, last, HASH_BYTES);
        if (thumbs_put(thumbs, last, image, &err))
            diag("%s", err.message);
    }
    struct thumbs_status status = {0, 0};
    bool good = !thumbs_status(gallery, &status, &err);
    ok(good && status.bytes <= 1 << 20 && status.bytes > 1 << 19,
       "bounded: %lld bytes of %lld pictures", (long long)status.bytes, (long long)status.count);
    ok(thumbs_has(thumbs, first, NULL) && !thumbs_has(thumbs, last, NULL),
       "the first went, the last is there");
}

static void test_path(void)
{
    setenv("XDG_CACHE_HOME", "/cache", 1);
    AUTO_FREE char *a = thumbs_path(gallery);
    AUTO_FREE char *want = xasprintf("%s.thumbs", gallery);
    is_str(a, want, "beside the gallery");
    AUTO_FREE char *b = thumbs_path("postgresql://ana:geheim@db.example/photos");
    AUTO_FREE char *c = thumbs_path("postgresql://ana:geheim@db.example/others");
    AUTO_FREE char *d = thumbs_path("postgresql://ana:anders@db.example/photos");
    ok(strncmp(b, "/cache/keepsake/photos-", 23) == 0 && !strstr(b, "geheim"), "a server's: %s", b);
    ok(strcmp(b, c) != 0 && strcmp(b, d) == 0, "by gallery, not by password");
    struct thumbs_status status = {9, 9};
    AUTO_FREE char *none = xasprintf("%s/none.db", folder);
    AUTO_FREE char *none_file = thumbs_path(none);
    ok(!thumbs_status(none, &status, &err) && status.count == 0 && status.bytes == 0 &&
           access(none_file, F_OK) < 0,
       "no file: nothing, and none is made");
    unsetenv("XDG_CACHE_HOME");
}

#define PHOTOS 6

struct work {
    struct thumbs *thumbs;
    char *paths[PHOTOS];
    uint8_t hashes[PHOTOS][HASH_BYTES];
};

static void *make_all(void *context)
{
    struct work *work = context;
    struct error problem = ERROR_INIT;
    intptr_t failed = 0;
    for (int i = 0; i < 3 * PHOTOS; i++) {
        uint8_t *data = NULL;
        size_t size;
        int at = i % PHOTOS;
        if (thumbs_get(work->thumbs, work->hashes[at], THUMB_SMALL, &data, &size, &problem) &&
            thumbs_make(work->thumbs, work->paths[at], work->hashes[at], THUMB_SMALL, &data, &size,
                        &problem))
            failed++;
        free(data);
    }
    return (void *)failed;
}

static void test_threads(void)
{
    enum { THREADS = 6 };
    struct work work = {.thumbs = open_thumbs(0)};
    for (int i = 0; i < PHOTOS; i++) {
        char name[32];
        uint8_t *pixels = make_pixels(300 + i, 280);
        struct bytes b = encode_jpeg(pixels, 300 + i, 280, false);
        snprintf(name, sizeof name, "threads/%d.jpg", i);
        work.paths[i] = write_photo(name, b.data, b.size, work.hashes[i]);
        free(pixels);
        free(b.data);
    }
    pthread_t threads[THREADS];
    intptr_t failed = 0;
    for (int i = 0; i < THREADS; i++)
        TREE_CHECK(pthread_create(&threads[i], NULL, make_all, &work) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        failed += (intptr_t)result;
    }
    is_int(failed, 0, "six threads ask for the same photos");
    for (int i = 0; i < PHOTOS; i++)
        free(work.paths[i]);
    thumbs_close(work.thumbs);
}

int main(void)
{
    folder = tree_new();
    gallery = file_join(folder, "gallery.db");
    test_sizes();
    test_decode_size();
    test_make();
    test_lost();
    test_bound();
    test_path();
    test_threads();
    tree_remove(folder);
    free(gallery);
    free(folder);
    return done_testing();
}
