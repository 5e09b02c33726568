/* SPDX-License-Identifier: MIT */
/* Each format: a good sample, the same truncated at many lengths, the same lying about its size,
 * and with alpha or facts where the format has them. The samples come from the codecs' own
 * encoders. */
#include <pthread.h>

#include "encode.h"
#include "exif_block.h"
#include "image/heif_coded.h"
#include "image/image.h"
#include "tap.h"

#define WIDTH 64
#define HEIGHT 48

static uint8_t picture[WIDTH * HEIGHT * 3]; /* smooth, so that lossy codecs stay close */
static uint8_t indices[WIDTH * HEIGHT];     /* the green of it, for GIF */

static void make_picture(void)
{
    for (int y = 0, i = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++, i++) {
            picture[3 * i] = (uint8_t)(x * 3 + 20);
            picture[3 * i + 1] = (uint8_t)(y * 4 + x / 2);
            picture[3 * i + 2] = (uint8_t)(250 - x - y * 2);
            indices[i] = picture[3 * i + 1];
        }
}

static int decode(const struct bytes *b, struct image **ret_image, struct photo_facts *ret_facts,
                  struct error *err)
{
    uint8_t *copy = malloc(b->size + !b->size); /* ends where its memory does */
    memcpy(copy, b->data, b->size);
    int rc = image_decode(copy, b->size, NULL, ret_image, ret_facts, err);
    free(copy);
    return rc;
}

static int largest_difference(const struct image *image, const uint8_t *want, size_t size)
{
    int most = 0;
    for (size_t i = 0; i < size; i++) {
        int off = abs(image->rgb[i] - want[i]);
        most = off > most ? off : most;
    }
    return most;
}

/* The sample decodes to `want` within `tolerance`, and its facts are right. */
static void check_good(const char *name, const struct bytes *b, const char *format, int width,
                       int height, const uint8_t *want, int tolerance)
{
    AUTO(image) *image = NULL;
    struct photo_facts facts = {0};
    struct error err = ERROR_INIT;
    if (!ok(decode(b, &image, &facts, &err) == 0, "%s decodes", name)) {
        diag("%s", err.message);
        return;
    }
    ok(strcmp(facts.format, format) == 0 && facts.width == width && facts.height == height &&
           image->width == width && image->height == height,
       "%s: %s of %d x %d", name, facts.format, facts.width, facts.height);
    int off = largest_difference(image, want, (size_t)width * (size_t)height * 3);
    if (!ok(off <= tolerance, "%s: pixels at most %d off", name, tolerance))
        diag("%d off", off);
}

/* An error with a sentence, no picture, outputs untouched. */
static bool fails_well(const struct bytes *b)
{
    struct image *image = NULL;
    struct error err = ERROR_INIT;
    int rc = decode(b, &image, NULL, &err);
    bool well = rc < 0 && rc == err.code && !image && strlen(err.message) > 10 &&
                !strpbrk(err.message, "\r\n");
    if (!well)
        diag("code %d, \"%s\" at %zu bytes", rc, err.message, b->size);
    image_free(image);
    return well;
}

static bool is_marked(const struct bytes *b)
{
    AUTO(image) *image = NULL;
    struct photo_facts facts = {0};
    return decode(b, &image, &facts, NULL) == 0 && strstr(facts.damage, "early");
}

/* What lacks more than the last `needed` bytes is an error, or a picture that is marked as damaged.
 */
static void check_truncated(const char *name, const struct bytes *b, size_t needed)
{
    int n = 0, well = 0;
    for (size_t size = 0; size + needed < b->size; size += 1 + b->size / 60, n++) {
        struct bytes cut = {b->data, size};
        well += is_marked(&cut) || fails_well(&cut);
    }
    struct bytes last = {b->data, b->size - needed - 1};
    n++;
    well += is_marked(&last) || fails_well(&last);
    ok(well == n, "%s truncated at %d lengths: clear errors, or marked as damaged", name, n);
}

/* The sample with bytes at `at` replaced. */
static void check_lie(const char *name, const struct bytes *b, size_t at, const void *lie, size_t n,
                      int want)
{
    struct bytes lying = {0};
    struct image *image = NULL;
    struct error err = ERROR_INIT;
    bytes_add(&lying, b->data, b->size);
    memcpy(lying.data + at, lie, n);
    int rc = decode(&lying, &image, NULL, &err);
    if (!ok(rc == want && !image, "%s: %s", name, err.message))
        diag("code %d, want %d", rc, want);
    image_free(image);
    free(lying.data);
}

