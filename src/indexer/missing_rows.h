/* SPDX-License-Identifier: MIT */
/* Fills the rows without a vector that other programs inserted into a PostgreSQL gallery. */
#pragma once

#include "indexer/indexer.h"

/* As index_run, for the files of all rows without a vector (store/missing.h), wherever they are. A
 * file that is not there, or whose path leads through a link, is a failure; its row stays, and the
 * next run examines it again. Does nothing to other photos. */
int index_missing_rows(struct store *store, struct clip *clip, const char *model_id,
                       const struct index_options *options, struct index_report *ret_report,
                       struct error *err) MUST_CHECK;
