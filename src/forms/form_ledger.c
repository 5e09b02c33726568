/* SPDX-License-Identifier: MIT */
/* Entries of the ledger and never-send rules as JSON. */
#include "ask/never_send.h"
#include "ask/telling.h"
#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "llm/llm.h"

/* Names the sides of a box: the ledger stores the part that was sent as [x, y, width, height]. */
static void name_box_sides(json_t *photo)
{
    json_t *sides = json_object_get(photo, "box");
    if (json_array_size(sides) != 4)
        return;
    struct store_box box = {
        json_number_value(json_array_get(sides, 0)), json_number_value(json_array_get(sides, 1)),
        json_number_value(json_array_get(sides, 2)), json_number_value(json_array_get(sides, 3))};
    json_object_set(photo, "box_sides", sides); /* until 1.0 */
    json_object_set_new(photo, "box", form_box(&box));
}

json_t *form_ledger_photos(const struct ledger_entry *entry)
{
    json_t *photos = json_loads(entry->photos, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_array(photos)) {
        json_decref(photos);
        return json_array();
    }
    for (size_t i = 0; i < json_array_size(photos); i++)
        name_box_sides(json_array_get(photos, i));
    return photos;
}

json_t *form_ledger_entry(const struct ledger_entry *e)
{
    static const char *const events[] = {
        [LEDGER_SENT] = "sent", [LEDGER_ANSWERED] = "answered", [LEDGER_FAILED] = "failed"};
    struct llm_usage usage = {e->input_tokens, e->output_tokens, e->cache_read_tokens,
                              e->cache_write_tokens};
    json_t *object = json_object(), *counted = form_usage(&usage);
    json_object_set_new(object, "id", json_integer(e->id));
    json_object_set_new(object, "at", form_time(e->at));
    json_set_text(object, "request", e->request);
    json_object_set_new(object, "event", json_string(events[e->event]));
    json_set_text(object, "purpose", e->purpose);
    json_set_text(object, "provider", e->provider);
    json_set_text(object, "host", e->host);
    json_set_text(object, "model", e->model);
    json_object_set_new(object, "photos", form_ledger_photos(e));
    json_object_set_new(object, "bytes", json_integer(e->bytes));
    json_object_set_new(object, "facts", told_array(e->facts));
    json_object_set_new(object, "usage", counted);
    json_object_set_new(object, "cost_usd", form_number(e->cost_usd));
    json_set_text(object, "detail", e->detail);
    json_object_update(object, counted); /* until 1.0: the counts are also outside of usage */
    return object;
}

/* ---- rules ---- */

const char *form_rule_kind(enum store_rule_kind kind)
{
    return kind == STORE_RULE_FOLDER ? "folder" : "label";
}

json_t *form_rule(enum store_rule_kind kind, const char *value)
{
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(form_rule_kind(kind)));
    json_set_text(object, "value", value);
    return object;
}

json_t *form_added_rule(const struct never_send_rule *rule)
{
    AUTO_FREE char *doubt = never_send_doubt(rule);
    json_t *object = form_rule(rule->kind, rule->value);
    json_object_set_new(object, "covers", json_integer((json_int_t)rule->covers));
    json_object_set_new(object, "warning", form_text(doubt));
    return object;
}
