/* SPDX-License-Identifier: MIT */
/* Signals that were computed and wait to be stored together. Belongs to the thread that owns the
 * store. */
#pragma once

#include "indexer/outcome.h"
#include "signals/signal_kind.h"
#include "store/signals.h"

struct signal_batch {
    struct store_signal *signals; /* payloads and reasons belong to the batch */
    size_t n, cap;
};

#define SIGNAL_BATCH_INIT \
    {                     \
        NULL, 0, 0        \
    }

void signal_batch_release(struct signal_batch *batch);

/* Names the kind as the store does. */
struct store_signal_kind signal_batch_kind(const struct signal_kind *kind);
/* Adds one signal. The strings of `kind` are borrowed until it is stored; the payload is taken. */
void signal_batch_add(struct signal_batch *batch, const struct store_signal_kind *kind,
                      const uint8_t hash[HASH_BYTES], int position, struct signal_payload payload);
/* Records that a signal cannot be computed; `reason` is copied. */
void signal_batch_add_failure(struct signal_batch *batch, const struct store_signal_kind *kind,
                              const uint8_t hash[HASH_BYTES], int position, const char *reason);
/* Adds the signals of a new photo, which are moved out of the outcome. */
void signal_batch_take(struct signal_batch *batch, struct outcome *outcome);
/* Stores all signals if there are at least `least`. */
int signal_batch_put(struct signal_batch *batch, struct store *store, size_t least,
                     struct error *err) MUST_CHECK;
