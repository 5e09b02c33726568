/* SPDX-License-Identifier: MIT */
/* Builds the replies of tools, and reads their inputs. */
#include "mcp/mcp_tools.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/json_lenient.h"
#include "base/memory.h"

#define TEXT_BYTES_MAX 1000

#define PHOTO_PROPERTIES                                                                          \
    "\"id\": {\"type\": \"integer\"}, \"path\": {\"type\": \"string\"}, \"path_base64\":"         \
    " {\"type\": \"string\"}, \"name\": {\"type\": \"string\"}, \"version\": {\"type\":"          \
    " \"string\"}, \"taken\": {\"type\": [\"string\", \"null\"]}, \"width\": {\"type\":"          \
    " [\"integer\", \"null\"]}, \"height\": {\"type\": [\"integer\", \"null\"]}, \"place\":"      \
    " {\"type\": [\"object\", \"null\"], \"properties\": {\"latitude\": {\"type\":"               \
    " [\"number\", \"null\"]}, \"longitude\": {\"type\": [\"number\", \"null\"]}, \"town\":"      \
    " {\"type\": [\"string\", \"null\"]},"                                                        \
    " \"region\": {\"type\": [\"string\", \"null\"]}, \"country\": {\"type\": [\"string\","       \
    " \"null\"]}, \"country_code\": {\"type\": [\"string\", \"null\"]}}}, \"camera\": {\"type\":" \
    " \"object\", \"properties\": {\"make\": {\"type\": [\"string\", \"null\"]}, \"model\":"      \
    " {\"type\": [\"string\", \"null\"]}, \"lens\": {\"type\": [\"string\", \"null\"]}}},"        \
    " \"latitude\": {\"type\": \"number\"}, \"longitude\": {\"type\": \"number\"}"

#define PHOTO_LIST                                                                           \
    "{\"type\": \"object\", \"properties\": {\"photos\": {\"type\": \"array\", \"items\":"   \
    " {\"type\": \"object\", \"properties\": {" PHOTO_PROPERTIES                             \
    ", \"rank\": {\"type\": \"integer\"}, \"score\": {\"type\": [\"number\", \"null\"]}, "   \
    "\"strength\":"                                                                          \
    " {\"enum\": [\"none\", \"weak\", \"fair\", \"strong\"]}, \"names\": {\"type\":"         \
    " [\"string\", \"null\"]}, \"copies\": {\"type\": \"object\"}}, \"required\": [\"id\","  \
    " \"path\", \"score\"]}},"                                                               \
    " \"language_unsupported\": {\"type\": \"boolean\"}, \"note\": {\"type\": \"string\"}}," \
    " \"required\": [\"photos\"]}"

#define LABEL                                                                                \
    "{\"type\": \"object\", \"properties\": {\"id\": {\"type\": \"integer\"}, \"photo\":"    \
    " {\"type\": [\"integer\", \"null\"]}, \"path\": {\"type\": [\"string\", \"null\"]},"    \
    " \"path_base64\": {\"type\": \"string\"}, \"name\": {\"type\": \"string\"}, \"box\":"   \
    " {\"type\": [\"object\", \"null\"], \"description\": \"Fractions of the photo's width"  \
    " and height\", \"properties\": {\"x\": {\"type\": \"number\"}, \"y\": {\"type\":"       \
    " \"number\"}, \"width\": {\"type\": \"number\"}, \"height\": {\"type\": \"number\"}}}," \
    " \"box_corners\": {\"type\": \"array\", \"description\": \"The same box as view_photo"  \
    " takes it\", \"items\": {\"type\": \"number\"}}}, \"required\": [\"name\"]}"

