/* SPDX-License-Identifier: MIT */
/* Names the places of photos, and lists them. */
#include "store/towns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "places/places.h"
#include "store/store_internal.h"

void store_name_place(struct photo_facts *facts)
{
    struct place place = {.town = "", .region = "", .country = "", .country_code = ""};
    if (!places_count() || !facts->has_place)
        return;
    places_nearest(facts->latitude, facts->longitude, &place);
    text_copy(facts->town, sizeof facts->town, place.town);
    text_copy(facts->region, sizeof facts->region, place.region);
    text_copy(facts->country, sizeof facts->country, place.country);
    text_copy(facts->country_code, sizeof facts->country_code, place.country_code);
}

/* ---- towns ---- */

struct town_list {
    struct store_town *items; /* their texts are owned */
    size_t count, cap;
};

static int keep_town(void *context, const struct store_town *town)
{
    struct town_list *list = context;
    ARRAY_GROW(list->items, list->cap, list->count + 1);
    struct store_town *own = &list->items[list->count++];
    *own = *town;
    own->country = xstrdup(town->country);
    own->country_code = xstrdup(town->country_code);
    own->region = xstrdup(town->region);
    own->town = xstrdup(town->town);
    return 0;
}

static void release_towns(struct town_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free((char *)list->items[i].country);
        free((char *)list->items[i].country_code);
        free((char *)list->items[i].region);
        free((char *)list->items[i].town);
    }
    free(list->items);
}

static int compare_towns(const void *a, const void *b)
{
    const struct store_town *x = a, *y = b;
    int order = !x->country[0] - !y->country[0];
    if (!order)
        order = strcmp(x->country, y->country);
    if (!order)
        order = !x->town[0] - !y->town[0];
    if (!order && x->photos != y->photos)
        order = x->photos < y->photos ? 1 : -1;
    if (!order)
        order = strcmp(x->town, y->town);
    return order ? order : strcmp(x->region, y->region);
}

int store_list_towns(struct store *store, int (*each)(void *context, const struct store_town *town),
                     void *context, struct error *err)
{
    struct town_list list = {.items = NULL};
    int rc = store->backend->read_towns(store, keep_town, &list, err);
    if (!rc && list.count)
        qsort(list.items, list.count, sizeof *list.items, compare_towns);
    for (size_t i = 0; !rc && i < list.count; i++)
        rc = each(context, &list.items[i]);
    release_towns(&list);
    return rc;
}

void store_mean_place(const struct store_sums *sums, double *ret_latitude, double *ret_longitude)
{
    double n = (double)sums->located;
    bool crosses = sums->east - sums->west > 180; /* photos on both sides of the 180th meridian */
    *ret_latitude = *ret_longitude = NAN;
    if (!sums->located)
        return;
    *ret_latitude = sums->latitude / n;
    *ret_longitude = (crosses ? sums->shifted : sums->longitude) / n;
    if (*ret_longitude > 180)
        *ret_longitude -= 360;
}

/* ---- clusters ---- */

struct cluster_list {
    struct store_cluster *items;
    size_t count, cap;
};

static int keep_cluster(void *context, const struct store_cluster *cluster)
{
    struct cluster_list *list = context;
    ARRAY_GROW(list->items, list->cap, list->count + 1);
    list->items[list->count++] = *cluster;
    return 0;
}

int store_list_clusters(struct store *store, const struct store_area *area, double cell,
                        int (*each)(void *context, const struct store_cluster *cluster),
                        void *context, struct error *err)
{
    if (!(fabs(area->south) <= 90 && fabs(area->north) <= 90 && fabs(area->west) <= 180 &&
          fabs(area->east) <= 180 && area->south <= area->north))
        return error_set(err, ERR_INVALID,
                         "there is no area %g,%g,%g,%g: write west,south,east,north in degrees",
                         area->west, area->south, area->east, area->north);
    if (!(cell >= 1e-6 && cell <= 360))
        return error_set(err, ERR_INVALID, "a grid of %g degrees is not possible", cell);
    struct cluster_list list = {.items = NULL};
    int rc = store->backend->read_clusters(store, area, cell, keep_cluster, &list, err);
    for (size_t i = 0; !rc && i < list.count; i++)
        rc = each(context, &list.items[i]);
    free(list.items);
    return rc;
}

/* ---- the names of places ---- */

enum { NAMED_AT_ONCE = 1000 };

struct naming {
    struct store_place_names *items; /* the changes; their texts belong to places/ */
    size_t count, cap;
};

static int compare_names(void *context, const struct store_located *located)
{
    struct naming *naming = context;
    struct place place = {.town = "", .region = "", .country = "", .country_code = ""};
    places_nearest(located->latitude, located->longitude, &place);
    if (strcmp(place.town, located->town) == 0 && strcmp(place.region, located->region) == 0 &&
        strcmp(place.country, located->country) == 0 &&
        strcmp(place.country_code, located->country_code) == 0)
        return 0;
    ARRAY_GROW(naming->items, naming->cap, naming->count + 1);
    naming->items[naming->count++] = (struct store_place_names){
        located->id, place.town, place.region, place.country, place.country_code};
    return 0;
}

int store_name_places(struct store *store, struct error *err)
{
    AUTO_FREE char *version = NULL;
    struct naming naming = {.items = NULL};
    if (!places_count())
        return 0;
    int rc = store_get_note(store, STORE_NOTE_PLACES, &version, err);
    bool is_same = version && strcmp(version, places_version()) == 0;
    if (!rc)
        rc = store->backend->read_located(store, !is_same, compare_names, &naming, err);
    for (size_t i = 0; !rc && i < naming.count; i += NAMED_AT_ONCE) {
        size_t left = naming.count - i;
        rc = store->backend->set_places(store, naming.items + i,
                                        left < NAMED_AT_ONCE ? left : NAMED_AT_ONCE, err);
    }
    free(naming.items);
    return rc || is_same ? rc : store_set_note(store, STORE_NOTE_PLACES, places_version(), err);
}

static int find_unnamed(void *context, const struct store_town *town)
{
    bool *has = context;
    *has = *has && (town->country[0] || town->town[0]);
    return 0;
}

int store_has_place_names(struct store *store, bool *ret_has, struct error *err)
{
    AUTO_FREE char *version = NULL;
    int rc = store_get_note(store, STORE_NOTE_PLACES, &version, err);
    *ret_has = true;
    return rc || version ? rc : store_list_towns(store, find_unnamed, ret_has, err);
}
