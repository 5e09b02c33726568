/* SPDX-License-Identifier: MIT */
/* Where photos were taken: the towns that the gallery has, points for a map, and the names of the
 * places of photos.
 *
 * store_apply sets the facts town, region, country and country_code of each photo with coordinates
 * (places/places.h); a program that was built without the names of places leaves them as given. */
#pragma once

#include "store/store.h"

struct store_town {
    const char *country, *country_code, *region, *town; /* "": unknown; borrowed */
    int64_t photos;
    int64_t located;            /* of them, the number with coordinates */
    double latitude, longitude; /* their mean; NAN without one */
    int64_t cover;              /* the photo with the highest id */
};
/* Lists the towns of photos by country, then by the number of photos, the most first; photos that
 * have coordinates but no town nearby come last, as a town without names. Reads every photo. A
 * non-zero return value of `each` ends the iteration and is returned; `each` may use this store. */
int store_list_towns(struct store *store, int (*each)(void *context, const struct store_town *town),
                     void *context, struct error *err) MUST_CHECK;

struct store_area {
    double south, north; /* degrees */
    double west, east;   /* degrees from -180 to 180; west > east crosses the 180th meridian */
};
struct store_cluster {
    int64_t photos;
    double latitude, longitude; /* the mean of the photos */
    int64_t cover;              /* the photo with the highest id */
};
/* Lists the photos with coordinates in the area, united by the cells of a grid of `cell` degrees,
 * in no particular order. Otherwise as store_list_towns. ERR_INVALID: an area or cell that is not
 * possible. */
int store_list_clusters(struct store *store, const struct store_area *area, double cell,
                        int (*each)(void *context, const struct store_cluster *cluster),
                        void *context, struct error *err) MUST_CHECK;

/* Names the places of photos that have coordinates and no town, for example because another program
 * inserted them; of all photos with coordinates if the names in the program (places/places.h) have
 * changed since the last call, or if the gallery comes from a program without names. Index runs
 * call it. A no-op in a program without names. */
int store_name_places(struct store *store, struct error *err) MUST_CHECK;
/* *ret_has is false if photos have coordinates and no town, and store_name_places has never been
 * called: the gallery comes from a program without names, so the photos may well be in a town. */
int store_has_place_names(struct store *store, bool *ret_has, struct error *err) MUST_CHECK;
