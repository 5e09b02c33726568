/* Stores batches and counts what they did. Runs in the thread that owns the store. */
#pragma once

#include "indexer/pipeline_parts.h"
#include "indexer/progress.h"

/* One transaction; then the counters of `progress` and the notes about failures. */
int writer_store(struct store *store, const struct batch *batch, struct progress *progress,
                 struct error *err) MUST_CHECK;
