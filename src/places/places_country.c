/* SPDX-License-Identifier: MIT */
/* Finds countries by their names and codes. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "places/places_internal.h"

/* Names in use besides those of the table. */
static const struct {
    const char *name, *code;
} others[] = {
    {"usa", "US"},         {"america", "US"},         {"united states of america", "US"},
    {"uk", "GB"},          {"great britain", "GB"},   {"britain", "GB"},
    {"turkey", "TR"},      {"burma", "MM"},           {"myanmar", "MM"},
    {"holland", "NL"},     {"the netherlands", "NL"}, {"czech republic", "CZ"},
    {"ivory coast", "CI"}, {"cape verde", "CV"},      {"macedonia", "MK"},
    {"swaziland", "SZ"},   {"hong kong", "HK"},       {"macau", "MO"},
    {"macao", "MO"},       {"\u9999\u6e2f", "HK"},    {"\u6fb3\u95e8", "MO"},
    {"palestine", "PS"},   {"vatican", "VA"},         {"korea", "KR"},
};

static const char *text_at(uint32_t offset)
{
    return places_table.texts + offset;
}

static const struct places_country *find_country(const char *text)
{
    const struct places_table *t = &places_table;
    AUTO_FREE char *folded = places_fold(text);
    const char *code = folded;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i].name, folded) == 0)
            code = others[i].code;
    for (size_t i = 0; i < t->country_count; i++) {
        const struct places_country *country = &t->countries[i];
        if (strcasecmp(text_at(country->code), code) == 0 ||
            places_is_named(text_at(country->english), folded) ||
            places_is_named(text_at(country->chinese), folded))
            return country;
    }
    return NULL;
}

const char *places_country(const char *text)
{
    const struct places_country *country = find_country(text);
    return country ? text_at(country->english) : NULL;
}

bool places_country_names(const char *english, const char **ret_code, const char **ret_chinese)
{
    const struct places_table *t = &places_table;
    for (size_t i = 0; i < t->country_count; i++)
        if (strcmp(text_at(t->countries[i].english), english) == 0) {
            *ret_code = text_at(t->countries[i].code);
            *ret_chinese = text_at(t->countries[i].chinese);
            return true;
        }
    return false;
}

const char *places_suggest_country(const char *text)
{
    const struct places_table *t = &places_table;
    AUTO_FREE char *folded = places_fold(text);
    size_t least = suggestion_for(folded).distance;
    const char *best = NULL;
    for (size_t i = 0; i < t->country_count; i++) {
        AUTO_FREE char *own = places_fold(text_at(t->countries[i].english));
        size_t distance = edit_distance(folded, own);
        if (distance < least) {
            least = distance;
            best = text_at(t->countries[i].english);
        }
    }
    return best;
}
