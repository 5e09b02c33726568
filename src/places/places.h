/* SPDX-License-Identifier: MIT */
/* Names of places, without a network: the towns of 1,000 people and more of GeoNames
 * (geonames.org, CC BY 4.0), with their regions and countries, built into the program.
 *
 *     struct place place;
 *     if (places_nearest(38.71, -9.14, &place))
 *         printf("%s, %s, %s", place.town, place.region, place.country);   Lisbon, Lisbon, Portugal
 *
 * A place of the data has one name, mostly in English (Lisbon, Munich). All texts are borrowed from
 * the program. Every function may be called by any number of threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No town is farther from a photo than this. */
#define PLACES_FARTHEST_KM 50.0

struct place {
    const char *town;
    const char *region;       /* the first division of its country; "": unknown */
    const char *country;      /* in English */
    const char *country_code; /* ISO 3166-1, two letters in capitals */
    double latitude, longitude;
    uint32_t population; /* 1000 if it is unknown */
};

/* Number of places; 0: this program was built without their names. */
size_t places_count(void);
/* Returns a text that differs whenever the names do; "" without names. */
const char *places_version(void);

/* Gets the town of a photo: of all towns at most PLACES_FARTHEST_KM away the one with the smallest
 * distance^5 / population. So of two towns at the same distance the larger one is chosen, and one
 * with 100 times as many people reaches 2.5 times as far: a city of 200,000 at 8 km is preferred
 * to a hamlet of 1,000 at 3 km, but not to one at 2 km. Districts of a town and abandoned places
 * do not count. Returns false if there is none. Takes microseconds. */
bool places_nearest(double latitude, double longitude, struct place *ret_place);

/* Finds the place with the most people among those with this name, ignoring case, accents, width
 * and hyphens; a region or country may follow after a comma ("Porto, Brazil"). *ret_count is the
 * number of places with the name. Returns false if there is none. Takes milliseconds. */
bool places_find(const char *name, struct place *ret_place, size_t *ret_count);
/* Returns the most similar name of a place, and of several the one with the most people; NULL if
 * none is similar. Takes up to half a second. */
const char *places_suggest(const char *name);
/* Returns whether there is a region with this name, compared as places_find does. */
bool places_is_region(const char *name);

/* Returns the English name of a country, given by its name in English or Chinese, or by its ISO
 * code; NULL if there is none. */
const char *places_country(const char *text);
/* Returns the English name of the country with the most similar name, or NULL. */
const char *places_suggest_country(const char *text);
/* Gets the code and the Chinese name of a country by its English name; returns false if it is
 * unknown. */
bool places_country_names(const char *english, const char **ret_code, const char **ret_chinese);