/* What picture gives over white with alpha x * 4 at column x. */
static void make_alpha(uint8_t *ret_rgba, uint8_t *ret_flat)
{
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int alpha = i % WIDTH * 4;
        memcpy(ret_rgba + 4 * i, picture + 3 * i, 3);
        ret_rgba[4 * i + 3] = (uint8_t)alpha;
        for (int c = 0; c < 3; c++)
            ret_flat[3 * i + c] =
                (uint8_t)((picture[3 * i + c] * alpha + 255 * (255 - alpha)) / 255.0 + 0.5);
    }
}

static void test_jpeg(void)
{
    struct bytes b = encode_jpeg(picture, WIDTH, HEIGHT, false);
    struct bytes p = encode_jpeg(picture, WIDTH, HEIGHT, true);
    /* Quality 95 without chroma subsampling: rounding of the transform and of YCbCr. */
    check_good("JPEG", &b, "jpeg", WIDTH, HEIGHT, picture, 6);
    check_good("progressive JPEG", &p, "jpeg", WIDTH, HEIGHT, picture, 6);
    check_truncated("JPEG", &b, 4); /* a missing end marker is forgiven, and padding before it */
    check_truncated("progressive JPEG", &p, 4);
    struct bytes unended = {b.data, b.size - 2};
    check_good("JPEG without its end marker", &unended, "jpeg", WIDTH, HEIGHT, picture, 6);
    size_t frame = bytes_find(&b, "\xFF\xC0", 2);
    check_lie("JPEG, twice as high", &b, frame + 5, "\0\x60", 2, ERR_CORRUPT);
    check_lie("JPEG, huge", &b, frame + 5, "\xFF\xFF\xFF\xFF", 4, ERR_LIMIT);
    for (int i = 0; i < 600; i++) /* empty scans before the end */
        bytes_insert(&p, p.size - 2, "\xFF\xDA\0\x08\x01\x01\0\0\x3F\0", 10);
    check_lie("JPEG of 600 scans", &p, 0, "\xFF", 1, ERR_LIMIT);
    free(b.data);
    free(p.data);
}

static void test_png(void)
{
    uint8_t rgba[WIDTH * HEIGHT * 4], flat[WIDTH * HEIGHT * 3];
    make_alpha(rgba, flat);
    struct bytes b = encode_png(picture, WIDTH, HEIGHT, PNG_FORMAT_RGB);
    struct bytes a = encode_png(rgba, WIDTH, HEIGHT, PNG_FORMAT_RGBA);
    check_good("PNG", &b, "png", WIDTH, HEIGHT, picture, 0);
    check_good("PNG with alpha", &a, "png", WIDTH, HEIGHT, flat, 0);
    check_truncated("PNG", &b, 12 + 4 + 5); /* the end chunk; checksums of chunk and zlib */
    check_lie("PNG, another height without its checksum", &b, 20, "\0\0\0\x60", 4, ERR_CORRUPT);
    /* CRC-32 of "IHDR" and its fields with that height: Python's zlib.crc32. */
    check_lie("PNG, twice as high", &b, 20, "\0\0\0\x60\x08\x02\0\0\0\x22\xa7\xe3\xbf", 13,
              ERR_CORRUPT);
    check_lie("PNG, huge", &b, 16, "\0\0\xFF\xFF\0\0\xFF\xFF", 8, ERR_LIMIT);
    check_lie("PNG, wider than can be", &b, 16, "\x7F\xFF\xFF\xFF", 4, ERR_LIMIT);
    check_lie("PNG of no width", &b, 16, "\0\0\0\0", 4, ERR_CORRUPT);
    free(b.data);
    free(a.data);
}

