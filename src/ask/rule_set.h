/* SPDX-License-Identifier: MIT */
/* A snapshot of the never-send rules, and the photos that they cover.
 *
 * A rule's folder stands for itself and for the targets of its symbolic links; so does a photo.
 * A rule covers a photo if any of the photo's places, or any place of a photo with the same
 * content, is inside any of the folder's places. This is the only definition of a rule: the
 * gate, the figures shown to owners, and all lists made for others use it. */
#pragma once

#include "store/rules.h"
#include "store/store.h"

struct rule_set_item {
    enum store_rule_kind kind;
    char *value;  /* as stored in the gallery */
    char *real;   /* for a folder: the target of its links; NULL: the same place */
    char *folded; /* for a label: folded as for comparing names; else NULL */
};

struct rule_set {
    struct store *store; /* borrowed */
    struct rule_set_item *items;
    size_t count, cap;
    size_t folders, labels;
};

/* Loads all rules of the gallery. ERR_CORRUPT if one of them, or a label that one may refer to,
 * is not as it was written: then nothing may be sent. */
int rule_set_load(struct store *store, struct rule_set *ret_set, struct error *err) MUST_CHECK;
/* Makes a set of one rule, which the gallery need not contain. */
void rule_set_of(struct store *store, const struct store_rule *rule, struct rule_set *ret_set);
void rule_set_release(struct rule_set *set);

/* Needs id, path and hash of the photo. Returns a phrase for people ("the folder
 * /home/ana/private (a copy is in it)", "the label 'Mia'"), which the caller frees; NULL: no
 * rule covers it. */
int rule_set_covering(const struct rule_set *set, const struct store_photo *photo,
                      char **ret_phrase, struct error *err) MUST_CHECK;

/* The same for n photos at the cost of one: ret_phrases [n], all NULL on failure. */
int rule_set_covering_all(const struct rule_set *set, const struct store_photo *const *photos,
                          size_t n, char **ret_phrases, struct error *err) MUST_CHECK;

/* Counts the photos of the gallery that the rule covers, whether or not the gallery contains the
 * rule. Examines every photo's place on disk. */
int rule_reach(struct store *store, const struct store_rule *rule, int64_t *ret_photos,
               struct error *err) MUST_CHECK;
