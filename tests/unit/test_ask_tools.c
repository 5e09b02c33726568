/* SPDX-License-Identifier: MIT */
/* What a model may give to the tools, and what it may not. */
#include "ask/tools.h"
#include "base/json.h"
#include "base/memory.h"
#include "tap.h"

static struct tool_search search;
static struct tool_view view;

static json_t *parse(const char *text)
{
    json_t *input = NULL;
    struct error err;
    if (json_read_bytes(text, strlen(text), "input", &input, &err)) {
        printf("Bail out! %s: %s\n", text, err.message);
        exit(1);
    }
    return input;
}

static void refuses_search(const char *text, const char *part)
{
    AUTO_JSON *input = parse(text);
    AUTO_FREE char *problem = NULL;
    struct tool_search got = {.count = 77};
    bool refused = !tool_read_search(input, &got, &problem);
    ok(refused && got.count == 77 && strstr(problem, part), "search %s: %s", text,
       problem ? problem : "accepted");
}

static void refuses_view(const char *text, const char *part)
{
    AUTO_JSON *input = parse(text);
    AUTO_FREE char *problem = NULL;
    struct tool_view got = {.number = 77};
    bool refused = !tool_read_view(input, &got, &problem);
    ok(refused && got.number == 77 && strstr(problem, part), "view %s: %s", text,
       problem ? problem : "accepted");
}

static void test_search(void)
{
    AUTO_FREE char *problem = NULL;
    AUTO_JSON *all = parse("{\"query\": \"a dog\", \"from\": \"2019\", \"until\": \"2019-07-04\","
                           " \"folder\": \"Italy\", \"count\": 10}");
    ok(tool_read_search(all, &search, &problem) && strcmp(search.query, "a dog") == 0 &&
           strcmp(search.from, "2019") == 0 && strcmp(search.until, "2019-07-04") == 0 &&
           strcmp(search.folder, "Italy") == 0 && search.count == 10,
       "a search without arguments: everything");
    AUTO_JSON *least = parse("{\"query\": \"a dog\", \"from\": null, \"count\": null,"
                             " \"folder\": \"\", \"more\": 1}");
    ok(tool_read_search(least, &search, &problem) && !search.from && !search.until &&
           !search.folder && search.count == 5,
       "only a query; null and empty are absent, the unknown is ignored");
    static const char *const threes[] = {"3", "3.0", "\"3\"", "\" 3.0 \""};
    for (size_t i = 0; i < 4; i++) {
        AUTO_FREE char *written = xasprintf("{\"query\": \"a\", \"count\": %s}", threes[i]);
        AUTO_JSON *input = parse(written);
        ok(tool_read_search(input, &search, &problem) && search.count == 3, "%s is 3", threes[i]);
    }
    AUTO_JSON *nothing = parse("{\"query\": \"a\", \"count\": \"\"}");
    ok(tool_read_search(nothing, &search, &problem) && search.count == 5, "an empty count is none");
    refuses_search("{}", "query");
    refuses_search("[]", "object");
    refuses_search("{\"query\": \"  \"}", "query");
    refuses_search("{\"query\": 7}", "query");
    refuses_search("{\"query\": [\"a\"]}", "query");
    refuses_search("{\"query\": \"a\", \"count\": 0}", "count");
    refuses_search("{\"query\": \"a\", \"count\": 11}", "count");
    refuses_search("{\"query\": \"a\", \"count\": 1e300}", "count");
    refuses_search("{\"query\": \"a\", \"count\": \"three\"}", "count");
    refuses_search("{\"query\": \"a\", \"count\": 3.5}", "count");
    refuses_search("{\"query\": \"a\", \"count\": true}", "count");
    refuses_search("{\"query\": \"a\", \"from\": \"yesterday\"}", "from");
    refuses_search("{\"query\": \"a\", \"from\": \"2019-7\"}", "from");
    refuses_search("{\"query\": \"a\", \"until\": 2019}", "until");
    refuses_search("{\"query\": \"a\", \"until\": \"2019/07/04\"}", "until");
    refuses_search("{\"query\": \"a\", \"folder\": {}}", "folder");
    AUTO_FREE char *words = xmalloc(TOOL_QUERY_BYTES_MAX + 2);
    memset(words, 'a', TOOL_QUERY_BYTES_MAX + 1);
    words[TOOL_QUERY_BYTES_MAX + 1] = '\0';
    AUTO_FREE char *text = xasprintf("{\"query\": \"%s\"}", words);
    refuses_search(text, "short");
}

