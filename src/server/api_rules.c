#include <string.h>

#include "base/json.h"
#include "server/api.h"
#include "server/parts.h"
#include "store/rules.h"

static const char *const kinds[] = {[STORE_RULE_FOLDER] = "folder", [STORE_RULE_LABEL] = "label"};

static json_t *form_rule(enum store_rule_kind kind, const char *value)
{
    json_t *object = json_object();
    json_object_set_new(object, "kind", json_string(kinds[kind]));
    json_set_text(object, "value", value);
    return object;
}

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
        return error_set(err, ERR_INVALID, "a rule has a kind, folder or label, and a value");
    if (strcmp(kind, kinds[STORE_RULE_FOLDER]) == 0)
        *ret_kind = STORE_RULE_FOLDER;
    else if (strcmp(kind, kinds[STORE_RULE_LABEL]) == 0)
        *ret_kind = STORE_RULE_LABEL;
    else
        return error_set(err, ERR_INVALID, "'kind' is neither folder nor label");
    return 0;
}

int api_add_rule(struct call *call, struct error *err)
{
    struct store *store;
    enum store_rule_kind kind;
    const char *value = json_string_value(json_object_get(call->body, "value"));
    int rc = call_check_keys(call->body, "kind value", err);
    if (!rc)
        rc = read_rule(json_string_value(json_object_get(call->body, "kind")), value, &kind, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc)
        rc = store_add_rule(store, kind, value, err);
    if (!rc)
        respond_json(call->reply, 201, form_rule(kind, value));
    return rc;
}

int api_remove_rule(struct call *call, struct error *err)
{
    struct store *store;
    enum store_rule_kind kind;
    const char *value = target_get(&call->target, "value");
    int rc = read_rule(target_get(&call->target, "kind"), value, &kind, err);
    if (!rc)
        rc = call_store(call, &store, err);
    if (!rc)
        rc = store_remove_rule(store, kind, value, err);
    if (!rc)
        respond_empty(call->reply, 204);
    return rc;
}
