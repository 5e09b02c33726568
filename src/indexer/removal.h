/* SPDX-License-Identifier: MIT */
/* The end of an index run: removes missing files from the gallery, unless their folder is
 * unreachable. */
#pragma once

#include "indexer/plan.h"

/* Removes deleted files below the roots from the gallery, and records unreachable folders; with
 * `tell`, it sends a note about each. Counts removed, not_reachable and not_reachable_folders. */
int removal_run(struct plan *plan, struct store *store, struct progress *progress, bool tell,
                struct error *err) MUST_CHECK;
