/* SPDX-License-Identifier: MIT */
/* Damaged pictures: what is missing is measured, a little of it is forgiven and marked, more is an
 * error that says how much. What is there equals the sound picture. */
#include "base/file.h"
#include "base/limits.h"
#include "encode.h"
#include "image/image.h"
#include "shared.h"
#include "tap.h"

#define WIDTH 96
#define HEIGHT 160

static uint8_t picture[WIDTH * HEIGHT * 3];
static uint8_t indices[WIDTH * HEIGHT];

/* Noise, so that data is spread evenly over the rows, on a gradient. */
static void make_picture(void)
{
    uint32_t state = 1;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        for (int c = 0; c < 3; c++) {
            state = state * 1664525 + 1013904223;
            picture[3 * i + c] = (uint8_t)(i / WIDTH + (state >> 26));
            indices[i] = picture[3 * i];
        }
}

struct outcome {
    int rc;
    struct image *image;
    struct photo_facts facts;
    struct error err;
};

static struct outcome decode(const void *data, size_t size)
{
    struct outcome o = {.err = ERROR_INIT};
    uint8_t *copy = malloc(size + !size); /* ends where its memory does */
    memcpy(copy, data, size);
    o.rc = image_decode(copy, size, NULL, &o.image, &o.facts, &o.err);
    free(copy);
    return o;
}

/* Rows from the top that are equal in both. */
static int equal_rows(const struct image *a, const struct image *b)
{
    size_t stride = (size_t)a->width * 3;
    int y = 0;
    while (y < a->height &&
           memcmp(a->rgb + (size_t)y * stride, b->rgb + (size_t)y * stride, stride) == 0)
        y++;
    return y;
}

/* The number before "% of its rows"; -1: none. */
static int percent_in(const char *text)
{
    const char *at = strstr(text, " %");
    while (at && at > text && at[-1] >= '0' && at[-1] <= '9')
        at--;
    return at ? (int)strtol(at, NULL, 10) : -1;
}

/* Of the last `percent` of the bytes of a picture whose rows take about the same number of them
 * each. `slack`: rows that codecs work on at once. */
static void check_cut(const char *name, const struct bytes *b, int percent, int slack)
{
    struct outcome whole = decode(b->data, b->size);
    struct outcome cut = decode(b->data, b->size - b->size * (size_t)percent / 100);
    ok(whole.rc == 0 && !whole.facts.damage[0], "%s: the whole picture is not marked", name);
    int stated = percent_in(cut.rc ? cut.err.message : cut.facts.damage);
    bool near = abs(stated - percent) <= 3 + 100 * slack / HEIGHT;
    if (percent > 20) {
        ok(cut.rc == ERR_CORRUPT && strstr(cut.err.message, "early") && near,
           "%s without %d %%: %s", name, percent, cut.err.message);
    } else if (ok(cut.rc == 0, "%s without %d %% decodes", name, percent)) {
        ok(strstr(cut.facts.damage, "early") && near, "%s: %s", name, cut.facts.damage);
        int rows = HEIGHT - HEIGHT * stated / 100 - slack;
        ok(equal_rows(whole.image, cut.image) >= rows, "%s: %d rows are as they should be", name,
           rows);
    } else {
        diag("%s", cut.err.message);
    }
    image_free(whole.image);
    image_free(cut.image);
}

static void test_cut(void)
{
    struct bytes jpeg = encode_jpeg(picture, WIDTH, HEIGHT, false);
    struct bytes png = encode_png(picture, WIDTH, HEIGHT, PNG_FORMAT_RGB);
    struct bytes webp = encode_webp(picture, WIDTH, HEIGHT, 3);
    struct bytes gif = encode_gif(indices, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT, -1);
    for (int percent = 4; percent <= 54; percent += 50) {
        check_cut("JPEG", &jpeg, percent, 8);
        check_cut("PNG", &png, percent, 1);
        check_cut("WebP", &webp, percent, 8);
        check_cut("GIF", &gif, percent, 4); /* and a palette of 768 bytes */
    }
    free(jpeg.data);
    free(png.data);
    free(webp.data);
    free(gif.data);
}

