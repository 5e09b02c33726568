/* SPDX-License-Identifier: MIT */
/* `keepsake index --adopt`: makes a gallery of a table that another program made. */
#pragma once

#include "cli/context.h"

/* Returns whether an argument has the form "TABLE(KEY, PATH, VECTOR)". */
bool index_adopt_is_table(const char *argument);
/* Prints the change to the table, and makes it unless `dry_run`. `table` has the form above, or is
 * "". `relative_to` may be NULL. */
int index_adopt(struct context *context, const char *table, const char *relative_to, bool dry_run,
                struct error *err) MUST_CHECK;
