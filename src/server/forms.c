/* SPDX-License-Identifier: MIT */
/* Parts of replies and requests that several handlers share. */
#include "server/forms.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#define FORM_FILTER_KEYS 4

json_t *form_text_or_null(const char *text)
{
    return text && text[0] ? json_string(text) : json_null();
}

json_t *form_number_or_null(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

json_t *form_time(int64_t unix_seconds)
{
    char text[32];
    return json_string(clock_format_utc(text, sizeof text, unix_seconds));
}

/* Of its content, as far as the gallery knows it; else of size and time. */
void form_version(const struct store_photo *photo, char ret_version[PHOTO_VERSION_SIZE])
{
    static const uint8_t unknown[HASH_BYTES];
    char hex[HASH_HEX_SIZE];
    if (memcmp(photo->hash, unknown, HASH_BYTES) != 0) {
        hash_hex(photo->hash, hex);
        snprintf(ret_version, PHOTO_VERSION_SIZE, "%.16s", hex);
        return;
    }
    uint64_t mixed = (uint64_t)photo->mtime_ns ^ (uint64_t)photo->size << 24;
    snprintf(ret_version, PHOTO_VERSION_SIZE, "%016llx", (unsigned long long)mixed);
}

json_t *form_photo(const struct store_photo *photo)
{
    const struct photo_facts *facts = &photo->facts;
    bool sized = facts->width > 0 && facts->height > 0;
    char version[PHOTO_VERSION_SIZE];
    json_t *object = json_object();
    form_version(photo, version);
    json_object_set_new(object, "id", json_integer(photo->id));
    json_set_text(object, "path", photo->path);
    AUTO_JSON *name = json_object();
    json_set_text(name, "name", file_name(photo->path));
    json_object_set(object, "name", json_object_get(name, "name"));
    json_object_set_new(object, "version", json_string(version));
    json_object_set_new(object, "taken", form_text_or_null(facts->taken));
    json_object_set_new(object, "width", sized ? json_integer(facts->width) : json_null());
    json_object_set_new(object, "height", sized ? json_integer(facts->height) : json_null());
    return object;
}

json_t *form_box(const struct store_box *box)
{
    return box ? json_pack("{sfsfsfsf}", "x", box->x, "y", box->y, "width", box->width, "height",
                           box->height)
               : json_null();
}

json_t *form_label(const struct store_label *label)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(label->id));
    json_object_set_new(object, "photo", label->photo ? json_integer(label->photo) : json_null());
    if (label->path)
        json_set_text(object, "path", label->path);
    else
        json_object_set_new(object, "path", json_null());
    json_object_set_new(object, "name", json_string(label->name));
    json_object_set_new(object, "box", form_box(label->has_box ? &label->box : NULL));
    return object;
}

json_t *form_result(const struct search_result *result, size_t rank)
{
    json_t *object = form_photo(&result->photo);
    json_object_set_new(object, "rank", json_integer((json_int_t)rank));
    json_object_set_new(object, "score", json_real(result->score));
    json_object_set_new(object, "strength", json_string(search_strength_name(result->strength)));
    json_object_set_new(object, "names", form_text_or_null(result->names));
    return object;
}

static const char *const filter_keys[FORM_FILTER_KEYS] = {"folder", "from", "until", "label"};

static int fill_filter(const char *const values[FORM_FILTER_KEYS], struct store_filter *ret_filter,
                       struct error *err)
{
    for (size_t i = 0; i < FORM_FILTER_KEYS; i++)
        if (values[i] && !values[i][0])
            return error_set(err, ERR_INVALID, "'%s' is empty: leave it out", filter_keys[i]);
    if (values[0] && values[0][0] != '/' && strncmp(values[0], "~/", 2) != 0)
        return error_set(err, ERR_INVALID, "'folder' is not an absolute path");
    *ret_filter = (struct store_filter){
        .folder = values[0], .from = values[1], .until = values[2], .label = values[3]};
    return 0;
}

int form_filter(const struct target *target, struct store_filter *ret_filter, struct error *err)
{
    const char *values[FORM_FILTER_KEYS];
    for (size_t i = 0; i < FORM_FILTER_KEYS; i++)
        values[i] = target_get(target, filter_keys[i]);
    return fill_filter(values, ret_filter, err);
}

int form_filter_json(const json_t *object, struct store_filter *ret_filter, struct error *err)
{
    const char *values[FORM_FILTER_KEYS];
    for (size_t i = 0; i < FORM_FILTER_KEYS; i++) {
        const json_t *value = json_object_get(object, filter_keys[i]);
        values[i] = json_string_value(value);
        if (value && !values[i])
            return error_set(err, ERR_INVALID, "'%s' is not a text", filter_keys[i]);
    }
    return fill_filter(values, ret_filter, err);
}
