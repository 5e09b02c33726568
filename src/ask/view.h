/* SPDX-License-Identifier: MIT */
/* A photo as a model sees it: the file becomes an upright JPEG without metadata that fits the
 * model's limits; and the way back from pixels of that JPEG to places in the photo.
 *
 *     struct view_request request = {.edge_px = 1568, .max_tokens = 1568};
 *     view_render(file.data, file.size, &request, &view, err)
 *     view_to_photo(&view, pixels, &box)        [x1,y1,x2,y2] that the model gave
 *     view_release(&view)
 *
 * Only ask/gate.c renders what is going to be sent. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/labels.h"

struct view_request {
    int edge_px;      /* longest side, at most */
    int max_tokens;   /* of llm_image_tokens, at most; 0: any */
    size_t max_bytes; /* of the JPEG; 0: any */
    bool has_part;
    struct store_box part; /* only this of the photo; rounded outwards to its pixels */
};

struct view_part {
    int left, top, width, height;
};

struct view {
    int photo_width, photo_height; /* upright */
    struct view_part part;         /* what is shown, in pixels of the upright photo */
    int width, height;             /* as sent */
    uint8_t *jpeg;
    size_t bytes;
    uint8_t hash[HASH_BYTES]; /* of the file that it was made from */
};

/* Of a picture file's bytes. The same bytes and request give the same JPEG. ret_view->hash stays
 * zeros: whoever read the file knows it. ERR_INVALID: a part outside the photo; what cage_decode
 * reports. */
int view_render(const void *data, size_t size, const struct view_request *request,
                struct view *ret_view, struct error *err) MUST_CHECK;
void view_release(struct view *view);

/* pixels [x1, y1, x2, y2] of the view, from its top left, as the place in the upright photo:
 * clamped to the view, corners in either order. False, and *ret_box is not written, when nothing is
 * left or a number is not finite. */
bool view_to_photo(const struct view *view, const double pixels[4], struct store_box *ret_box);

/* The other way: whole pixels of the view, rounded to the nearest and clamped. False when the box
 * lies outside what is shown. */
bool view_from_photo(const struct view *view, const struct store_box *box, int ret_pixels[4]);
