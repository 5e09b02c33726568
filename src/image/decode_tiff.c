#include "image/decode.h"

#include <stdio.h>
#include <string.h>
#include <tiffio.h>

#include "base/limits.h"
#include "base/text.h"

static bool sniff(const uint8_t *data, size_t size)
{
    return size >= 4 && (memcmp(data, "II*\0", 4) == 0 || memcmp(data, "MM\0*", 4) == 0 ||
                         memcmp(data, "II+\0", 4) == 0 || memcmp(data, "MM\0+", 4) == 0);
}

/* The file in memory as libtiff sees it, and the first thing it complained about. */
struct source {
    const uint8_t *data;
    size_t size;
    uint64_t at;
    char message[256];
};

static tmsize_t on_read(thandle_t handle, void *out, tmsize_t n)
{
    struct source *s = handle;
    uint64_t left = s->at < s->size ? s->size - s->at : 0;
    uint64_t take = n < 0 ? 0 : (uint64_t)n < left ? (uint64_t)n : left;
    memcpy(out, s->data + (take ? s->at : 0), take);
    s->at += take;
    return (tmsize_t)take;
}

static tmsize_t on_write(thandle_t handle, void *data, tmsize_t n)
{
    (void)handle;
    (void)data;
    (void)n;
    return -1;
}

static toff_t on_seek(thandle_t handle, toff_t offset, int whence)
{
    struct source *s = handle;
    s->at = offset + (whence == SEEK_CUR ? s->at : whence == SEEK_END ? s->size : 0);
    return s->at;
}

static toff_t on_size(thandle_t handle)
{
    return ((struct source *)handle)->size;
}

static int on_close(thandle_t handle)
{
    (void)handle;
    return 0;
}

static int on_map(thandle_t handle, void **ret_base, toff_t *ret_size)
{
    struct source *s = handle;
    *ret_base = (void *)(uintptr_t)s->data;
    *ret_size = s->size;
    return 1;
}

static void on_unmap(thandle_t handle, void *base, toff_t size)
{
    (void)handle;
    (void)base;
    (void)size;
}

__attribute__((format(printf, 4, 0))) static int
on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
{
    struct source *s = user;
    (void)tiff;
    (void)module;
    if (!s->message[0])
        vsnprintf(s->message, sizeof s->message, format, args);
    return 1;
}

__attribute__((format(printf, 4, 0))) static int
on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list args)
{
    (void)tiff;
    (void)user;
    (void)module;
    (void)format;
    (void)args;
    return 1;
}

static TIFF *open_tiff(struct source *source)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)LIMIT_DECODE_BYTES);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, source);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, source);
    TIFF *tiff = TIFFClientOpenExt("picture", "r", source, on_read, on_write, on_seek, on_close,
                                   on_size, on_map, on_unmap, options);
    TIFFOpenOptionsFree(options);
    return tiff;
}

static int unsupported(const char *reason, struct error *err)
{
    return error_set(err, ERR_UNSUPPORTED, "this kind of TIFF picture is not supported: %s",
                     reason);
}

static int fail(const struct source *source, struct error *err)
{
    if (!source->message[0])
        return error_set(err, ERR_CORRUPT, "the TIFF data is broken");
    if (strncmp(source->message, "Sorry", 5) == 0) /* how libtiff says "not supported" */
        return unsupported(source->message, err);
    return error_set(err, ERR_CORRUPT, "the TIFF data is broken: %s", source->message);
}

/* libtiff's own buffer is a strip or tile at its stored depth, up to four planes of it; it unpacks
 * each whole, however little of it lies in the picture. */
static int check_size(TIFF *tiff, uint32_t width, uint32_t height, struct error *err)
{
    uint16_t planar = PLANARCONFIG_CONTIG;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    bool tiled = TIFFIsTiled(tiff);
    uint64_t part = tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
    uint64_t parts = tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
    if (part > 0 && parts > LIMIT_TIFF_STORED_BYTES / part)
        return error_set(err, ERR_LIMIT,
                         "the TIFF picture unpacks to more than the limit of %d MiB",
                         (int)(LIMIT_TIFF_STORED_BYTES >> 20));
    return decode_check_size(width, height, 4, part * (planar == PLANARCONFIG_SEPARATE ? 4 : 1),
                             err);
}

