/* SPDX-License-Identifier: MIT */
/* What is known of a photo besides its pixels: the vocabulary that image, store, search and cli
 * share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct photo_facts {
    char format[8];    /* "jpeg", "png", "webp", "gif", "heic", "avif", "tiff", "bmp" */
    int width, height; /* pixels of the full picture, upright */
    /* "2019-07-04T18:30:00", with "+02:00" after it where known; "2019-07-04" when only the day is
     * known; or "" */
    char taken[32];
    bool has_place;   /* latitude and longitude are valid */
    double latitude;  /* degrees, north positive */
    double longitude; /* degrees, east positive */
    char make[64];    /* camera maker, UTF-8; or "" */
    char model[64];   /* camera model, UTF-8; or "" */
    char lens[96];    /* lens model, UTF-8; or "" */
    /* What is wrong with the file, as the beginning of a sentence, ASCII; or "" */
    char damage[128];
};
