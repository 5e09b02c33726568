/* SPDX-License-Identifier: MIT */
/* HEIF and AVIF files that libheif 1.15 refuses, or decodes with more memory than there is, and
 * what is done to their pixels afterwards. Files are put together here around a picture of
 * libheif's own encoder, and compared with that picture; those of ../shared with what avifdec and
 * heif-convert make of them. */
#include "base/file.h"
#include "base/limits.h"
#include "cage/cage.h"
#include "heif_file.h"
#include "image/image.h"
#include "sanitized.h"
#include "shared.h"
#include "tap.h"

#define SIDE 64

static struct bytes plain;   /* SIDE x SIDE */
static struct image *pixels; /* of it */

static struct image *decode(const struct bytes *b, int short_edge_px, struct photo_facts *ret_facts)
{
    struct image *image = NULL;
    struct error err = ERROR_INIT;
    struct decode_options options = {.short_edge_px = short_edge_px};
    if (image_decode(b->data, b->size, &options, &image, ret_facts, &err))
        diag("%s", err.message);
    return image;
}

static void make_plain(void)
{
    static uint8_t rgb[SIDE * SIDE * 3]; /* no symmetry */
    for (int y = 0, i = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++, i += 3) {
            rgb[i] = (uint8_t)(x * 3 + 20);
            rgb[i + 1] = (uint8_t)(y * 3 + x / 2);
            rgb[i + 2] = (uint8_t)(250 - x - y * 2);
        }
    plain = encode_heif(rgb, SIDE, SIDE, heif_compression_HEVC, NULL, 0);
    pixels = plain.size ? decode(&plain, 0, NULL) : NULL;
}

static const uint8_t *plain_at(int x, int y)
{
    return pixels->rgb + 3 * ((y % SIDE) * SIDE + x % SIDE);
}

/* Where the pixel of the upright picture at x, y is in the stored one. */
typedef void where(int *x, int *y);

static void nowhere_else(int *x, int *y)
{
    (void)x, (void)y;
}

static void check_recipe(const char *name, const struct heif_recipe *recipe, int width, int height,
                         where *from)
{
    struct bytes b = make_heif(&plain, SIDE, recipe);
    struct photo_facts facts = {0};
    AUTO(image) *image = decode(&b, 0, &facts);
    bool same = image && image->width == width && image->height == height && facts.width == width &&
                facts.height == height;
    for (int y = 0; y < height && same; y++)
        for (int x = 0; x < width && same; x++) {
            int in_x = x, in_y = y;
            from(&in_x, &in_y);
            same = memcmp(image->rgb + 3 * (y * width + x), plain_at(in_x, in_y), 3) == 0;
        }
    ok(same, "%s: %d x %d, the picture's own pixels", name, width, height);
    if (recipe->has_exif)
        is_str(facts.make, "Fujifilm", "and its facts");
    free(b.data);
}

/* What is beside the main picture, and what is missing. */
static void test_refused(void)
{
    check_recipe("plain", &(struct heif_recipe){0}, SIDE, SIDE, nowhere_else);
    check_recipe("gain map of one picture", &(struct heif_recipe){.gain_map_of = 1}, SIDE, SIDE,
                 nowhere_else);
    check_recipe("gain map of two pictures",
                 &(struct heif_recipe){.gain_map_of = 2, .has_tone_map = true, .has_exif = true},
                 SIDE, SIDE, nowhere_else);
    check_recipe("tone map for main picture",
                 &(struct heif_recipe){.has_tone_map = true, .shows_tone_map = true}, SIDE, SIDE,
                 nowhere_else);
    check_recipe("meta box without a size", &(struct heif_recipe){.is_endless = true}, SIDE, SIDE,
                 nowhere_else);
    check_recipe("unknown brand", &(struct heif_recipe){.brand = "hevc\0\0\0\0msf1"}, SIDE, SIDE,
                 nowhere_else);
    check_recipe("no main picture named",
                 &(struct heif_recipe){.brand = "hevc\0\0\0\0msf1", .has_no_primary = true}, SIDE,
                 SIDE, nowhere_else);
    check_recipe("hidden main picture", &(struct heif_recipe){.is_hidden = true}, SIDE, SIDE,
                 nowhere_else);
}

static void in_grid_left(int *x, int *y) /* 120 x 100, turned counter-clockwise: 100 x 120 */
{
    int kept = *x;
    *x = 119 - *y;
    *y = kept;
}

static void in_grid_mirrored(int *x, int *y) /* cropped to 60 x 40 in the middle, then mirrored */
{
    *x = 30 + 59 - *x;
    *y += 30;
}

