/* SPDX-License-Identifier: MIT */
/* The end of an index run: files that are gone from disk are removed from the gallery, unless their
 * folder cannot be reached. */
#pragma once

#include "indexer/plan.h"

/* Removes from the gallery the files below the roots that were deleted, and remembers which folders
 * cannot be reached; with `tell`, a note says so of each. Counts removed, not_reachable and
 * not_reachable_folders. */
int removal_run(struct plan *plan, struct store *store, struct progress *progress, bool tell,
                struct error *err) MUST_CHECK;
