/* SPDX-License-Identifier: MIT */
/* The table of facts: access by row, words for people, JSON and its schema, SQL. */
#include <string.h>

#include "base/facts_json.h"
#include "base/json.h"
#include "base/memory.h"
#include "store/fact_sql.h"
#include "tap.h"

static const struct photo_facts known = {
    .format = "jpeg",
    .width = 4000,
    .height = 3000,
    .taken = "2019-07-04T18:30:00+02:00",
    .has_place = true,
    .latitude = 0,
    .longitude = -9.5,
    .make = "Canon",
    .model = "EOS 5D",
};

/* Whether `value` is as expected; objects may have further keys, those of facts to come. */
static bool is_like(const json_t *value, json_t *expected)
{
    const char *key;
    json_t *inner;
    if (!json_is_object(expected) || json_object_size(expected) == 0)
        return json_equal(value, expected);
    json_object_foreach(expected, key,
                        inner) if (!is_like(json_object_get(value, key), inner)) return false;
    return true;
}

static bool is_json(const struct photo_facts *facts, unsigned how, const char *expected)
{
    AUTO_JSON *object = json_object();
    AUTO_JSON *wanted = json_loads(expected, 0, NULL);
    facts_to_json(facts, how, object);
    AUTO_FREE char *text = json_dumps(object, JSON_COMPACT);
    if (!is_like(object, wanted))
        diag("%s", text);
    return is_like(object, wanted);
}

static void test_json(void)
{
    static const struct photo_facts nothing;
    ok(is_json(&known, FACTS_NULLS,
               "{\"format\":\"jpeg\",\"width\":4000,\"height\":3000,\"taken\":\"2019-07-04T18:30:00"
               "+02:00\",\"place\":{\"latitude\":0.0,\"longitude\":-9.5},\"camera\":{\"make\":"
               "\"Canon\",\"model\":\"EOS 5D\",\"lens\":null},\"damage\":null}"),
       "JSON: all facts of a photo, a place at 0 degrees among them");
    AUTO_JSON *brief = json_object();
    facts_to_json(&known, FACTS_BRIEF, brief);
    ok(!json_object_get(brief, "camera"), "JSON: a camera is not brief");
    ok(is_json(&known, FACTS_BRIEF,
               "{\"width\":4000,\"height\":3000,\"taken\":\"2019-07-04T18:30:00+02:00\"}"),
       "JSON: brief");
    ok(is_json(&nothing, FACTS_BRIEF, "{}"), "JSON: nothing is known, nothing is there");
    ok(is_json(&nothing, FACTS_NULLS,
               "{\"format\":\"\",\"width\":null,\"height\":null,\"taken\":null,\"place\":null,"
               "\"camera\":{\"make\":null,\"model\":null,\"lens\":null},\"damage\":null}"),
       "JSON: what is not known is null");
    static const struct photo_facts named = {.town = "Lisbon"};
    ok(is_json(&named, FACTS_NULLS,
               "{\"place\":{\"latitude\":null,\"longitude\":null,\"town\":\"Lisbon\"}}"),
       "JSON: a town without coordinates is a place");
    struct photo_facts foreign = {.make = "Can\xFFon"};
    ok(is_json(&foreign, 0, "{\"camera\":{\"make\":\"Can\xEF\xBF\xBDon\"}}"),
       "JSON: what is no UTF-8 becomes it");
}

static bool has_required(const json_t *schema, const char *key)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(schema, "required"), i, name)
    {
        if (strcmp(json_string_value(name), key) == 0)
            return json_object_get(json_object_get(schema, "properties"), key) != NULL;
    }
    return false;
}

/* Whether the schema names just what the writer writes. */
static bool schema_fits(bool brief)
{
    AUTO_JSON *schema = facts_schema(brief);
    AUTO_JSON *all = json_object();
    AUTO_JSON *short_one = json_object();
    size_t n = 0;
    const char *key;
    json_t *value;
    facts_to_json(&known, FACTS_NULLS, all);
    facts_to_json(&known, FACTS_NULLS | FACTS_BRIEF, short_one);
    json_object_foreach(all, key, value)
    {
        if ((json_object_get(short_one, key) != NULL) != brief)
            continue;
        n++;
        if (!has_required(schema, key))
            return false;
    }
    return n == json_array_size(json_object_get(schema, "required"));
}

static void test_schema(void)
{
    ok(schema_fits(true) && schema_fits(false), "schema: what is written is what is described");
    AUTO_JSON *schema = facts_schema(false);
    AUTO_FREE char *text = json_dumps(schema, JSON_COMPACT);
    ok(strstr(text,
              "\"place\":{\"oneOf\":[{\"type\":\"null\"},{\"required\":[\"latitude\","
              "\"longitude\",\"town\",\"region\",\"country\",\"country_code\"],\"properties\":{"
              "\"latitude\":{\"type\":[\"number\",\"null\"],"),
       "schema: a place may have names without coordinates");
    ok(strstr(
           text,
           "\"x-fact\":{\"type\":\"real\",\"print\":\"{}\u00b0\",\"filter\":true,\"sort\":false}"),
       "schema: how a fact is printed, and whether it can be compared");
}