static void test_view(void)
{
    AUTO_FREE char *problem = NULL;
    AUTO_JSON *whole = parse("{\"number\": 3, \"box\": null}");
    ok(tool_read_view(whole, &view, &problem) && view.number == 3 && !view.has_box, "a number");
    AUTO_JSON *part = parse("{\"number\": 3, \"box\": [1, 2.5, 30, 40]}");
    ok(tool_read_view(part, &view, &problem) && view.has_box && view.box[0] == 1 &&
           view.box[1] == 2.5 && view.box[2] == 30 && view.box[3] == 40,
       "a box");
    static const char *const boxes[] = {"[1, \"2.5\", 30, 40.0]", "\"[1, 2.5, 30, 40]\""};
    for (size_t i = 0; i < 2; i++) {
        AUTO_FREE char *written = xasprintf("{\"number\": \"3\", \"box\": %s}", boxes[i]);
        AUTO_JSON *input = parse(written);
        ok(tool_read_view(input, &view, &problem) && view.number == 3 && view.has_box &&
               view.box[1] == 2.5 && view.box[3] == 40,
           "%s is a box", boxes[i]);
    }
    refuses_view("{}", "number");
    refuses_view("[1]", "object");
    refuses_view("{\"number\": 0}", "number");
    refuses_view("{\"number\": -1}", "number");
    refuses_view("{\"number\": 1.5}", "number");
    refuses_view("{\"number\": \"one\"}", "number");
    refuses_view("{\"number\": 1000000000000}", "number");
    refuses_view("{\"number\": 1, \"box\": [1, 2, 3]}", "box");
    refuses_view("{\"number\": 1, \"box\": [1, 2, 3, 4, 5]}", "box");
    refuses_view("{\"number\": 1, \"box\": [1, 2, 3, \"x\"]}", "box");
    refuses_view("{\"number\": 1, \"box\": \"1, 2\"}", "box");
    refuses_view("{\"number\": 1, \"box\": {\"x\": 1}}", "box");
}

/* Both schemas are what the Messages API takes for input_schema. */
static void test_schema(void)
{
    AUTO_JSON *tools = tools_schema(true);
    is_int((long long)json_array_size(tools), 2, "two tools");
    for (size_t i = 0; i < json_array_size(tools); i++) {
        const json_t *tool = json_array_get(tools, i);
        const json_t *schema = json_object_get(tool, "input_schema");
        const char *name = json_string_value(json_object_get(tool, "name"));
        ok(name && json_is_string(json_object_get(tool, "description")) &&
               strcmp(json_string_value(json_object_get(schema, "type")), "object") == 0 &&
               json_is_object(json_object_get(schema, "properties")) &&
               json_array_size(json_object_get(schema, "required")) == 1,
           "%s has its schema", name);
    }
}

/* What a search refuses without facts is not offered. */
static void test_criteria(void)
{
    for (int with_facts = 0; with_facts < 2; with_facts++) {
        AUTO_JSON *tools = tools_schema(with_facts != 0);
        AUTO_FREE char *text = json_dumps(json_array_get(tools, 0), JSON_COMPACT);
        ok((strstr(text, "place:lisbon, country:portugal, album:NAME") != NULL) == with_facts,
           "the search tells of criteria %s", with_facts ? "with facts" : "only then");
    }
}

int main(void)
{
    test_search();
    test_view();
    test_schema();
    test_criteria();
    return done_testing();
}
