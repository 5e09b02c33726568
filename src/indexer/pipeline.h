/* SPDX-License-Identifier: MIT */
/* Runs the tasks of a plan: decode threads read, hash, match, decode and shrink; one thread embeds
 * in batches; the calling thread stores each batch in one transaction and makes the callbacks.
 *
 *     calling thread -> [tasks] -> decode threads -> [outcomes] -> embedding thread -> [batches]
 *                    -> calling thread
 *
 * The calling thread claims the tasks as the work goes on (claims.h), in rounds: the first requests
 * all, each further one those that other processes held. The queues are bounded, and so are the
 * bytes of the pictures being decoded. */
#pragma once

#include "clip/clip.h"
#include "indexer/plan.h"
#include "indexer/progress.h"

/* ERR_CANCELLED if the caller cancelled; embedded photos are stored. Any error of the store or of
 * embedding ends the run; earlier batches stay stored. */
int pipeline_run(struct plan *plan, struct store *store, struct clip *clip,
                 const struct store_model *model, struct progress *progress,
                 struct error *err) MUST_CHECK;
