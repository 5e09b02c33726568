/* SPDX-License-Identifier: MIT */
/* The model's tools: their descriptions and their calls. */
#include "ask/tools.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ask/ask_internal.h"
#include "base/json.h"

/* ---- descriptions for the model ---- */

static json_t *schema_property(const char *type, const char *description)
{
    return json_pack("{s:s, s:s}", "type", type, "description", description);
}

static void add_filters(json_t *properties)
{
    json_object_set_new(properties, "from",
                        schema_property("string", "Taken on or after this day, month or year: "
                                                  "\"2019-07-04\", \"2019-07\" or \"2019\"."));
    json_object_set_new(properties, "until",
                        schema_property("string", "Taken on or before this day, month or year."));
    json_object_set_new(
        properties, "folder",
        schema_property("string", "Only photos in this folder, named as the owner named it."));
}

static json_t *search_schema(bool with_facts)
{
    json_t *properties = json_object();
    json_t *count = schema_property("integer", "Maximum number of photos (default: 5).");
    json_object_set_new(count, "minimum", json_integer(1));
    json_object_set_new(count, "maximum", json_integer(TOOL_PHOTOS_MAX));
    AUTO_FREE char *query =
        xasprintf("What the photo should show, as a caption would say it: \"a red kite over a "
                  "beach\". It may be a name that the owner has given. It may have signs: -crowd "
                  "(not in the picture), beach + sunset (both), cat OR dog, \"words that are "
                  "written down\"%s.",
                  with_facts ? "; and criteria: place:lisbon, country:portugal, album:NAME, "
                               "date:2015..2016"
                             : "");
    json_object_set_new(properties, "query", schema_property("string", query));
    if (with_facts)
        add_filters(properties);
    json_object_set_new(properties, "count", count);
    return json_pack("{s:s, s:o, s:[s], s:b}", "type", "object", "properties", properties,
                     "required", "query", "additionalProperties", 0);
}

static json_t *view_schema(void)
{
    json_t *box =
        schema_property("array", "The part to look at, [x1, y1, x2, y2] in pixels of that "
                                 "image; without it, the whole photo in higher resolution.");
    json_object_set_new(box, "items", json_pack("{s:s}", "type", "number"));
    json_object_set_new(box, "minItems", json_integer(4));
    json_object_set_new(box, "maxItems", json_integer(4));
    return json_pack("{s:s, s:{s:o, s:o}, s:[s], s:b}", "type", "object", "properties", "number",
                     schema_property("integer", "The number of an image that you were shown."),
                     "box", box, "required", "number", "additionalProperties", 0);
}

static json_t *tool_schema(const char *name, const char *description, json_t *input)
{
    return json_pack("{s:s, s:s, s:o}", "name", name, "description", description, "input_schema",
                     input);
}

json_t *tools_schema(bool with_facts)
{
    return json_pack(
        "[o, o]",
        tool_schema(
            "search_photos",
            "Searches the owner's gallery by what photos show, and shows the best ones as new "
            "images, smaller than the first ones.",
            search_schema(with_facts)),
        tool_schema(
            "view_photo",
            "Shows an image again as a new one with more detail: a part of it, or all of it in "
            "higher resolution.",
            view_schema()));
}

/* ---- results ---- */

void tool_result_release(struct tool_result *result)
{
    json_decref(result->content);
    free(result->sentence);
    *result = (struct tool_result){0};
}

static void append_text(struct tool_result *result, const char *text)
{
    json_array_append_new(result->content, json_pack("{s:s, s:s}", "type", "text", "text", text));
}

void tool_say(struct tool_result *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = xvasprintf(format, args);
    va_end(args);
    append_text(result, text);
}

void tool_refuse(struct tool_result *result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = xvasprintf(format, args);
    va_end(args);
    append_text(result, text);
    result->is_error = true;
    free(result->sentence);
    result->sentence = xstrdup(text);
}

/* ---- calls ---- */

static int run_search(struct ask *ask, const json_t *input, struct tool_result *result,
                      struct error *err)
{
    struct tool_search search;
    AUTO_FREE char *problem = NULL;
    if (tool_read_search(input, &search, &problem))
        return tool_search_photos(ask, &search, result, err);
    tool_refuse(result, "%s", problem);
    return 0;
}

static int run_view(struct ask *ask, const json_t *input, struct tool_result *result,
                    struct error *err)
{
    struct tool_view view;
    AUTO_FREE char *problem = NULL;
    if (tool_read_view(input, &view, &problem))
        return tool_view_photo(ask, &view, result, err);
    tool_refuse(result, "%s", problem);
    return 0;
}

/* Models and servers extend the name: "functions.search_photos", "search_photos:0". */
static bool is_named(const char *name, const char *tool)
{
    const char *at = strstr(name, tool);
    char before = at && at > name ? at[-1] : '.', after = at ? at[strlen(tool)] : 'x';
    return at && !isalnum((unsigned char)before) && !isalnum((unsigned char)after) && after != '_';
}

int tool_run(struct ask *ask, const char *name, const json_t *input, struct tool_result *ret_result,
             struct error *err)
{
    struct tool_result result = {.content = json_array(), .first = ask->pictures.count};
    int rc = 0;
    if (is_named(name, "search_photos"))
        rc = run_search(ask, input, &result, err);
    else if (is_named(name, "view_photo"))
        rc = run_view(ask, input, &result, err);
    else
        tool_refuse(&result, "there is no tool of this name: use search_photos or view_photo");
    if (rc)
        tool_result_release(&result);
    else
        *ret_result = result;
    return rc;
}
