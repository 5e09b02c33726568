/* SPDX-License-Identifier: MIT */
/* A model as JSON, as far as the registry knows it. */
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
