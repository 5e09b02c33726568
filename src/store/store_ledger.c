/* SPDX-License-Identifier: MIT */
/* Names ledger events, and adds and lists entries. */
#include <string.h>

#include "store/store_internal.h"

static const char *const event_names[] = {
    [LEDGER_SENT] = "sent",
    [LEDGER_ANSWERED] = "answered",
    [LEDGER_FAILED] = "failed",
};

const char *ledger_event_name(enum ledger_event event)
{
    return event_names[event];
}

bool ledger_event_parse(const char *name, enum ledger_event *ret_event)
{
    for (int e = LEDGER_SENT; e <= LEDGER_FAILED; e++)
        if (strcmp(name, event_names[e]) == 0) {
            *ret_event = (enum ledger_event)e;
            return true;
        }
    return false;
}

int store_ledger_add(struct store *store, const struct ledger_entry *entry, struct error *err)
{
    struct store_record record = {.kind = STORE_RECORD_ENTRY, .entry = *entry};
    record.entry.at = 0;
    return store_put_records(store, &record, 1, err);
}

int store_ledger_list(struct store *store, int64_t since,
                      int (*each)(void *context, const struct ledger_entry *entry), void *context,
                      struct error *err)
{
    return store->backend->list_entries(store, since, false, each, context, err);
}

int store_ledger_newest(struct store *store, int64_t since,
                        int (*each)(void *context, const struct ledger_entry *entry), void *context,
                        struct error *err)
{
    return store->backend->list_entries(store, since, true, each, context, err);
}
