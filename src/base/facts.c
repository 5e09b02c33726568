/* SPDX-License-Identifier: MIT */
/* The table of facts, and access to each fact by its row. */
#include "base/facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

#define FACT_ROW(field, kind_of_type, ...)                \
    {.name = #field,                                      \
     .type = (kind_of_type),                              \
     .offset = offsetof(struct photo_facts, field),       \
     .size = sizeof(((struct photo_facts *)NULL)->field), \
     __VA_ARGS__},

const struct fact fact_table[FACT_COUNT] = {
#define TEXT(name, bytes, ...) FACT_ROW(name, FACT_TEXT, __VA_ARGS__)
#define TIME(name, bytes, ...) FACT_ROW(name, FACT_TIME, __VA_ARGS__)
#define LIST(name, bytes, ...) FACT_ROW(name, FACT_LIST, __VA_ARGS__)
#define WHOLE(name, ...) FACT_ROW(name, FACT_WHOLE, __VA_ARGS__)
#define REAL(name, ...) FACT_ROW(name, FACT_REAL, __VA_ARGS__)
#define FLAG(name)
#include "base/facts.def"
};

const struct fact *fact_find(const char *name)
{
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (strcmp(fact_table[i].name, name) == 0)
            return &fact_table[i];
    return NULL;
}

const char *fact_type_name(enum fact_type type)
{
    static const char *const names[] = {[FACT_TEXT] = "text",
                                        [FACT_TIME] = "time",
                                        [FACT_LIST] = "list",
                                        [FACT_WHOLE] = "whole",
                                        [FACT_REAL] = "real"};
    return names[type];
}

const char *fact_group_name(enum fact_group group)
{
    static const char *const names[] = {
        [FACT_GROUP_NONE] = NULL, [FACT_GROUP_PLACE] = "place", [FACT_GROUP_CAMERA] = "camera"};
    return names[group];
}

bool fact_is_text(const struct fact *fact)
{
    return fact->type == FACT_TEXT || fact->type == FACT_TIME || fact->type == FACT_LIST;
}

/* The struct as bytes: where a field lies is known at run time only. */
static const void *find_field(const struct photo_facts *facts, size_t offset)
{
    return (const char *)facts + offset;
}

const char *fact_text(const struct fact *fact, const struct photo_facts *facts)
{
    return find_field(facts, fact->offset);
}

char *fact_room(const struct fact *fact, struct photo_facts *facts)
{
    return (char *)facts + fact->offset;
}

double fact_number(const struct fact *fact, const struct photo_facts *facts)
{
    if (fact->type == FACT_WHOLE)
        return *(const int *)find_field(facts, fact->offset);
    return *(const double *)find_field(facts, fact->offset);
}

bool fact_is_known(const struct fact *fact, const struct photo_facts *facts)
{
    if (fact->has)
        return *(const bool *)find_field(facts, fact->has - 1U);
    return fact_is_text(fact) ? fact_text(fact, facts)[0] != '\0' : fact_number(fact, facts) != 0;
}

static void set_known(const struct fact *fact, struct photo_facts *facts, bool known)
{
    if (fact->has)
        *(bool *)((char *)facts + fact->has - 1) = known;
}

void fact_clear(const struct fact *fact, struct photo_facts *facts)
{
    memset((char *)facts + fact->offset, 0, fact->size);
    set_known(fact, facts, false);
}

void fact_set_text(const struct fact *fact, struct photo_facts *facts, const char *text)
{
    text_copy(fact_room(fact, facts), fact->size, text);
    set_known(fact, facts, true);
}

bool fact_can_be(const struct fact *fact, double number)
{
    bool limited = fact->min != 0 || fact->max != 0;
    return isfinite(number) && (!limited || (number >= fact->min && number <= fact->max)) &&
           (fact->type != FACT_WHOLE || (fabs(number) <= INT32_MAX && number == floor(number)));
}

bool fact_set_number(const struct fact *fact, struct photo_facts *facts, double number)
{
    if (!fact_can_be(fact, number))
        return false;
    if (fact->type == FACT_WHOLE)
        *(int *)((char *)facts + fact->offset) = (int)number;
    else
        *(double *)((char *)facts + fact->offset) = number;
    set_known(fact, facts, true);
    return true;
}

/* ---- for people ---- */

#define FRACTION_BELOW 0.3 /* where cameras, too, begin to write 1/N s */

static char *print_number(const struct fact *fact, double number, bool as_fraction)
{
    if (as_fraction && number > 0 && number < FRACTION_BELOW)
        return xasprintf("1/%.0f", 1 / number);
    return fact->type == FACT_WHOLE ? xasprintf("%.0f", number) : xasprintf("%.6g", number);
}

static char *print_list(const char *text)
{
    char *list = xstrdup("");
    while (*text) {
        size_t n = strcspn(text, "\n");
        AUTO_FREE char *before = list;
        list = xasprintf("%s%s%.*s", before, before[0] ? ", " : "", (int)n, text);
        text += n + (text[n] == '\n');
    }
    return list;
}

static char *print_value(const struct fact *fact, const struct photo_facts *facts, bool as_fraction)
{
    const char *text = fact_is_text(fact) ? fact_text(fact, facts) : NULL;
    if (!text)
        return print_number(fact, fact_number(fact, facts), as_fraction);
    if (fact->type == FACT_LIST)
        return print_list(text);
    if (fact->type == FACT_TIME && strlen(text) > strlen("2019-07-04"))
        return xasprintf("%.10s %.5s", text, text + 11);
    return xstrdup(text);
}

char *fact_print_as(const struct fact *fact, const struct photo_facts *facts, const char *words,
                    char *(*quote)(const char *text))
{
    size_t before = strcspn(words, "{"), mark = strcspn(words + before, "}");
    char *value = print_value(fact, facts, words[before] && words[before + 1] == '/');
    AUTO_FREE char *plain = value;
    AUTO_FREE char *quoted =
        quote && fact_is_text(fact) && fact->type != FACT_TIME ? quote(value) : NULL;
    const char *after = words + before + mark;
    return xasprintf("%.*s%s%s", (int)before, words, quoted ? quoted : plain,
                     *after ? after + 1 : after);
}

char *fact_print(const struct fact *fact, const struct photo_facts *facts)
{
    return fact_print_as(fact, facts, fact->print ? fact->print : "{}", NULL);
}
