/* SPDX-License-Identifier: MIT */
/* Normalises names of labels for comparison. */
#pragma once

#include "base/error.h"

/* Gets the folded form (text_fold) without surrounding spaces; the caller frees it. ERR_INVALID:
 * empty, longer than LIMIT_LABEL_NAME_BYTES, not UTF-8, or with control characters. */
int label_name_fold(const char *name, char **ret_folded, struct error *err) MUST_CHECK;
/* Returns the name without surrounding spaces; the caller frees it. */
char *label_name_trim(const char *name);