static void drop_fourth(uint8_t *pixels, size_t n_px)
{
    for (size_t i = 0; i < n_px; i++)
        memmove(pixels + 3 * i, pixels + 4 * i, 3);
}

/* What the fourth byte of libtiff's pixels means. Where the file declares alpha, libtiff gives
 * colours multiplied by it; where it declares a channel without a meaning, viewers ignore that;
 * where it has four channels and declares nothing, they take the fourth for alpha. */
static void flatten(TIFF *tiff, uint8_t *pixels, size_t n_px)
{
    uint16_t n = 0, *kinds = NULL, samples = 1, photometric = PHOTOMETRIC_MINISBLACK;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &n, &kinds);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    if (n > 0 && kinds && kinds[0] != EXTRASAMPLE_UNSPECIFIED)
        decode_flatten_premultiplied(pixels, n_px);
    else if (n == 0 && samples == 4 && photometric == PHOTOMETRIC_RGB)
        decode_flatten(pixels, n_px);
    else
        drop_fourth(pixels, n_px);
}

/* libtiff gives words of A, B, G, R from the highest byte down: R, G, B, A in memory where the low
 * byte comes first. */
static void order_bytes(uint8_t *pixels, size_t n_px)
{
    const uint32_t one = 1;
    if (*(const uint8_t *)&one == 1)
        return;
    for (size_t i = 0; i < n_px; i++, pixels += 4)
        *(uint32_t *)(void *)pixels = __builtin_bswap32(*(uint32_t *)(void *)pixels);
}

/* Pixels in stored order: libtiff knows only four of the eight orientations, so it is told that the
 * picture is upright and image_orient does the turning. */
static int read_pixels(TIFF *tiff, const struct source *source, int width, int height,
                       uint8_t *pixels, struct error *err)
{
    char reason[1024] = "";
    if (!TIFFRGBAImageOK(tiff, reason))
        return unsupported(reason, err);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (!TIFFReadRGBAImageOriented(tiff, (uint32_t)width, (uint32_t)height,
                                   (uint32_t *)(void *)pixels, ORIENTATION_TOPLEFT, 1))
        return fail(source, err);
    size_t n_px = (size_t)width * (size_t)height;
    order_bytes(pixels, n_px);
    flatten(tiff, pixels, n_px);
    return 0;
}

/* Pixels that libtiff has converted by a rule of its own have left their profile behind. */
static void find_colour(TIFF *tiff, struct colour *colour)
{
    uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    uint32_t size = 0;
    void *icc = NULL;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    if (photometric <= PHOTOMETRIC_PALETTE || photometric == PHOTOMETRIC_YCBCR)
        if (TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &size, &icc) && icc)
            colour_set_icc(colour, icc, size);
}

static int decode_first(TIFF *tiff, const struct source *source, struct decoded *ret,
                        struct error *err)
{
    uint32_t width = 0, height = 0;
    uint16_t orientation = 0;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation);
    AUTO_PIXELS uint8_t *pixels = NULL;
    int rc = check_size(tiff, width, height, err);
    if (!rc)
        rc = decode_alloc((int)width, (int)height, 4, &pixels, err);
    if (!rc)
        rc = read_pixels(tiff, source, (int)width, (int)height, pixels, err);
    if (rc)
        return rc;
    exif_add(source->data, source->size, &ret->exif);
    if (orientation >= 1 && orientation <= 8)
        ret->exif.orientation = orientation;
    find_colour(tiff, &ret->colour);
    ret->width = (int)width;
    ret->height = (int)height;
    ret->image = decode_image_take((int)width, (int)height, pixels);
    pixels = NULL;
    return 0;
}

static int decode(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err)
{
    (void)short_edge_px;
    struct source source = {.data = data, .size = size};
    TIFF *tiff = open_tiff(&source);
    if (!tiff)
        return fail(&source, err);
    int rc = decode_first(tiff, &source, ret, err);
    TIFFClose(tiff);
    text_copy(ret->format, sizeof ret->format, "tiff");
    return rc;
}

static void describe(char *text, size_t size)
{
    /* "LIBTIFF, Version 4.5.0", and more lines. */
    const char *version = TIFFGetVersion(), *number = strpbrk(version, "0123456789\n");
    number = number ? number : "of an unknown version";
    snprintf(text, size, "libtiff %.*s", (int)strcspn(number, "\n"), number);
}

const struct decoder decode_tiff = {"TIFF", sniff, decode, describe, NULL};
