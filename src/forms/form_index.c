/* SPDX-License-Identifier: MIT */
/* The report of an index run as JSON. */
#include "base/json.h"
#include "forms/forms.h"
#include "indexer/indexer.h"
#include "indexer/unread.h"

json_t *form_index_report(const struct index_report *r, bool interrupted)
{
    const struct {
        const char *key;
        int64_t count;
    } counts[] = {
        {"found", r->found},
        {"added", r->added},
        {"updated", r->updated},
        {"moved", r->moved},
        {"copied", r->copied},
        {"removed", r->removed},
        {"touched", r->touched},
        {"unchanged", r->unchanged},
        {"failed", r->failed},
        {"failed_before", r->failed_before},
        {"dropped", r->dropped},
        {"by_others", r->by_others},
        {"unreadable_folders", r->unreadable_folders},
        {"not_reachable", r->not_reachable},
        {"not_reachable_folders", r->not_reachable_folders},
        {"decoded", r->decoded},
        {"signals", r->signals},
        {"signals_failed", r->signals_failed},
        {"unread_files", unread_total(r->unread)},
    };
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        json_object_set_new(object, counts[i].key, json_integer(counts[i].count));
    json_object_set_new(object, "unread_kinds", unread_to_json(r->unread));
    json_object_set_new(object, "seconds", json_real(r->seconds));
    json_object_set_new(object, "interrupted", json_boolean(interrupted));
    return object;
}
