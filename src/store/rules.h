/* SPDX-License-Identifier: MIT */
/* Photos that never leave this machine: rules of the owner, per folder or per label. What one
 * covers is told in ask/rule_set.h; ask/gate.h enforces them, and every sender passes there. */
#pragma once

#include "store/store.h"

enum store_rule_kind {
    STORE_RULE_FOLDER, /* value: an absolute path; all photos at or below it, and their copies */
    STORE_RULE_LABEL,  /* value: a name; all photos that have such a label */
};

struct store_rule {
    enum store_rule_kind kind;
    const char *value; /* borrowed */
};

/* Adding one that is there already does nothing. ERR_INVALID: a folder that is not absolute, or
 * that no photo can be in (with "." or ".." in it); a name that is none (labels.h). */
int store_add_rule(struct store *store, enum store_rule_kind kind, const char *value,
                   struct error *err) MUST_CHECK;
/* ERR_NOT_FOUND. */
int store_remove_rule(struct store *store, enum store_rule_kind kind, const char *value,
                      struct error *err) MUST_CHECK;
/* Folders first, each kind in order of its values. A non-zero return of `each` stops and is
 * returned; `each` may read the gallery, but not change it. */
int store_list_rules(struct store *store, int (*each)(void *context, const struct store_rule *rule),
                     void *context, struct error *err) MUST_CHECK;
/* Whether it can be told what the rules cover; with_labels: there are rules for names. ERR_CORRUPT:
 * a rule, or with_labels a label, is not as it was written, so that nobody can tell. */
int store_check_rules(struct store *store, bool with_labels, struct error *err) MUST_CHECK;
