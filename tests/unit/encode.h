/* SPDX-License-Identifier: MIT */
/* Sample files made by the codec libraries' own encoders, in memory. Each function exits when its
 * encoder fails: a test without samples tests nothing. */
#pragma once

#include <gif_lib.h>
#include <libheif/heif.h>
#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <webp/encode.h>

/* The HEVC encoder, which only tests use, keeps 1 KB to itself. Called by the leak sanitizer. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
    return "leak:libx265";
}

struct bytes {
    uint8_t *data;
    size_t size;
};

static inline void bytes_add(struct bytes *b, const void *data, size_t size)
{
    b->data = realloc(b->data, b->size + size + 1);
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static inline void bytes_insert(struct bytes *b, size_t at, const void *data, size_t size)
{
    bytes_add(b, data, size);
    memmove(b->data + at + size, b->data + at, b->size - size - at);
    memcpy(b->data + at, data, size);
}

/* The offset of the first occurrence; exits when there is none. */
static inline size_t bytes_find(const struct bytes *b, const void *part, size_t size)
{
    const uint8_t *at = memmem(b->data, b->size, part, size);
    if (!at)
        exit(2);
    return (size_t)(at - b->data);
}

static inline void encoder_check(bool good, const char *name)
{
    if (good)
        return;
    printf("Bail out! the %s encoder failed\n", name);
    exit(2);
}

static inline struct bytes encode_jpeg(const uint8_t *rgb, int width, int height, bool progressive)
{
    struct bytes out = {0};
    unsigned char *data = NULL;
    unsigned long size = 0;
    tjhandle codec = tjInitCompress();
    encoder_check(!tjCompress2(codec, rgb, width, 0, height, TJPF_RGB, &data, &size, TJSAMP_444, 95,
                               progressive ? TJFLAG_PROGRESSIVE : 0),
                  "JPEG");
    bytes_add(&out, data, size);
    tjFree(data);
    tjDestroy(codec);
    return out;
}

/* format: PNG_FORMAT_RGB, PNG_FORMAT_RGBA, ... */
static inline struct bytes encode_png(const void *pixels, int width, int height, unsigned format)
{
    struct bytes out = {0};
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (unsigned)width,
                       .height = (unsigned)height,
                       .format = format};
    png_alloc_size_t size = 0;
    encoder_check(png_image_write_to_memory(&image, NULL, &size, 0, pixels, 0, NULL), "PNG");
    out.data = malloc(size);
    encoder_check(png_image_write_to_memory(&image, out.data, &size, 0, pixels, 0, NULL), "PNG");
    out.size = size;
    return out;
}

/* Lossless; channels 3 or 4. */
static inline struct bytes encode_webp(const uint8_t *pixels, int width, int height, int channels)
{
    struct bytes out = {0};
    uint8_t *data = NULL;
    size_t size = (channels == 4 ? WebPEncodeLosslessRGBA : WebPEncodeLosslessRGB)(
        pixels, width, height, width * channels, &data);
    encoder_check(size > 0, "WebP");
    bytes_add(&out, data, size);
    WebPFree(data);
    return out;
}

static int encode_gif_write(GifFileType *gif, const GifByteType *data, int n)
{
    bytes_add(gif->UserData, data, (size_t)n);
    return n;
}

/* Palette entry i is the grey i; `transparent` -1: none. The frame lies at left, top of the canvas.
 */
