/* SPDX-License-Identifier: MIT */
/* The models and signals of a gallery as JSON. */
#include <string.h>

#include "base/json.h"
#include "forms/forms.h"
#include "signals/signal_kind.h"
#include "store/signals.h"

struct listing {
    json_t *models, *signals;
};

static int add_model(void *context, const struct store_model *model, int64_t vectors)
{
    struct listing *list = context;
    json_t *object = json_object();
    form_set_text(object, "model", model->id);
    form_set_text(object, "fingerprint", model->fingerprint);
    json_object_set_new(object, "preprocessing", json_integer(model->preprocessing));
    json_object_set_new(object, "dim", json_integer(model->dim));
    json_object_set_new(object, "arithmetic", form_text(model->arithmetic));
    json_object_set_new(object, "in_use", json_boolean(json_array_size(list->models) == 0));
    json_object_set_new(object, "pictures", json_integer(vectors));
    json_array_append_new(list->models, object);
    return 0;
}

static void add_signal(json_t *signals, const struct store_signal_count *count)
{
    json_t *object = json_object();
    form_set_text(object, "kind", count->kind.kind);
    json_object_set_new(object, "model", form_text(count->kind.model));
    json_object_set_new(object, "version", json_integer(count->kind.version));
    json_object_set_new(object, "pictures", json_integer(count->pictures));
    json_object_set_new(object, "failed", json_integer(count->failed));
    json_array_append_new(signals, object);
}

static int add_count(void *context, const struct store_signal_count *count)
{
    struct listing *list = context;
    add_signal(list->signals, count);
    return 0;
}

static bool has_kind(json_t *signals, const struct signal_kind *kind)
{
    size_t i;
    json_t *signal;
    json_array_foreach(
        signals, i,
        signal) if (strcmp(json_string_value(json_object_get(signal, "kind")), kind->name) == 0 &&
                    json_integer_value(json_object_get(signal, "version")) ==
                        kind->version) return true;
    return false;
}

/* Adds the kinds that this program computes and of which the gallery has none. */
static void add_missing(json_t *signals)
{
    size_t n;
    const struct signal_kind *kinds = signal_kinds(&n);
    for (size_t i = 0; i < n; i++)
        if (!has_kind(signals, &kinds[i]))
            add_signal(signals,
                       &(struct store_signal_count){.kind = {kinds[i].name, "", kinds[i].version}});
}

static void set_lacking(json_t *list, int64_t pictures)
{
    size_t i;
    json_t *object;
    json_array_foreach(list, i, object)
    {
        int64_t lacking = pictures - json_integer_value(json_object_get(object, "pictures")) -
                          json_integer_value(json_object_get(object, "failed"));
        json_object_set_new(object, "lacking", json_integer(lacking > 0 ? lacking : 0));
    }
}

int form_signals(struct store *store, json_t **ret_models, json_t **ret_signals, struct error *err)
{
    AUTO_JSON *models = json_array();
    AUTO_JSON *signals = json_array();
    struct listing list = {models, signals};
    int64_t pictures = 0;
    int rc = store_list_models(store, add_model, &list, err);
    if (!rc)
        rc = store_count_signals(store, add_count, &list, &pictures, err);
    if (rc)
        return rc;
    add_missing(signals);
    set_lacking(models, pictures);
    set_lacking(signals, pictures);
    *ret_models = json_incref(models);
    *ret_signals = json_incref(signals);
    return 0;
}
