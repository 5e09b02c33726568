/* SPDX-License-Identifier: MIT */
/* A photo as a model sees it: renders the file as an upright JPEG without metadata that fits the
 * model's limits, and maps pixels of that JPEG back to places in the photo.
 *
 *     struct view_request request = {.edge_px = 1568, .max_tokens = 1568};
 *     view_render(file.data, file.size, &request, &view, err)
 *     view_to_photo(&view, pixels, &box)        [x1,y1,x2,y2] that the model gave
 *     view_release(&view)
 *
 * Only ask/gate.c renders pictures to be sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/labels.h"

struct view_request {
    int edge_px;      /* maximum of the longest side */
    int max_tokens;   /* maximum of llm_image_tokens; 0: no limit */
    size_t max_bytes; /* maximum size of the JPEG; 0: no limit */
    bool has_part;
    struct store_box part; /* the only part of the photo to show; rounded outwards to its pixels */
};

struct view_part {
    int left, top, width, height;
};

struct view {
    int photo_width, photo_height; /* upright */
    struct view_part part;         /* the visible part, in pixels of the upright photo */
    int width, height;             /* as sent */
    uint8_t *jpeg;
    size_t bytes;
    uint8_t hash[HASH_BYTES]; /* of the source file */
};

/* Renders the bytes of a picture file. The same bytes and request give the same JPEG.
 * ret_view->hash stays zeros: the caller that read the file knows it. ERR_INVALID: a part
 * outside the photo; the errors of cage_decode. */
int view_render(const void *data, size_t size, const struct view_request *request,
                struct view *ret_view, struct error *err) MUST_CHECK;
void view_release(struct view *view);

/* Maps pixels [x1, y1, x2, y2] of the view, from its top left, to the place in the upright
 * photo: clamped to the view, corners in either order. Returns false, and does not write
 * *ret_box, if the clamped box is empty or a number is not finite. */
bool view_to_photo(const struct view *view, const double pixels[4], struct store_box *ret_box);

/* The inverse: whole pixels of the view, rounded to the nearest and clamped. False if the box
 * lies outside the visible part. */
bool view_from_photo(const struct view *view, const struct store_box *box, int ret_pixels[4]);