static void test_access(void)
{
    struct photo_facts facts = {.width = 7};
    const struct fact *latitude = fact_find("latitude");
    ok(latitude == &fact_table[FACT_INDEX_latitude] && !fact_find("nothing"), "find by name");
    ok(!fact_is_known(latitude, &facts), "a number with a flag: not known");
    fact_set_number(latitude, &facts, 91);
    ok(!facts.has_place, "a number that cannot be stays unknown");
    fact_set_number(latitude, &facts, 0);
    ok(facts.has_place && fact_is_known(latitude, &facts), "0 is known where a flag says so");
    fact_set_number(fact_find("width"), &facts, 1.5);
    ok(facts.width == 7, "no part of a pixel");
    fact_set_text(fact_find("format"), &facts, "jpeg2000");
    ok(strcmp(facts.format, "jpeg200") == 0, "a text is cut to its room");
}

static bool prints(const char *name, const struct photo_facts *facts, const char *words,
                   const char *expected)
{
    AUTO_FREE char *text = words ? fact_print_as(fact_find(name), facts, words, NULL)
                                 : fact_print(fact_find(name), facts);
    if (strcmp(text, expected) != 0)
        diag("%s", text);
    return strcmp(text, expected) == 0;
}

static char *in_quotes(const char *text)
{
    return xasprintf("'%s'", text);
}

static void test_words(void)
{
    struct photo_facts day = {.taken = "2019-07-04"};
    ok(prints("width", &known, NULL, "4000 px"), "words: a number with its unit");
    ok(prints("taken", &known, NULL, "2019-07-04 18:30"), "words: a time");
    ok(prints("taken", &day, "on {}", "on 2019-07-04"), "words: a day, in other words");
    /* The two ways of a number, by a row of the test's own. */
    const struct fact seconds = {.name = "s",
                                 .type = FACT_REAL,
                                 .offset = offsetof(struct photo_facts, latitude),
                                 .print = "{/} s"};
    const struct fact list = {
        .name = "l", .type = FACT_LIST, .offset = offsetof(struct photo_facts, make)};
    struct photo_facts facts = {.latitude = 0.004, .make = "sea\nsun"};
    AUTO_FREE char *fast = fact_print(&seconds, &facts);
    facts.latitude = 2.5;
    AUTO_FREE char *slow = fact_print(&seconds, &facts);
    AUTO_FREE char *words = fact_print_as(&list, &facts, "keywords {}!", in_quotes);
    AUTO_JSON *array = fact_to_json(&list, &facts);
    AUTO_FREE char *json = json_dumps(array, JSON_COMPACT);
    ok(strcmp(fast, "1/250 s") == 0 && strcmp(slow, "2.5 s") == 0, "words: a fraction");
    ok(strcmp(words, "keywords 'sea, sun'!") == 0, "words: a list");
    ok(strcmp(json, "[\"sea\",\"sun\"]") == 0, "JSON: a list");
}

/* Whether the SQL begins as expected: facts to come are after it. */
static bool expands(enum fact_dialect dialect, const char *sql, int format, const char *expected)
{
    AUTO_FREE char *expanded = fact_sql_expand(dialect, sql, format);
    bool same = strncmp(expanded, expected, strlen(expected)) == 0;
    if (!same)
        diag("%s", expanded);
    return same;
}

static void test_sql(void)
{
    ok(expands(FACT_SQLITE, "SELECT a, {p.#} FROM p", 2,
               "SELECT a, p.format, p.width, p.height, p.taken, p.latitude, p.longitude, p.make,"
               " p.model, p.lens"),
       "SQL: columns");
    ok(expands(FACT_POSTGRES, "({$11+::@})", 2,
               "($11::text, $12::integer, $13::integer, $14::text, $15::double precision,"
               " $16::double precision, $17::text, $18::text, $19::text"),
       "SQL: parameters with their types");
    ok(expands(FACT_SQLITE, "{p.#}", 0, "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"),
       "SQL: a gallery that is older than the facts");
    AUTO_FREE char *whole = fact_sql_expand(FACT_SQLITE, "a {#} b", 2);
    ok(strncmp(whole, "a format,", 9) == 0 && strcmp(whole + strlen(whole) - 2, " b") == 0,
       "SQL: what is beside the columns stays");
    struct fact_sql cache = {.dialect = FACT_SQLITE};
    static const char sql[] = "{#}";
    const char *first = fact_sql(&cache, sql, 2);
    ok(fact_sql(&cache, sql, 2) == first && strcmp(fact_sql(&cache, sql, 0), first) != 0,
       "SQL: made once for each format");
    fact_sql_release(&cache);
    AUTO_FREE char *added = fact_sql_upgrade(FACT_POSTGRES, "photo", 1, true);
    ok(strncmp(added, "ALTER TABLE photo ADD IF NOT EXISTS format text;", 48) == 0 &&
           !fact_sql_upgrade(FACT_POSTGRES, "photo", 99, false),
       "SQL: the columns that a format brings");
}

int main(void)
{
    test_sql();
    test_json();
    test_schema();
    test_access();
    test_words();
    return done_testing();
}
