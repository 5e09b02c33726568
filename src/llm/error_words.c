/* SPDX-License-Identifier: MIT */
/* Parses Anthropic's {"error": {"type", "message", "details"}}, OpenAI's {"error": {"message"}},
 * Ollama's {"error": "text"}, Google's [{"error": {...}}], Amazon's {"message"}, FastAPI's
 * {"detail": [{"loc", "msg"}]}, OpenRouter's form that quotes the upstream provider, plain text,
 * and the title of an HTML page. */
#include "llm/error_words.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"
#include "base/text.h"
#include "llm/keys.h"

#define DEPTH_MAX 6
#define LIST_MAX 8

/* ---- words ---- */

static char *join_words(char *before, const char *between, char *after)
{
    if (!after || !*after || (before && strstr(before, after))) {
        free(after);
        return before;
    }
    char *all = before ? xasprintf("%s%s%s", before, between, after) : xstrdup(after);
    free(before);
    free(after);
    return all;
}

static char *words_of(const json_t *json, int depth);

/* Returns "stream_options" for ["body", "stream_options"]; NULL: none. */
static char *place_of(const json_t *places)
{
    char *text = NULL;
    for (size_t i = 0; i < json_array_size(places) && i < LIST_MAX; i++) {
        const json_t *place = json_array_get(places, i);
        const char *word = json_string_value(place);
        if (word && strcmp(word, "body") == 0)
            continue;
        text = join_words(text, ".",
                          word ? xstrdup(word)
                               : xasprintf("%lld", (long long)json_integer_value(place)));
    }
    return text;
}

static char *words_of_list(const json_t *list, int depth)
{
    char *text = NULL;
    for (size_t i = 0; i < json_array_size(list) && i < LIST_MAX; i++)
        text = join_words(text, "; ", words_of(json_array_get(list, i), depth));
    return text;
}

/* Returns the message under the first of the keys that has one. */
static char *words_of_keys(const json_t *object, const char *const *keys, int depth)
{
    char *text = NULL;
    for (; !text && *keys; keys++)
        text = words_of(json_object_get(object, *keys), depth);
    return text;
}

/* Returns NULL if there is no message. The caller frees it. */
static char *words_of(const json_t *json, int depth)
{
    static const char *const first[] = {"error", "errors", NULL};
    static const char *const second[] = {
        "message", "Message", "msg",  "detail", "error_description",
        "reason",  "title",   "text", NULL};
    if (depth > DEPTH_MAX)
        return NULL;
    if (json_is_string(json))
        return json_string_length(json) ? xstrdup(json_string_value(json)) : NULL;
    if (json_is_array(json))
        return words_of_list(json, depth + 1);
    if (!json_is_object(json)) /* a key that is missing has no keys below it to try */
        return NULL;
    char *text = join_words(place_of(json_object_get(json, "loc")), ": ",
                            words_of_keys(json, second, depth + 1));
    text = join_words(words_of_keys(json, first, depth + 1), ": ", text);
    const json_t *more = json_object_get(json_object_get(json, "metadata"), "raw");
    return join_words(text, ": ", json_is_string(more) ? xstrdup(json_string_value(more)) : NULL);
}

/* Returns the title of a page; for any other body that is not JSON, the body itself. */
static char *words_of_text(const char *body, size_t size, bool is_page)
{
    AUTO_FREE char *text = xstrndup(body, size);
    const char *page = text + strspn(text, " \t\r\n\xEF\xBB\xBF");
    if (*page != '<' && !is_page)
        return xstrdup(page);
    const char *title = strcasestr(page, "<title>");
    return title ? xstrndup(title + 7, strcspn(title + 7, "<")) : NULL;
}

/* Copies the message, made printable, trimmed, and without the key. */
static void copy_words(char *ret_text, size_t size, const char *words, const char *secret)
{
    AUTO_FREE char *own = xstrdup(words + strspn(words, " \t\r\n"));
    size_t n = json_join_halves(own, strlen(own), false);
    while (n > 0 && isspace((unsigned char)own[n - 1]))
        n--;
    AUTO_FREE char *safe = text_printable(own, n);
    keys_hide(safe, secret);
    bool whole = strlen(safe) < size;
    n = text_copy(ret_text, whole || size < 8 ? size : size - 3, safe);
    if (!whole && size >= 8)
        text_copy(ret_text + n, 4, "...");
}

static void copy_text(char *ret_text, size_t size, const json_t *text, const char *secret)
{
    if (json_is_string(text))
        copy_words(ret_text, size, json_string_value(text), secret);
}

/* ---- facts ---- */

