/* SPDX-License-Identifier: MIT */
/* Shows queries and mistakes in them on the terminal. */
#pragma once

#include "cli/context.h"
#include "search/understood.h"

/* Prints the sentence of `problem`, and under it the query with a mark under the place; with --json
 * the error for programs. */
void query_text_report(const struct context *context, const char *text,
                       const struct syntax_fault *fault, const struct error *problem);

/* Prints how the query was read, as lines or as one JSON object. */
int query_text_explain(struct context *context, const struct understood *query,
                       const struct understood_options *options, struct error *err) MUST_CHECK;

/* Prints the language of queries: `keepsake help query`. */
void query_text_help(void);
