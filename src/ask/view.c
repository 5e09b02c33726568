/* SPDX-License-Identifier: MIT */
/* A photo as a model sees it: decoded as for the index, cropped, scaled down and encoded. */
#include "ask/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cage/cage.h"
#include "image/encode.h"

/* A JPEG that is too large is encoded again with lower quality, then at a smaller size. */
static const int qualities[] = {85, 75, 60};
#define SHRINK 0.8
#define EDGE_MIN_PX 64

/* JSON has nine digits: each fraction is off by up to 5e-10, and the sum of two fractions by up to
 * this many pixels in a photo of LIMIT_PHOTO_SIDE_PX. */
#define NEAR_PX 1e-3

static double snap_pixel(double px)
{
    double whole = round(px);
    return fabs(px - whole) < NEAR_PX ? whole : px;
}

/* Rounded outwards, with at least one pixel. */
static int part_pixels(const struct store_box *box, int width, int height,
                       struct view_part *ret_part, struct error *err)
{
    double left = floor(snap_pixel(fmax(0, box->x * width)));
    double top = floor(snap_pixel(fmax(0, box->y * height)));
    double right = ceil(snap_pixel((box->x + box->width) * width));
    double bottom = ceil(snap_pixel((box->y + box->height) * height));
    right = fmin(width, box->width > 0 ? fmax(right, left + 1) : right);
    bottom = fmin(height, box->height > 0 ? fmax(bottom, top + 1) : bottom);
    bool numbers = isfinite(box->x + box->y + box->width + box->height);
    if (!numbers || !(right > left && bottom > top))
        return error_set(err, ERR_INVALID, "the box lies outside the photo");
    *ret_part = (struct view_part){(int)left, (int)top, (int)(right - left), (int)(bottom - top)};
    return 0;
}

static int cut_part(const struct view_request *request, struct image **image, struct view *view,
                    struct error *err)
{
    view->photo_width = (*image)->width;
    view->photo_height = (*image)->height;
    view->part = (struct view_part){0, 0, view->photo_width, view->photo_height};
    if (!request->has_part)
        return 0;
    int rc = part_pixels(&request->part, view->photo_width, view->photo_height, &view->part, err);
    AUTO(image) *cut = NULL;
    if (!rc)
        rc = image_crop(*image, view->part.left, view->part.top, view->part.width,
                        view->part.height, &cut, err);
    if (rc)
        return rc;
    image_free(*image);
    *image = cut;
    cut = NULL;
    return 0;
}

static int encode_jpeg(const struct image *image, size_t max_bytes, struct view *view,
                       struct error *err)
{
    for (size_t i = 0; i < sizeof qualities / sizeof *qualities; i++) {
        free(view->jpeg);
        view->jpeg = NULL;
        int rc = image_encode_jpeg(image, qualities[i], &view->jpeg, &view->bytes, err);
        if (rc || !max_bytes || view->bytes <= max_bytes)
            return rc;
    }
    return 0;
}

static int scale_image(const struct image *image, const struct view_request *request,
                       struct view *view, struct error *err)
{
    int edge_px = request->edge_px;
    for (;;) {
        AUTO(image) *scaled = NULL;
        image_fit(image->width, image->height, edge_px, request->max_tokens, &view->width,
                  &view->height);
        int rc = image_resize(image, view->width, view->height, &scaled, err);
        if (!rc)
            rc = encode_jpeg(scaled, request->max_bytes, view, err);
        if (rc || !request->max_bytes || view->bytes <= request->max_bytes)
            return rc;
        int longest = view->width > view->height ? view->width : view->height;
        edge_px = (int)(longest * SHRINK);
        if (edge_px < EDGE_MIN_PX)
            return error_set(err, ERR_LIMIT, "a photo does not fit %zu bytes", request->max_bytes);
    }
}

int view_render(const void *data, size_t size, const struct view_request *request,
                struct view *ret_view, struct error *err)
{
    struct view view = {0};
    struct decode_options whole = {.short_edge_px = 0};
    AUTO(image) *image = NULL;
    int rc = cage_decode(data, size, &whole, &image, NULL, err);
    if (!rc)
        rc = cut_part(request, &image, &view, err);
    if (!rc)
        rc = scale_image(image, request, &view, err);
    if (rc)
        view_release(&view);
    else
        *ret_view = view;
    return rc;
}

void view_release(struct view *view)
{
    free(view->jpeg);
    *view = (struct view){0};
}

/* ---- pixels and places ---- */

static double clamp_edge(double value, double max)
{
    return fmin(fmax(value, 0), max);
}

bool view_to_photo(const struct view *view, const double pixels[4], struct store_box *ret_box)
{
    for (int i = 0; i < 4; i++)
        if (!isfinite(pixels[i]))
            return false;
    double x1 = clamp_edge(fmin(pixels[0], pixels[2]), view->width);
    double x2 = clamp_edge(fmax(pixels[0], pixels[2]), view->width);
    double y1 = clamp_edge(fmin(pixels[1], pixels[3]), view->height);
    double y2 = clamp_edge(fmax(pixels[1], pixels[3]), view->height);
    if (!(x2 > x1 && y2 > y1))
        return false;
    double across = (double)view->part.width / view->width / view->photo_width;
    double down = (double)view->part.height / view->height / view->photo_height;
    ret_box->x = (double)view->part.left / view->photo_width + x1 * across;
    ret_box->y = (double)view->part.top / view->photo_height + y1 * down;
    ret_box->width = fmin((x2 - x1) * across, 1 - ret_box->x);
    ret_box->height = fmin((y2 - y1) * down, 1 - ret_box->y);
    return true;
}

/* `at` is a fraction of the photo's side `whole`. */
static int to_pixel(double at, int whole, int part_start, int part_size, int sent)
{
    return (int)lround(clamp_edge((at * whole - part_start) * sent / part_size, sent));
}

bool view_from_photo(const struct view *view, const struct store_box *box, int ret_pixels[4])
{
    const struct view_part *part = &view->part;
    int pixels[4] = {
        to_pixel(box->x, view->photo_width, part->left, part->width, view->width),
        to_pixel(box->y, view->photo_height, part->top, part->height, view->height),
        to_pixel(box->x + box->width, view->photo_width, part->left, part->width, view->width),
        to_pixel(box->y + box->height, view->photo_height, part->top, part->height, view->height),
    };
    if (pixels[2] <= pixels[0] || pixels[3] <= pixels[1])
        return false;
    memcpy(ret_pixels, pixels, sizeof pixels);
    return true;
}
