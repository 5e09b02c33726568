/* SPDX-License-Identifier: MIT */
/* What the threads of one pipeline share. Private to the pipeline's files. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "base/file.h"
#include "base/queue.h"
#include "cage/cage.h"
#include "clip/clip.h"
#include "indexer/match.h"
#include "indexer/outcome.h"

/* What is stored in one transaction. */
struct batch {
    struct outcome *first, *last;
    size_t n;          /* outcomes, duplicates not counted */
    size_t n_pictures; /* of them with pixels */
    float *vectors;    /* [n_pictures][dim] */
};

struct pipeline {
    struct clip *clip;
    struct match *match;
    size_t batch_size;      /* pictures */
    struct queue *tasks;    /* calling thread -> decode threads; all of them claimed */
    struct queue *outcomes; /* decode threads -> embedding thread */
    struct queue *batches;  /* embedding thread -> calling thread */
    atomic_size_t
        undecoded;       /* tasks handed to the decode threads whose outcomes are still to come */
    atomic_int decoders; /* decode threads still at work */
    atomic_bool stop;    /* take no new work */
    atomic_llong decoded;
    pthread_mutex_t error_lock;
    struct error error;         /* the first one */
    struct thumbs *thumbs;      /* NULL: none are kept */
    bool thumbs_anew;           /* also of photos that have theirs */
    atomic_bool without_thumbs; /* keeping them failed: */
    bool gave_way;              /* the thumbnails to the gallery: once a run */
    struct error thumbs_error;
};

/* Thread functions; argument: struct pipeline. */
void *decoder_main(void *pipeline);
void *embedder_main(void *pipeline);

/* After the gallery could not be written: true when the disk was full and has room again, because
 * the thumbnails, which can be made again, are gone. */
bool thumbnails_give_way(struct pipeline *p);
/* Makes and keeps the thumbnails of a picture that was decoded for CLIP; outcome has its hash and
 * facts. Takes the picture away where the file has to be decoded once more. */
void thumbnails_keep(struct pipeline *p, struct cage_share *share, const struct file *file,
                     const struct outcome *outcome, struct image **image);

/* Frees an outcome that will not be stored, after its duplicates were told. */
void outcome_discard(struct pipeline *p, struct outcome *outcome);
void batch_free(struct batch *batch); /* with its outcomes; NULL is fine */

/* No new work; what waits for embedding is dropped, the batch in flight still arrives. */
void pipeline_stop(struct pipeline *p);
/* Keeps the first error and stops. */
void pipeline_fail(struct pipeline *p, const struct error *error);