#define PHOTO_FACTS                                                                          \
    "{\"type\": \"object\", \"properties\": {" PHOTO_PROPERTIES                              \
    ", \"folder\": {\"type\": \"string\"}, \"folder_base64\": {\"type\": \"string\"},"       \
    " \"format\": {\"type\": \"string\"}, \"bytes\": {\"type\": \"integer\"}, \"modified\":" \
    " {\"type\": [\"string\", \"null\"]}, \"damage\": {\"type\": [\"string\", \"null\"]},"   \
    " \"labels\": {\"type\": \"array\", \"items\": " LABEL                                   \
    "}, \"never_send\": {\"type\": [\"string\", \"null\"]}, \"lens\": {\"type\":"            \
    " \"string\"}}, \"required\": [\"id\", \"path\", \"labels\"]}"

#define GALLERY                                                                              \
    "{\"type\": \"object\", \"properties\": {\"version\": {\"type\": \"string\"},"           \
    " \"gallery\": {\"type\": \"string\"}, \"gallery_base64\": {\"type\": \"string\"},"      \
    " \"store\": {\"type\": \"string\"}, \"schema\": {\"type\": \"integer\"}, \"photos\":"   \
    " {\"type\": \"integer\"}, \"failed\": {\"type\": \"integer\"}, \"damaged\": {\"type\":" \
    " \"integer\"}, \"bytes\": {\"type\": \"integer\"}, \"last_change\": {\"type\":"         \
    " [\"string\", \"null\"]}, \"model\": {\"type\": [\"string\", \"null\"]}, \"dim\":"      \
    " {\"type\": [\"integer\", \"null\"]}, \"names\": {\"type\": \"array\", \"items\":"      \
    " {\"type\": \"string\"}}}, \"required\": [\"photos\", \"failed\", \"names\"]}"

#define ID_PROPERTY                                                                       \
    "\"id\": {\"type\": \"integer\", \"minimum\": 1, \"description\": \"A photo's id, as" \
    " search_photos gives it\"}"
#define COUNT_PROPERTY                                                                     \
    "\"count\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 50, \"default\": 10," \
    " \"description\": \"Maximum number of photos\"}"
#define DATE_FORM "day, month or year: 2019-07-04, 2019-07 or 2019"

const struct mcp_tool mcp_tools[] = {
    {.name = "search_photos",
     .title = "Search photos",
     .description =
         "Finds the owner's photos by what they show, best first. The query is a short English "
         "description of a scene, or a name that the owner gave to a person, animal or place. It "
         "may have signs and criteria: -crowd (not in the picture), beach + sunset (both), cat OR "
         "dog, \"written words\", in:FOLDER, album:NAME, date:2015..2016, place:lisbon, "
         "country:portugal, type:jpeg, sort:-date. An empty list means that nothing in the gallery "
         "matches. Use view_photo to look at one.",
     .input = "{\"type\": \"object\", \"properties\": {"
              "\"query\": {\"type\": \"string\", \"description\": \"What the photos show\"},"
              "\"from\": {\"type\": \"string\", \"description\": \"First " DATE_FORM "\"},"
              "\"until\": {\"type\": \"string\", \"description\": \"Last " DATE_FORM "\"},"
              "\"folder\": {\"type\": \"string\", \"description\": \"Absolute path of a folder to"
              " search in\"},"
              "\"label\": {\"type\": \"string\", \"description\": \"Only photos with this name that"
              " the owner gave\"}," COUNT_PROPERTY "}, \"required\": [\"query\"]}",
     .output = PHOTO_LIST,
     .run = mcp_search_photos},
    {.name = "similar_photos",
     .title = "Similar photos",
     .description = "Finds photos that look like one of the gallery, most alike first.",
     .input = "{\"type\": \"object\", \"properties\": {" ID_PROPERTY ", " COUNT_PROPERTY
              "}, \"required\": [\"id\"]}",
     .output = PHOTO_LIST,
     .run = mcp_similar_photos},
    {.name = "view_photo",
     .title = "View a photo",
     .description = "Shows a photo, or a part of it in more detail, as an upright image.",
     .input =
         "{\"type\": \"object\", \"properties\": {" ID_PROPERTY ","
         "\"box\": {\"type\": \"array\", \"items\": {\"type\": \"number\", \"minimum\": 0,"
         " \"maximum\": 1}, \"minItems\": 4, \"maxItems\": 4, \"description\": \"Only this part,"
         " [left, top, right, bottom] as fractions of the photo's width and height\"}},"
         " \"required\": [\"id\"]}",
     .run = mcp_view_photo},
    {.name = "photo_facts",
     .title = "Facts of a photo",
     .description = "Returns when and where a photo was taken, with which camera, and the names "
                    "that the owner gave to people, animals and places in it.",
     .input = "{\"type\": \"object\", \"properties\": {" ID_PROPERTY "}, \"required\": [\"id\"]}",
     .output = PHOTO_FACTS,
     .run = mcp_photo_facts},
    {.name = "gallery_status",
     .title = "Status of the gallery",
     .description = "Returns the number of photos, and the names that the owner gave.",
     .input = "{\"type\": \"object\", \"properties\": {}}",
     .output = GALLERY,
     .run = mcp_gallery_status},
    {.name = "list_albums",
     .title = "Albums",
     .description =
         "Lists the owner's albums. album:\"NAME\" in the query of search_photos searches "
         "in one, alone or with a description.",
     .input = "{\"type\": \"object\", \"properties\": {}}",
     .output = "{\"type\": \"object\", \"properties\": {\"albums\": {\"type\": \"array\","
               " \"items\": {\"type\": \"object\", \"properties\": {\"name\": {\"type\":"
               " \"string\"}}, \"required\": [\"name\"]}}}, \"required\": [\"albums\"]}",
     .run = mcp_list_albums},
    {.name = NULL},
};

