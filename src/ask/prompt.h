/* SPDX-License-Identifier: MIT */
/* What the model is told. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The system prompt: always the same bytes, so that it can be cached. */
const char *prompt_system(bool with_tools);

/* The text that ends a turn: the question, and which pictures shown before match it, too. The
 * caller frees. */
char *prompt_question(const char *question, const int *shown, size_t n_shown);
