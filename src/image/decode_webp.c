/* SPDX-License-Identifier: MIT */
/* Decodes WebP, still or the first frame of an animation, using libwebp. */
#include "image/decode.h"

#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

#include "base/limits.h"
#include "base/text.h"
#include "metadata/exif.h"
#include "metadata/xmp.h"

enum { WEBP_MIXED, WEBP_LOSSY, WEBP_LOSSLESS }; /* WebPBitstreamFeatures.format */

static bool is_webp(const uint8_t *data, size_t size)
{
    return size >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
}

static int fail_webp(VP8StatusCode status, struct error *err)
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

/* Peak bytes per pixel: our own, and those inside libwebp (a whole lossless picture or lossless
 * alpha plane, at 4 bytes per pixel). */
static unsigned held_bytes(const WebPBitstreamFeatures *features)
{
    unsigned own = features->has_alpha ? 4 : 3;
    bool whole = features->format == WEBP_LOSSLESS || features->has_alpha;
    return own + (whole ? 4 : 0) + (features->format == WEBP_LOSSY && features->has_alpha ? 1 : 0);
}

struct output {
    uint8_t *pixels;
    int width, height, channels; /* 3: RGB, 4: RGBA */
};

static bool configure_output(const struct output *out, WebPDecoderConfig *config)
{
    if (!WebPInitDecoderConfig(config))
        return false;
    int stride = out->width * out->channels;
    config->output.colorspace = out->channels == 4 ? MODE_RGBA : MODE_RGB;
    config->output.is_external_memory = 1;
    config->output.u.RGBA.rgba = out->pixels;
    config->output.u.RGBA.stride = stride;
    config->output.u.RGBA.size = (size_t)stride * (size_t)out->height;
    return true;
}

static VP8StatusCode decode_into(const WebPData *bytes, const struct output *out)
{
    WebPDecoderConfig config;
    return configure_output(out, &config) ? WebPDecode(bytes->bytes, bytes->size, &config)
                                          : VP8_STATUS_INVALID_PARAM;
}

/* ---- damaged data ---- */

/* Decodes up to the end of the data. Returns the number of rows. */
static int decode_start(const WebPData *bytes, const struct output *out)
{
    WebPDecoderConfig config;
    WebPIDecoder *decoder = configure_output(out, &config) ? WebPINewDecoder(&config.output) : NULL;
    int rows = 0;
    if (decoder) {
        WebPIUpdate(decoder, bytes->bytes, bytes->size);
        if (!WebPIDecGetRGB(decoder, &rows, NULL, NULL, NULL))
            rows = 0;
    }
    WebPIDelete(decoder);
    return rows < 0 ? 0 : rows > out->height ? out->height : rows;
}

static VP8StatusCode decode_padded(const WebPData *bytes, int padding, const struct output *out)
{
    WebPData padded = {.size = bytes->size + bytes->size / 8 + 1024};
    AUTO_FREE void *block = NULL;
    if (try_alloc(padded.size, 1, LIMIT_DECODE_BYTES, &block, NULL))
        return VP8_STATUS_OUT_OF_MEMORY;
    memcpy(block, bytes->bytes, bytes->size);
    memset((uint8_t *)block + bytes->size, padding, padded.size - bytes->size);
    padded.bytes = block;
    return decode_into(&padded, out);
}

/* Decodes truncated data twice, with different bytes in place of its end. The rows that do not
 * depend on them belong to the picture; returns their number, or -1. */
static int decode_completed(const WebPData *bytes, const struct output *out, struct error *err)
{
    AUTO_PIXELS uint8_t *pixels = NULL;
    if (decode_alloc(out->width, out->height, out->channels, &pixels, err))
        return -1;
    struct output other = *out;
    other.pixels = pixels;
    if (decode_padded(bytes, 0xFF, &other) != VP8_STATUS_OK ||
        decode_padded(bytes, 0, out) != VP8_STATUS_OK)
        return -1;
    size_t stride = (size_t)out->width * (size_t)out->channels;
    int row = 0;
    while (row < out->height &&
           memcmp(out->pixels + (size_t)row * stride, pixels + (size_t)row * stride, stride) == 0)
        row++;
    return row;
}

static int decode_damaged(const WebPData *bytes, VP8StatusCode status, uint64_t held,
                          const struct output *out, struct decoded *ret, struct error *err)
{
    bool cut = status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED;
    if (!cut && status != VP8_STATUS_BITSTREAM_ERROR)
        return fail_webp(status, err);
    size_t stride = (size_t)out->width * (size_t)out->channels;
    uint64_t again = (uint64_t)out->height * stride + 2 * bytes->size + 1024;
    int rc = decode_check_memory((uint64_t)out->width, (uint64_t)out->height, held + again, err);
    if (rc)
        return rc;
    int rows = cut ? decode_completed(bytes, out, NULL) : -1;
    if (rows < 0) {
        rows = decode_start(bytes, out);
        memset(out->pixels + (size_t)rows * stride, 128, (size_t)(out->height - rows) * stride);
    }
    return decode_note_loss(ret, cut ? "the WebP data ends early" : "the WebP data is broken",
                            (double)(out->height - rows) / out->height, err);
}

