/* SPDX-License-Identifier: MIT */
/* Decodes the main picture of a HEIF file. */
#include "image/heif_picture.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "image/heif_fail.h"
#include "image/heif_pixels.h"
#include "image/row_sink.h"

/* Peak bytes per pixel of libheif, its codecs and our own copy when libheif decodes the whole
 * picture. Measured with Debian 12's libheif 1.15: 6.4 (HEIC 4:4:4), 9.4 (with alpha), 12.8 (AVIF
 * 12 bits 4:4:4). */
#define HELD_BYTES 8
#define HELD_BYTES_ALPHA 3 /* in addition */
#define HELD_DEEP_FACTOR 2 /* for more than 8 bits per sample */

/* Larger pictures are scaled down while they are decoded, if the caller will reduce them anyway.
 * Smaller ones are decoded whole: up to 100 million pixels. */
#define WHOLE_BYTES ((uint64_t)288 << 20)

/* ---- colours ---- */

static void find_colour(const struct heif_image_handle *handle, struct colour *colour)
{
    size_t size = heif_image_handle_get_raw_color_profile_size(handle);
    if (size > 0 && size <= LIMIT_ICC_BYTES) {
        AUTO_FREE uint8_t *icc = xmalloc(size);
        if (heif_image_handle_get_raw_color_profile(handle, icc).code == heif_error_Ok)
            colour_set_icc(colour, icc, size);
        return;
    }
    struct heif_color_profile_nclx *nclx = NULL;
    if (heif_image_handle_get_nclx_color_profile(handle, &nclx).code == heif_error_Ok && nclx) {
        colour->primaries = (int)nclx->color_primaries;
        colour->transfer = (int)nclx->transfer_characteristics;
        heif_nclx_color_profile_free(nclx);
    }
}

/* ---- decoding in parts ---- */

static int choose_scale(const struct heif_crop *crop, int short_edge_px)
{
    int k = 1, edge = crop->width < crop->height ? crop->width : crop->height;
    uint64_t bytes = (uint64_t)crop->width * (uint64_t)crop->height * 3;
    while (short_edge_px && bytes / (uint64_t)(k * k) > WHOLE_BYTES &&
           edge / (2 * k) >= 2 * short_edge_px)
        k *= 2;
    return k;
}

/* Peak bytes of libheif for one coded picture: the planes of the codec, which it copies; then the
 * copy and planes of RGB; then the latter, while rows are read from them. */
static uint64_t held_for(const struct heif_plan *plan, uint64_t n_px)
{
    uint64_t coded = (uint64_t)plan->samples_twice * plan->sample_bytes;
    uint64_t rgb = plan->samples_twice == 2 ? coded : 6 * (uint64_t)plan->sample_bytes;
    uint64_t codec = 2; /* its own tables: one byte per pixel */
    uint64_t decoding = 2 * coded + codec, converting = coded + rgb;
    return n_px * (decoding > converting ? decoding : converting) / 2;
}

static uint64_t rgb_of(const struct heif_plan *plan, uint64_t n_px)
{
    return plan->samples_twice == 2 ? n_px * plan->sample_bytes : n_px * 3 * plan->sample_bytes;
}

static int open_sink(const struct heif_plan *plan, int width, int height, int short_edge_px,
                     struct row_sink *ret_sink, struct decoded *ret, struct error *err)
{
    struct heif_crop crop;
    if (!heif_plan_crop(plan, width, height, &crop))
        return error_set(err, ERR_CORRUPT, "the HEIF picture is empty after cropping");
    *ret_sink = (struct row_sink){.left = crop.left,
                                  .top = crop.top,
                                  .width = crop.width,
                                  .height = crop.height,
                                  .k = choose_scale(&crop, short_edge_px)};
    ret->width = crop.width;
    ret->height = crop.height;
    return 0;
}

static uint64_t sink_bytes(const struct row_sink *sink)
{
    return (uint64_t)(sink->width / sink->k) * (uint64_t)(sink->height / sink->k) * 3;
}

static void take_image(struct row_sink *sink, struct decoded *ret)
{
    ret->image = decode_image_take(sink->out_width, sink->out_height, row_sink_take(sink));
}

static uint64_t larger_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static int push_picture(const struct heif_pixels *pixels, struct row_sink *sink, struct error *err)
{
    int rc = row_sink_open(sink, err);
    AUTO_FREE uint8_t *row = rc ? NULL : xmalloc((size_t)pixels->width * 3);
    for (int y = 0; !rc && y < pixels->height; y++) {
        heif_pixels_row(pixels, y, row);
        row_sink_push(sink, row);
    }
    return rc;
}

