/* SPDX-License-Identifier: MIT */
/* Computes signals that photos of the gallery lack: after an update of keepsake has brought a new
 * kind or version, after an index run that was killed, and for a further model.
 *
 * It decodes the photos at or below the given folders whose content is known, several at the same
 * time, and stores each batch in one transaction. Claims per kind and content let processes share
 * the work. A photo whose file has changed, is gone or cannot be read is left out, and tried again
 * by the next run; a picture that cannot be decoded or computed is recorded with the reason, and
 * not tried again until the version of the kind rises or the user asks for it (retry_failed). */
#pragma once

#include "clip/clip.h"
#include "indexer/known.h"
#include "indexer/progress.h"
#include "indexer/walk.h"
#include "signals/signal_kind.h"
#include "store/signals.h"

struct fill_target {
    struct store_signal_kind kind;    /* as stored */
    const struct signal_kind *signal; /* computes it; NULL: `clip` embeds the pictures */
    struct clip *clip;
};

struct fill_scope {
    const struct walk_roots *roots;
    const struct known *known; /* to find a copy below the roots */
};

/* Adds the numbers of stored and failed signals to the report of `progress`. ERR_CANCELLED, with
 * the finished ones stored; errors of the store and of embedding. */
int signal_fill(const struct fill_target *target, const struct fill_scope *scope,
                struct store *store, struct progress *progress, struct error *err) MUST_CHECK;
/* Does so for all kinds of signal_kinds. */
int signal_fill_all(const struct fill_scope *scope, struct store *store, struct progress *progress,
                    struct error *err) MUST_CHECK;
