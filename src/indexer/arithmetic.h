/* SPDX-License-Identifier: MIT */
/* The arithmetic (f32, bf16) in which a run computes vectors. */
#pragma once

#include "indexer/progress.h"
#include "store/store.h"

/* Adds the run's arithmetic to the record of its model, before the first vector is stored. If the
 * vectors of the gallery were all computed in another one, tells so, once. */
int arithmetic_record(struct store *store, const struct store_model *model,
                      const struct progress *progress, struct error *err) MUST_CHECK;