static void read_details(struct said *said, const json_t *details, const char *secret)
{
    json_int_t px = json_integer_value(json_object_get(details, "max_side_length_pixels"));
    copy_text(said->code, sizeof said->code, json_object_get(details, "error_code"), secret);
    copy_text(said->appeal_url, sizeof said->appeal_url, json_object_get(details, "appeal_url"),
              secret);
    if (strcmp(said->code, "image_dimensions_too_large") == 0 && px > 0 && px < LIMIT_PHOTO_SIDE_PX)
        said->max_side_px = (int)px;
}

/* Google's status names, as HTTP status codes. */
static long status_of_word(const char *word)
{
    static const struct {
        const char *word;
        long status;
    } known[] = {{"UNAVAILABLE", 503},      {"RESOURCE_EXHAUSTED", 429}, {"INVALID_ARGUMENT", 400},
                 {"UNAUTHENTICATED", 401},  {"PERMISSION_DENIED", 403},  {"NOT_FOUND", 404},
                 {"DEADLINE_EXCEEDED", 504}};
    for (size_t i = 0; word && i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].word, word) == 0)
            return known[i].status;
    return 0;
}

static void read_status(struct said *said, const json_t *top, const json_t *error)
{
    const json_t *places[] = {
        json_object_get(error, "code"),        json_object_get(error, "status"),
        json_object_get(top, "code"),          json_object_get(top, "status"),
        json_object_get(error, "status_code"), json_object_get(top, "status_code")};
    for (size_t i = 0; !said->status && i < sizeof places / sizeof *places; i++) {
        int64_t number;
        if (json_whole_number(places[i], &number) && number >= 400 && number < 600)
            said->status = (long)number;
        else
            said->status = status_of_word(json_string_value(places[i]));
    }
}

/* ---- causes ---- */

/* Error codes and types of Anthropic (resources/shared.ts of its SDK), OpenAI and llama-server. */
static const struct {
    const char *name;
    enum cause cause;
} named[] = {
    {"enforced_spend_limit_reached", CAUSE_MONTHLY_LIMIT},
    {"contract_spend_limit_reached", CAUSE_CONTRACT_LIMIT},
    {"insufficient_quota", CAUSE_QUOTA},
    {"linked_organization_spend_limit_reached", CAUSE_BILLING},
    {"linked_organization_billing_unavailable", CAUSE_BILLING},
    {"organization_on_hold", CAUSE_HOLD},
    {"request_body_too_large_after_decoding", CAUSE_BODY_SIZE},
    {"context_length_exceeded", CAUSE_TOO_LONG},
    {"exceed_context_size_error", CAUSE_TOO_LONG},
};

static bool has_any(const char *words, const char *const *list)
{
    for (; *list; list++)
        if (strstr(words, *list))
            return true;
    return false;
}

static bool is_too_long(const char *words)
{
    static const char *const whole[] = {
        "prompt is too long",   "input is too long",
        "too many tokens",      "prompt too long",
        "token limit exceeded", "exceeds the maximum number of tokens",
        "reduce the length",    NULL};
    static const char *const more[] = {"exceed", "too long", "length", "size",   "overflow",
                                       "window", "limit",    "larger", "longer", NULL};
    if (has_any(words, whole))
        return true;
    return strstr(words, "context") && has_any(words, more) &&
           (strstr(words, "token") || strstr(words, "context l") || strstr(words, "context s") ||
            strstr(words, "context w"));
}

static bool is_loading(const char *words)
{
    static const char *const loading[] = {"loading model",      "model is loading", "is loading",
                                          "currently loading",  "still loading",    "being loaded",
                                          "warming up",         "is starting",      "not ready yet",
                                          "model is not ready", "loading, try",     NULL};
    return has_any(words, loading);
}

static bool is_of_pictures(const char *words)
{
    static const char *const pictures[] = {"image",   "vision", "multimodal", "multi-modal",
                                           "picture", "mmproj", "visual",     NULL};
    return has_any(words, pictures);
}

/* Returns the number that follows a word for a maximum, and a pointer to its unit. 0: there is
 * none. */
static long number_behind(const char *word, const char **ret_unit)
{
    const char *digit = strpbrk(word, "0123456789");
    if (!digit || digit - word > 60)
        return 0;
    char *unit;
    long number = strtol(digit, &unit, 10);
    *ret_unit = unit + strspn(unit, " ");
    return number > 0 && number < 10000 ? number : 0;
}

/* Returns the number in "At most 1 image(s)", "max is 10" or "supports up to 5 images"; 0: no
 * number; -1: the message is not about the number of images. */
