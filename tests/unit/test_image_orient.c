/* SPDX-License-Identifier: MIT */
/* The eight orientations: against their definition on a small picture, and on pictures that others
 * stored in all eight ways. */
#include "base/file.h"
#include "base/limits.h"
#include "image/image.h"
#include "image/image_orient.h"
#include "shared.h"
#include "tap.h"

/* 3 x 2 pixels numbered by rows, and what each orientation shows (Exif 2.32, tag 274: which side of
 * the scene the stored first row and first column are). */
static void test_definition(void)
{
    static const struct {
        int width;
        const char *pixels;
    } want[] = {
        {3, "123456"}, {3, "123456"}, {3, "321654"}, {3, "654321"}, {3, "456123"},
        {2, "142536"}, {2, "415263"}, {2, "635241"}, {2, "362514"}, {3, "123456"},
    };
    for (int orientation = 0; orientation <= 9; orientation++) {
        struct image *image;
        struct error err;
        char got[7] = "";
        if (image_new(3, 2, &image, &err))
            exit(2);
        for (int i = 0; i < 18; i++)
            image->rgb[i] = (uint8_t)(i / 3 + '1' + 64 * (i % 3));
        bool whole = image_orient(&image, orientation, &err) == 0;
        for (int i = 0; i < 6; i++) {
            got[i] = (char)image->rgb[3 * i];
            whole &= image->rgb[3 * i + 1] == got[i] + 64 && image->rgb[3 * i + 2] == got[i] + 128;
        }
        ok(whole && image->width == want[orientation].width && image->width * image->height == 6 &&
               strcmp(got, want[orientation].pixels) == 0,
           "orientation %d shows %s", orientation, want[orientation].pixels);
        image_free(image);
    }
}

/* Larger than the squares that turning works in: each orientation undone by its inverse. */
static void test_round_trips(void)
{
    static const int inverse[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
    for (int orientation = 2; orientation <= 8; orientation++) {
        struct image *image;
        struct error err;
        const size_t size = (size_t)101 * 67 * 3;
        if (image_new(101, 67, &image, &err))
            exit(2);
        for (size_t i = 0; i < size; i++)
            image->rgb[i] = (uint8_t)(i * i >> 7);
        uint8_t *before = memcpy(malloc(size), image->rgb, size);
        bool turned = !image_orient(&image, orientation, &err) &&
                      memcmp(before, image->rgb, size) != 0 &&
                      !image_orient(&image, inverse[orientation], &err);
        ok(turned && image->width == 101 && memcmp(before, image->rgb, size) == 0,
           "orientation %d, then %d: as before", orientation, inverse[orientation]);
        free(before);
        image_free(image);
    }
}

static struct image *decode_shared(const char *relative)
{
    char path[1024];
    struct file file;
    struct image *image = NULL;
    struct error err = ERROR_INIT;
    int rc =
        file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err);
    if (!rc) {
        rc = image_decode(file.data, file.size, NULL, &image, NULL, &err);
        file_release(&file);
    }
    if (rc)
        diag("%s: %s", relative, err.message);
    return image;
}

/* Mean difference of all samples, in levels; 255 for pictures of different sizes. */
static double mean_difference(const struct image *a, const struct image *b)
{
    if (!a || !b || a->width != b->width || a->height != b->height)
        return 255;
    double sum = 0;
    size_t n = (size_t)a->width * (size_t)a->height * 3;
    for (size_t i = 0; i < n; i++)
        sum += abs(a->rgb[i] - b->rgb[i]);
    return sum / (double)n;
}

/* Each stored copy was compressed anew and bears its own number, so copies differ a little; shown
 * in a wrong one of the eight ways they differ by 20 and more. */
static void test_stored(const char *before, const char *after, int first, int last, double allowed)
{
    char name[256];
    snprintf(name, sizeof name, "%s%d%s", before, first, after);
    if (!shared_exists(name)) {
        skip("%s is not there", name);
        return;
    }
    AUTO(image) *upright = decode_shared(name);
    for (int i = first + 1; i <= last; i++) {
        snprintf(name, sizeof name, "%s%d%s", before, i, after);
        AUTO(image) *image = decode_shared(name);
        double off = mean_difference(upright, image);
        if (!ok(off < allowed, "%s is upright", name))
            diag("%.1f levels off on average", off);
    }
}

int main(void)
{
    test_definition();
    test_round_trips();
    test_stored("torture/exif-orientation/Landscape_", ".jpg", 0, 8, 10);
    test_stored("torture/exif-orientation/Portrait_", ".jpg", 0, 8, 10);
    test_stored("torture/pillow/g4_orientation_", ".tif", 3, 8, 2);
    test_stored("torture/pillow/rot", "mir0.avif", 0, 3, 10);
    test_stored("torture/pillow/rot", "mir1.avif", 0, 3, 10);
    return done_testing();
}