static int decode_single(const struct heif_image_handle *handle, const struct heif_plan *plan,
                         int short_edge_px, struct decoded *ret, struct error *err)
{
    struct heif_pixels pixels = {0};
    struct row_sink sink = {0};
    int rc = decode_check_size(plan->width, plan->height, 0, 0, err);
    if (!rc)
        rc = open_sink(plan, (int)plan->width, (int)plan->height, short_edge_px, &sink, ret, err);
    if (rc)
        return rc;
    uint64_t n_px = (uint64_t)plan->width * plan->height;
    uint64_t need = larger_of(held_for(plan, n_px), rgb_of(plan, n_px) + sink_bytes(&sink)) +
                    plan->held_besides;
    rc = decode_check_memory(plan->width, plan->height, need, err);
    if (!rc)
        rc = heif_pixels_decode(handle, true, &pixels, err);
    if (rc)
        return rc;
    /* The stream's own size is used; it may differ from the one stated in the file. */
    rc = open_sink(plan, pixels.width, pixels.height, short_edge_px, &sink, ret, err);
    if (!rc)
        rc = decode_check_size((uint64_t)pixels.width, (uint64_t)pixels.height, 0, need, err);
    if (!rc)
        rc = push_picture(&pixels, &sink, err);
    if (!rc)
        take_image(&sink, ret);
    row_sink_close(&sink);
    heif_pixels_release(&pixels);
    return rc;
}

/* ---- grids ---- */

struct grid {
    struct heif_context *context;
    const struct heif_plan *plan;
    int tile_width, tile_height;
    uint8_t *band; /* a row of tiles: [tile_height][width][3] */
};

static int decode_tile(const struct grid *g, unsigned row, unsigned column, struct error *err)
{
    struct heif_image_handle *handle = NULL;
    struct heif_pixels pixels;
    uint32_t id = g->plan->tiles[row * g->plan->columns + column];
    struct heif_error heif = heif_context_get_image_handle(g->context, id, &handle);
    if (heif.code != heif_error_Ok)
        return heif_fail(&heif, err);
    int rc = heif_pixels_decode(handle, false, &pixels, err);
    heif_image_handle_release(handle);
    if (rc)
        return rc;
    if (pixels.width != g->tile_width || pixels.height != g->tile_height)
        rc = error_set(err, ERR_CORRUPT, "the tiles of the HEIF picture have different sizes");
    size_t width = (size_t)g->tile_width * g->plan->columns, left = column * (size_t)g->tile_width;
    for (int y = 0; !rc && y < pixels.height; y++)
        heif_pixels_row(&pixels, y, g->band + ((size_t)y * width + left) * 3);
    heif_pixels_release(&pixels);
    return rc;
}

static int push_tiles(const struct grid *g, struct row_sink *sink, struct error *err)
{
    size_t stride = (size_t)g->tile_width * g->plan->columns * 3;
    int rc = 0;
    for (unsigned row = 0; row < g->plan->rows && !rc; row++) {
        for (unsigned column = 0; column < g->plan->columns && !rc; column++)
            rc = decode_tile(g, row, column, err);
        for (int y = 0; y < g->tile_height && !rc; y++)
            row_sink_push(sink, g->band + (size_t)y * stride);
    }
    return rc;
}

static int decode_grid(struct grid *g, int short_edge_px, struct decoded *ret, struct error *err)
{
    const struct heif_plan *plan = g->plan;
    struct row_sink sink = {0};
    int rc = decode_check_size(plan->width, plan->height, 0, 0, err);
    if (!rc && ((uint64_t)g->tile_width * plan->columns < plan->width ||
                (uint64_t)g->tile_height * plan->rows < plan->height))
        rc = error_set(err, ERR_CORRUPT, "the tiles of the HEIF picture do not cover it");
    if (!rc)
        rc = open_sink(plan, (int)plan->width, (int)plan->height, short_edge_px, &sink, ret, err);
    if (rc)
        return rc;
    uint64_t tile_px = (uint64_t)g->tile_width * (uint64_t)g->tile_height;
    uint64_t band = tile_px * plan->columns * 3;
    rc = decode_check_memory(
        plan->width, plan->height,
        held_for(plan, tile_px) + band + sink_bytes(&sink) + plan->held_besides, err);
    void *block = NULL;
    if (!rc)
        rc = try_alloc(band, 1, LIMIT_DECODE_BYTES, &block, err);
    g->band = block;
    if (!rc)
        rc = row_sink_open(&sink, err);
    if (!rc)
        rc = push_tiles(g, &sink, err);
    if (!rc)
        take_image(&sink, ret);
    row_sink_close(&sink);
    free(block);
    return rc;
}

/* False if tiles cannot be decoded one by one. */
static bool find_tiles(struct heif_context *context, const struct heif_plan *plan,
                       struct grid *ret_grid)
{
    struct heif_image_handle *handle = NULL;
    if (!plan->tiles ||
        heif_context_get_image_handle(context, plan->tiles[0], &handle).code != heif_error_Ok)
        return false;
    int width = heif_image_handle_get_width(handle), height = heif_image_handle_get_height(handle);
    bool fine = !heif_image_handle_has_alpha_channel(handle) && width > 0 && height > 0 &&
                (uint64_t)width * (uint64_t)height <= LIMIT_PHOTO_PIXELS / plan->columns;
    heif_image_handle_release(handle);
    *ret_grid =
        (struct grid){.context = context, .plan = plan, .tile_width = width, .tile_height = height};
    return fine;
}

