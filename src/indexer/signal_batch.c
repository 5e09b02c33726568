/* SPDX-License-Identifier: MIT */
/* Collects signals and stores them in one transaction. */
#include "indexer/signal_batch.h"

#include <string.h>

static void empty_batch(struct signal_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        free((void *)(uintptr_t)batch->signals[i].payload);
        free((char *)(uintptr_t)batch->signals[i].reason);
    }
    batch->n = 0;
}

void signal_batch_release(struct signal_batch *batch)
{
    empty_batch(batch);
    free(batch->signals);
    *batch = (struct signal_batch)SIGNAL_BATCH_INIT;
}

struct store_signal_kind signal_batch_kind(const struct signal_kind *kind)
{
    return (struct store_signal_kind){.kind = kind->name, .model = "", .version = kind->version};
}

static struct store_signal *grow_batch(struct signal_batch *batch,
                                       const struct store_signal_kind *kind, const uint8_t *hash,
                                       int position)
{
    ARRAY_GROW(batch->signals, batch->cap, batch->n + 1);
    struct store_signal *signal = &batch->signals[batch->n++];
    *signal = (struct store_signal){.position = position, .kind = *kind};
    memcpy(signal->hash, hash, HASH_BYTES);
    return signal;
}

void signal_batch_add(struct signal_batch *batch, const struct store_signal_kind *kind,
                      const uint8_t hash[HASH_BYTES], int position, struct signal_payload payload)
{
    struct store_signal *signal = grow_batch(batch, kind, hash, position);
    signal->payload = payload.data;
    signal->size = payload.size;
}

void signal_batch_add_failure(struct signal_batch *batch, const struct store_signal_kind *kind,
                              const uint8_t hash[HASH_BYTES], int position, const char *reason)
{
    grow_batch(batch, kind, hash, position)->reason = xstrdup(reason);
}

void signal_batch_take(struct signal_batch *batch, struct outcome *outcome)
{
    size_t n;
    const struct signal_kind *kinds = signal_kinds(&n);
    for (size_t i = 0; outcome->signals && i < n; i++) {
        struct store_signal_kind kind = signal_batch_kind(&kinds[i]);
        if (outcome->signals[i].data)
            signal_batch_add(batch, &kind, outcome->hash, 0, outcome->signals[i]);
        outcome->signals[i].data = NULL;
    }
}

int signal_batch_put(struct signal_batch *batch, struct store *store, size_t least,
                     struct error *err)
{
    if (!batch->n || batch->n < least)
        return 0;
    int rc = store_put_signals(store, batch->signals, batch->n, err);
    if (!rc)
        empty_batch(batch);
    return rc;
}