static void test_webp(void)
{
    uint8_t rgba[WIDTH * HEIGHT * 4], flat[WIDTH * HEIGHT * 3];
    make_alpha(rgba, flat);
    struct bytes b = encode_webp(picture, WIDTH, HEIGHT, 3);
    struct bytes a = encode_webp(rgba, WIDTH, HEIGHT, 4);
    check_good("WebP", &b, "webp", WIDTH, HEIGHT, picture, 0);
    /* Colours under alpha 0 may change; over white they do not show. */
    check_good("WebP with alpha", &a, "webp", WIDTH, HEIGHT, flat, 0);
    check_truncated("WebP", &b, 1); /* padded to an even size */
    check_lie("WebP, far larger", &b, 21, "\xFF\xFF\xFF", 3, ERR_CORRUPT);
    check_lie("WebP, wider", &b, 21, "\x7F", 1, ERR_CORRUPT);
    free(b.data);
    free(a.data);
}

static void add_le32(struct bytes *b, uint32_t value)
{
    uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                       (uint8_t)(value >> 24)};
    bytes_add(b, bytes, 4);
}

/* An extended WebP file by hand: 100 x 80 canvas, animation flag, one frame at 20, 10; Exif. */
static struct bytes make_animation(const struct bytes *still)
{
    struct bytes out = {0};
    uint32_t frame = (uint32_t)still->size - 12;
    bytes_add(&out, "RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x0A\0\0\0\x63\0\0\x4F\0\0", 30);
    bytes_add(&out, "ANIM\x06\0\0\0\xFF\0\0\xFF\0\0", 14);
    bytes_add(&out, "ANMF", 4);
    add_le32(&out, 16 + frame);
    bytes_add(&out, "\x0A\0\0\x05\0\0", 6); /* halves of left and top */
    uint8_t sides[] = {WIDTH - 1, 0, 0, HEIGHT - 1, 0, 0, 100, 0, 0, 0};
    bytes_add(&out, sides, sizeof sides);
    bytes_add(&out, still->data + 12, frame);
    bytes_add(&out, "EXIF", 4);
    add_le32(&out, EXIF_BLOCK_SIZE);
    bytes_add(&out, exif_block, EXIF_BLOCK_SIZE);
    uint32_t size = (uint32_t)out.size - 8;
    for (int i = 0; i < 4; i++)
        out.data[4 + i] = (uint8_t)(size >> 8 * i);
    return out;
}

static void test_webp_animation(void)
{
    struct bytes still = encode_webp(picture, WIDTH, HEIGHT, 3);
    struct bytes b = make_animation(&still);
    AUTO(image) *image = NULL;
    struct photo_facts facts = {0};
    struct error err = ERROR_INIT;
    if (!ok(decode(&b, &image, &facts, &err) == 0, "an animated WebP decodes"))
        diag("%s", err.message);
    else {
        /* Exif says 6: turned clockwise, (x, y) of the canvas is now at (79 - y, x). */
        ok(image->width == 80 && image->height == 100 && facts.width == 80, "upright canvas");
        const uint8_t *corner = image->rgb + (20 * 80 + 79 - 10) * 3;
        ok(memcmp(corner, picture, 3) == 0, "the frame's first pixel is where it belongs");
        ok(image->rgb[0] == 255 && image->rgb[80 * 100 * 3 - 1] == 255, "white around the frame");
        is_str(facts.make, "Fujifilm", "facts from the WebP's Exif chunk");
    }
    free(still.data);
    free(b.data);
}

static void test_gif(void)
{
    uint8_t grey[WIDTH * HEIGHT * 3], canvas[77 * 57 * 3];
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        memset(grey + 3 * i, indices[i], 3);
    struct bytes b = encode_gif(indices, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT, -1);
    check_good("GIF", &b, "gif", WIDTH, HEIGHT, grey, 0);
    check_truncated("GIF", &b, 4); /* the end of the data, of its blocks, of the file */
    size_t frame = bytes_find(&b, "\x2C\0\0\0\0\x40\0\x30\0", 9);
    check_lie("GIF, twice as high", &b, frame + 7, "\x60\0", 2, ERR_CORRUPT);
    check_lie("GIF, huge", &b, 6, "\xFF\xFF\xFF\xFF", 4, ERR_LIMIT);
    free(b.data);
    memset(canvas, 255, sizeof canvas);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (indices[y * WIDTH + x] != 77)
                memset(canvas + ((y + 9) * 77 + x + 13) * 3, indices[y * WIDTH + x], 3);
    b = encode_gif(indices, WIDTH, HEIGHT, 13, 9, 70, 50, 77);
    check_good("GIF with a hole, larger than its screen", &b, "gif", 77, 57, canvas, 0);
    free(b.data);
}