static void test_grids(void)
{
    struct heif_recipe grid = {.columns = 2, .rows = 2, .width = 120, .height = 100};
    check_recipe("grid", &grid, 120, 100, nowhere_else);
    grid.has_exif = true;
    grid.gain_map_of = 2;
    grid.has_tone_map = true;
    check_recipe("grid of a phone", &grid, 120, 100, nowhere_else);
    grid = (struct heif_recipe){.columns = 2, .rows = 2, .width = 120, .height = 100};
    grid.transforms = (const uint8_t *)"\0\0\0\x09irot\x01";
    grid.transforms_size = 9;
    check_recipe("grid that is turned", &grid, 100, 120, in_grid_left);
    grid.transforms = (const uint8_t *)"\0\0\0\x28"
                                       "clap\0\0\0\x3C\0\0\0\1\0\0\0\x28\0\0\0\1\0\0\0\0\0\0\0\1"
                                       "\0\0\0\0\0\0\0\1\0\0\0\x09imir\x01";
    grid.transforms_size = 49;
    check_recipe("grid that is cropped and mirrored", &grid, 60, 40, in_grid_mirrored);
    grid = (struct heif_recipe){.columns = 3, .rows = 1, .width = 500, .height = 60};
    struct bytes b = make_heif(&plain, SIDE, &grid);
    struct image *image = NULL;
    struct error err = ERROR_INIT;
    ok(image_decode(b.data, b.size, NULL, &image, NULL, &err) && err.message[0],
       "tiles that do not cover their grid: %s", err.message);
    image_free(image);
    free(b.data);
}

/* 200 million pixels, as today's phones have: of tiles that cost little. */
static void test_huge_grid(void)
{
    enum { TILE = 512 };
    static uint8_t grey[TILE * TILE * 3];
    if (!getenv("KEEPSAKE_TEST_LONG")) {
        skip("768 tiles: KEEPSAKE_TEST_LONG=1");
        return;
    }
    memset(grey, 90, sizeof grey);
    struct bytes tile = encode_heif(grey, TILE, TILE, heif_compression_HEVC, NULL, 0);
    struct heif_recipe recipe = {.columns = 32,
                                 .rows = 24,
                                 .width = 16320,
                                 .height = 12240,
                                 .transforms = (const uint8_t *)"\0\0\0\x09irot\x03",
                                 .transforms_size = 9};
    struct bytes b = make_heif(&tile, TILE, &recipe);
    struct decode_options options = {.short_edge_px = 224};
    struct photo_facts facts = {0};
    struct error err = ERROR_INIT;
    AUTO(image) *image = NULL;
    ok(cage_decode(b.data, b.size, &options, &image, &facts, &err) == 0 && facts.width == 12240 &&
           facts.height == 16320 && image->width * 4 == image->height * 3 && image->width >= 448 &&
           abs(image->rgb[image->width * image->height * 3 - 1] - 90) <= 1,
       "a grid of 200 million pixels (%s)", err.message);
    free(b.data);
    free(tile.data);
}

/* ---- colours ---- */

/* 200, 100, 50 in the colours that a colr box names; in sRGB by the formulas of the standards, as
 * in test_colour.c. Coding and the transform of colours leave some levels. */
static void check_colour(const char *name, const char *code_points, const uint8_t want[3])
{
    static uint8_t orange[SIDE * SIDE * 3];
    uint8_t box[19] = "\0\0\0\x13"
                      "colrnclx";
    for (int i = 0; i < SIDE * SIDE; i++)
        memcpy(orange + 3 * i, (const uint8_t[]){200, 100, 50}, 3);
    memcpy(box + 12, code_points, 7);
    struct bytes coded = encode_heif(orange, SIDE, SIDE, heif_compression_HEVC, NULL, 0);
    struct heif_recipe recipe = {.transforms = box, .transforms_size = sizeof box};
    struct bytes b = make_heif(&coded, SIDE, &recipe);
    AUTO(image) *image = decode(&b, 0, NULL);
    const uint8_t *px = image ? image->rgb + 3 * (SIDE * SIDE / 2) : orange;
    bool near = image != NULL;
    for (int c = 0; c < 3; c++)
        near = near && abs(px[c] - want[c]) <= 3;
    if (!ok(near, "%s: %d, %d, %d", name, want[0], want[1], want[2]))
        diag("it is %d, %d, %d", px[0], px[1], px[2]);
    free(b.data);
    free(coded.data);
}

static void test_colours(void)
{
    check_colour("code points of sRGB", "\0\x01\0\x0D\0\x06\x80", (const uint8_t[]){200, 100, 50});
    check_colour("code points of BT.709", "\0\x01\0\x01\0\x06\x80",
                 (const uint8_t[]){200, 100, 50});
    check_colour("code points of nothing", "\0\x02\0\x02\0\x06\x80",
                 (const uint8_t[]){200, 100, 50});
    check_colour("code points of Display P3", "\0\x0C\0\x0D\0\x06\x80",
                 (const uint8_t[]){215, 93, 31});
    check_colour("code points of BT.2020", "\0\x09\0\x0E\0\x06\x80",
                 (const uint8_t[]){241, 76, 29});
}

