/* SPDX-License-Identifier: MIT */
/* The JSON form of an album. */
#include "base/json.h"
#include "forms/forms.h"
#include "search/album.h"

json_t *form_album(const struct album *album, int64_t photos, bool graded, const char *problem)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(album->id));
    json_set_text(object, "name", album->name);
    json_object_set_new(object, "query", form_text(album->query));
    json_object_set_new(object, "photos", photos < 0 ? json_null() : json_integer(photos));
    json_object_set_new(object, "graded", json_boolean(graded));
    json_object_set_new(object, "put_in", json_integer(album->put_in));
    json_object_set_new(object, "left_out", json_integer(album->left_out));
    json_object_set_new(object, "problem", form_text(problem));
    return object;
}
