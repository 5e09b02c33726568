/* Photos that never leave this machine: rules of the owner, per folder or per label. ask/gate.h
 * enforces them, and every sender passes there. */
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
/* Whether it can be told what the rules cover. ERR_CORRUPT: a rule is not as it was written, or a
 * label while there are rules for names, so that nobody can tell. */
int store_check_rules(struct store *store, struct error *err) MUST_CHECK;
/* A rule that covers the photo, as a phrase for people ("the folder /home/ana/private", "the label
 * 'Mia'") for the caller to free; NULL when none does. A folder covers also the photos elsewhere
 * that have the content of one in it. ERR_NOT_FOUND: no such photo. ERR_CORRUPT: a rule is not as
 * it was written, or a label while there are rules for names, so that nobody can tell. */
int store_rule_covering(struct store *store, int64_t photo, char **ret_phrase,
                        struct error *err) MUST_CHECK;
/* The same for an absolute path, whether or not a photo of the gallery is there; of the rules for
 * folders only. */
int store_folder_rule_covering(struct store *store, const char *path, char **ret_phrase,
                               struct error *err) MUST_CHECK;
