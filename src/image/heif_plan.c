/* SPDX-License-Identifier: MIT */
/* Reads the composition of a HEIF file's main picture. */
#include "image/heif_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define PROPERTIES_MOST 64
#define SAMPLES_UNKNOWN 6

/* ---- orientation ---- */

/* The directions of the axes: x right, y down. EXIF's orientations 1 to 8 in this form. */
struct transform {
    int xx, xy, yx, yy;
};

static const struct transform exif_transforms[] = {
    {1, 0, 0, 1}, {-1, 0, 0, 1}, {-1, 0, 0, -1}, {1, 0, 0, -1},
    {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, -1, 0}, {0, 1, -1, 0},
};

static void apply_orientation(struct transform *t, int orientation)
{
    const struct transform *a = &exif_transforms[orientation - 1], b = *t;
    *t = (struct transform){a->xx * b.xx + a->xy * b.yx, a->xx * b.xy + a->xy * b.yy,
                            a->yx * b.xx + a->yy * b.yx, a->yx * b.xy + a->yy * b.yy};
}

static int find_orientation(const struct transform *t)
{
    for (int i = 0; i < 8; i++)
        if (memcmp(&exif_transforms[i], t, sizeof *t) == 0)
            return i + 1;
    return 1;
}

/* irot has quarter rotations, counter-clockwise; imir has 1 for left-right, 0 for top-bottom. */
static void note_transform(const struct heif_box *p, struct transform *transform)
{
    static const int quarters[] = {1, 8, 3, 6};
    if (p->size < 1)
        return;
    if (heif_box_is(p, "irot"))
        apply_orientation(transform, quarters[p->data[0] & 3]);
    else
        apply_orientation(transform, p->data[0] & 1 ? 2 : 4);
}

/* ---- cropping ---- */

static double clap_value(const struct heif_box *clap, int i, bool is_signed)
{
    uint32_t over = heif_number(clap->data + 8 * i, 4);
    uint32_t under = heif_number(clap->data + 8 * i + 4, 4);
    return (is_signed ? (double)(int32_t)over : (double)over) / (under ? under : 1);
}

static int clamp_side(double value, int most)
{
    return value < 0 ? 0 : value > most ? most : (int)value;
}

bool heif_plan_crop(const struct heif_plan *plan, int width, int height, struct heif_crop *ret_crop)
{
    *ret_crop = (struct heif_crop){0, 0, width, height};
    if (!plan->has_crop)
        return true;
    const struct heif_box *c = &plan->clap;
    double inner_width = clap_value(c, 0, false), inner_height = clap_value(c, 1, false);
    double left = floor(clap_value(c, 2, true) + (width - 1) / 2.0 - (inner_width - 1) / 2);
    double top = floor(clap_value(c, 3, true) + (height - 1) / 2.0 - (inner_height - 1) / 2 + 0.5);
    double right = floor(inner_width - 1 + left + 0.5),
           bottom = floor(inner_height - 1 + top + 0.5);
    if (right < left || bottom < top || left > width - 1 || top > height - 1 || right < 0 ||
        bottom < 0)
        return false;
    ret_crop->left = clamp_side(left, width - 1);
    ret_crop->top = clamp_side(top, height - 1);
    ret_crop->width = clamp_side(right, width - 1) - ret_crop->left + 1;
    ret_crop->height = clamp_side(bottom, height - 1) - ret_crop->top + 1;
    return true;
}

/* ---- the codec ---- */

/* Reads the bytes of hvcC after its profile: chroma format, depths (ISO 14496-15, 8.3.3), or the
 * flags of av1C: depth, monochrome, subsampling (AV1 in ISOBMFF, 2.3.3). */
static void note_codec(const struct heif_box *p, struct heif_plan *plan)
{
    static const unsigned by_chroma_format[] = {2, 3, 4, 6};
    if (heif_box_is(p, "hvcC") && p->size > 18) {
        plan->samples_twice = by_chroma_format[p->data[16] & 3];
        plan->sample_bytes = (p->data[17] & 7) || (p->data[18] & 7) ? 2 : 1;
    } else if (heif_box_is(p, "av1C") && p->size > 2) {
        unsigned flags = p->data[2];
        bool is_grey = flags & 0x10, is_half_wide = flags & 8, is_half_high = flags & 4;
        plan->samples_twice = is_grey ? 2 : !is_half_wide ? 6 : is_half_high ? 3 : 4;
        plan->sample_bytes = flags & 0x40 ? 2 : 1;
    }
}

