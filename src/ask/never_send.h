/* SPDX-License-Identifier: MIT */
/* Adds and removes never-send rules for every interface of the program: one way to read a folder
 * or a label, and one count of the photos that a rule covers. */
#pragma once

#include "store/rules.h"

struct never_send_rule {
    enum store_rule_kind kind;
    char *value;    /* as stored in the gallery */
    int64_t covers; /* photos now in the gallery, including copies and links */
};
void never_send_rule_release(struct never_send_rule *rule);

/* Adds a rule. `given` is read as folder_find (search/folder.h) does. A rule that covers nothing
 * is also added, since the photos may come later; never_send_doubt has the warning for it.
 * Returns the errors of store_add_rule. */
int never_send_add(struct store *store, enum store_rule_kind kind, const char *given, bool relative,
                   struct never_send_rule *ret_rule, struct error *err) MUST_CHECK;

/* Removes the rule named as in the list, or as for never_send_add; *ret_value is the removed
 * rule's value, which the caller frees. ERR_NOT_FOUND. */
int never_send_remove(struct store *store, enum store_rule_kind kind, const char *given,
                      bool relative, char **ret_value, struct error *err) MUST_CHECK;

/* Returns "the gallery has no photo at or below /home/ana/privat: check the spelling" for a
 * rule that covers nothing, which the caller frees; NULL: it covers some. */
char *never_send_doubt(const struct never_send_rule *rule);
