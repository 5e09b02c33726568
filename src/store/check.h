/* What is checked before any backend sees it: private to store/. */
#pragma once

#include "store/store.h"

/* ERR_INVALID unless `path` is absolute. */
int store_check_path(const char *path, struct error *err) MUST_CHECK;
/* The form in which names of labels are compared; the caller frees. ERR_INVALID: empty, longer than
 * STORE_LABEL_NAME_MAX, not UTF-8, or with control characters. */
int store_fold_name(const char *name, char **ret_folded, struct error *err) MUST_CHECK;
/* ERR_INVALID names the path of the first change that is not as store.h asks. dim: 0 while no model
 * is bound. */
int store_check_changes(const struct store_change *changes, size_t n, size_t dim,
                        struct error *err) MUST_CHECK;
/* ERR_MISMATCH unless both models give comparable vectors; `gallery` names it in the sentence. */
int store_compare_models(const char *gallery, const struct store_model *bound,
                         const struct store_model *given, struct error *err) MUST_CHECK;
