/* SPDX-License-Identifier: MIT */
/* Names of labels as they are compared. */
#pragma once

#include "base/error.h"

/* The folded form (text_fold) without spaces around it; the caller frees. ERR_INVALID: empty,
 * longer than LIMIT_LABEL_NAME_BYTES, not UTF-8, or with control characters. */
int label_name_fold(const char *name, char **ret_folded, struct error *err) MUST_CHECK;
/* The name without spaces around it; the caller frees. */
char *label_name_trim(const char *name);
