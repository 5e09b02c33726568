/* SPDX-License-Identifier: MIT */
/* The packed table of places, which places/build.mjs makes when the program is built; empty where
 * it could not. Private to places/. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* 24 bytes, little-endian. The first `tree_count` nodes are a balanced k-d tree without pointers:
 * the root of the range [begin, end) is at begin + (end - begin) / 2, one subtree before and one
 * after it, divided by the coordinate `axis`. */
struct places_node {
    float at[3];         /* on the unit sphere: towards latitude 0 and longitude 0, towards latitude
                            0 and longitude 90, towards the north pole */
    uint32_t population; /* at least 1000 */
    uint32_t name;       /* offset in `texts` */
    uint16_t region;     /* index into `regions`; 0: unknown */
    uint8_t country;     /* index into `countries` */
    uint8_t split;       /* axis, and 4 * n: no population in this subtree is above 2^n */
};

struct places_country { /* offsets in `texts` */
    uint32_t code, english, chinese;
};

struct places_table {
    const char *version; /* differs whenever the table does; "": there is no table */
    const struct places_node *nodes;
    size_t tree_count;
    size_t count;            /* of all nodes: further ones are found by name only */
    const uint32_t *regions; /* offsets in `texts` */
    const struct places_country *countries;
    size_t country_count;
    const char *texts; /* each ends with a NUL; the first is empty */
};

extern const struct places_table places_table;