static inline struct bytes encode_gif(const uint8_t *indices, int width, int height, int left,
                                      int top, int canvas_width, int canvas_height, int transparent)
{
    struct bytes out = {0};
    GifColorType greys[256];
    for (int i = 0; i < 256; i++)
        greys[i] = (GifColorType){(GifByteType)i, (GifByteType)i, (GifByteType)i};
    ColorMapObject *map = GifMakeMapObject(256, greys);
    int code, good = GIF_OK;
    GifFileType *gif = EGifOpen(&out, encode_gif_write, &code);
    EGifSetGifVersion(gif, true);
    good &= EGifPutScreenDesc(gif, canvas_width, canvas_height, 8, 0, map);
    GraphicsControlBlock control = {.TransparentColor = transparent};
    GifByteType block[4];
    EGifGCBToExtension(&control, block);
    good &= EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, block);
    good &= EGifPutImageDesc(gif, left, top, width, height, false, NULL);
    for (int y = 0; y < height; y++)
        good &= EGifPutLine(gif, (GifPixelType *)(uintptr_t)indices + y * width, width);
    good &= EGifCloseFile(gif, &code);
    GifFreeMapObject(map);
    encoder_check(good == GIF_OK, "GIF");
    return out;
}

/* Through a temporary file: libtiff wants to seek while writing. channels 3 or 4; `icc`, a colour
 * profile, may be NULL. */
static inline struct bytes encode_tiff_in(const uint8_t *pixels, int width, int height,
                                          int channels, int orientation, const void *icc,
                                          size_t icc_size)
{
    struct bytes out = {0};
    char path[] = "/tmp/keepsake-test-XXXXXX";
    int descriptor = mkstemp(path);
    TIFF *tiff = TIFFFdOpen(descriptor, path, "w");
    uint16_t unassociated = EXTRASAMPLE_UNASSALPHA;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
    TIFFSetField(tiff, TIFFTAG_MAKE, "Epson");
    TIFFSetField(tiff, TIFFTAG_DATETIME, "2001:02:03 04:05:06");
    if (icc)
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)icc_size, icc);
    if (channels == 4)
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &unassociated);
    bool good = true;
    for (int y = 0; y < height; y++)
        good &= TIFFWriteScanline(tiff, (void *)(uintptr_t)(pixels + y * width * channels),
                                  (uint32_t)y, 0) == 1;
    TIFFClose(tiff);
    FILE *file = fopen(path, "rb");
    uint8_t block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        bytes_add(&out, block, n);
    fclose(file);
    unlink(path);
    encoder_check(good && out.size > 8, "TIFF");
    return out;
}

static inline struct bytes encode_tiff(const uint8_t *pixels, int width, int height, int channels,
                                       int orientation)
{
    return encode_tiff_in(pixels, width, height, channels, orientation, NULL, 0);
}

static struct heif_error encode_heif_write(struct heif_context *context, const void *data,
                                           size_t size, void *user)
{
    (void)context;
    bytes_add(user, data, size);
    return (struct heif_error){heif_error_Ok, heif_suberror_Unspecified, "fine"};
}

/* HEIC or AVIF by `format`; empty when this libheif has no such encoder. `exif` may be NULL. */
static inline struct bytes encode_heif(const uint8_t *rgb, int width, int height,
                                       enum heif_compression_format format, const void *exif,
                                       size_t exif_size)
{
    struct bytes out = {0};
    struct heif_context *context = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_image *image = NULL;
    struct heif_image_handle *handle = NULL;
    struct heif_writer writer = {.writer_api_version = 1, .write = encode_heif_write};
    int stride;
    if (heif_context_get_encoder_for_format(context, format, &encoder).code == heif_error_Ok) {
        heif_encoder_set_lossy_quality(encoder, 95);
        heif_image_create(width, height, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
        heif_image_add_plane(image, heif_channel_interleaved, width, height, 8);
        uint8_t *plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
        for (int y = 0; y < height; y++)
            memcpy(plane + y * stride, rgb + y * width * 3, (size_t)width * 3);
        bool good = heif_context_encode_image(context, image, encoder, NULL, &handle).code == 0;
        if (good && exif)
            good = heif_context_add_exif_metadata(context, handle, exif, (int)exif_size).code == 0;
        encoder_check(good && heif_context_write(context, &writer, &out).code == 0, "HEIF");
        heif_image_handle_release(handle);
        heif_image_release(image);
        heif_encoder_release(encoder);
    }
    heif_context_free(context);
    return out;
}