/* Progressive data that lacks its end lacks detail, not rows, unless it lacks nearly all. */
static void test_progressive(void)
{
    struct bytes b = encode_jpeg(picture, WIDTH, HEIGHT, true);
    struct outcome o = decode(b.data, b.size * 95 / 100);
    ok(o.rc == 0 && strstr(o.facts.damage, "fine detail"), "progressive JPEG: %s", o.facts.damage);
    image_free(o.image);
    o = decode(b.data, b.size / 10);
    ok(o.rc == ERR_CORRUPT && strstr(o.err.message, "early"), "a tenth of it: %s", o.err.message);
    image_free(o.image);
    o = decode(b.data, b.size - 2);
    ok(o.rc == 0 && !o.facts.damage[0], "without its end marker it is complete");
    image_free(o.image);
    free(b.data);
}

/* Two bytes in the middle that look like a marker: only what is near them is lost. */
static void test_stray_markers(void)
{
    static const uint8_t codes[] = {0xD9, 0xD8, 0xD0, 0xC4, 0xDB, 0xDA, 0xE1, 0xC0, 0x01, 0xDD};
    struct bytes b = encode_jpeg(picture, WIDTH, HEIGHT, false);
    struct outcome whole = decode(b.data, b.size);
    for (size_t i = 0; i < sizeof codes; i++) {
        struct bytes bad = {0};
        bytes_add(&bad, b.data, b.size);
        size_t at = b.size / 2;
        while (bad.data[at - 1] == 0xFF || bad.data[at + 1] == 0xFF)
            at++;
        bad.data[at] = 0xFF;
        bad.data[at + 1] = codes[i];
        struct outcome o = decode(bad.data, bad.size);
        ok(o.rc == 0 && strstr(o.facts.damage, "damaged"), "a stray FF%02X: %s", codes[i],
           o.rc ? o.err.message : o.facts.damage);
        ok(o.rc == 0 && equal_rows(whole.image, o.image) >= HEIGHT * 2 / 5, "half is untouched");
        image_free(o.image);
        free(bad.data);
    }
    image_free(whole.image);
    free(b.data);
}

/* What stands behind a picture is not the picture. */
static void test_trailers(void)
{
    struct bytes b = encode_jpeg(picture, WIDTH, HEIGHT, false);
    size_t size = b.size;
    bytes_add(&b, "\0\0\0\0\xFF\xD9", 6);
    struct outcome o = decode(b.data, b.size);
    ok(o.rc == 0 && !o.facts.damage[0], "bytes and an end marker behind the end are no damage");
    image_free(o.image);
    b.size = size;
    bytes_insert(&b, size - 2, (uint8_t[600]){0}, 600);
    o = decode(b.data, b.size);
    ok(o.rc == 0 && !o.facts.damage[0], "zeros before the end marker are no damage");
    image_free(o.image);
    b.size = size;
    bytes_insert(&b, 0, "\xEF\xBB\xBF", 3);
    o = decode(b.data, b.size);
    ok(o.rc == 0 && strstr(o.facts.damage, "3 foreign bytes"), "in front of it: %s",
       o.facts.damage);
    image_free(o.image);
    free(b.data);
}

/* The height of the picture stated behind its first scan (T.81, B.2.5). */
static void test_dnl(void)
{
    struct bytes b = encode_jpeg(picture, WIDTH, HEIGHT, false);
    struct outcome whole = decode(b.data, b.size);
    size_t frame = bytes_find(&b, "\xFF\xC0", 2);
    bytes_insert(&b, b.size - 2, (uint8_t[]){0xFF, 0xDC, 0, 4, HEIGHT >> 8, HEIGHT & 255}, 6);
    memset(b.data + frame + 5, 0, 2);
    struct outcome o = decode(b.data, b.size);
    ok(o.rc == 0 && equal_rows(whole.image, o.image) == HEIGHT, "a JPEG with DNL: %s",
       o.err.message);
    image_free(whole.image);
    image_free(o.image);
    free(b.data);
}

static void test_checksum(void)
{
    struct bytes b = encode_png(picture, WIDTH, HEIGHT, PNG_FORMAT_RGB);
    b.data[b.size - 13] ^= 1; /* of the picture's last chunk */
    struct outcome o = decode(b.data, b.size);
    ok(o.rc == 0 && strstr(o.facts.damage, "checksum") &&
           memcmp(o.image->rgb, picture, sizeof picture) == 0,
       "PNG: %s", o.facts.damage);
    image_free(o.image);
    o = decode(b.data, b.size - 20);
    ok(o.rc == 0 && strstr(o.facts.damage, "early") && percent_in(o.facts.damage) == -1 &&
           memcmp(o.image->rgb, picture, sizeof picture) == 0,
       "PNG without its last 20 bytes, checksums only: %s", o.facts.damage);
    image_free(o.image);
    free(b.data);
}

