/* SPDX-License-Identifier: MIT */
/* Models, with their entries in the registry, and embeddings as JSON. */
#include "base/json.h"
#include "forms/forms.h"
#include "models/model.h"

json_t *form_model(const char *id, const char *folder, bool chosen)
{
    const struct model_entry *entry = model_entry(id);
    uint64_t bytes = 0;
    for (const struct model_file *f = entry ? entry->files : NULL; f && f->name; f++)
        bytes += f->size;
    json_t *object = json_object();
    json_set_text(object, "id", id);
    json_object_set_new(object, "installed", json_boolean(folder != NULL));
    json_object_set_new(object, "chosen", json_boolean(chosen));
    json_object_set_new(object, "title", form_text(entry ? entry->title : NULL));
    json_object_set_new(object, "licence", form_text(entry ? entry->licence : NULL));
    json_object_set_new(object, "bytes", bytes ? json_integer((json_int_t)bytes) : json_null());
    form_set_text(object, "folder", folder);
    return object;
}

json_t *form_embedding(const struct embedding *e)
{
    json_t *object = json_object(), *numbers = json_array();
    for (size_t i = 0; i < e->dim; i++)
        json_array_append_new(numbers, json_real((double)e->vector[i]));
    json_set_text(object, "model", e->model);
    json_object_set_new(object, "dim", json_integer((json_int_t)e->dim));
    json_object_set_new(object, "vector", numbers);
    json_object_set_new(object, "truncated", e->is_text ? json_boolean(e->truncated) : json_null());
    json_object_set_new(object, "language_unsupported",
                        e->is_text ? json_boolean(e->language_unsupported) : json_null());
    return object;
}
