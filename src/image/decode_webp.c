#include "image/decode.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "base/limits.h"
#include "base/text.h"

enum { WEBP_MIXED, WEBP_LOSSY, WEBP_LOSSLESS }; /* WebPBitstreamFeatures.format */

static bool sniff(const uint8_t *data, size_t size)
{
    return size >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
}

static int fail(VP8StatusCode status, struct error *err)
{
    switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return error_set(err, ERR_CORRUPT, "the WebP data ends early");
    case VP8_STATUS_OUT_OF_MEMORY:
        return error_set(err, ERR_NO_MEMORY, "not enough memory to decode the WebP picture");
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return error_set(err, ERR_UNSUPPORTED, "the WebP picture uses an unknown feature");
    default:
        return error_set(err, ERR_CORRUPT, "the WebP data is broken");
    }
}

/* Bytes per pixel at the worst moment: our own, and what libwebp holds inside (a lossless picture
 * or a lossless alpha plane whole, at 4 bytes a pixel). */
static unsigned held_bytes(const WebPBitstreamFeatures *features)
{
    unsigned own = features->has_alpha ? 4 : 3;
    bool whole = features->format == WEBP_LOSSLESS || features->has_alpha;
    return own + (whole ? 4 : 0) + (features->format == WEBP_LOSSY && features->has_alpha ? 1 : 0);
}

static VP8StatusCode decode_into(const WebPData *bytes, bool alpha, int width, int height,
                                 uint8_t *pixels)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return VP8_STATUS_INVALID_PARAM;
    int stride = width * (alpha ? 4 : 3);
    config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = pixels;
    config.output.u.RGBA.stride = stride;
    config.output.u.RGBA.size = (size_t)stride * (size_t)height;
    return WebPDecode(bytes->bytes, bytes->size, &config);
}

/* One bitstream, flattened over white. `canvas_px` is what will be allocated besides. */
static int decode_frame(const WebPData *bytes, uint64_t canvas_px, struct image **ret_image,
                        struct error *err)
{
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(bytes->bytes, bytes->size, &features);
    if (status != VP8_STATUS_OK)
        return fail(status, err);
    int width = features.width, height = features.height;
    AUTO_PIXELS uint8_t *pixels = NULL;
    int rc = decode_check_size((uint64_t)width, (uint64_t)height, held_bytes(&features),
                               3 * canvas_px, err);
    if (!rc)
        rc = decode_alloc(width, height, features.has_alpha ? 4 : 3, &pixels, err);
    if (rc)
        return rc;
    status = decode_into(bytes, features.has_alpha, width, height, pixels);
    if (status != VP8_STATUS_OK)
        return fail(status, err);
    if (features.has_alpha)
        decode_flatten(pixels, (size_t)width * (size_t)height);
    *ret_image = decode_image_take(width, height, pixels);
    pixels = NULL;
    return 0;
}

/* A frame of an animation where it belongs on a white canvas. */
static int place_frame(const WebPIterator *frame, int width, int height, struct image **ret_image,
                       struct error *err)
{
    AUTO(image) *part = NULL;
    AUTO(image) *canvas = NULL;
    uint64_t canvas_px = (uint64_t)width * (uint64_t)height;
    int rc = decode_check_size((uint64_t)width, (uint64_t)height, 3, 0, err);
    if (!rc)
        rc = decode_frame(&frame->fragment, canvas_px, &part, err);
    if (!rc)
        rc = image_new(width, height, &canvas, err);
    if (rc)
        return rc;
    if (part->width > width - frame->x_offset || part->height > height - frame->y_offset)
        return error_set(err, ERR_CORRUPT, "the WebP picture is larger than its canvas");
    memset(canvas->rgb, 255, canvas_px * 3);
    for (int y = 0; y < part->height; y++) {
        size_t at = (size_t)(frame->y_offset + y) * (size_t)width + (size_t)frame->x_offset;
        memcpy(canvas->rgb + 3 * at, part->rgb + 3 * (size_t)y * (size_t)part->width,
               3 * (size_t)part->width);
    }
    *ret_image = canvas;
    canvas = NULL;
    return 0;
}

static int decode_animation(const WebPDemuxer *demuxer, struct image **ret_image, struct error *err)
{
    WebPIterator frame;
    if (!WebPDemuxGetFrame(demuxer, 1, &frame))
        return error_set(err, ERR_CORRUPT, "the WebP animation has no frame");
    int rc;
    if (!frame.complete)
        rc = error_set(err, ERR_CORRUPT, "the WebP data ends early");
    else
        rc = place_frame(&frame, (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH),
                         (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT), ret_image, err);
    WebPDemuxReleaseIterator(&frame);
    return rc;
}

static void find_exif(const WebPDemuxer *demuxer, struct exif *ret_exif)
{
    WebPChunkIterator chunk;
    if (!WebPDemuxGetChunk(demuxer, "EXIF", 1, &chunk))
        return;
    size_t size = chunk.chunk.size < LIMIT_EXIF_BYTES ? chunk.chunk.size : LIMIT_EXIF_BYTES;
    exif_add(chunk.chunk.bytes, size, ret_exif);
    WebPDemuxReleaseChunkIterator(&chunk);
}

static void find_colour(const WebPDemuxer *demuxer, struct colour *colour)
{
    WebPChunkIterator chunk;
    if (!WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk))
        return;
    colour_set_icc(colour, chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
}

static int decode(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err)
{
    (void)short_edge_px;
    WebPData bytes = {.bytes = data, .size = size};
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(data, size, &features);
    if (status != VP8_STATUS_OK)
        return fail(status, err);
    WebPDemuxState state;
    WebPDemuxer *demuxer = WebPDemuxPartial(&bytes, &state); /* NULL for some broken files */
    int rc;
    if (!features.has_animation)
        rc = decode_frame(&bytes, 0, &ret->image, err);
    else if (demuxer)
        rc = decode_animation(demuxer, &ret->image, err);
    else
        rc = fail(VP8_STATUS_BITSTREAM_ERROR, err);
    if (demuxer) {
        find_exif(demuxer, &ret->exif);
        find_colour(demuxer, &ret->colour);
    }
    WebPDemuxDelete(demuxer);
    if (rc)
        return rc;
    text_copy(ret->format, sizeof ret->format, "webp");
    ret->width = ret->image->width;
    ret->height = ret->image->height;
    return 0;
}

static void describe(char *text, size_t size)
{
    int version = WebPGetDecoderVersion(); /* a byte for each of its three numbers */
    snprintf(text, size, "libwebp %d.%d.%d", version >> 16, version >> 8 & 255, version & 255);
}

const struct decoder decode_webp = {"WebP", sniff, decode, describe, NULL};