/* ---- replies ---- */

void mcp_reply_release(struct mcp_reply *reply)
{
    json_decref(reply->content);
    json_decref(reply->structured);
    json_decref(reply->photos);
    *reply = (struct mcp_reply){0};
}

static void add_text(struct mcp_reply *reply, const char *text)
{
    json_array_append_new(reply->content, json_pack("{s:s, s:s}", "type", "text", "text", text));
}

void mcp_refuse(struct mcp_reply *reply, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *sentence = xvasprintf(format, args);
    va_end(args);
    mcp_reply_release(reply);
    reply->content = json_array();
    reply->is_error = true;
    add_text(reply, sentence);
}

void mcp_answer(struct mcp_reply *reply, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(9));
    add_text(reply, text ? text : "{}");
    free(text);
    reply->structured = value;
}

/* ---- inputs ---- */

static const json_t *given_value(const json_t *input, const char *key)
{
    const json_t *value = json_object_get(input, key);
    return json_is_null(value) ? NULL : value;
}

bool input_text(const json_t *input, const char *key, bool required, const char **ret_text,
                struct mcp_reply *reply)
{
    const json_t *value = given_value(input, key);
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (value || required) {
        bool good = text && length > 0 && length <= TEXT_BYTES_MAX && strlen(text) == length;
        if (!good) {
            mcp_refuse(reply, "\"%s\" must be a text of 1 to %d bytes", key, TEXT_BYTES_MAX);
            return false;
        }
    }
    *ret_text = text;
    return true;
}

bool input_number(const json_t *input, const char *key, int64_t min, int64_t max, int64_t otherwise,
                  int64_t *ret_number, struct mcp_reply *reply)
{
    const json_t *value = given_value(input, key);
    int64_t number = otherwise;
    if ((value && !json_whole_number(value, &number)) || number < min || number > max) {
        mcp_refuse(reply, "\"%s\" must be a whole number from %" PRId64 " to %" PRId64, key, min,
                   max);
        return false;
    }
    *ret_number = number;
    return true;
}

bool input_photo(const json_t *input, int64_t *ret_id, struct mcp_reply *reply)
{
    return input_number(input, "id", 1, INT64_MAX, 0, ret_id, reply);
}
