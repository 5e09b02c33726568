/* SPDX-License-Identifier: MIT */
/* The never-send rules as of one moment, and which photos they cover.
 *
 * A folder of a rule stands for itself and for what it leads to by symbolic links; so does a
 * photo. A rule covers a photo when any of the photo's places, or of those of a photo with the same
 * content, lies in any of the folder's. This is the one meaning of a rule: the gate, the figures
 * that owners are told, and all that is listed for others ask here. */
#pragma once

#include "store/rules.h"
#include "store/store.h"

struct rule_set_item {
    enum store_rule_kind kind;
    char *value;  /* as the gallery has it */
    char *real;   /* of a folder: where its links lead; NULL: nowhere else */
    char *folded; /* of a label: as names are compared; else NULL */
};

struct rule_set {
    struct store *store; /* borrowed */
    struct rule_set_item *items;
    size_t count, cap;
    size_t folders, labels;
};

/* All rules of the gallery. ERR_CORRUPT when one of them, or a label that one may be about, is not
 * as it was written: then nothing may leave. */
int rule_set_load(struct store *store, struct rule_set *ret_set, struct error *err) MUST_CHECK;
/* One rule, which the gallery need not have. */
void rule_set_of(struct store *store, const struct store_rule *rule, struct rule_set *ret_set);
void rule_set_release(struct rule_set *set);

/* Needs id, path and hash of the photo. A phrase for people ("the folder /home/ana/private (a copy
 * is in it)", "the label 'Mia'") for the caller to free; NULL: no rule covers it. */
int rule_set_covering(const struct rule_set *set, const struct store_photo *photo,
                      char **ret_phrase, struct error *err) MUST_CHECK;

/* The same of n photos at the cost of one: ret_phrases [n], all NULL on failure. */
int rule_set_covering_all(const struct rule_set *set, const struct store_photo *const *photos,
                          size_t n, char **ret_phrases, struct error *err) MUST_CHECK;

/* How many photos of the gallery the rule covers, whether or not the gallery has it. Looks at every
 * photo's place on disk. */
int rule_reach(struct store *store, const struct store_rule *rule, int64_t *ret_photos,
               struct error *err) MUST_CHECK;
