/* SPDX-License-Identifier: MIT */
/* Selects the decoder by magic bytes, and contains the helpers that all decoders share. */
#include "image/image.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/decode.h"
#include "image/decode_memory.h"
#include "image/image_orient.h"
#include "image/image_unknown.h"
#include "image/jpeg_outline.h"
#include "metadata/takeout.h"

const struct decoder *const decoder_table[] = {
    &decode_jpeg, &decode_png, &decode_webp, &decode_gif, &decode_heif, &decode_tiff, &decode_bmp,
};
const size_t decoder_count = sizeof decoder_table / sizeof *decoder_table;

int decode_check_sides(uint64_t width, uint64_t height, struct error *err)
{
    if (width == 0 || height == 0)
        return error_set(err, ERR_CORRUPT, "the picture has no pixels");
    if (width > LIMIT_PHOTO_SIDE_PX || height > LIMIT_PHOTO_SIDE_PX)
        return error_set(
            err, ERR_LIMIT, "the picture claims %llu x %llu pixels; the limit is %d per side",
            (unsigned long long)width, (unsigned long long)height, LIMIT_PHOTO_SIDE_PX);
    return 0;
}

int decode_check_size(uint64_t width, uint64_t height, unsigned bytes_per_px, uint64_t more,
                      struct error *err)
{
    int rc = decode_check_sides(width, height, err);
    if (rc)
        return rc;
    if (width * height > LIMIT_PHOTO_PIXELS)
        return error_set(err, ERR_LIMIT,
                         "the picture claims %llu x %llu pixels; the limit is %zu million in "
                         "total",
                         (unsigned long long)width, (unsigned long long)height,
                         LIMIT_PHOTO_PIXELS / 1000000);
    if (more > LIMIT_DECODE_BYTES)
        more = LIMIT_DECODE_BYTES;
    return decode_check_memory(width, height, width * height * bytes_per_px + more, err);
}

int decode_check_memory(uint64_t width, uint64_t height, uint64_t bytes, struct error *err)
{
    if (width == 0 || height == 0)
        return error_set(err, ERR_CORRUPT, "the picture has no pixels");
    if (bytes > LIMIT_DECODE_BYTES)
        return error_set(err, ERR_LIMIT,
                         "decoding this picture of %llu x %llu pixels would take more than %zu MiB "
                         "of memory",
                         (unsigned long long)width, (unsigned long long)height,
                         LIMIT_DECODE_BYTES >> 20);
    return decode_memory_reserve(bytes, width * height, err);
}

int decode_note_loss(struct decoded *ret, const char *reason, double lost, struct error *err)
{
    char text[sizeof ret->damage];
    int percent = (int)ceil(lost * 100);
    if (lost <= 0)
        snprintf(text, sizeof text, "%s", reason);
    else if (percent >= 100)
        snprintf(text, sizeof text, "%s: its rows are missing", reason);
    else
        snprintf(text, sizeof text, "%s: %d %% of its rows are missing", reason, percent);
    if (lost > DECODE_MOST_LOST)
        return error_set(err, ERR_CORRUPT, "%s", text);
    text_copy(ret->damage, sizeof ret->damage, text);
    return 0;
}

int decode_alloc(int width, int height, int channels, uint8_t **ret_pixels, struct error *err)
{
    void *pixels;
    int rc = decode_memory_take((size_t)width * (size_t)height, (size_t)channels, &pixels, err);
    if (rc)
        return rc;
    *ret_pixels = pixels;
    return 0;
}

struct image *decode_image_take(int width, int height, uint8_t *rgb)
{
    struct image *image = xmalloc(sizeof *image);
    *image = (struct image){.width = width, .height = height, .rgb = rgb};
    return image;
}

static uint8_t blend_white(unsigned colour, unsigned alpha)
{
    unsigned t = 255 * (255 - alpha) + colour * alpha + 128;
    return (uint8_t)(((t >> 8) + t) >> 8);
}

void decode_flatten(uint8_t *pixels, size_t n_px)
{
    const uint8_t *in = pixels;
    for (size_t i = 0; i < n_px; i++, in += 4, pixels += 3) {
        unsigned alpha = in[3];
        for (int c = 0; c < 3; c++)
            pixels[c] = blend_white(in[c], alpha);
    }
}

void decode_flatten_premultiplied(uint8_t *pixels, size_t n_px)
{
    const uint8_t *in = pixels;
    for (size_t i = 0; i < n_px; i++, in += 4, pixels += 3) {
        unsigned white = 255u - in[3];
        for (int c = 0; c < 3; c++)
            pixels[c] = (uint8_t)(in[c] + white > 255 ? 255 : in[c] + white);
    }
}

