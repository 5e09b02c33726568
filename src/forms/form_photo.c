/* SPDX-License-Identifier: MIT */
/* Photos, search results, and labels as JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/facts_json.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "search/search.h"

/* Derived from the hash of the content if the gallery has it, else from size and time. */
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
    char version[PHOTO_VERSION_SIZE];
    json_t *object = json_object();
    form_version(photo, version);
    json_object_set_new(object, "id", json_integer(photo->id));
    json_set_text(object, "path", photo->path);
    AUTO_JSON *name = json_object();
    json_set_text(name, "name", file_name(photo->path));
    json_object_set(object, "name", json_object_get(name, "name"));
    json_object_set_new(object, "version", json_string(version));
    facts_to_json(&photo->facts, FACTS_BRIEF | FACTS_NULLS, object);
    return object;
}

/* A gallery that was converted from another program's table lacks the times of files. */
json_t *form_photo_facts(const struct store_photo *photo, json_t *labels, const char *never_send)
{
    json_t *object = form_photo(photo);
    AUTO_FREE char *folder = file_parent(photo->path);
    json_set_text(object, "folder", folder);
    json_object_set_new(object, "bytes", json_integer(photo->size));
    json_object_set_new(object, "modified",
                        photo->mtime_ns ? form_time(photo->mtime_ns / 1000000000) : json_null());
    facts_to_json(&photo->facts, FACTS_NULLS, object);
    json_object_set(object, "labels", labels);
    json_object_set_new(object, "never_send", form_text(never_send));
    return object;
}

static json_t *form_copies(const struct search_result *result)
{
    json_t *photos = json_array();
    for (size_t i = 0; i < result->copy_count; i++) {
        json_t *photo = json_object();
        json_object_set_new(photo, "id", json_integer(result->copies[i].id));
        form_set_text(photo, "path", result->copies[i].path);
        json_array_append_new(photos, photo);
    }
    return json_pack("{s:I, s:o}", "count", (json_int_t)result->all_copies, "photos", photos);
}

json_t *form_result(const struct search_result *result, size_t rank)
{
    json_t *object = form_photo(&result->photo);
    json_object_set_new(object, "rank", json_integer((json_int_t)rank));
    json_object_set_new(object, "score",
                        isnan(result->score) ? json_null() : json_real(result->score));
    json_object_set_new(object, "strength", json_string(search_strength_name(result->strength)));
    json_object_set_new(object, "names", form_text(result->names));
    json_object_set_new(object, "copies", form_copies(result));
    return object;
}

json_t *form_label(const struct store_label *label)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(label->id));
    json_object_set_new(object, "photo", label->photo ? json_integer(label->photo) : json_null());
    form_set_text(object, "path", label->path);
    json_set_text(object, "name", label->name);
    json_object_set_new(object, "box", form_box(label->has_box ? &label->box : NULL));
    return object;
}
