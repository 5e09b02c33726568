/* SPDX-License-Identifier: MIT */
/* Stores batches and counts their effects. Runs in the thread that owns the store. */
#pragma once

#include "indexer/claims.h"
#include "indexer/pipeline_internal.h"

/* Applies one transaction, then updates the counters and reports failures. Files whose source
 * another process changed or removed are claimed again. */
int writer_store(struct claims *claims, const struct batch *batch, struct error *err) MUST_CHECK;