static int images_at_most(const char *words)
{
    static const char *const most[] = {
        "at most",  "up to", "maximum", "no more than", "max ",      "limited to", "limit of",
        "limit is", "only",  "max:",    "limit: ",      "limit for", NULL};
    static const char *const many[] = {"too many image",
                                       "too many picture",
                                       "number of image",
                                       "images per",
                                       "images in",
                                       "image(s)",
                                       "images are",
                                       "images may",
                                       "images provided",
                                       "images allowed",
                                       NULL};
    bool about = has_any(words, many) && !strstr(words, "pixel") && !strstr(words, "format");
    for (size_t i = 0; most[i]; i++) {
        const char *at = strstr(words, most[i]), *unit = "";
        long number = at ? number_behind(at, &unit) : 0;
        bool counts = strncmp(unit, "image", 5) == 0 || strncmp(unit, "picture", 7) == 0;
        if (number && (counts || about))
            return (int)number;
    }
    return about && (strstr(words, "too many") || strstr(words, "exceed")) ? 0 : -1;
}

static bool is_blindness(const char *words)
{
    static const char *const blind[] = {"support",          "not loaded",
                                        "missing data",     "no endpoints",
                                        "text-only",        "text only",
                                        "only text",        "unknown variant",
                                        "not a multimodal", "not multimodal",
                                        "not a vision",     "no vision",
                                        "cannot",           "can't",
                                        "unable to",        "not accept",
                                        "not enabled",      "disabled",
                                        "mmproj",           "not allowed",
                                        "must be a string", "expected a string",
                                        "not able",         NULL};
    static const char *const form[] = {"format", "media type", "media_type", "mime",
                                       "url",    "pixel",      "dimension",  "too large",
                                       "decode", "base64",     NULL};
    return is_of_pictures(words) && has_any(words, blind) &&
           (!has_any(words, form) || strstr(words, "unknown variant") ||
            strstr(words, "input is not supported"));
}

static enum cause cause_of_words(struct said *said, const char *words)
{
    int images = is_of_pictures(words) ? images_at_most(words) : -1;
    if (is_loading(words))
        return CAUSE_LOADING;
    if (images >= 0) {
        said->max_images = images;
        return CAUSE_MANY_PICTURES;
    }
    if (is_blindness(words))
        return CAUSE_NO_PICTURES;
    return is_too_long(words) ? CAUSE_TOO_LONG : CAUSE_OTHER;
}

static void find_cause(struct said *said, const char *words, long status)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(said->code, named[i].name) == 0 || strcmp(said->type, named[i].name) == 0)
            said->cause = named[i].cause;
    if (said->cause == CAUSE_OTHER && !said->max_side_px)
        said->cause = cause_of_words(said, words);
    bool may_lack = said->cause == CAUSE_OTHER || said->cause == CAUSE_TOO_LONG;
    said->refused = may_lack && !said->max_side_px ? part_refused(status, words) : PART_NONE;
    if (said->cause == CAUSE_TOO_LONG && said->refused != PART_LIMIT)
        said->refused = PART_NONE;
}

static char *lower_words(const char *a, const char *b, const char *c)
{
    char *text = xasprintf("%s %s %s", a, b, c);
    for (char *at = text; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return text;
}

void error_words_read(const char *body, size_t size, long status, bool is_page, const char *secret,
                      struct said *ret_said)
{
    struct said said = {.refused = PART_NONE};
    AUTO_JSON *root = json_read_lenient(body, size, JSON_HALVES_KEPT);
    const json_t *top = json_is_array(root) ? json_array_get(root, 0) : root;
    const json_t *error = json_object_get(top, "error");
    const json_t *type = json_object_get(error, "type"), *code = json_object_get(error, "code");
    const json_t *param = json_object_get(error, "param");
    bool is_json = json_is_object(root) || json_is_array(root);
    AUTO_FREE char *words = is_json ? words_of(root, 0) : words_of_text(body, size, is_page);
    if (!words && is_json) /* an unknown form: quoted unchanged */
        words = json_dumps(root, JSON_COMPACT);
    copy_words(said.message, sizeof said.message, words ? words : "", secret);
    copy_text(said.type, sizeof said.type, type ? type : json_object_get(top, "type"), secret);
    copy_text(said.code, sizeof said.code, code, secret);
    read_details(&said, json_object_get(error, "details"), secret);
    read_status(&said, top, error);
    const char *about = json_is_string(param) ? json_string_value(param) : "";
    AUTO_FREE char *all = lower_words(words ? words : "", about, said.code);
    find_cause(&said, all, status ? status : said.status ? said.status : 400);
    *ret_said = said;
}
