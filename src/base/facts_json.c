/* SPDX-License-Identifier: MIT */
/* Writes facts, their schema and their table as JSON. */
#include "base/facts_json.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* What another program wrote into a gallery may be no UTF-8, which JSON cannot hold. */
static json_t *text_to_json(const char *text, size_t length)
{
    json_t *string = json_stringn(text, length);
    if (string)
        return string;
    AUTO_FREE char *printable = text_printable(text, length);
    return json_string(printable);
}

static json_t *list_to_json(const char *text)
{
    json_t *list = json_array();
    while (*text) {
        size_t n = strcspn(text, "\n");
        json_array_append_new(list, text_to_json(text, n));
        text += n + (text[n] == '\n');
    }
    return list;
}

json_t *fact_to_json(const struct fact *fact, const struct photo_facts *facts)
{
    if (!fact_is_known(fact, facts))
        return fact->always ? json_string("") : json_null();
    switch (fact->type) {
    case FACT_WHOLE:
        return json_integer((json_int_t)fact_number(fact, facts));
    case FACT_REAL:
        return json_real(fact_number(fact, facts));
    case FACT_LIST:
        return list_to_json(fact_text(fact, facts));
    case FACT_TEXT:
    case FACT_TIME:
        break;
    }
    const char *text = fact_text(fact, facts);
    return text_to_json(text, strlen(text));
}

static bool group_is_known(const struct photo_facts *facts, enum fact_group group)
{
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].group == group && fact_is_known(&fact_table[i], facts))
            return true;
    return false;
}

static bool is_wanted(const struct fact *fact, const struct photo_facts *facts, unsigned how)
{
    return !fact->hidden && (fact->brief || !(how & FACTS_BRIEF)) &&
           (how & FACTS_NULLS || fact_is_known(fact, facts));
}

json_t *facts_group_to_json(const struct photo_facts *facts, enum fact_group group, unsigned how)
{
    bool known = group_is_known(facts, group);
    bool wanted = known || (how & FACTS_NULLS && group != FACT_GROUP_PLACE);
    if (!wanted)
        return how & FACTS_NULLS ? json_null() : NULL;
    json_t *object = json_object();
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].group == group && is_wanted(&fact_table[i], facts, how))
            json_object_set_new(object, fact_table[i].name, fact_to_json(&fact_table[i], facts));
    return object;
}

void facts_to_json(const struct photo_facts *facts, unsigned how, json_t *object)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        const char *group = fact_group_name(fact->group);
        if (!is_wanted(fact, facts, how))
            continue;
        if (!group)
            json_object_set_new(object, fact->name, fact_to_json(fact, facts));
        else if (!json_object_get(object, group))
            json_object_set_new(object, group, facts_group_to_json(facts, fact->group, how));
    }
}

/* ---- the schema ---- */

static const char *json_type_of(enum fact_type type)
{
    switch (type) {
    case FACT_WHOLE:
        return "integer";
    case FACT_REAL:
        return "number";
    case FACT_LIST:
        return "array";
    case FACT_TEXT:
    case FACT_TIME:
        break;
    }
    return "string";
}

static json_t *fact_schema(const struct fact *fact)
{
    const char *type = json_type_of(fact->type);
    json_t *schema = fact->always ? json_pack("{s:s}", "type", type)
                                  : json_pack("{s:[ss]}", "type", type, "null");
    if (fact->type == FACT_LIST)
        json_object_set_new(schema, "items", json_pack("{s:s}", "type", "string"));
    if (fact->about)
        json_object_set_new(schema, "description", json_string(fact->about));
    json_object_set_new(schema, "x-fact",
                        json_pack("{s:s, s:s?, s:b, s:b}", "type", fact_type_name(fact->type),
                                  "print", fact->print, "filter", fact->filter, "sort",
                                  fact->sort));
    return schema;
}

static json_t *empty_schema(void)
{
    return json_pack("{s:[], s:{}}", "required", "properties");
}

static void add_property(json_t *schema, const char *name, json_t *property)
{
    json_object_set_new(json_object_get(schema, "properties"), name, property);
    json_array_append_new(json_object_get(schema, "required"), json_string(name));
}

static json_t *group_schema(enum fact_group group, bool brief)
{
    json_t *schema = empty_schema();
    for (size_t i = 0; i < FACT_COUNT; i++)
        if (fact_table[i].group == group && fact_table[i].brief == brief)
            add_property(schema, fact_table[i].name, fact_schema(&fact_table[i]));
    json_object_set_new(schema, "type", json_string("object"));
    json_object_set_new(schema, "additionalProperties", json_false());
    if (group != FACT_GROUP_PLACE)
        return schema;
    return json_pack("{s:[{s:s}, o]}", "oneOf", "type", "null", schema);
}

json_t *facts_schema(bool brief)
{
    json_t *schema = empty_schema(), *properties = json_object_get(schema, "properties");
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        const char *group = fact_group_name(fact->group);
        if (fact->brief != brief || fact->hidden)
            continue;
        if (!group)
            add_property(schema, fact->name, fact_schema(fact));
        else if (!json_object_get(properties, group))
            add_property(schema, group, group_schema(fact->group, brief));
    }
    return schema;
}
