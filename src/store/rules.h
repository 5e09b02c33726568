/* SPDX-License-Identifier: MIT */
/* Never-send rules: the owner's rules, per folder or per label, for photos that must not leave this
 * machine. ask/rule_set.h defines the photos that a rule covers; ask/gate.h, through which every
 * sender passes, enforces the rules. */
#pragma once

#include "store/store.h"

enum store_rule_kind {
    STORE_RULE_FOLDER, /* value: an absolute path; covers all photos at or below it, and their
                          copies */
    STORE_RULE_LABEL,  /* value: a name; covers all photos with such a label */
};

struct store_rule {
    enum store_rule_kind kind;
    const char *value; /* borrowed */
};

/* Adding an existing rule is a no-op. ERR_INVALID: a folder that is not absolute or cannot contain
 * photos (with "." or ".." in it); an invalid name (labels.h). */
int store_add_rule(struct store *store, enum store_rule_kind kind, const char *value,
                   struct error *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
int store_remove_rule(struct store *store, enum store_rule_kind kind, const char *value,
                      struct error *err) MUST_CHECK;
/* Lists the rules, folders first, each kind in order of its values. A non-zero return value of
 * `each` ends the iteration and is returned; `each` may read the gallery, but must not change it.
 */
int store_list_rules(struct store *store, int (*each)(void *context, const struct store_rule *rule),
                     void *context, struct error *err) MUST_CHECK;
/* Checks that the covered photos can be determined; `with_labels` says that there are rules for
 * names. ERR_CORRUPT: a rule, or with `with_labels` a label, is damaged, so that they cannot. */
int store_check_rules(struct store *store, bool with_labels, struct error *err) MUST_CHECK;
