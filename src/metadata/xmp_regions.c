/* SPDX-License-Identifier: MIT */
/* Builds regions from the fields that an XMP packet lists one by one. */
#include "metadata/xmp_regions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define MWG "http://www.metadataworkinggroup.com/schemas/regions/ "
#define AREA "http://ns.adobe.com/xmp/sType/Area# "
#define DIMENSIONS "http://ns.adobe.com/xap/1.0/sType/Dimensions# "
#define MICROSOFT "http://ns.microsoft.com/photo/1.2/"

static bool is_named(const char *const *names, size_t depth, size_t at, const char *name)
{
    return at < depth && strcmp(names[at], name) == 0;
}

/* Returns what follows the namespace in the name of the field; NULL if it is of another one. */
static const char *field_of(const char *name, const char *space)
{
    size_t length = strlen(space);
    return strncmp(name, space, length) == 0 ? name + length : NULL;
}

static void append_region(struct photo_regions *list, const struct photo_region *region)
{
    if (region->name[0] && list->n < LIMIT_REGIONS)
        list->items[list->n++] = *region;
}

/* Focus points and bar codes have regions of the same kind, and are nobody's. */
static bool is_someone(const char *type)
{
    return !type[0] || strcasecmp(type, "Face") == 0 || strcasecmp(type, "Pet") == 0;
}

/* Adds the region of the standard that was read. A circle becomes the square around it, and a point
 * is no box. */
static void end_region(struct xmp_regions *r)
{
    struct photo_region region = {.has_box = r->item.has_area};
    double width = r->item.width, height = r->item.height;
    if (r->item.diameter > 0)
        width = height = r->item.diameter;
    double right = 1, bottom = 1;
    if (strcasecmp(r->item.unit, "pixel") == 0) {
        right = r->width;
        bottom = r->height;
    }
    region.has_box = region.has_box && width > 0 && height > 0 && right > 0 && bottom > 0;
    if (region.has_box) {
        region.x = (r->item.x - width / 2) / right;
        region.y = (r->item.y - height / 2) / bottom;
        region.width = width / right;
        region.height = height / bottom;
    }
    text_copy(region.name, sizeof region.name, r->item.name);
    if (is_someone(r->item.type))
        append_region(&r->standard, &region);
    memset(&r->item, 0, sizeof r->item);
}

static void add_area(struct xmp_regions *r, const char *field, const char *text)
{
    static const char *const fields[] = {"x", "y", "w", "h", "d"};
    double *const values[] = {&r->item.x, &r->item.y, &r->item.width, &r->item.height,
                              &r->item.diameter};
    if (strcmp(field, "unit") == 0)
        text_copy(r->item.unit, sizeof r->item.unit, text);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(field, fields[i]) == 0)
            *values[i] = strtod(text, NULL);
    r->item.has_area = true;
}

/* A field of a region: its name, its type, or a part of its area. */
static void add_field(struct xmp_regions *r, const char *const *names, size_t depth,
                      const char *text)
{
    const char *field = field_of(names[2], MWG);
    const char *area = depth == 4 ? field_of(names[3], AREA) : NULL;
    if (!field)
        return;
    if (area && strcmp(field, "Area") == 0)
        add_area(r, area, text);
    else if (depth == 3 && strcmp(field, "Name") == 0)
        text_copy(r->item.name, sizeof r->item.name, text);
    else if (depth == 3 && strcmp(field, "Type") == 0)
        text_copy(r->item.type, sizeof r->item.type, text);
}

static void add_standard(struct xmp_regions *r, const char *const *names, size_t depth,
                         const char *text)
{
    bool is_listed = is_named(names, depth, 1, MWG "RegionList");
    bool is_size = is_named(names, depth, 1, MWG "AppliedToDimensions");
    if (is_listed && !text && depth == 2)
        end_region(r);
    else if (is_listed && text && depth > 2)
        add_field(r, names, depth, text);
    else if (is_size && text && is_named(names, depth, 2, DIMENSIONS "w"))
        r->width = strtod(text, NULL);
    else if (is_size && text && is_named(names, depth, 2, DIMENSIONS "h"))
        r->height = strtod(text, NULL);
}

/* Adds "left, top, width, height" or a name to the last region of Windows. */
static void add_microsoft(struct xmp_regions *r, const char *const *names, size_t depth,
                          const char *text)
{
    struct photo_regions *list = &r->microsoft;
    if (!is_named(names, depth, 1, MICROSOFT "t/RegionInfo# Regions") || list->n > LIMIT_REGIONS)
        return;
    if (!text && depth == 2) {
        if (list->n < LIMIT_REGIONS)
            list->items[list->n++] = (struct photo_region){.has_box = false};
        return;
    }
    struct photo_region *last = list->n ? &list->items[list->n - 1] : NULL;
    if (!last || !text || depth != 3)
        return;
    if (is_named(names, depth, 2, MICROSOFT "t/Region# PersonDisplayName"))
        text_copy(last->name, sizeof last->name, text);
    else if (is_named(names, depth, 2, MICROSOFT "t/Region# Rectangle"))
        last->has_box = sscanf(text, "%lf , %lf , %lf , %lf", &last->x, &last->y, &last->width,
                               &last->height) == 4;
}

void xmp_regions_add(struct xmp_regions *regions, const char *const *names, size_t depth,
                     const char *text)
{
    if (is_named(names, depth, 0, MWG "Regions"))
        add_standard(regions, names, depth, text);
    else if (is_named(names, depth, 0, MICROSOFT " RegionInfo"))
        add_microsoft(regions, names, depth, text);
}

void xmp_regions_offer(struct xmp_regions *regions, enum metadata_source source,
                       struct metadata *metadata)
{
    end_region(regions);
    unsigned char before = metadata->regions_rank;
    bool is_standard = regions->standard.n > 0;
    metadata_offer_regions(metadata, is_standard ? &regions->standard : &regions->microsoft,
                           source);
    if (is_standard && metadata->regions_rank != before) {
        metadata->regions_width = regions->width;
        metadata->regions_height = regions->height;
    }
}
