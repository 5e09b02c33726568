/* SPDX-License-Identifier: MIT */
/* Colours: files in other colours than sRGB arrive as sRGB, all others as they are. Wanted values
 * are those of the formulas of IEC 61966-2-1, ITU-R BT.2020 and SMPTE EG 432-1, computed in Python
 * with numpy; for pictures of ../shared, what Pillow's ImageCms makes of them. */
#include <lcms2.h>
#include <zlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "encode.h"
#include "image/colour.h"
#include "image/image.h"
#include "shared.h"
#include "tap.h"

#define SIDE 16
#define N_PX (SIDE * SIDE)

static uint8_t orange[N_PX * 3]; /* 200, 100, 50 everywhere */

static const uint8_t p3_orange[3] = {215, 93, 31};     /* that colour of Display P3 in sRGB */
static const uint8_t adobe_orange[3] = {227, 100, 42}; /* of Adobe RGB (1998) */

static struct image *decode(const struct bytes *b)
{
    struct image *image = NULL;
    struct error err = ERROR_INIT;
    if (image_decode(b->data, b->size, NULL, &image, NULL, &err))
        diag("%s", err.message);
    return image;
}

/* The middle pixel is `want`, at most `tolerance` levels off. Frees the bytes. */
static void check_middle(const char *name, struct bytes b, const uint8_t want[3], int tolerance)
{
    AUTO(image) *image = decode(&b);
    bool near = image != NULL;
    const uint8_t *px =
        image ? image->rgb + 3 * (image->height / 2 * image->width + image->width / 2) : want;
    for (int c = 0; c < 3; c++)
        near = near && abs(px[c] - want[c]) <= tolerance;
    if (!ok(near, "%s: %d, %d, %d", name, want[0], want[1], want[2]))
        diag("it is %d, %d, %d", px[0], px[1], px[2]);
    free(b.data);
}

/* ---- profiles, to be put into samples ---- */

static struct bytes take_profile(cmsHPROFILE profile)
{
    struct bytes b = {0};
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(profile, NULL, &size);
    b.data = malloc(size);
    b.size = size;
    encoder_check(cmsSaveProfileToMem(profile, b.data, &size), "profile");
    cmsCloseProfile(profile);
    return b;
}

static struct bytes make_rgb_profile(const double xy[6], double gamma)
{
    cmsCIExyY white = {0.3127, 0.3290, 1};
    cmsCIExyYTRIPLE primaries = {{xy[0], xy[1], 1}, {xy[2], xy[3], 1}, {xy[4], xy[5], 1}};
    const double srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    cmsToneCurve *curve =
        gamma > 0 ? cmsBuildGamma(NULL, gamma) : cmsBuildParametricToneCurve(NULL, 4, srgb);
    cmsToneCurve *curves[] = {curve, curve, curve};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
    cmsFreeToneCurve(curve);
    return take_profile(profile);
}

static struct bytes make_p3(void)
{
    return make_rgb_profile((const double[]){.680, .320, .265, .690, .150, .060}, 0);
}

static struct bytes make_adobe(void)
{
    return make_rgb_profile((const double[]){.64, .33, .21, .71, .15, .06}, 563.0 / 256);
}

/* Light is what the numbers say: gamma 1. */
static struct bytes make_linear_grey(void)
{
    cmsToneCurve *curve = cmsBuildGamma(NULL, 1);
    cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);
    cmsFreeToneCurve(curve);
    return take_profile(profile);
}

static cmsInt32Number only_black(const cmsUInt16Number in[], cmsUInt16Number out[], void *context)
{
    (void)context;
    out[0] = (cmsUInt16Number)(0xFFFF - in[3]); /* L */
    out[1] = out[2] = 0x8080;                   /* a, b: none */
    return true;
}

/* A printer whose cyan, magenta and yellow leave no trace. */
static struct bytes make_cmyk(void)
{
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL);
    cmsSetProfileVersion(profile, 4.3);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, cmsSigCmykData);
    cmsSetPCS(profile, cmsSigLabData);
    cmsPipeline *pipeline = cmsPipelineAlloc(NULL, 4, 3);
    cmsStage *clut = cmsStageAllocCLut16bit(NULL, 5, 4, 3, NULL);
    cmsStageSampleCLut16bit(clut, only_black, NULL, 0);
    cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 4, NULL));
    cmsPipelineInsertStage(pipeline, cmsAT_END, clut);
    cmsPipelineInsertStage(pipeline, cmsAT_END, cmsStageAllocToneCurves(NULL, 3, NULL));
    encoder_check(cmsWriteTag(profile, cmsSigAToB0Tag, pipeline), "CMYK profile");
    cmsPipelineFree(pipeline);
    return take_profile(profile);
}