static const struct decoder *find_by_magic(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < decoder_count; i++)
        if (decoder_table[i]->sniff(data, size))
            return decoder_table[i];
    return NULL;
}

const struct decoder *decoder_find(const uint8_t *data, size_t size)
{
    const struct decoder *found = find_by_magic(data, size);
    return found || !jpeg_find_start(data, size) ? found : &decode_jpeg;
}

bool image_is_picture(const void *data, size_t size)
{
    return size > 0 && find_by_magic(data, size) != NULL;
}

bool image_has_format(const void *data, size_t size, const char *format)
{
    const struct decoder *found = size ? decoder_find(data, size) : NULL;
    for (const struct picture_format *f = found ? found->formats : NULL; f && f->name; f++)
        if (strcmp(f->name, format) == 0)
            return true;
    return false;
}

/* Boxes are drawn on the stored picture, as those of Lightroom and digiKam are; if the size that
 * was written beside them is that of the upright one, they were drawn on that. */
static void fill_regions(const struct decoded *decoded, struct photo_regions *ret_regions)
{
    const struct metadata *metadata = &decoded->metadata;
    double width = metadata->regions_width, height = metadata->regions_height;
    bool is_upright = orient_swaps_sides(metadata->orientation) && width > 0 && height > 0 &&
                      width != height && decoded->width != decoded->height &&
                      (width > height) != (decoded->width > decoded->height);
    *ret_regions = metadata->regions;
    for (size_t i = 0; i < ret_regions->n && !is_upright; i++)
        orient_region(&ret_regions->items[i], metadata->orientation);
}

static void add_sidecars(const struct decode_options *options, struct metadata *metadata,
                         struct decode_extras *extras)
{
    for (size_t i = 0; i < options->n_sidecars; i++)
        if (!sidecar_add(&options->sidecars[i], metadata))
            extras->broken_sidecars |= 1U << i;
}

static void fill_facts(const struct decoded *decoded, struct photo_facts *ret_facts)
{
    const struct metadata *metadata = &decoded->metadata;
    bool swapped = orient_swaps_sides(metadata->orientation);
    struct photo_facts facts = metadata->facts;
    facts.width = swapped ? decoded->height : decoded->width;
    facts.height = swapped ? decoded->width : decoded->height;
    text_copy(facts.format, sizeof facts.format, decoded->format);
    text_copy(facts.damage, sizeof facts.damage, decoded->damage);
    *ret_facts = facts;
}

/* Codecs copy bytes of the file into their messages; this makes a message printable and one line.
 */
static void clean_message(struct error *err)
{
    if (!err)
        return;
    size_t length = strlen(err->message);
    while (length > 0 && strchr("\r\n ", err->message[length - 1]))
        length--;
    AUTO_FREE char *clean = text_printable(err->message, length);
    text_copy(err->message, sizeof err->message, clean);
}

int image_check_file(size_t size, struct error *err)
{
    if (size == 0)
        return error_set(err, ERR_CORRUPT, "the file is empty");
    if (size > LIMIT_PHOTO_FILE_BYTES)
        return error_set(err, ERR_LIMIT, "the file is larger than %zu MiB",
                         LIMIT_PHOTO_FILE_BYTES >> 20);
    return 0;
}

void image_decode_prepare(void)
{
    for (size_t i = 0; i < decoder_count; i++)
        if (decoder_table[i]->prepare)
            decoder_table[i]->prepare();
    takeout_prepare();
}

int image_decode(const void *data, size_t size, const struct decode_options *options,
                 struct image **ret_image, struct photo_facts *ret_facts, struct error *err)
{
    int rc = image_check_file(size, err);
    if (rc)
        return rc;
    const struct decoder *decoder = decoder_find(data, size);
    if (!decoder)
        return image_set_unknown(data, size, err);
    struct decoded decoded = {0};
    int short_edge_px = options && options->short_edge_px > 0 ? options->short_edge_px : 0;
    rc = decoder->decode(data, size, short_edge_px, &decoded, err);
    if (!rc)
        colour_convert(&decoded.colour, decoded.image->rgb,
                       (size_t)decoded.image->width * (size_t)decoded.image->height);
    colour_release(&decoded.colour);
    if (!rc)
        rc = image_orient(&decoded.image, decoded.metadata.orientation, err);
    if (rc) {
        image_free(decoded.image);
        clean_message(err);
        return rc;
    }
    *ret_image = decoded.image;
    struct decode_extras extras = {0};
    if (options)
        add_sidecars(options, &decoded.metadata, &extras);
    fill_regions(&decoded, &extras.regions);
    if (options && options->extras)
        *options->extras = extras;
    if (ret_facts)
        fill_facts(&decoded, ret_facts);
    return 0;
}