static void test_tiff(void)
{
    uint8_t rgba[WIDTH * HEIGHT * 4], flat[WIDTH * HEIGHT * 3];
    make_alpha(rgba, flat);
    struct bytes b = encode_tiff(picture, WIDTH, HEIGHT, 3, 1);
    struct bytes a = encode_tiff(rgba, WIDTH, HEIGHT, 4, 1);
    check_good("TIFF", &b, "tiff", WIDTH, HEIGHT, picture, 0);
    /* libtiff multiplies by alpha in 8 bits before we add the white. */
    check_good("TIFF with alpha", &a, "tiff", WIDTH, HEIGHT, flat, 1);
    check_truncated("TIFF", &b, 60); /* its directory is at the end, values of tags behind that */
    size_t height = bytes_find(&b, "\x01\x01\x03\0\x01\0\0\0\x30\0", 10) + 8;
    check_lie("TIFF, twice as high", &b, height, "\x60\0", 2, ERR_CORRUPT);
    check_lie("TIFF of no height", &b, height, "\0\0", 2, ERR_CORRUPT);
    size_t width = bytes_find(&b, "\0\x01\x03\0\x01\0\0\0\x40\0", 10) + 8;
    check_lie("TIFF, wider", &b, width, "\xFF\xFF", 2, ERR_CORRUPT);
    free(a.data);
    free(b.data);
    AUTO(image) *image = NULL;
    struct photo_facts facts = {0};
    b = encode_tiff(picture, WIDTH, HEIGHT, 3, 8);
    ok(decode(&b, &image, &facts, NULL) == 0 && image->width == HEIGHT && facts.width == HEIGHT,
       "TIFF of orientation 8 is turned");
    ok(image && memcmp(image->rgb, picture + 3 * (WIDTH - 1), 3) == 0, "once, and to the left");
    is_str(facts.make, "Epson", "TIFF: make");
    is_str(facts.taken, "", "TIFF: DateTime, the last change, is not when it was taken");
    free(b.data);
}

/* One row of 65535 grey pixels in 4096 tiles of 16 x 8388608: 512 GiB to unpack for 64 KB. */
static void test_tiff_bomb(void)
{
    static const char bomb[] = "II*\0\x08\0\0\0\x09\0"
                               "\0\x01\x04\0\x01\0\0\0\xFF\xFF\0\0"       /* width */
                               "\x01\x01\x04\0\x01\0\0\0\x01\0\0\0"       /* height */
                               "\x02\x01\x03\0\x01\0\0\0\x08\0\0\0"       /* bits */
                               "\x03\x01\x03\0\x01\0\0\0\x08\0\0\0"       /* Deflate */
                               "\x06\x01\x03\0\x01\0\0\0\x01\0\0\0"       /* black is zero */
                               "\x42\x01\x04\0\x01\0\0\0\x10\0\0\0"       /* tile width */
                               "\x43\x01\x04\0\x01\0\0\0\0\0\x80\0"       /* tile height */
                               "\x44\x01\x04\0\x01\0\0\0\x7A\0\0\0"       /* offset */
                               "\x45\x01\x04\0\x01\0\0\0\xFF\xFF\xFF\x0F" /* size */
                               "\0\0\0\0";
    struct bytes b = {(uint8_t *)(uintptr_t)bomb, sizeof bomb - 1};
    check_lie("TIFF of a few pixels in huge tiles", &b, 0, "", 0, ERR_LIMIT);
}

static void test_heif(const char *name, enum heif_compression_format format, const char *want)
{
    struct bytes b =
        encode_heif(picture, WIDTH, HEIGHT, format, exif_block + 6, EXIF_BLOCK_SIZE - 6);
    if (!b.size) {
        skip("this libheif has no %s encoder", name);
        return;
    }
    /* Quality 95 with chroma at half resolution. Exif says "turn", the file itself does not: HEIF's
     * own properties decide, so nothing is turned. */
    check_good(name, &b, want, WIDTH, HEIGHT, picture, 12);
    check_truncated(name, &b, 0);
    uint64_t coded = heif_coded_pixels(b.data, b.size); /* HEVC pads to whole blocks of 64 */
    ok(coded == WIDTH * HEIGHT || (format == heif_compression_HEVC && coded == 64 * 64),
       "%s: %llu coded pixels", name, (unsigned long long)coded);
    size_t sides = bytes_find(&b, "ispe", 4) + 8;
    check_lie("HEIF, huge", &b, sides, "\0\0\xFF\xFF\0\0\xFF\xFF", 8, ERR_LIMIT);
    struct photo_facts facts = {0};
    AUTO(image) *image = NULL;
    ok(decode(&b, &image, &facts, NULL) == 0 && strcmp(facts.model, "X-T3") == 0 && facts.has_place,
       "%s: facts from its Exif item", name);
    free(b.data);
}

