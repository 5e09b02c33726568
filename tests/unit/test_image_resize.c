/* SPDX-License-Identifier: MIT */
/* image_resize against Pillow 9.4: the hashes are those of Pillow's own results. */
#include "base/hash.h"
#include "image/image.h"
#include "tap.h"

/* A picture of formulas, the same in the Python that made the hashes below. */
static struct image *make_picture(int width, int height)
{
    struct error err;
    struct image *image;
    if (image_new(width, height, &image, &err))
        exit(2);
    uint8_t *out = image->rgb;
    for (uint32_t y = 0; y < (uint32_t)height; y++)
        for (uint32_t x = 0; x < (uint32_t)width; x++)
            for (uint32_t c = 0; c < 3; c++)
                *out++ = (uint8_t)(x * x * (c + 1) + y * 37 + x * y * (3 - c) +
                                   (x / 7 + y / 5) % 2 * 128);
    return image;
}

static void hash_picture(const struct image *image, char ret_hex[HASH_HEX_SIZE])
{
    uint8_t digest[HASH_BYTES];
    hash_bytes(image->rgb, (size_t)image->width * (size_t)image->height * 3, digest);
    hash_hex(digest, ret_hex);
    ret_hex[16] = '\0';
}

/* Made by, with numpy's x, y = mgrid and the formula above as array a:
 *   hashlib.sha256(Image.fromarray(a).resize((W, H), Image.BICUBIC).tobytes()).hexdigest()[:16] */
static void test_against_pillow(void)
{
    static const struct {
        int width, height, to_width, to_height;
        const char *hash;
    } cases[] = {
        {40, 30, 20, 15, "f9b024b553d7d8fe"},     {40, 30, 13, 7, "020f8b434a0f0e77"},
        {40, 30, 1, 1, "ed976f6f5fc21ee4"},       {40, 30, 40, 30, "1f62c86db02111ca"},
        {40, 30, 40, 11, "496b1b7d3a1980b9"},     {40, 30, 17, 30, "dcac6e381c170cd4"},
        {7, 5, 50, 41, "24b82887596efd24"},       {1, 1, 9, 3, "6778c7c7b6b6c1c2"},
        {640, 480, 299, 224, "3686e1bc398c7eb5"}, {300, 2, 33600, 224, "9086c79d17c54234"},
        {1000, 3, 5, 200, "4dd4586ebe0bd178"},    {129, 257, 64, 300, "6f29e5edf433f963"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(image) *from = make_picture(cases[i].width, cases[i].height);
        AUTO(image) *to = NULL;
        struct error err = ERROR_INIT;
        char hex[HASH_HEX_SIZE] = "", name[64];
        if (!image_resize(from, cases[i].to_width, cases[i].to_height, &to, &err))
            hash_picture(to, hex);
        snprintf(name, sizeof name, "%d x %d to %d x %d as Pillow", cases[i].width, cases[i].height,
                 cases[i].to_width, cases[i].to_height);
        is_str(hex, cases[i].hash, name);
    }
}

static bool is_crop_of(const struct image *crop, const struct image *whole, int left, int top)
{
    for (int y = 0; y < crop->height; y++) {
        size_t at = (size_t)(top + y) * (size_t)whole->width + (size_t)left;
        if (memcmp(crop->rgb + 3 * (size_t)y * (size_t)crop->width, whole->rgb + 3 * at,
                   3 * (size_t)crop->width) != 0)
            return false;
    }
    return true;
}

static void test_crops(void)
{
    static const struct {
        int width, height, left, top, crop_width, crop_height;
    } crops[] = {
        {60, 45, 0, 0, 60, 45},   {60, 45, 11, 5, 30, 31},    {60, 45, 59, 44, 1, 1},
        {250, 190, 3, 80, 9, 90}, {250, 190, 0, 189, 250, 1}, {97, 73, 20, 0, 1, 73},
    };
    AUTO(image) *from = make_picture(97, 73);
    for (size_t i = 0; i < sizeof crops / sizeof *crops; i++) {
        AUTO(image) *whole = NULL;
        AUTO(image) *crop = NULL;
        struct error err = ERROR_INIT;
        bool same =
            !image_resize(from, crops[i].width, crops[i].height, &whole, &err) &&
            !image_resize_crop(from, crops[i].width, crops[i].height, crops[i].left, crops[i].top,
                               crops[i].crop_width, crops[i].crop_height, &crop, &err) &&
            crop->width == crops[i].crop_width && crop->height == crops[i].crop_height &&
            is_crop_of(crop, whole, crops[i].left, crops[i].top);
        ok(same, "a crop of %d x %d at %d, %d has the whole resize's pixels", crops[i].crop_width,
           crops[i].crop_height, crops[i].left, crops[i].top);
    }
}

/* A strip of 1 x 65535 pixels has a resized form of 14 million rows, of which the crop needs 224.
 */
static void test_long_strip(void)
{
    AUTO(image) *strip = make_picture(65535, 1);
    AUTO(image) *crop = NULL;
    struct error err = ERROR_INIT;
    int width = 224 * 65535;
    int rc = image_resize_crop(strip, width, 224, (width - 224) / 2, 0, 224, 224, &crop, &err);
    ok(rc == 0 && crop->width == 224 && crop->height == 224, "the middle of a very long strip");
}

static void test_refusals(void)
{
    static const int bad[][6] = {
        {0, 5, 0, 0, 1, 1},  {5, 5, 0, 0, 0, 5}, {5, 5, 1, 0, 5, 5},
        {5, 5, -1, 0, 5, 5}, {5, 5, 0, 3, 5, 3}, {5, -5, 0, 0, 1, 1},
    };
    AUTO(image) *from = make_picture(10, 10);
    struct image *out = NULL;
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const int *b = bad[i];
        int rc = image_resize_crop(from, b[0], b[1], b[2], b[3], b[4], b[5], &out, &err);
        ok(rc == ERR_INVALID && err.code == rc && !out, "refused: %s", err.message);
    }
    is_int(image_resize(from, 65535, 65535, &out, &err), ERR_LIMIT, "12 GiB of pixels are refused");
    is_int(image_new(-1, 5, &out, &err), ERR_INVALID, "a picture of negative width is refused");
}

int main(void)
{
    test_against_pillow();
    test_crops();
    test_long_strip();
    test_refusals();
    return done_testing();
}