bool heif_picture_is_simple(struct heif_context *context, const struct heif_image_handle *handle,
                            const struct heif_plan *plan)
{
    struct grid grid;
    return plan->is_simple && plan->width && plan->height && !plan->is_overlay &&
           !heif_image_handle_has_alpha_channel(handle) &&
           (!plan->rows || find_tiles(context, plan, &grid));
}

int heif_picture_decode(struct heif_context *context, const struct heif_image_handle *handle,
                        const struct heif_plan *plan, int short_edge_px, struct decoded *ret,
                        struct error *err)
{
    struct grid grid;
    int rc = find_tiles(context, plan, &grid)
                 ? decode_grid(&grid, short_edge_px, ret, err)
                 : decode_single(handle, plan, short_edge_px, ret, err);
    find_colour(handle, &ret->colour);
    ret->metadata.orientation = plan->orientation;
    return rc;
}

/* ---- decoding as a whole ---- */

/* Copies the rows from libheif's padded plane. */
static int copy_pixels(const struct heif_image *picture, bool alpha, bool premultiplied,
                       struct image **ret_image, struct error *err)
{
    int stride = 0, channels = alpha ? 4 : 3;
    const uint8_t *plane =
        heif_image_get_plane_readonly(picture, heif_channel_interleaved, &stride);
    int width = heif_image_get_width(picture, heif_channel_interleaved);
    int height = heif_image_get_height(picture, heif_channel_interleaved);
    if (!plane || width < 1 || height < 1 || stride / channels < width)
        return error_set(err, ERR_CORRUPT, "the HEIF picture has no pixels");
    uint8_t *pixels;
    int rc = decode_check_size((uint64_t)width, (uint64_t)height, (unsigned)channels, 0, err);
    if (!rc)
        rc = decode_alloc(width, height, channels, &pixels, err);
    if (rc)
        return rc;
    size_t row = (size_t)width * (size_t)channels;
    for (int y = 0; y < height; y++)
        memcpy(pixels + (size_t)y * row, plane + (size_t)y * (size_t)stride, row);
    size_t n_px = (size_t)width * (size_t)height;
    if (alpha)
        (premultiplied ? decode_flatten_premultiplied : decode_flatten)(pixels, n_px);
    *ret_image = decode_image_take(width, height, pixels);
    return 0;
}

static int check_handle(const struct heif_image_handle *handle, struct error *err)
{
    int width = heif_image_handle_get_width(handle), height = heif_image_handle_get_height(handle);
    int bits = heif_image_handle_get_luma_bits_per_pixel(handle);
    bool alpha = heif_image_handle_has_alpha_channel(handle);
    unsigned held =
        (HELD_BYTES + (alpha ? HELD_BYTES_ALPHA : 0)) * (bits > 8 ? HELD_DEEP_FACTOR : 1);
    int rc = decode_check_size(width > 0 ? (uint64_t)width : 0, height > 0 ? (uint64_t)height : 0,
                               held, 0, err);
    if (rc)
        return rc;
    /* Before cropping and orienting: the size that the codec will hold. */
    int stored_width = heif_image_handle_get_ispe_width(handle);
    int stored_height = heif_image_handle_get_ispe_height(handle);
    if (stored_width > 0 && stored_height > 0)
        rc = decode_check_size((uint64_t)stored_width, (uint64_t)stored_height, held, 0, err);
    return rc;
}

int heif_picture_decode_whole(const struct heif_image_handle *handle, struct decoded *ret,
                              struct error *err)
{
    int rc = check_handle(handle, err);
    if (rc)
        return rc;
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (!options)
        return error_set(err, ERR_NO_MEMORY, "cannot start the HEIF decoder");
    options->convert_hdr_to_8bit = 1;
    options->strict_decoding = 1;
    bool alpha = heif_image_handle_has_alpha_channel(handle);
    struct heif_image *picture = NULL;
    struct heif_error heif = heif_decode_image(
        handle, &picture, heif_colorspace_RGB,
        alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
    heif_decoding_options_free(options);
    if (heif.code != heif_error_Ok)
        return heif_fail(&heif, err);
    bool premultiplied = heif_image_handle_is_premultiplied_alpha(handle);
    rc = copy_pixels(picture, alpha, premultiplied, &ret->image, err);
    heif_image_release(picture);
    if (rc)
        return rc;
    find_colour(handle, &ret->colour);
    ret->metadata.orientation = 1;
    ret->width = ret->image->width;
    ret->height = ret->image->height;
    return 0;
}