/* A file whose decoder configuration announces 65536 x 65536 pixels and whose boxes say nothing:
 * the bits of a reduced still picture header by hand (AV1 5.5.1). */
static void test_av1_bomb(void)
{
    static const char bomb[] = "\0\0\0\x10"
                               "ftypavif\0\0\0\0"
                               "\0\0\0\x31"
                               "meta\0\0\0\0"
                               "\0\0\0\x25"
                               "iprp"
                               "\0\0\0\x1D"
                               "ipco"
                               "\0\0\0\x15"
                               "av1C\x81\0\0\0"
                               "\x0A\x07\x18\x3F\xFF\xFF\xFF\xFF\xFF";
    struct bytes b = {(uint8_t *)(uintptr_t)bomb, sizeof bomb - 1};
    ok(heif_coded_pixels(b.data, b.size) == (uint64_t)65536 * 65536,
       "the AV1 header is understood");
    check_lie("AVIF of 65536 x 65536 in its stream only", &b, 0, "", 0, ERR_LIMIT);
}

/* iref: item 2 is derived from item 1 n times, item 3 from item 2 as often. Item 1 is described
 * nowhere: a tile of 512 x 512. */
static struct bytes make_derived(unsigned n)
{
    struct bytes b = {0};
    bytes_add(&b,
              "\0\0\0\x10"
              "ftypheic\0\0\0\0",
              16);
    size_t meta = b.size;
    bytes_add(&b, "\0\0\0\0meta\0\0\0\0", 12);
    size_t iref = b.size;
    bytes_add(&b, "\0\0\0\0iref\0\0\0\0", 12);
    for (uint8_t item = 2; item <= 3 && n; item++) {
        unsigned size = 12 + 2 * n;
        uint8_t head[] = {0, 0,    (uint8_t)(size >> 8), (uint8_t)size, 'd', 'i', 'm', 'g',
                          0, item, (uint8_t)(n >> 8),    (uint8_t)n};
        bytes_add(&b, head, sizeof head);
        for (unsigned i = 0; i < n; i++)
            bytes_add(&b, item == 2 ? "\0\x01" : "\0\x02", 2);
    }
    for (size_t i = 0; i < 2; i++) {
        size_t at = i ? iref : meta;
        b.data[at + 2] = (uint8_t)((b.size - at) >> 8);
        b.data[at + 3] = (uint8_t)(b.size - at);
    }
    return b;
}

static void test_overlay_bomb(void)
{
    struct bytes none = make_derived(0), some = make_derived(90), many = make_derived(1000);
    ok(heif_derived_pixels(none.data, none.size) == 0, "nothing is derived");
    ok(heif_derived_pixels(some.data, some.size) == (uint64_t)(90 + 90 * 90) * 512 * 512,
       "derived pictures are counted through");
    ok(heif_derived_pixels(many.data, many.size) == UINT64_MAX, "so many items are too many");
    check_lie("HEIC of a thousand times a thousand pictures", &many, 0, "", 0, ERR_LIMIT);
    free(none.data);
    free(some.data);
    free(many.data);
}

