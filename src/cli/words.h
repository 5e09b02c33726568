/* SPDX-License-Identifier: MIT */
/* Operands that make one text: the words of a query or a name. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "cli/options.h"

/* The operands from the first-th on, joined by blanks, for the caller to free. ERR_LIMIT, in a
 * sentence about "the `what`", when that is longer than max_bytes. */
int words_join(const struct argument_list *words, size_t first, size_t max_bytes, const char *what,
               char **ret_text, struct error *err) MUST_CHECK;
