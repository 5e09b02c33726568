/* SPDX-License-Identifier: MIT */
/* Selects the facts of a photo that are told with its picture, and lists them for the ledger and
 * for people. */
#include "ask/telling.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

static const char *const telling_names[] = {
    [TELL_ROUNDED] = "rounded", [TELL_EXACT] = "exact", [TELL_NOTHING] = "none"};

bool telling_parse(const char *name, enum telling *ret_telling)
{
    for (int i = TELL_ROUNDED; i <= TELL_NOTHING; i++)
        if (strcmp(name, telling_names[i]) == 0) {
            *ret_telling = (enum telling)i;
            return true;
        }
    return false;
}

const char *telling_name(enum telling telling)
{
    return telling_names[telling];
}

unsigned told_of_fact(const struct fact *fact, const struct photo_facts *facts,
                      enum telling telling)
{
    if (telling == TELL_NOTHING || fact->kind == FACT_SHAPE || !fact_is_known(fact, facts))
        return 0;
    return fact->kind == FACT_PLACE && telling == TELL_EXACT ? FACT_EXACT_PLACE : fact->kind;
}

unsigned told_of(const struct photo_facts *facts, enum telling telling)
{
    unsigned told = 0;
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].words)
            told |= told_of_fact(&fact_table[i], facts, telling);
    return told;
}

unsigned told_only(struct photo_facts *facts, enum telling telling)
{
    unsigned left = 0;
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        unsigned kind = told_of_fact(fact, facts, telling);
        left |= kind;
        if (!kind && fact->kind != FACT_SHAPE)
            fact_clear(fact, facts);
    }
    facts->latitude = told_degrees(facts->latitude, telling);
    facts->longitude = told_degrees(facts->longitude, telling);
    return left;
}

double told_degrees(double degrees, enum telling telling)
{
    double rounded = round(degrees * 100) / 100 + 0.0; /* avoids -0 */
    return telling == TELL_EXACT ? degrees : rounded;
}

/* "NIKON CORPORATION" and "NIKON D90" have the same maker: its first word begins the model,
 * ignoring case. */
static bool names_maker(const char *model, const char *make)
{
    size_t word = strcspn(make, " ,.");
    return word > 0 && strncasecmp(model, make, word) == 0 &&
           (model[word] == ' ' || model[word] == '\0');
}

char *told_camera(const struct photo_facts *facts)
{
    bool has_both = facts->make[0] && facts->model[0];
    if (has_both && names_maker(facts->model, facts->make))
        return xstrdup(facts->model);
    return xasprintf("%s%s%s", facts->make, has_both ? " " : "", facts->model);
}

/* ---- lists ---- */

struct kind_words {
    enum fact_kind kind;
    const char *name, *words;
};

static const struct kind_words kind_table[] = {
    {FACT_DATE, "date", "date"},
    {FACT_PLACE, "place", "place (to about 1 km)"},
    {FACT_EXACT_PLACE, "exact-place", "exact place"},
    {FACT_CAMERA, "camera", "camera"},
    {FACT_LABELS, "labels", "labels"},
};

char *told_list(unsigned facts)
{
    char *list = xstrdup("");
    for (size_t i = 0; i < sizeof kind_table / sizeof *kind_table; i++) {
        if (!(facts & kind_table[i].kind))
            continue;
        AUTO_FREE char *before = list;
        list = xasprintf("%s%s%s", before, before[0] ? "," : "", kind_table[i].name);
    }
    return list;
}

json_t *told_array(const char *list)
{
    json_t *facts = json_array();
    while (*list) {
        size_t n = strcspn(list, ",");
        if (n > 0)
            json_array_append_new(facts, json_stringn(list, n));
        list += n + (list[n] == ',');
    }
    return facts;
}

char *told_phrase(const struct told *told)
{
    char *phrase = xstrdup(told->facts ? "" : "pictures only");
    for (size_t i = 0; i < sizeof kind_table / sizeof *kind_table; i++) {
        if (!(told->facts & kind_table[i].kind))
            continue;
        AUTO_FREE char *before = phrase;
        const char *comma = before[0] ? ", " : "";
        if (kind_table[i].kind == FACT_LABELS)
            phrase = xasprintf("%s%s%zu label%s", before, comma, told->labels,
                               told->labels == 1 ? "" : "s");
        else
            phrase = xasprintf("%s%s%s", before, comma, kind_table[i].words);
    }
    return phrase;
}