/* Exif in a JPEG's APP1 and in a PNG's eXIf chunk; orientation 6 turns both clockwise. */
static void test_facts(void)
{
    struct bytes samples[] = {encode_jpeg(picture, WIDTH, HEIGHT, false),
                              encode_png(picture, WIDTH, HEIGHT, PNG_FORMAT_RGB)};
    uint8_t app1[] = {0xFF, 0xE1, (EXIF_BLOCK_SIZE + 2) >> 8, (EXIF_BLOCK_SIZE + 2) & 255};
    bytes_insert(&samples[0], 2, exif_block, EXIF_BLOCK_SIZE);
    bytes_insert(&samples[0], 2, app1, 4);
    uint8_t chunk[] = {0,   0,  (EXIF_BLOCK_SIZE - 6) >> 8, (EXIF_BLOCK_SIZE - 6) & 255, 'e', 'X',
                       'I', 'f'};
    size_t end = samples[1].size - 12;
    bytes_insert(&samples[1], end, "\0\0\0\0", 4); /* its checksum; ours does not look */
    bytes_insert(&samples[1], end, exif_block + 6, EXIF_BLOCK_SIZE - 6);
    bytes_insert(&samples[1], end, chunk, 8);
    for (int i = 0; i < 2; i++) {
        AUTO(image) *image = NULL;
        struct photo_facts facts = {0};
        ok(decode(&samples[i], &image, &facts, NULL) == 0 && image->width == HEIGHT &&
               image->height == WIDTH && facts.width == HEIGHT && facts.height == WIDTH,
           "a %s is turned upright", facts.format);
        is_str(facts.taken, "2019-07-04T18:30:05+02:00", "when it was taken");
        ok(facts.has_place && facts.latitude < -33, "where it was taken");
        free(samples[i].data);
    }
}

static void test_scaled(void)
{
    static uint8_t grey[1600 * 1200 * 3];
    memset(grey, 90, sizeof grey);
    struct bytes b = encode_jpeg(grey, 1600, 1200, false);
    struct decode_options options = {.short_edge_px = 224};
    AUTO(image) *image = NULL;
    struct photo_facts facts;
    int rc = image_decode(b.data, b.size, &options, &image, &facts, NULL);
    ok(rc == 0 && image->width == 800 && image->height == 600,
       "1600 x 1200 for a short edge of 224 is decoded at half size (a quarter would be 300)");
    ok(rc == 0 && facts.width == 1600 && facts.height == 1200, "facts speak of the full picture");
    free(b.data);
}

static void test_strangers(void)
{
    static const char *const strangers[] = {"",         "BM",          "hello, this is text",
                                            "\xFF\xD8", "\x89PNG\r\n", "RIFF....WAVE"};
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        struct bytes b = {(uint8_t *)(uintptr_t)strangers[i], strlen(strangers[i])};
        ok(fails_well(&b), "not a picture: stranger %zu", i);
    }
}

/* Decodes each sample many times; returns the number of wrong answers. */
static void *decode_many(void *samples)
{
    const struct bytes *sample = samples;
    intptr_t wrong = 0;
    for (int round = 0; round < 50; round++)
        for (int i = 0; i < 5; i++) {
            struct image *image = NULL;
            struct error err;
            int rc = decode(&sample[i], &image, NULL, &err);
            wrong += rc != 0 || largest_difference(image, picture, sizeof picture) > 6;
            image_free(image);
            struct bytes half = {sample[i].data, sample[i].size / 2};
            wrong += decode(&half, &image, NULL, &err) == 0;
        }
    return (void *)wrong;
}

/* For the thread sanitizer above all. HEIF is left out: its libraries' own threads are not built
 * for that. */
static void test_threads(void)
{
    struct bytes samples[] = {
        encode_jpeg(picture, WIDTH, HEIGHT, false), encode_jpeg(picture, WIDTH, HEIGHT, true),
        encode_png(picture, WIDTH, HEIGHT, PNG_FORMAT_RGB), encode_webp(picture, WIDTH, HEIGHT, 3),
        encode_tiff(picture, WIDTH, HEIGHT, 3, 1)};
    pthread_t threads[4];
    intptr_t wrong = 0;
    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, decode_many, samples))
            exit(2);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (intptr_t)result;
    }
    is_int(wrong, 0, "four threads decode at once");
    for (int i = 0; i < 5; i++)
        free(samples[i].data);
}

int main(void)
{
    make_picture();
    test_jpeg();
    test_png();
    test_webp();
    test_webp_animation();
    test_gif();
    test_tiff();
    test_tiff_bomb();
    test_heif("HEIC", heif_compression_HEVC, "heic");
    test_heif("AVIF", heif_compression_AV1, "avif");
    test_av1_bomb();
    test_overlay_bomb();
    test_facts();
    test_scaled();
    test_strangers();
    test_threads();
    return done_testing();
}
