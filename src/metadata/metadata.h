/* SPDX-License-Identifier: MIT */
/* The facts that programs write into picture files and beside them, gathered from several sources:
 * Exif (metadata/exif.h), XMP (metadata/xmp.h), IPTC (metadata/iptc.h), PNG's texts, and sidecar
 * files (metadata/sidecar.h).
 *
 *     struct metadata metadata = {0};
 *     exif_add(block, size, &metadata);
 *     xmp_add(packet, size, &metadata);      in any order, any number of times
 *
 * Where sources disagree, the one that is trusted more for that fact wins, independently of the
 * order in which they are added: the camera's own Exif for what the camera knows, XMP for what
 * people write, because programs that edit it keep it current (Metadata Working Group,
 * "Guidelines for Handling Image Metadata", version 2.0, chapter 5). Of what people write, an XMP
 * sidecar is trusted most, because programs that do not change pictures keep their edits there; of
 * everything else, and of Google Takeout, sidecars only add what the picture lacks. Within a
 * source, the first value wins. Impossible values are treated as absent, not as errors. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/facts.h"

enum metadata_source {
    METADATA_EXIF,
    METADATA_XMP,
    METADATA_IPTC,
    METADATA_PNG,     /* texts of a PNG file */
    METADATA_SIDECAR, /* XMP beside the picture */
    METADATA_TAKEOUT, /* Google's JSON beside it */
    METADATA_SOURCES
};

/* What a date tells, the most trusted first. When a file was last changed says nothing about when
 * the photo was taken, and is not read. */
enum metadata_date {
    METADATA_DATE_NONE,
    METADATA_DATE_ORIGINAL,        /* Exif: when the photo was taken */
    METADATA_DATE_XMP_ORIGINAL,    /* the same as XMP has it */
    METADATA_DATE_CONTENT,         /* XMP: when the content was created */
    METADATA_DATE_IPTC,            /* the same as IPTC has it */
    METADATA_DATE_SIDECAR,         /* any of these three in a sidecar */
    METADATA_DATE_DIGITIZED,       /* when it was scanned, or stored */
    METADATA_DATE_XMP_CREATED,     /* when the file, or a resource in it, was created */
    METADATA_DATE_CREATED,         /* a PNG's "Creation Time" */
    METADATA_DATE_GPS,             /* satellite time, UTC */
    METADATA_DATE_SIDECAR_CREATED, /* any of the four above in a sidecar */
    METADATA_DATE_TAKEOUT,         /* as Google Photos has it, UTC */
};

struct metadata {
    int orientation;                 /* 1 to 8; 0 if absent or impossible; only Exif's is applied */
    enum metadata_date date;         /* of facts.taken */
    unsigned char ranks[FACT_COUNT]; /* how much the source of each fact is trusted; 0: unknown */
    struct photo_facts facts;        /* never format, width, height, damage */
    unsigned char regions_rank;
    struct photo_regions regions; /* their boxes are of the stored picture, before it is turned */
    /* The size in pixels of the picture that the boxes were drawn on; 0: unknown. */
    double regions_width, regions_height;
};

/* Returns the bytes up to a NUL as UTF-8: what is not well-formed is Latin-1. The caller frees it.
 */
char *metadata_decode_text(const char *text, size_t size);

/* Offers a value for a fact (FACT_INDEX_title of base/facts.h). A text is UTF-8; it is cleaned of
 * control characters and surrounding blanks, and "" is ignored. */
void metadata_offer_text(struct metadata *metadata, int fact, const char *text,
                         enum metadata_source source);
/* Numbers outside of the fact's range, and 0, are ignored. */
void metadata_offer_number(struct metadata *metadata, int fact, double number,
                           enum metadata_source source);
/* Offers a place in degrees. NAN, and 0, 0, which cameras write without a fix, are ignored. */
void metadata_offer_place(struct metadata *metadata, double latitude, double longitude,
                          enum metadata_source source);
/* Adds a keyword unless it is there already. Those of all sources are kept, except that those of a
 * sidecar replace the others. */
void metadata_add_keyword(struct metadata *metadata, const char *text, enum metadata_source source);
/* Offers all regions of a source; those of the most trusted source are kept. Names are cleaned;
 * regions without a name, and boxes outside of the picture, are left out. */
void metadata_offer_regions(struct metadata *metadata, const struct photo_regions *regions,
                            enum metadata_source source);
/* Offers a date in any spelling (metadata/exif_date.h). */
void metadata_add_date(const char *text, enum metadata_date date, struct metadata *metadata);
/* Offers a date that is written as photo_facts.taken is, and keeps in taken_from whether it is of a
 * sidecar. A less trusted date that
 * is of the same day as the most trusted one adds its time if that is only a day. */
void metadata_offer_date(const char *taken, enum metadata_date date, struct metadata *metadata);
