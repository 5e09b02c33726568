/* SPDX-License-Identifier: MIT */
/* Decodes a HEIF picture into planes, and returns their rows. */
#include "image/heif_pixels.h"

#include <stdlib.h>

#include "base/memory.h"
#include "image/heif_fail.h"

#define BITS_MOST 16

/* By default, a later libheif would return YCbCr; an older one returns RGB or grey. */
static void choose_space(const struct heif_image_handle *handle, enum heif_colorspace *ret_space,
                         enum heif_chroma *ret_chroma)
{
    *ret_space = heif_colorspace_undefined;
    *ret_chroma = heif_chroma_undefined;
#if LIBHEIF_HAVE_VERSION(1, 17, 0)
    struct heif_error heif =
        heif_image_handle_get_preferred_decoding_colorspace(handle, ret_space, ret_chroma);
    if (heif.code != heif_error_Ok || *ret_space != heif_colorspace_monochrome) {
        *ret_space = heif_colorspace_RGB;
        *ret_chroma = heif_chroma_444;
    }
#else
    (void)handle;
#endif
}

static int decode_planes(const struct heif_image_handle *handle, bool as_stored,
                         struct heif_image **ret_picture, struct error *err)
{
    enum heif_colorspace space;
    enum heif_chroma chroma;
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    if (!options)
        return error_set(err, ERR_NO_MEMORY, "cannot start the HEIF decoder");
    options->strict_decoding = 1;
    options->ignore_transformations = as_stored;
    choose_space(handle, &space, &chroma);
    struct heif_error heif = heif_decode_image(handle, ret_picture, space, chroma, options);
    heif_decoding_options_free(options);
    return heif.code == heif_error_Ok ? 0 : heif_fail(&heif, err);
}

static int find_plane(struct heif_pixels *p, int i, enum heif_channel channel, struct error *err)
{
    int bits = heif_image_get_bits_per_pixel_range(p->picture, channel);
    p->planes[i] = heif_image_get_plane_readonly(p->picture, channel, &p->strides[i]);
    p->width = heif_image_get_width(p->picture, channel);
    p->height = heif_image_get_height(p->picture, channel);
    p->shifts[i] = bits - 8;
    int row = p->width * (bits > 8 ? 2 : 1);
    if (!p->planes[i] || p->width < 1 || p->height < 1 || bits < 8 || bits > BITS_MOST ||
        p->strides[i] < row)
        return error_set(err, ERR_CORRUPT, "the HEIF picture has no pixels");
    return 0;
}

/* Whether black is 16 and white 235 (of 255), as in television. */
static bool is_limited(const struct heif_image *picture)
{
    struct heif_color_profile_nclx *nclx = NULL;
    if (heif_image_get_nclx_color_profile(picture, &nclx).code != heif_error_Ok || !nclx)
        return false;
    bool is_full = nclx->full_range_flag;
    heif_nclx_color_profile_free(nclx);
    return !is_full;
}

/* Full range drops its low bits, as colours do; limited range is expanded first. */
static void make_greys(struct heif_pixels *p)
{
    int shift = p->shifts[0], most = (256 << shift) - 1;
    bool limited = is_limited(p->picture);
    p->greys = xmalloc((size_t)most + 1);
    for (int i = 0; i <= most; i++) {
        long value = i;
        if (limited) {
            long above = i > 16 << shift ? i - (16 << shift) : 0, range = 219L << shift;
            value = (above * most + range / 2) / range;
        }
        p->greys[i] = (uint8_t)((value > most ? most : value) >> shift);
    }
}

int heif_pixels_decode(const struct heif_image_handle *handle, bool as_stored,
                       struct heif_pixels *ret_pixels, struct error *err)
{
    static const enum heif_channel colours[] = {heif_channel_R, heif_channel_G, heif_channel_B};
    struct heif_pixels p = {0};
    int rc = decode_planes(handle, as_stored, &p.picture, err);
    if (rc)
        return rc;
    bool is_grey = heif_image_has_channel(p.picture, heif_channel_Y);
    for (int i = 0; i < 3 && !rc; i++)
        rc = find_plane(&p, i, is_grey ? heif_channel_Y : colours[i], err);
    if (rc) {
        heif_pixels_release(&p);
        return rc;
    }
    if (is_grey)
        make_greys(&p);
    *ret_pixels = p;
    return 0;
}

static unsigned sample_at(const struct heif_pixels *p, int plane, int x, int y)
{
    const uint8_t *row = p->planes[plane] + (size_t)y * (size_t)p->strides[plane];
    return p->shifts[plane] ? ((const uint16_t *)(const void *)row)[x] : row[x];
}

static void write_greys(const struct heif_pixels *p, int y, uint8_t *rgb)
{
    unsigned most = (256u << p->shifts[0]) - 1;
    for (int x = 0; x < p->width; x++, rgb += 3) {
        unsigned value = sample_at(p, 0, x, y);
        rgb[0] = rgb[1] = rgb[2] = p->greys[value < most ? value : most];
    }
}

void heif_pixels_row(const struct heif_pixels *pixels, int y, uint8_t *rgb)
{
    if (pixels->greys) {
        write_greys(pixels, y, rgb);
        return;
    }
    for (int i = 0; i < 3; i++)
        for (int x = 0; x < pixels->width; x++)
            rgb[3 * x + i] = (uint8_t)(sample_at(pixels, i, x, y) >> pixels->shifts[i]);
}

void heif_pixels_release(struct heif_pixels *pixels)
{
    heif_image_release(pixels->picture);
    free(pixels->greys);
    *pixels = (struct heif_pixels){0};
}
