#include "image/decode.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h> /* after stdio.h, which it needs */
#include <turbojpeg.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/colour_jpeg.h"
#include "image/jpeg_facts.h"
#include "image/jpeg_outline.h"

static bool sniff(const uint8_t *data, size_t size)
{
    return size >= 3 && memcmp(data, "\xFF\xD8\xFF", 3) == 0;
}

struct target {
    int width, height; /* after scaling */
    int channels;      /* 3: RGB, 4: CMYK as stored */
    const struct colour *colour;
};

/* Halves as long as the short edge stays at least twice what the caller will shrink it to. The
 * codec's inverse transform is fast for these sizes, and they are what Pillow's draft mode uses. */
static struct target choose_target(const struct jpeg_outline *outline, int short_edge_px)
{
    int scale = 1;
    int edge = outline->width < outline->height ? outline->width : outline->height;
    while (short_edge_px && scale < 8 && edge / (2 * scale) >= 2 * short_edge_px)
        scale *= 2;
    return (struct target){
        .width = (outline->width + scale - 1) / scale,
        .height = (outline->height + scale - 1) / scale,
        .channels = outline->components == 4 ? 4 : 3,
    };
}

static int check_outline(const struct jpeg_outline *outline, const struct target *target,
                         struct error *err)
{
    if (!outline->width || !outline->scans)
        return error_set(err, ERR_CORRUPT, "the JPEG data ends before the picture begins");
    uint64_t pixels = (uint64_t)outline->width * (uint64_t)outline->height;
    if (outline->scans > LIMIT_JPEG_SCANS ||
        pixels * (uint64_t)outline->scans > LIMIT_JPEG_SCANNED_PIXELS)
        return error_set(err, ERR_LIMIT,
                         "the JPEG picture of %d x %d pixels is stored in %d passes, which would "
                         "take too long to decode",
                         outline->width, outline->height, outline->scans);
    if ((outline->progressive || outline->scans > 1) && !outline->ended)
        return error_set(err, ERR_CORRUPT, "the JPEG data ends early");
    uint64_t more = (uint64_t)target->width * (uint64_t)target->height * (unsigned)target->channels;
    if (outline->progressive ||
        outline->scans > 1) /* the codec keeps all coefficients, 2 bytes each */
        more += 2 * outline->samples;
    return decode_check_size((uint64_t)outline->width, (uint64_t)outline->height, 0, more, err);
}

/* The codec reports damage that it could work around as a warning, and only the first. A flipped
 * bit that costs a few blocks is accepted, as every viewer does; missing data is not. */
static int check_warning(const char *message, bool ended, struct error *err)
{
    if (!ended || strstr(message, "remature end"))
        return error_set(err, ERR_CORRUPT, "the JPEG data ends early");
    return 0;
}

static int decompress(tjhandle codec, const uint8_t *data, size_t size, bool ended,
                      const struct target *target, uint8_t *pixels, struct error *err)
{
    int format = target->channels == 4 ? TJPF_CMYK : TJPF_RGB;
    if (!tjDecompress2(codec, data, size, pixels, target->width, target->width * target->channels,
                       target->height, format, TJFLAG_ACCURATEDCT))
        return 0;
    const char *message = tjGetErrorStr2(codec);
    if (tjGetErrorCode(codec) == TJERR_WARNING)
        return check_warning(message, ended, err);
    bool unsupported = strstr(message, "nsupported") != NULL;
    return error_set(err, unsupported ? ERR_UNSUPPORTED : ERR_CORRUPT,
                     "the JPEG picture cannot be decoded: %s", message);
}

/* Both readers must agree on the size: the codec fills what it reads, we allocate what we read. */
static int check_header(tjhandle codec, const uint8_t *data, size_t size,
                        const struct jpeg_outline *outline, struct error *err)
{
    int width = 0, height = 0, sampling, colours;
    if (tjDecompressHeader3(codec, data, size, &width, &height, &sampling, &colours) && !width)
        return error_set(err, ERR_CORRUPT, "the JPEG header is broken: %s", tjGetErrorStr2(codec));
    if (width != outline->width || height != outline->height)
        return error_set(err, ERR_CORRUPT, "the JPEG header contradicts itself");
    return 0;
}

