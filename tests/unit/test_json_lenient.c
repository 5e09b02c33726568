/* SPDX-License-Identifier: MIT */
/* JSON that is nearly JSON: what it becomes. What JSON is, stays as jansson has it. */
#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"
#include "tap.h"

static void becomes(const char *text, size_t size, const char *want)
{
    AUTO_JSON *root = json_read_lenient(text, size, JSON_HALVES_REPLACED);
    AUTO_FREE char *got = root ? json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    if (!ok(want ? got && strcmp(got, want) == 0 : !root, "%s: %s", text, want ? want : "no JSON"))
        diag("got %s", got ? got : "nothing");
}

#define BECOMES(text, want) becomes(text, sizeof(text) - 1, want)

static void test_texts(void)
{
    BECOMES("{\"a\":\"\\ud83d\\ude00\"}", "{\"a\":\"\xF0\x9F\x98\x80\"}");
    BECOMES("{\"a\":\"\\ud83d x\"}", "{\"a\":\"\xEF\xBF\xBD x\"}");
    BECOMES("{\"a\":\"\\ude00\\ud83d\"}", "{\"a\":\"\xEF\xBF\xBD\xEF\xBF\xBD\"}");
    BECOMES("\"\\uD83D\"", "\"\xEF\xBF\xBD\"");
    BECOMES("\"\\ud83d\\u0041\"", "\"\xEF\xBF\xBD"
                                  "A\"");
    BECOMES("\"\\u0000\\u00e9\"", "\"\xEF\xBF\xBD\xC3\xA9\"");
    BECOMES("\"a\xFF\xC3(\xE2\x82\"", "\"a\xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD\xEF\xBF\xBD\"");
    BECOMES("\"\xED\xA0\xBD\"", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    BECOMES("\"a\tb\nc\0d\"", "\"a\\tb\\nc\xEF\xBF\xBD"
                              "d\"");
    BECOMES("\"it\\'s \\q \\/\"", "\"it's q /\"");
    BECOMES("\"\\ud83\"", "\"ud83\"");
    BECOMES("{\"\\u0000k\":1}", "{\"\xEF\xBF\xBDk\":1}");
}

static void test_numbers(void)
{
    BECOMES("[18446744073709551615]", "[1.8446744073709552e19]");
    BECOMES("[-9223372036854775808,9223372036854775807]",
            "[-9223372036854775808,9223372036854775807]");
    BECOMES("[NaN,Infinity,-Infinity,1e999,-1e999,undefined]", "[null,null,null,null,null,null]");
    BECOMES("{\"NaN\":\"NaN\"}", "{\"NaN\":\"NaN\"}");
}

static void test_forms(void)
{
    BECOMES("\xEF\xBB\xBF{\"a\":1}", "{\"a\":1}");
    BECOMES("{\"a\":[1,2,],}", "{\"a\":[1,2]}");
    BECOMES("{\"a\":\",]\",\"a\":2}", "{\"a\":2}");
    BECOMES("{\"a\":1", NULL);
    BECOMES("", NULL);
    BECOMES("{\"a\":\"x", NULL);
    BECOMES("{\"a\":\"\\", NULL);
    BECOMES("{'a':1}", NULL);
    BECOMES("{} {}", NULL);
}

static void test_halves(void)
{
    AUTO_JSON *one = json_read_lenient("\"a\\ud83d\"", 9, JSON_HALVES_KEPT);
    AUTO_JSON *two = json_read_lenient("\"\\ude00b\"", 9, JSON_HALVES_KEPT);
    char text[64];
    int n = snprintf(text, sizeof text, "%s", json_string_value(one));
    size_t size = json_join_halves(text, (size_t)n, true);
    is_int((long long)size, 5, "the first half stays for the other");
    is_int((long long)json_half_at_end(text, size), JSON_HALF_BYTES, "... at the end");
    n = snprintf(text + size, sizeof text - size, "%s", json_string_value(two));
    size = json_join_halves(text, size + (size_t)n, false);
    text[size] = '\0';
    is_str(text,
           "a\xF0\x9F\x98\x80"
           "b",
           "... and becomes one character with it");
    n = snprintf(text, sizeof text, "%s", json_string_value(one));
    text[json_join_halves(text, (size_t)n, false)] = '\0';
    is_str(text, "a\xEF\xBF\xBD", "a lonely half");
}

static void test_values(void)
{
    static const struct {
        const char *json;
        bool is_whole;
        long long number;
    } cases[] = {
        {"3", true, 3},         {"3.0", true, 3},       {"\"3\"", true, 3},
        {"\" 3.0 \"", true, 3}, {"\"3e2\"", true, 300}, {"-7", true, -7},
        {"3.5", false, 0},      {"\"3x\"", false, 0},   {"\"\"", false, 0},
        {"\"0x3\"", false, 0},  {"true", false, 0},     {"null", false, 0},
        {"1e30", false, 0},     {"[3]", false, 0},      {"\"nan\"", false, 0},
        {"\"3 4\"", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_JSON *value = json_loads(cases[i].json, JSON_DECODE_ANY, NULL);
        int64_t number = 0;
        bool is_whole = json_whole_number(value, &number);
        ok(is_whole == cases[i].is_whole && number == cases[i].number, "%s", cases[i].json);
    }
}

static void test_members(void)
{
    static const struct {
        const char *text, *member;
    } cases[] = {
        {"{\"id\":18446744073709551615}", "18446744073709551615"},
        {"{\"jsonrpc\":\"2.0\",\"id\": \"a\\\"b\" ,\"x\":1}", "\"a\\\"b\""},
        {"{\"a\":{\"id\":1,\"b\":[\"}\"]},\"id\":2,\"c\":", "2"},
        {"{\"id\":8,\"method\":\"pi", "8"},
        {"{\"id\":8", "8"},
        {"{\"a\":\"cut, \\\"id\\\":3", NULL},
        {"{\"method\":\"x\"}", NULL},
        {"[{\"id\":1}]", NULL},
        {"{id:1}", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = 0;
        const char *got = json_raw_member(cases[i].text, strlen(cases[i].text), "id", &size);
        const char *want = cases[i].member;
        ok(want ? got && size == strlen(want) && memcmp(got, want, size) == 0 : !got,
           "the id of %s", cases[i].text);
    }
}

int main(void)
{
    test_texts();
    test_numbers();
    test_forms();
    test_halves();
    test_values();
    test_members();
    return done_testing();
}