/* ---- a picture ---- */

/* Decodes one bitstream, flattened over white. `canvas_px` pixels will be allocated in addition. */
static int decode_frame(const WebPData *bytes, uint64_t canvas_px, struct image **ret_image,
                        struct decoded *ret, struct error *err)
{
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(bytes->bytes, bytes->size, &features);
    if (status != VP8_STATUS_OK)
        return fail_webp(status, err);
    int width = features.width, height = features.height, channels = features.has_alpha ? 4 : 3;
    AUTO_PIXELS uint8_t *pixels = NULL;
    int rc = decode_check_size((uint64_t)width, (uint64_t)height, held_bytes(&features),
                               3 * canvas_px, err);
    if (!rc)
        rc = decode_alloc(width, height, channels, &pixels, err);
    if (rc)
        return rc;
    struct output out = {pixels, width, height, channels};
    uint64_t n_px = (uint64_t)width * (uint64_t)height;
    status = decode_into(bytes, &out);
    if (status != VP8_STATUS_OK)
        rc = decode_damaged(bytes, status, n_px * held_bytes(&features) + 3 * canvas_px, &out, ret,
                            err);
    if (rc)
        return rc;
    if (features.has_alpha)
        decode_flatten(pixels, n_px);
    *ret_image = decode_image_take(width, height, pixels);
    pixels = NULL;
    return 0;
}

/* Places a frame of an animation at its position on a white canvas. */
static int place_frame(const WebPIterator *frame, int width, int height, struct decoded *ret,
                       struct error *err)
{
    AUTO(image) *part = NULL;
    AUTO(image) *canvas = NULL;
    uint64_t canvas_px = (uint64_t)width * (uint64_t)height;
    int rc = decode_check_size((uint64_t)width, (uint64_t)height, 3, 0, err);
    if (!rc)
        rc = decode_frame(&frame->fragment, canvas_px, &part, ret, err);
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
    ret->image = canvas;
    canvas = NULL;
    return 0;
}

static int decode_animation(const WebPDemuxer *demuxer, struct decoded *ret, struct error *err)
{
    WebPIterator frame;
    if (!WebPDemuxGetFrame(demuxer, 1, &frame))
        return error_set(err, ERR_CORRUPT, "the WebP animation has no frame");
    int rc = place_frame(&frame, (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH),
                         (int)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT), ret, err);
    WebPDemuxReleaseIterator(&frame);
    return rc;
}

static void each_chunk(const WebPDemuxer *demuxer, const char *type,
                       void (*add)(const uint8_t *data, size_t size, struct metadata *metadata),
                       struct metadata *metadata)
{
    WebPChunkIterator chunk;
    if (!WebPDemuxGetChunk(demuxer, type, 1, &chunk))
        return;
    do {
        size_t size = chunk.chunk.size < LIMIT_EXIF_BYTES ? chunk.chunk.size : LIMIT_EXIF_BYTES;
        add(chunk.chunk.bytes, size, metadata);
    } while (WebPDemuxNextChunk(&chunk));
    WebPDemuxReleaseChunkIterator(&chunk);
}

static void find_metadata(const WebPDemuxer *demuxer, struct metadata *metadata)
{
    each_chunk(demuxer, "EXIF", exif_add, metadata);
    each_chunk(demuxer, "XMP ", xmp_add, metadata);
}

static void find_colour(const WebPDemuxer *demuxer, struct colour *colour)
{
    WebPChunkIterator chunk;
    if (!WebPDemuxGetChunk(demuxer, "ICCP", 1, &chunk))
        return;
    colour_set_icc(colour, chunk.chunk.bytes, chunk.chunk.size);
    WebPDemuxReleaseChunkIterator(&chunk);
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    (void)short_edge_px;
    WebPData bytes = {.bytes = data, .size = size};
    WebPBitstreamFeatures features;
    VP8StatusCode status = WebPGetFeatures(data, size, &features);
    if (status != VP8_STATUS_OK)
        return fail_webp(status, err);
    WebPDemuxState state;
    WebPDemuxer *demuxer = WebPDemuxPartial(&bytes, &state); /* NULL for some broken files */
    int rc;
    if (!features.has_animation)
        rc = decode_frame(&bytes, 0, &ret->image, ret, err);
    else if (demuxer)
        rc = decode_animation(demuxer, ret, err);
    else
        rc = fail_webp(VP8_STATUS_BITSTREAM_ERROR, err);
    if (demuxer) {
        find_metadata(demuxer, &ret->metadata);
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

static void describe_libwebp(char *text, size_t size)
{
    int version = WebPGetDecoderVersion(); /* one byte for each of its three numbers */
    snprintf(text, size, "libwebp %d.%d.%d", version >> 16, version >> 8 & 255, version & 255);
}

const struct decoder decode_webp = {
    .name = "WebP",
    .formats = {{"webp", "WebP", "image/webp"}},
    .extensions = {"webp"},
    .packages = {"libwebp-dev"},
    .sniff = is_webp,
    .decode = decode_file,
    .describe = describe_libwebp,
};
