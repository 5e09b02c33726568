/* SPDX-License-Identifier: MIT */
/* Finds the places that a query names. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "places/places.h"
#include "search/lower.h"
#include "store/towns.h"

/* ---- place: and country: ---- */

static int refuse_empty_place(struct lowering *l, const struct syntax_value *value,
                              struct error *err)
{
    bool has_names;
    AUTO_FREE char *shown = text_printable(value->text, strlen(value->text));
    int rc = store_has_place_names(l->store, &has_names, err);
    if (rc)
        return rc;
    rc = has_names || !places_count()
             ? error_set(err, ERR_NOT_FOUND, "no photo was taken in %s", shown)
             : error_set(err, ERR_NOT_FOUND,
                         "no photo is known to be from %s: the names of places are not in the "
                         "gallery yet; `keepsake index FOLDER` adds them",
                         shown);
    return lower_fault(l, value->span, rc);
}

int lower_check_place(struct lowering *l, const struct syntax *node,
                      const struct syntax_value *value, const struct criteria *leaf,
                      struct error *err)
{
    struct place place;
    size_t count;
    int64_t photos;
    int rc = understood_count(l->store, leaf, &photos, err);
    if (rc || photos > 0)
        return rc;
    bool is_country = node->keyword->unit == UNIT_COUNTRY;
    AUTO_FREE char *shown = text_printable(value->text, strlen(value->text));
    bool is_known = is_country
                        ? places_country(value->text) != NULL
                        : places_find(value->text, &place, &count) || places_is_region(value->text);
    if (is_known || !places_count())
        return refuse_empty_place(l, value, err);
    const char *near =
        is_country ? places_suggest_country(value->text) : places_suggest(value->text);
    rc = error_set(err, ERR_NOT_FOUND, "there is no %s named %s",
                   is_country ? "country" : "town or region", shown);
    if (near) {
        AUTO_FREE char *instead = xstrdup(near);
        lower_propose(l, node, value, instead, err);
    }
    return lower_fault(l, value->span, rc);
}

/* ---- near: ---- */

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return end > text && *end == '\0';
}

/* Reads "5km", "5" or "500m"; returns false for anything else. */
static bool read_distance(const char *text, double *ret_km)
{
    char *end;
    double distance = strtod(text, &end);
    bool is_metres = strcasecmp(end, "m") == 0;
    *ret_km = is_metres ? distance / 1000 : distance;
    return end > text && (!*end || is_metres || strcasecmp(end, "km") == 0);
}

/* Returns whether the criterion names a place: near:"Porto",20km. */
static bool names_place(const struct syntax *node)
{
    return node->value_count == 2 && !is_number(node->values[0].text);
}

static int refuse_near(struct lowering *l, const struct syntax_value *value, struct error *err)
{
    if (!places_count())
        return lower_fault(l, value->span,
                           error_set(err, ERR_INVALID,
                                     "near: this keepsake was built without the names of places: "
                                     "give a latitude and longitude, as near:38.7,-9.1,5km"));
    AUTO_FREE char *shown = text_printable(value->text, strlen(value->text));
    const char *near = places_suggest(value->text);
    int rc = near ? error_set(err, ERR_NOT_FOUND, "there is no place named %s: did you mean %s?",
                              shown, near)
                  : error_set(err, ERR_NOT_FOUND, "there is no place named %s", shown);
    return lower_fault(l, value->span, rc);
}

int lower_read_near(struct lowering *l, const struct syntax *node, char *ret_numbers[3],
                    struct error *err)
{
    size_t n = node->value_count, count;
    const struct syntax_value *v = node->values;
    struct place place;
    double km;
    bool is_place = names_place(node);
    if (n < 2 || !read_distance(v[n - 1].text, &km) ||
        (!is_place && (n != 3 || !is_number(v[0].text) || !is_number(v[1].text))))
        return lower_fault(l, node->span,
                           error_set(err, ERR_INVALID,
                                     "near: takes latitude, longitude and distance, as "
                                     "near:38.7,-9.1,5km, or the name of a place and a distance, "
                                     "as near:\"Porto\",20km"));
    if (is_place && !places_find(v[0].text, &place, &count))
        return refuse_near(l, &v[0], err);
    ret_numbers[0] = is_place ? xasprintf("%.5f", place.latitude) : xstrdup(v[0].text);
    ret_numbers[1] = is_place ? xasprintf("%.5f", place.longitude) : xstrdup(v[1].text);
    ret_numbers[2] = xasprintf("%.17g", km);
    return 0;
}

char *lower_near_words(const struct syntax *node)
{
    struct place place;
    size_t count;
    double km;
    if (!names_place(node) || !read_distance(node->values[1].text, &km) ||
        !places_find(node->values[0].text, &place, &count))
        return NULL;
    AUTO_FREE char *others =
        count == 1 ? xstrdup("")
                   : xasprintf(", the largest of %zu places of this name (near:\"%s, COUNTRY\",... "
                               "means another one)",
                               count, place.town);
    bool is_region = place.region[0] && strcmp(place.region, place.town) != 0;
    return xasprintf("at most %g km from %s%s%s, %s (%.5f, %.5f)%s", km, place.town,
                     is_region ? ", " : "", is_region ? place.region : "", place.country,
                     place.latitude, place.longitude, others);
}
