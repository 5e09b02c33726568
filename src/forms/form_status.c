/* SPDX-License-Identifier: MIT */
/* A gallery as JSON: its status, the files that failed, and the damaged photos. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "forms/forms.h"
#include "indexer/exclusions.h"
#include "indexer/unread.h"
#include "store/folders.h"
#include "thumbs/thumbs.h"

char *form_gallery_name(const char *where)
{
    char *described = store_describe(where);
    AUTO_FREE char *whole = text_printable(where, strlen(where));
    if (strcmp(described, whole) != 0)
        return described;
    free(described);
    return xstrdup(where);
}

json_t *form_gallery(const struct store_status *s, const char *name)
{
    json_t *object = json_object();
    json_object_set_new(object, "version", json_string(KEEPSAKE_VERSION));
    json_set_text(object, "gallery", name);
    json_object_set_new(object, "store", json_string(s->kind));
    json_object_set_new(object, "schema", json_integer(s->schema_version));
    json_object_set_new(object, "photos", json_integer(s->photos));
    json_object_set_new(object, "failed", json_integer(s->failed));
    json_object_set_new(object, "damaged", json_integer(s->damaged));
    json_object_set_new(object, "bytes", json_integer(s->bytes));
    json_object_set_new(object, "last_change",
                        s->last_change ? form_time(s->last_change) : json_null());
    form_set_text(object, "model", s->bound ? s->model.id : NULL);
    json_object_set_new(object, "dim", s->bound ? json_integer(s->model.dim) : json_null());
    return object;
}

static int add_absence(void *context, const struct store_absence *absence)
{
    json_t *object = json_object();
    json_set_text(object, "folder", absence->path);
    json_object_set_new(object, "since", form_time(absence->since));
    json_object_set_new(object, "photos", json_integer(absence->files));
    json_array_append_new(context, object);
    return 0;
}

int form_status(struct store *store, const struct store_status *s, const char *name,
                const struct thumbs_status *thumbs, json_t **ret_object, struct error *err)
{
    AUTO_JSON *absences = json_array();
    json_t *excluded = NULL;
    int64_t unread[NAME_UNREAD_KINDS];
    int rc = store_list_absences(store, add_absence, absences, err);
    if (!rc)
        rc = exclusions_count_unread(store, unread, err);
    AUTO_JSON *models = NULL;
    AUTO_JSON *signals = NULL;
    if (!rc)
        rc = form_signals(store, &models, &signals, err);
    if (!rc)
        rc = exclusions_list(store, &excluded, err);
    if (rc)
        return rc;
    json_t *object = form_gallery(s, name);
    json_object_set_new(object, "waiting", json_integer(s->waiting));
    json_object_set_new(object, "labels", json_integer(s->labels));
    json_object_set_new(object, "albums", json_integer(s->albums));
    json_object_set_new(object, "rules", json_integer(s->rules));
    json_object_set_new(object, "ledger_entries", json_integer(s->ledger_entries));
    json_object_set_new(object, "thumbnails", json_integer(thumbs->count));
    json_object_set_new(object, "thumbnail_bytes", json_integer(thumbs->bytes));
    json_object_set_new(object, "arithmetic",
                        s->bound ? form_text(s->model.arithmetic) : json_null());
    json_object_set(object, "models", models);
    json_object_set(object, "signals", signals);
    json_object_set(object, "not_reachable", absences);
    json_object_set_new(object, "excluded", excluded);
    json_object_set_new(object, "unread_files", json_integer(unread_total(unread)));
    json_object_set_new(object, "unread_kinds", unread_to_json(unread));
    *ret_object = object;
    return 0;
}

json_t *form_failure(const struct store_failure *failure)
{
    json_t *object = json_object();
    json_set_text(object, "path", failure->path);
    json_set_text(object, "reason", failure->reason);
    json_object_set_new(object, "bytes", json_integer(failure->size));
    return object;
}

json_t *form_damage(const char *path, const char *damage)
{
    json_t *object = json_object();
    json_set_text(object, "path", path);
    json_set_text(object, "damage", damage);
    return object;
}