/* ---- samples ---- */

static void put_be32(uint8_t *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Behind IHDR. */
static void add_chunk(struct bytes *png, const char *type, const void *data, size_t size)
{
    uint8_t head[8], tail[4];
    put_be32(head, size);
    memcpy(head + 4, type, 4);
    uLong sum = crc32(crc32(0, head + 4, 4), data, (uInt)size);
    put_be32(tail, sum);
    bytes_insert(png, 33, tail, 4);
    bytes_insert(png, 33, data, size);
    bytes_insert(png, 33, head, 8);
}

static struct bytes make_png(const char *type, const void *data, size_t size)
{
    struct bytes b = encode_png(orange, SIDE, SIDE, PNG_FORMAT_RGB);
    size_t picture = bytes_find(&b, "IDAT", 4) - 4; /* libpng's own words before it: sRGB */
    memmove(b.data + 33, b.data + picture, b.size - picture);
    b.size -= picture - 33;
    if (type)
        add_chunk(&b, type, data, size);
    return b;
}

static struct bytes make_png_with(struct bytes icc)
{
    uint8_t packed[65536] = "x\0";
    uLongf size = sizeof packed - 3;
    encoder_check(compress(packed + 3, &size, icc.data, icc.size) == Z_OK, "Deflate");
    free(icc.data);
    return make_png("iCCP", packed, size + 3);
}

/* In pieces of `most` bytes, the last one first. */
static void add_icc(struct bytes *jpeg, struct bytes icc, size_t most)
{
    size_t count = (icc.size + most - 1) / most;
    for (size_t i = 0; i < count; i++) {
        size_t size = i + 1 < count ? most : icc.size - i * most, whole = size + 16;
        uint8_t head[] = {0xFF,
                          0xE2,
                          (uint8_t)(whole >> 8),
                          (uint8_t)whole,
                          'I',
                          'C',
                          'C',
                          '_',
                          'P',
                          'R',
                          'O',
                          'F',
                          'I',
                          'L',
                          'E',
                          0,
                          (uint8_t)(i + 1),
                          (uint8_t)count};
        bytes_insert(jpeg, 2, icc.data + i * most, size);
        bytes_insert(jpeg, 2, head, sizeof head);
    }
    free(icc.data);
}

static struct bytes make_jpeg_with(struct bytes icc, size_t most)
{
    struct bytes b = encode_jpeg(orange, SIDE, SIDE, false);
    add_icc(&b, icc, most);
    return b;
}

/* Grey or CMYK (Adobe's, inverted), every sample the same. */
static struct bytes make_plain_jpeg(int format, int subsampling, const uint8_t *pixel, int channels)
{
    uint8_t pixels[N_PX * 4];
    struct bytes out = {0};
    unsigned char *data = NULL;
    unsigned long size = 0;
    tjhandle codec = tjInitCompress();
    for (int i = 0; i < N_PX; i++)
        memcpy(pixels + i * channels, pixel, (size_t)channels);
    encoder_check(
        !tjCompress2(codec, pixels, SIDE, 0, SIDE, format, &data, &size, subsampling, 95, 0),
        "JPEG");
    bytes_add(&out, data, size);
    tjFree(data);
    tjDestroy(codec);
    return out;
}

/* WebP's extended form by hand: VP8X with the ICC flag, ICCP, the picture. */
static struct bytes make_webp_with(struct bytes icc)
{
    struct bytes still = encode_webp(orange, SIDE, SIDE, 3), b = {0};
    uint8_t head[] = {'I', 'C', 'C', 'P', (uint8_t)icc.size, (uint8_t)(icc.size >> 8), 0, 0};
    bytes_add(&b, "RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x20\0\0\0\x0F\0\0\x0F\0\0", 30);
    bytes_add(&b, head, sizeof head);
    bytes_add(&b, icc.data, icc.size);
    if (icc.size % 2)
        bytes_add(&b, "", 1);
    bytes_add(&b, still.data + 12, still.size - 12);
    for (int i = 0; i < 4; i++)
        b.data[4 + i] = (uint8_t)((b.size - 8) >> 8 * i);
    free(still.data);
    free(icc.data);
    return b;
}

/* ---- tests ---- */

static void test_tagged(void)
{
    /* Coded as JPEG, each value may be a level off, and the conversion stretches that. */
    check_middle("JPEG in Display P3", make_jpeg_with(make_p3(), 60000), p3_orange, 3);
    check_middle("JPEG with its profile in pieces", make_jpeg_with(make_p3(), 100), p3_orange, 3);
    check_middle("JPEG in Adobe RGB", make_jpeg_with(make_adobe(), 60000), adobe_orange, 3);
    check_middle("PNG in Display P3", make_png_with(make_p3()), p3_orange, 1);
    check_middle("PNG in Adobe RGB", make_png_with(make_adobe()), adobe_orange, 1);
    check_middle("WebP in Display P3", make_webp_with(make_p3()), p3_orange, 1);
    struct bytes icc = make_p3();
    check_middle("TIFF in Display P3", encode_tiff_in(orange, SIDE, SIDE, 3, 1, icc.data, icc.size),
                 p3_orange, 1);
    free(icc.data);
}

static void test_png_words(void)
{
    static const uint8_t p3[] = "\0\0\x7A\x26\0\0\x80\x84\0\x01\x09\xA0\0\0\x7D\0"
                                "\0\0\x67\x84\0\x01\x0D\x88\0\0\x3A\x98\0\0\x17\x70";
    static const uint8_t srgb[] = "\0\0\x7A\x26\0\0\x80\x84\0\0\xFA\0\0\0\x80\xE8"
                                  "\0\0\x75\x30\0\0\xEA\x60\0\0\x3A\x98\0\0\x17\x70";
    check_middle("PNG whose cICP says Display P3", make_png("cICP", "\x0C\x0D\0\x01", 4), p3_orange,
                 1);
    check_middle("PNG whose cHRM says Display P3", make_png("cHRM", p3, 32), p3_orange, 1);
    /* 255 * srgb((v / 255) ** 1.8) of 200, 100, 50: a Macintosh before 2009. */
    struct bytes both = make_png("gAMA", "\0\0\xD9\x04", 4);
    add_chunk(&both, "cHRM", srgb, 32);
    check_middle("PNG whose gAMA and cHRM say 1 / 1.8", both, (const uint8_t[]){210, 119, 65}, 1);
    check_middle("PNG whose gAMA alone says 1 / 1.8", make_png("gAMA", "\0\0\xD9\x04", 4), orange,
                 0);
    check_middle("PNG whose cHRM says sRGB", make_png("cHRM", srgb, 32), orange, 0);
    check_middle("PNG whose gAMA says sRGB", make_png("gAMA", "\0\0\xB1\x8F", 4), orange, 0);
    check_middle("PNG whose gAMA is none", make_png("gAMA", "\0\0\0\0", 4), orange, 0);
    check_middle("PNG whose gAMA is absurd", make_png("gAMA", "\x7F\0\0\0", 4), orange, 0);
    both = make_png("cHRM", p3, 32);
    add_chunk(&both, "sRGB", "", 1);
    check_middle("PNG that says sRGB, and Display P3", both, orange, 0);
}

static void test_untouched(void)
{
    cmsHPROFILE srgb = cmsCreate_sRGBProfile();
    check_middle("PNG without words", make_png(NULL, NULL, 0), orange, 0);
    check_middle("PNG with an sRGB profile", make_png_with(take_profile(srgb)), orange, 0);
    check_middle("PNG with a profile for grey", make_png_with(make_linear_grey()), orange, 0);
    check_middle("PNG with a profile for CMYK", make_png_with(make_cmyk()), orange, 0);
    check_middle("PNG with a broken profile", make_png("iCCP", "x\0\0garbage", 10), orange, 0);
    struct bytes icc = make_p3();
    memset(icc.data + 128, 0xFF, icc.size - 128);
    check_middle("PNG with a profile whose tags are broken", make_png_with(icc), orange, 0);
    icc = make_p3();
    icc.size /= 2;
    put_be32(icc.data, icc.size);
    check_middle("PNG with half a profile", make_png_with(icc), orange, 0);
}

static void test_other_spaces(void)
{
    static const uint8_t grey = 50, cyan_inverted[] = {0, 255, 255, 255};
    static const uint8_t dark_inverted[] = {255, 255, 255, 128};
    struct bytes b = make_plain_jpeg(TJPF_GRAY, TJSAMP_GRAY, &grey, 1);
    add_icc(&b, make_linear_grey(), 60000);
    check_middle("grey JPEG whose profile says light", b, (const uint8_t[]){122, 122, 122}, 1);
    b = make_plain_jpeg(TJPF_CMYK, TJSAMP_444, cyan_inverted, 4);
    add_icc(&b, make_cmyk(), 60000);
    check_middle("CMYK JPEG, cyan that leaves no trace", b, (const uint8_t[]){255, 255, 255}, 1);
    b = make_plain_jpeg(TJPF_CMYK, TJSAMP_444, dark_inverted, 4);
    add_icc(&b, make_cmyk(), 60000);
    /* L* of 100 * 128 / 255 as sRGB. */
    check_middle("CMYK JPEG, half of the black", b, (const uint8_t[]){120, 120, 120}, 1);
    b = make_plain_jpeg(TJPF_CMYK, TJSAMP_444, cyan_inverted, 4);
    check_middle("CMYK JPEG without a profile", b, (const uint8_t[]){0, 255, 255}, 1);
    b = make_plain_jpeg(TJPF_CMYK, TJSAMP_444, cyan_inverted, 4);
    add_icc(&b, make_p3(), 60000);
    check_middle("CMYK JPEG with a profile for RGB", b, (const uint8_t[]){0, 255, 255}, 1);
}

static struct image *decode_shared(const char *name)
{
    char relative[256], path[1024];
    struct file file;
    snprintf(relative, sizeof relative, "faults/pictures/%s", name);
    if (file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, NULL))
        return NULL;
    struct bytes b = {(uint8_t *)(uintptr_t)file.data, file.size};
    struct image *image = decode(&b);
    file_release(&file);
    return image;
}

