/* SPDX-License-Identifier: MIT */
/* The state that the threads of one pipeline share. Private to the pipeline's files. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/file.h"
#include "base/queue.h"
#include "cage/cage.h"
#include "clip/clip.h"
#include "indexer/match.h"
#include "indexer/outcome.h"
#include "indexer/signal_batch.h"

/* The outcomes of one transaction. */
struct batch {
    struct outcome *first, *last;
    size_t n;          /* outcomes, duplicates not counted */
    size_t n_pictures; /* number of them with pixels */
    float *vectors;    /* [n_pictures][dim] */
};

struct pipeline {
    struct clip *clip;
    const struct store_model *model; /* of clip, as the gallery names it */
    bool is_recorded;                /* the arithmetic of this run's vectors is in the gallery */
    struct match *match;
    size_t batch_size;       /* pictures */
    struct queue *tasks;     /* calling thread -> decode threads; all are claimed */
    struct queue *outcomes;  /* decode threads -> embedding thread */
    struct queue *batches;   /* embedding thread -> calling thread */
    atomic_size_t undecoded; /* tasks in the decode threads without an outcome yet */
    atomic_int decoders;     /* decode threads still at work */
    atomic_bool stop;        /* take no new work */
    atomic_llong decoded;
    pthread_mutex_t error_lock;
    struct error error;         /* the first error of the run */
    struct thumbs *thumbs;      /* NULL: no thumbnails are made */
    bool thumbs_anew;           /* make them even for photos that have thumbnails */
    atomic_bool without_thumbs; /* the cache failed with thumbs_error */
    bool gave_way; /* thumbnails were deleted to make room for the gallery: once per run */
    struct error thumbs_error;
    struct signal_batch signals; /* of stored photos; only the calling thread uses it */
};

/* Thread functions; argument: struct pipeline. */
void *decoder_main(void *pipeline);
void *embedder_main(void *pipeline);

/* Call this after a write to the gallery failed. Returns true if the disk was full and deleting the
 * thumbnails, which can be recreated, has freed space. */
bool thumbnails_give_way(struct pipeline *p);
/* Makes and stores the thumbnails of a picture that was decoded for CLIP; `outcome` has its hash
 * and facts. Frees *image and sets it to NULL if the file must be decoded again. */
void thumbnails_keep(struct pipeline *p, struct cage_share *share, const struct file *file,
                     const struct outcome *outcome, struct image **image);

/* Frees an outcome that will not be stored, after notifying its duplicates. */
void outcome_discard(struct pipeline *p, struct outcome *outcome);
void batch_free(struct batch *batch); /* with its outcomes; NULL is fine */

/* Stops taking new work: outcomes that wait for embedding are dropped; the batch in flight is still
 * stored. */
void pipeline_stop(struct pipeline *p);
/* Keeps the first error and stops. */
void pipeline_fail(struct pipeline *p, const struct error *error);