static void note_properties(const struct heif_boxes *boxes, uint32_t id, struct heif_plan *plan)
{
    struct heif_box properties[PROPERTIES_MOST];
    struct transform transform = exif_transforms[0];
    size_t n = heif_properties(boxes, id, properties, PROPERTIES_MOST);
    plan->is_simple = n < PROPERTIES_MOST;
    for (size_t i = 0; i < n; i++) {
        const struct heif_box *p = &properties[i];
        if (heif_box_is(p, "ispe") && p->size >= 12) {
            plan->width = heif_number(p->data + 4, 4);
            plan->height = heif_number(p->data + 8, 4);
        } else if (heif_box_is(p, "irot") || heif_box_is(p, "imir")) {
            note_transform(p, &transform);
        } else if (heif_box_is(p, "clap")) {
            plan->is_simple &=
                !plan->has_crop && find_orientation(&transform) == 1 && p->size >= 32;
            plan->has_crop = true;
            plan->clap = *p;
        } else {
            note_codec(p, plan);
        }
    }
    plan->orientation = find_orientation(&transform);
}

/* ---- grids ---- */

/* ISO 23008-12, 6.6.2.3: version, flags, rows and columns less one, width, height. */
static void read_grid(const struct heif_boxes *boxes, uint32_t id, struct heif_plan *plan)
{
    uint8_t data[12];
    struct heif_reference r;
    size_t size = heif_item_data(boxes, id, data, sizeof data);
    unsigned wide = size > 1 && data[1] & 1 ? 4 : 2;
    if (size < 4 + 2 * (size_t)wide)
        return;
    plan->rows = data[2] + 1u;
    plan->columns = data[3] + 1u;
    plan->width = heif_number(data + 4, wide);
    plan->height = heif_number(data + 4 + wide, wide);
    for (size_t at = 0; heif_reference_next(boxes, &at, &r);) {
        if (!heif_box_is(&r.box, "dimg") || r.from != id)
            continue;
        if (r.n == plan->rows * plan->columns) {
            plan->tiles = xmalloc(r.n * sizeof *plan->tiles);
            for (unsigned i = 0; i < r.n; i++)
                plan->tiles[i] = heif_target(&r, i);
        }
        return;
    }
}

bool heif_plan_read(const struct heif_boxes *boxes, struct heif_plan *ret_plan)
{
    struct heif_plan plan = {.samples_twice = SAMPLES_UNKNOWN, .sample_bytes = 2};
    AUTO_FREE struct heif_item *items = NULL;
    size_t n = heif_items(boxes, &items);
    uint32_t id = heif_primary(boxes);
    const struct heif_item *item = heif_item_find(items, n, id);
    if (!item)
        return false;
    note_properties(boxes, id, &plan);
    plan.is_overlay = memcmp(item->type, "iovl", 4) == 0;
    if (memcmp(item->type, "grid", 4) == 0)
        read_grid(boxes, id, &plan);
    if (plan.tiles) {
        struct heif_plan tile = plan;
        note_properties(boxes, plan.tiles[0], &tile);
        plan.samples_twice = tile.samples_twice;
        plan.sample_bytes = tile.sample_bytes;
    }
    *ret_plan = plan;
    return true;
}

void heif_plan_release(struct heif_plan *plan)
{
    free(plan->tiles);
    *plan = (struct heif_plan){0};
}

/* ---- overlays ---- */

static bool is_picture(const struct heif_item *item)
{
    static const char *const kinds[] = {"hvc1", "av01", "grid", "iden", "iovl"};
    for (size_t i = 0; item && i < sizeof kinds / sizeof *kinds; i++)
        if (memcmp(item->type, kinds[i], 4) == 0)
            return true;
    return false;
}

bool heif_overlays_are_whole(const struct heif_boxes *boxes)
{
    AUTO_FREE struct heif_item *items = NULL;
    size_t n = heif_items(boxes, &items);
    struct heif_reference r;
    for (size_t at = 0; heif_reference_next(boxes, &at, &r);) {
        const struct heif_item *from = heif_item_find(items, n, r.from);
        if (!heif_box_is(&r.box, "dimg") || !from || memcmp(from->type, "iovl", 4) != 0)
            continue;
        for (unsigned i = 0; i < r.n; i++)
            if (!is_picture(heif_item_find(items, n, heif_target(&r, i))))
                return false;
    }
    return true;
}