static void check_shared(const char *name, int x, int y, const uint8_t want[3])
{
    AUTO(image) *image = decode_shared(name);
    const uint8_t *px = image ? image->rgb + 3 * (y * image->width + x) : orange;
    if (!ok(image && memcmp(px, want, 3) == 0, "%s at %d, %d: %d, %d, %d", name, x, y, want[0],
            want[1], want[2]))
        diag("it is %d, %d, %d", px[0], px[1], px[2]);
}

static double mean_difference(const struct image *a, const struct image *b)
{
    double sum = 0;
    size_t n = (size_t)a->width * (size_t)a->height * 3;
    for (size_t i = 0; i < n; i++)
        sum += abs(a->rgb[i] - b->rgb[i]);
    return sum / (double)n;
}

/* Pillow's pixels, to the level: it calls the same library. */
static void test_shared(void)
{
    if (!shared_exists("faults/pictures/adobergb.jpg")) {
        skip("the pictures of ../shared/faults are not there");
        return;
    }
    check_shared("adobergb.jpg", 160, 120, (const uint8_t[]){63, 53, 46});
    check_shared("adobergb.jpg", 40, 30, (const uint8_t[]){242, 26, 26});
    check_shared("prophoto.jpg", 160, 120, (const uint8_t[]){65, 50, 42});
    check_shared("prophoto.jpg", 40, 30, (const uint8_t[]){243, 22, 26});
    check_shared("red-at-12-oclock-with-color-profile.png", 400, 60, (const uint8_t[]){254, 0, 0});
    check_shared("red-at-12-oclock-with-color-profile.png", 60, 400,
                 (const uint8_t[]){108, 0, 255});
    check_shared("srgb.jpg", 160, 120, (const uint8_t[]){65, 52, 46});
    AUTO(image) *srgb = decode_shared("srgb.jpg");
    AUTO(image) *adobe = decode_shared("adobergb.jpg");
    /* The same picture: what was out of gamut, and coded twice, differs; unconverted it is 7. */
    double off = srgb && adobe ? mean_difference(srgb, adobe) : 255;
    if (!ok(off < 2, "adobergb.jpg looks like srgb.jpg"))
        diag("%.2f levels off", off);
}

int main(void)
{
    for (int i = 0; i < N_PX; i++)
        memcpy(orange + 3 * i, (const uint8_t[]){200, 100, 50}, 3);
    test_tagged();
    test_png_words();
    test_untouched();
    test_other_spaces();
    test_shared();
    return done_testing();
}
