/* SPDX-License-Identifier: MIT */
/* Computes one signal for a batch of pictures on several threads. Private to signal_fill.c. */
#pragma once

#include <stdatomic.h>

#include "indexer/signal_batch.h"
#include "indexer/signal_fill.h"

struct fill_picture {
    char *path;
    uint8_t hash[HASH_BYTES];
    struct signal_payload payload; /* the result */
    char *reason;    /* why it cannot be computed; NULL without payload: it could not be read now */
    bool has_pixels; /* its place in fill_work.pixels is filled */
};

struct fill_work {
    const struct fill_target *target;
    struct store *store;
    struct progress *progress;
    double lease_s, renewed; /* clock_seconds */
    int threads;
    bool has_claimed, has_computed;
    struct fill_picture *pictures; /* [n]: the batch, all claimed */
    size_t n;
    float *pixels;      /* [n][clip_pixel_count], for a target with a model */
    atomic_size_t next; /* index of the next picture */
    atomic_bool stop;
    pthread_mutex_t lock; /* of `error` */
    struct error error;   /* a general failure, which affects every picture */
};

void fill_work_init(struct fill_work *work, const struct fill_target *target, struct store *store,
                    struct progress *progress);
/* Computes the batch. The calling thread takes part and renews the claims. After a cancellation,
 * the remaining pictures have neither payload nor reason. */
int fill_work_compute(struct fill_work *work, struct error *err) MUST_CHECK;
void fill_picture_release(struct fill_picture *picture);