/* ---- ../shared ---- */

static struct image *decode_shared(const char *name, int short_edge_px,
                                   struct photo_facts *ret_facts)
{
    char relative[256], path[1024];
    struct file file;
    struct error err = ERROR_INIT;
    struct image *image = NULL;
    struct decode_options options = {.short_edge_px = short_edge_px};
    snprintf(relative, sizeof relative, "faults/pictures/%s", name);
    if (file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err) ||
        cage_decode(file.data, file.size, &options, &image, ret_facts, &err))
        diag("%s: %s", name, err.message);
    file_release(&file);
    return image;
}

/* The means of red, green and blue are the judge's. */
static void check_means(const char *name, int width, int height, const double want[3],
                        double tolerance)
{
    AUTO(image) *image = decode_shared(name, 0, NULL);
    double sums[3] = {0};
    bool good = image && image->width == width && image->height == height;
    int n_px = good ? width * height : 0;
    for (int i = 0; i < n_px * 3; i++)
        sums[i % 3] += image->rgb[i];
    for (int c = 0; c < 3 && good; c++)
        good = sums[c] / n_px > want[c] - tolerance && sums[c] / n_px < want[c] + tolerance;
    if (!ok(good, "%s: %d x %d, its mean is %.1f, %.1f, %.1f", name, width, height, want[0],
            want[1], want[2]) &&
        image)
        diag("%d x %d: %.2f, %.2f, %.2f", image->width, image->height, sums[0] / n_px,
             sums[1] / n_px, sums[2] / n_px);
}

static void check_pixel(const char *name, int x, int y, const uint8_t want[3], int tolerance)
{
    AUTO(image) *image = decode_shared(name, 0, NULL);
    bool near = image != NULL;
    for (int c = 0; c < 3 && near; c++)
        near = abs(image->rgb[3 * (y * image->width + x) + c] - want[c]) <= tolerance;
    ok(near, "%s at %d, %d: %d, %d, %d", name, x, y, want[0], want[1], want[2]);
}

static void test_shared(void)
{
    check_means("heic_shared_aux_ios18.heic", 320, 240, (const double[]){174.1, 166.7, 137.6}, 1);
    check_means("draw_points_idat_metasize0.avif", 33, 11, (const double[]){163.7, 39.7, 130.0}, 1);
    check_means("avis_only_Chimera-AV1-10bit-480x270.avif", 480, 270,
                (const double[]){83.4, 87.1, 88.3}, 1);
    check_means("avif_10bit_imir1.avif", 320, 240, (const double[]){174.1, 166.7, 137.6}, 1);
    check_pixel("avif_10bit_imir1.avif", 20, 30, (const uint8_t[]){227, 235, 235}, 2);
    check_pixel("avif_10bit_imir1.avif", 300, 200, (const uint8_t[]){251, 253, 255}, 2);
    /* Greys of full range, and of limited range, which are coded apart. */
    check_means("mono10_full.avif", 160, 120, (const double[]){105.7, 105.7, 105.7}, 1);
    check_means("mono10_limited.avif", 160, 120, (const double[]){105.7, 105.7, 105.7}, 1);
}

/* Within the memory that decoding has where nobody says how much. */
static void test_large(void)
{
    static const struct {
        const char *name;
        int width, height;
        uint8_t middle[3]; /* as heif-convert has it */
    } large[] = {
        {"heic_10bit_61MP_9504x6336.heic", 9504, 6336, {128, 112, 104}},
        {"heic_8bit_108MP_12000x9000.heic", 12000, 9000, {128, 111, 103}},
    };
    if (UNDER_SANITIZER) {
        skip("a hundred million pixels take minutes here");
        return;
    }
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        struct photo_facts facts = {0};
        AUTO(image) *image = decode_shared(large[i].name, 224, &facts);
        bool good = image && facts.width == large[i].width && facts.height == large[i].height &&
                    image->height >= 448;
        const uint8_t *px =
            good ? image->rgb + 3 * (image->height / 2 * image->width + image->width / 2) : NULL;
        for (int c = 0; c < 3 && good; c++)
            good = abs(px[c] - large[i].middle[c]) <= 2;
        ok(good, "%s is decoded", large[i].name);
    }
}

int main(void)
{
    make_plain();
    if (pixels) {
        test_refused();
        test_grids();
        test_huge_grid();
        test_colours();
    } else {
        skip("this libheif has no HEVC encoder");
    }
    if (shared_exists("faults/pictures/mono10_full.avif")) {
        test_shared();
        test_large();
    } else {
        skip("the pictures of ../shared/faults are not there");
    }
    image_free(pixels);
    free(plain.data);
    return done_testing();
}
