/* SPDX-License-Identifier: MIT */
/* Validates the input that a model gives to a tool. */
#include <ctype.h>
#include <string.h>

#include "ask/tools.h"
#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"

#define DEFAULT_COUNT 5
#define NUMBER_MAX 100000

static const json_t *given_value(const json_t *input, const char *key)
{
    const json_t *value = json_object_get(input, key);
    bool is_empty = json_is_string(value) && json_string_length(value) == 0;
    return json_is_null(value) || is_empty ? NULL : value;
}

static bool set_problem(char **ret_problem, const char *key, const char *what)
{
    *ret_problem = xasprintf("\"%s\" must be %s", key, what);
    return false;
}

static bool is_object(const json_t *input, char **ret_problem)
{
    if (json_is_object(input))
        return true;
    *ret_problem = xstrdup("the input must be an object");
    return false;
}

/* jansson's strings are UTF-8; a string with a NUL inside ends there, and is_text refuses it. */
static bool is_text(const json_t *value, size_t max)
{
    size_t length = json_string_length(value);
    return json_is_string(value) && length <= max && strlen(json_string_value(value)) == length;
}

static bool read_text(const json_t *input, const char *key, const char **ret_text,
                      char **ret_problem)
{
    const json_t *value = given_value(input, key);
    *ret_text = NULL;
    if (!value)
        return true;
    if (!is_text(value, TOOL_QUERY_BYTES_MAX))
        return set_problem(ret_problem, key, "a short text");
    const char *text = json_string_value(value);
    *ret_text = text[0] ? text : NULL;
    return true;
}

/* "2019", "2019-07" or "2019-07-04"; the store validates it further. */
static bool read_date(const json_t *input, const char *key, const char **ret_date,
                      char **ret_problem)
{
    if (!read_text(input, key, ret_date, ret_problem))
        return false;
    size_t length = *ret_date ? strlen(*ret_date) : 4;
    bool good = length == 4 || length == 7 || length == 10;
    for (size_t i = 0; *ret_date && good && i < length; i++)
        good = i == 4 || i == 7 ? (*ret_date)[i] == '-' : isdigit((unsigned char)(*ret_date)[i]);
    return good || set_problem(ret_problem, key, "a day, month or year such as \"2019-07-04\"");
}

bool tool_read_search(const json_t *input, struct tool_search *ret_search, char **ret_problem)
{
    struct tool_search search = {.count = DEFAULT_COUNT};
    if (!is_object(input, ret_problem) || !read_text(input, "query", &search.query, ret_problem) ||
        !read_date(input, "from", &search.from, ret_problem) ||
        !read_date(input, "until", &search.until, ret_problem) ||
        !read_text(input, "folder", &search.folder, ret_problem))
        return false;
    if (!search.query || search.query[strspn(search.query, " \t\r\n")] == '\0')
        return set_problem(ret_problem, "query", "a text that says what the photos show");
    const json_t *count = given_value(input, "count");
    int64_t n = DEFAULT_COUNT;
    if ((count && !json_whole_number(count, &n)) || n < 1 || n > TOOL_PHOTOS_MAX)
        return set_problem(ret_problem, "count", "a whole number from 1 to 10");
    search.count = (int)n;
    *ret_search = search;
    return true;
}

bool tool_read_view(const json_t *input, struct tool_view *ret_view, char **ret_problem)
{
    struct tool_view view = {0};
    if (!is_object(input, ret_problem))
        return false;
    const json_t *number = given_value(input, "number"), *box = given_value(input, "box");
    AUTO_JSON *written = json_is_string(box)
                             ? json_read_lenient(json_string_value(box), json_string_length(box),
                                                 JSON_HALVES_REPLACED)
                             : NULL;
    box = written ? written : box;
    int64_t n;
    if (!json_whole_number(number, &n) || n < 1 || n > NUMBER_MAX)
        return set_problem(ret_problem, "number", "the number of an image that you were shown");
    view.number = (int)n;
    view.has_box = box != NULL;
    if (box && (!json_is_array(box) || json_array_size(box) != 4))
        return set_problem(ret_problem, "box", "four numbers, [x1, y1, x2, y2]");
    for (size_t i = 0; i < 4 && box; i++) {
        if (!json_any_number(json_array_get(box, i), &view.box[i]))
            return set_problem(ret_problem, "box", "four numbers, [x1, y1, x2, y2]");
    }
    *ret_view = view;
    return true;
}
