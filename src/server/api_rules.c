/* SPDX-License-Identifier: MIT */
/* Handlers that list, add and remove never-send rules. */
#include <string.h>

#include "ask/never_send.h"
#include "base/json.h"
#include "base/memory.h"
#include "forms/forms.h"
#include "server/api.h"
#include "server/server_internal.h"

static int add_rule(void *context, const struct store_rule *rule)
{
    json_array_append_new(context, form_rule(rule->kind, rule->value));
    return 0;
}

int api_rules(struct call *call, struct error *err)
{
    struct store *store;
    AUTO_JSON *rules = json_array();
    int rc = call_store(call, &store, err);
    if (!rc)
        rc = store_list_rules(store, add_rule, rules, err);
    if (!rc)
        respond_json(call->reply, 200, json_pack("{sO}", "rules", rules));
    return rc;
}

static int read_rule(const char *kind, const char *value, enum store_rule_kind *ret_kind,
                     struct error *err)
{
    if (!kind || !value || !value[0])
        return error_set(err, ERR_INVALID,
                         "invalid rule: it needs a \"kind\" (folder or label) "
                         "and a \"value\"");
    if (strcmp(kind, form_rule_kind(STORE_RULE_FOLDER)) == 0)
        *ret_kind = STORE_RULE_FOLDER;
    else if (strcmp(kind, form_rule_kind(STORE_RULE_LABEL)) == 0)
        *ret_kind = STORE_RULE_LABEL;
    else
        return error_set(err, ERR_INVALID, "'kind' must be folder or label");
    return 0;
}

int api_add_rule(struct call *call, struct error *err)
{
    struct store *store;
    enum store_rule_kind kind;
    struct never_send_rule rule;
    const char *value = json_string_value(json_object_get(call->body, "value"));
    int rc = call_check_keys(call->body, "kind value", err);
    if (!rc)
        rc = read_rule(json_string_value(json_object_get(call->body, "kind")), value, &kind, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc)
        rc = never_send_add(store, kind, value, false, &rule, err);
    if (rc)
        return rc;
    respond_json(call->reply, 201, form_added_rule(&rule));
    never_send_rule_release(&rule);
    return 0;
}

int api_remove_rule(struct call *call, struct error *err)
{
    struct store *store;
    enum store_rule_kind kind;
    const char *value = target_get(&call->target, "value");
    int rc = read_rule(target_get(&call->target, "kind"), value, &kind, err);
    if (!rc)
        rc = call_store(call, &store, err);
    AUTO_FREE char *removed = NULL;
    if (!rc)
        rc = never_send_remove(store, kind, value, false, &removed, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}
