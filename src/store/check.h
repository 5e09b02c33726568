/* SPDX-License-Identifier: MIT */
/* Argument checks that run before a backend is called, private to store/. */
#pragma once

#include "store/rules.h"
#include "store/signals.h"
#include "store/store.h"

/* ERR_INVALID unless `path` is absolute. */
int store_check_path(const char *path, struct error *err) MUST_CHECK;
/* Returns ERR_INVALID, saying that the content of the photo at `path` is unknown. */
int store_refuse_unread(const char *path, struct error *err);
/* Gets the comparison key of a rule: the folder without a trailing '/' ("/" itself stays), or the
 * folded name. The caller frees it. ERR_INVALID as store_add_rule. */
int store_rule_key(enum store_rule_kind kind, const char *value, char **ret_key,
                   struct error *err) MUST_CHECK;
/* ERR_INVALID as store_add_album. */
int store_check_album_query(const char *query, struct error *err) MUST_CHECK;
/* Gets the comparison key of an album's name; the caller frees it. ERR_INVALID. */
int store_fold_album_name(const char *name, char **ret_folded, struct error *err) MUST_CHECK;
/* Return ERR_INVALID: another album has this name; there is no album of this name for a member.
 * ERR_LIMIT: there are LIMIT_ALBUMS already. */
int store_refuse_album_name(const char *name, struct error *err);
int store_refuse_member(const char *album, struct error *err);
int store_refuse_albums(struct error *err);
int store_check_lease(double lease_s, struct error *err) MUST_CHECK;
int store_check_signal_kind(const struct store_signal_kind *kind, struct error *err) MUST_CHECK;
/* ERR_INVALID names the path of the first change that violates store.h. `dim` is 0 while no model
 * is bound. */
int store_check_changes(const struct store_change *changes, size_t n, size_t dim,
                        struct error *err) MUST_CHECK;
/* Merges two lists of arithmetic (struct store_model): each name once, in alphabetical order. An
 * empty list with vectors counts as "unknown"; without vectors, `before` is dropped. */
void store_merge_arithmetic(const char *before, const char *added, bool has_vectors,
                            char ret_merged[32]);
/* ERR_MISMATCH unless both models give comparable vectors; `gallery` is its name for the message.
 */
int store_compare_models(const char *gallery, const struct store_model *bound,
                         const struct store_model *given, struct error *err) MUST_CHECK;