/* 24 bits, from the bottom, rows of 96 * 3 bytes. */
static struct bytes make_bmp(void)
{
    static const uint8_t header[54] = {'B', 'M', 0, 0,     0, 0, 0, 0,      0, 0, 54, 0, 0, 0,  40,
                                       0,   0,   0, WIDTH, 0, 0, 0, HEIGHT, 0, 0, 0,  1, 0, 24, 0};
    struct bytes out = {0};
    bytes_add(&out, header, sizeof header);
    for (int y = HEIGHT - 1; y >= 0; y--)
        for (int x = 0; x < WIDTH; x++) {
            const uint8_t *at = picture + 3 * (y * WIDTH + x);
            bytes_add(&out, (uint8_t[]){at[2], at[1], at[0]}, 3);
        }
    return out;
}

static void test_bmp(void)
{
    struct bytes b = make_bmp();
    struct outcome o = decode(b.data, b.size);
    ok(o.rc == 0 && memcmp(o.image->rgb, picture, sizeof picture) == 0 && !o.facts.damage[0],
       "a BMP decodes");
    image_free(o.image);
    o = decode(b.data, b.size * 96 / 100);
    ok(o.rc == 0 && percent_in(o.facts.damage) == 5, "without its end: %s", o.facts.damage);
    ok(o.rc == 0 && memcmp(o.image->rgb + sizeof picture / 2, picture + sizeof picture / 2,
                           sizeof picture / 2) == 0,
       "its lower half is whole");
    image_free(o.image);
    o = decode(b.data, b.size / 2);
    ok(o.rc == ERR_CORRUPT, "half of it: %s", o.err.message);
    memset(b.data + 18, 0x7F, 4);
    o = decode(b.data, b.size);
    ok(o.rc == ERR_LIMIT, "one that claims a huge width: %s", o.err.message);
    b.data[28] = 7;
    o = decode(b.data, b.size);
    ok(o.rc == ERR_UNSUPPORTED, "of 7 bits a pixel: %s", o.err.message);
    free(b.data);
}

/* ---- files beside the project ---- */

static const struct shared {
    const char *file;
    int rc;
    const char *says; /* in the damage, or in the error; "": no damage */
    int width, height;
} shared[] = {
    {"j_mid_eoi.jpg", 0, "damaged", 320, 240},
    {"j_mid_rst_marker.jpg", 0, "damaged", 320, 240},
    {"j_mid_dht.jpg", 0, "damaged", 320, 240},
    {"j_zero_tail.jpg", ERR_CORRUPT, "ends early: 14 % of its rows are missing", 0, 0},
    {"j_trunc_4bytes.jpg", 0, "ends early", 320, 240},
    {"prog_no_eoi.jpg", 0, "", 320, 240},
    {"j_prefix_bom.jpg", 0, "3 foreign bytes", 320, 240},
    {"p_bad_idat_crc.png", 0, "checksum", 120, 80},
    {"p_trunc_tail20.png", 0, "ends early", 120, 80},
    {"p_70000x10.png", 0, "", 70000, 10},
    {"cgbi_sample_fried.png", ERR_UNSUPPORTED, "CgBI", 0, 0},
    {"g_screen_small.gif", 0, "", 320, 240},
    {"t_thumb_first.tif", 0, "", 320, 240},
    {"t_grey_float.tif", ERR_UNSUPPORTED, "32-bit samples", 0, 0},
    {"j_sos_bad_params.jpg", 0, "", 320, 240},
    {"j_trailer_samsung.jpg", 0, "", 320, 240},
    {"j_prog_arith.jpg", 0, "", 320, 240},
};

static void check_shared(const struct shared *want)
{
    char path[1024], relative[128];
    struct file file;
    snprintf(relative, sizeof relative, "faults/pictures/%s", want->file);
    shared_path(path, sizeof path, relative);
    if (file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, NULL)) {
        skip("%s is not there", path);
        return;
    }
    struct outcome o = decode(file.data, file.size);
    const char *said = o.rc ? o.err.message : o.facts.damage;
    ok(o.rc == want->rc && strstr(said, want->says) && (want->says[0] || !said[0]) &&
           (o.rc || (o.facts.width == want->width && o.facts.height == want->height)),
       "%s: %d x %d, %s", want->file, o.facts.width, o.facts.height, said);
    image_free(o.image);
    file_release(&file);
}

int main(void)
{
    make_picture();
    test_cut();
    test_progressive();
    test_stray_markers();
    test_trailers();
    test_dnl();
    test_checksum();
    test_bmp();
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        check_shared(&shared[i]);
    return done_testing();
}
