/* SPDX-License-Identifier: MIT */
/* Gathers the named regions of an XMP packet: faces and pets, as Lightroom, digiKam and Picasa
 * write them (Metadata Working Group, "Guidelines for Handling Image Metadata", version 2.0, 5.9),
 * and people as Windows writes them (MP:RegionInfo). Private to metadata/. */
#pragma once

#include "metadata/metadata.h"

/* Initialise it with zeros. */
struct xmp_regions {
    struct photo_regions standard, microsoft; /* as far as they are complete */
    struct {
        char name[LIMIT_LABEL_NAME_BYTES + 1];
        char type[16], unit[16];
        double x, y, width, height, diameter; /* of the standard: x and y are of the centre */
        bool has_area;
    } item;               /* the region that is being read */
    double width, height; /* of the picture in pixels; 0: unknown */
};

/* Adds a text of the packet, as xmp_read_properties gives it. */
void xmp_regions_add(struct xmp_regions *regions, const char *const *names, size_t depth,
                     const char *text);
/* After the last text: offers the regions. Those of the standard count where there are both. */
void xmp_regions_offer(struct xmp_regions *regions, enum metadata_source source,
                       struct metadata *metadata);
