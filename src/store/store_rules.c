/* SPDX-License-Identifier: MIT */
/* Adds, removes, lists and checks never-send rules. */
#include "store/check.h"
#include "store/store_internal.h"

static const char *const rule_names[] = {
    [STORE_RULE_FOLDER] = "folder",
    [STORE_RULE_LABEL] = "label",
};

const char *store_rule_name(enum store_rule_kind kind)
{
    return rule_names[kind];
}

int store_add_rule(struct store *store, enum store_rule_kind kind, const char *value,
                   struct error *err)
{
    struct store_record record = {.kind = STORE_RECORD_RULE, .rule = {kind, value}};
    return store_put_records(store, &record, 1, err);
}

int store_remove_rule(struct store *store, enum store_rule_kind kind, const char *value,
                      struct error *err)
{
    char *key;
    int rc = store_rule_key(kind, value, &key, err);
    if (rc)
        return rc;
    AUTO_FREE char *owned = key;
    return store->backend->remove_rule(store, kind, owned, err);
}

/* A damaged row may have been a rule for anything, or a label that a rule covers. */
int store_check_rules(struct store *store, bool with_labels, struct error *err)
{
    return store->backend->check_records(store, with_labels, err);
}