/* CMYK as Adobe and Pillow store it, inverted; to RGB by its profile, or as Pillow converts it. In
 * place. */
static void convert_cmyk(const struct colour *colour, uint8_t *pixels, size_t n_px)
{
    if (colour_convert_cmyk(colour, pixels, n_px))
        return;
    const uint8_t *in = pixels;
    for (size_t i = 0; i < n_px; i++, in += 4, pixels += 3) {
        int light = in[3];
        for (int c = 0; c < 3; c++) {
            int value = light - decode_scale255(255u - in[c], (unsigned)light);
            pixels[c] = (uint8_t)(value < 0 ? 0 : value);
        }
    }
}

static int decode_pixels(const uint8_t *data, size_t size, const struct jpeg_outline *outline,
                         const struct target *target, struct image **ret_image, struct error *err)
{
    AUTO_PIXELS uint8_t *pixels = NULL;
    int rc = decode_alloc(target->width, target->height, target->channels, &pixels, err);
    if (rc)
        return rc;
    tjhandle codec = tjInitDecompress();
    if (!codec)
        return error_set(err, ERR_NO_MEMORY, "cannot start the JPEG decoder");
    rc = check_header(codec, data, size, outline, err);
    if (!rc)
        rc = decompress(codec, data, size, outline->ended, target, pixels, err);
    tjDestroy(codec);
    if (rc)
        return rc;
    if (target->channels == 4)
        convert_cmyk(target->colour, pixels, (size_t)target->width * (size_t)target->height);
    *ret_image = decode_image_take(target->width, target->height, pixels);
    pixels = NULL;
    return 0;
}

/* Some cameras leave the end marker out. With one put behind the data, a complete picture decodes
 * without a warning and a truncated one does not. */
static int decode_unended(const uint8_t *data, size_t size, const struct jpeg_outline *outline,
                          const struct target *target, struct image **ret_image, struct error *err)
{
    uint64_t out = (uint64_t)target->width * (uint64_t)target->height * (unsigned)target->channels;
    AUTO_FREE void *block = NULL;
    int rc = try_alloc(size + 2, 1, LIMIT_DECODE_BYTES - out, &block, err);
    if (rc)
        return rc;
    uint8_t *ended = block;
    memcpy(ended, data, size);
    memcpy(ended + size, "\xFF\xD9", 2);
    return decode_pixels(ended, size + 2, outline, target, ret_image, err);
}

static int decode(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err)
{
    struct jpeg_outline outline;
    jpeg_outline_read(data, size, &outline);
    struct target target = choose_target(&outline, short_edge_px);
    int rc = check_outline(&outline, &target, err);
    if (rc)
        return rc;
    jpeg_facts_add(data, size, &ret->exif);
    colour_jpeg_read(data, size, &ret->colour);
    target.colour = &ret->colour;
    text_copy(ret->format, sizeof ret->format, "jpeg");
    ret->width = outline.width;
    ret->height = outline.height;
    rc = (outline.ended ? decode_pixels : decode_unended)(data, size, &outline, &target,
                                                          &ret->image, err);
    if (target.channels == 4) /* converted already */
        colour_release(&ret->colour);
    return rc;
}

static void describe(char *text, size_t size)
{
#define QUOTED(token) #token
#define VALUE_QUOTED(macro) QUOTED(macro)
    text_copy(text, size, "libjpeg-turbo " VALUE_QUOTED(LIBJPEG_TURBO_VERSION));
#undef VALUE_QUOTED
#undef QUOTED
}

const struct decoder decode_jpeg = {"JPEG", sniff, decode, describe, NULL};
