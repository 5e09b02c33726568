/* SPDX-License-Identifier: MIT */
/* The instructions for the model. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The system prompt. It always has the same bytes, so that it can be cached. */
const char *prompt_system(bool with_tools);

/* The text that ends a turn: the question, and the numbers of earlier pictures that also match
 * it. The caller frees it. */
char *prompt_question(const char *question, const int *shown, size_t n_shown);
