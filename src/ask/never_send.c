/* SPDX-License-Identifier: MIT */
/* Reads, adds and removes never-send rules as people write them, and reports how many photos they
 * cover. */
#include "ask/never_send.h"

#include <stdlib.h>
#include <string.h>

#include "ask/rule_set.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "search/folder.h"

void never_send_rule_release(struct never_send_rule *rule)
{
    free(rule->value);
    *rule = (struct never_send_rule){0};
}

static int read_value(struct store *store, enum store_rule_kind kind, const char *given,
                      bool relative, char **ret_value, struct error *err)
{
    if (kind == STORE_RULE_FOLDER)
        return folder_find(store, given, relative, ret_value, err);
    *ret_value = xstrdup(given);
    return 0;
}

int never_send_add(struct store *store, enum store_rule_kind kind, const char *given, bool relative,
                   struct never_send_rule *ret_rule, struct error *err)
{
    struct never_send_rule rule = {.kind = kind};
    int rc = read_value(store, kind, given, relative, &rule.value, err);
    if (!rc)
        rc = store_add_rule(store, kind, rule.value, err);
    if (!rc)
        rc = rule_reach(store, &(struct store_rule){kind, rule.value}, &rule.covers, err);
    if (rc)
        never_send_rule_release(&rule);
    else
        *ret_rule = rule;
    return rc;
}

/* Tries the value as written first: the lists of rules show it so, wherever its links now
 * lead. */
int never_send_remove(struct store *store, enum store_rule_kind kind, const char *given,
                      bool relative, char **ret_value, struct error *err)
{
    char *value = NULL;
    struct error why;
    int rc = ERR_NOT_FOUND;
    if (kind == STORE_RULE_FOLDER && (given[0] == '/' || relative)) {
        value = path_absolute(given);
        rc = store_remove_rule(store, kind, value, &why);
    }
    if (rc == ERR_NOT_FOUND) {
        free(value);
        value = NULL;
        rc = read_value(store, kind, given, relative, &value, &why);
        if (!rc)
            rc = store_remove_rule(store, kind, value, &why);
    }
    if (rc) {
        free(value);
        return error_set(err, rc, "%s", why.message);
    }
    *ret_value = value;
    return 0;
}

char *never_send_doubt(const struct never_send_rule *rule)
{
    if (rule->covers > 0)
        return NULL;
    AUTO_FREE char *value = text_printable(rule->value, strlen(rule->value));
    return xasprintf(rule->kind == STORE_RULE_FOLDER
                         ? "the gallery has no photo at or below %s: check the spelling"
                         : "no photo has the label %s: check the spelling",
                     value);
}
