/* SPDX-License-Identifier: MIT */
/* Stores batches and counts what they did. Runs in the thread that owns the store. */
#pragma once

#include "indexer/claims.h"
#include "indexer/pipeline_internal.h"

/* One transaction; then the counters of the progress and the notes about failures. What was to be
 * had from a photo that another process changed or removed goes back to the claims. */
int writer_store(struct claims *claims, const struct batch *batch, struct error *err) MUST_CHECK;
