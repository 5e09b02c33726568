/* SPDX-License-Identifier: MIT */
/* Joins operands into one text: the words of a query or a name. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cli/options.h"

/* Joins the operands from index `first` on with blanks; the caller frees the text. ERR_LIMIT, in a
 * sentence about "the `what`", if it is longer than max_bytes. */
int words_join(const struct argument_list *words, size_t first, size_t max_bytes, const char *what,
               char **ret_text, struct error *err) MUST_CHECK;
