/* SPDX-License-Identifier: MIT */
/* The embedding thread: gathers outcomes into batches and gives the pictures their vectors. */
#include <string.h>

#include "base/limits.h"
#include "indexer/pipeline_internal.h"

/* A batch is complete when it has batch_size pictures or MAX_OUTCOMES outcomes, when no task is
 * being decoded (more are claimed after it is stored), or when no outcome arrived for DRY_S. */
#define MAX_OUTCOMES 512
#define DRY_S 0.2

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    while (batch->first) {
        struct outcome *outcome = batch->first;
        batch->first = outcome->next;
        outcome_free(outcome);
    }
    free(batch->vectors);
    free(batch);
}

static void discard_batch(struct pipeline *p, struct batch *batch)
{
    while (batch->first) {
        struct outcome *outcome = batch->first;
        batch->first = outcome->next;
        outcome_discard(p, outcome);
    }
    batch_free(batch);
}

static void add(struct batch *batch, struct outcome *outcome)
{
    outcome->next = NULL;
    if (batch->last)
        batch->last->next = outcome;
    else
        batch->first = outcome;
    batch->last = outcome;
    batch->n++;
    batch->n_pictures += outcome->pixels != NULL;
}

/* Copies the pictures of the batch into one array for the tower, and frees the originals. */
static void collect_pixels(const struct pipeline *p, struct batch *batch, float *pixels)
{
    size_t n_pixels = clip_pixel_count(p->clip);
    for (struct outcome *o = batch->first; o; o = o->next) {
        if (!o->pixels)
            continue;
        memcpy(pixels, o->pixels, n_pixels * sizeof *pixels);
        pixels += n_pixels;
        free(o->pixels);
        o->pixels = NULL;
    }
}

static void hand_out_vectors(struct pipeline *p, struct batch *batch)
{
    const float *vector = batch->vectors;
    for (struct outcome *o = batch->first; o; o = o->next) {
        if (o->kind != STORE_ADD)
            continue;
        match_close(p->match, o, true);
        o->vector = vector;
        for (struct outcome *duplicate = o->duplicates; duplicate; duplicate = duplicate->next) {
            duplicate->vector = vector;
            duplicate->facts = o->facts;
        }
        vector += clip_dim(p->clip);
    }
}

static int embed(struct pipeline *p, struct batch *batch, float *pixels, struct error *err)
{
    if (batch->n_pictures == 0)
        return 0;
    collect_pixels(p, batch, pixels);
    batch->vectors = xmalloc(batch->n_pictures * clip_dim(p->clip) * sizeof(float));
    int rc = clip_embed_pixels(p->clip, pixels, batch->n_pictures, batch->vectors, err);
    if (!rc)
        hand_out_vectors(p, batch);
    return rc;
}

/* Returns NULL when the batch is complete. */
static struct outcome *next_outcome(struct pipeline *p)
{
    bool open;
    bool last = atomic_load(&p->undecoded) == 0;
    return queue_pop_for(p->outcomes, last ? 0 : DRY_S, &open);
}

/* Returns the next batch, or NULL at the end. */
static struct batch *gather(struct pipeline *p)
{
    struct outcome *outcome = queue_pop(p->outcomes);
    if (!outcome)
        return NULL;
    struct batch *batch = xcalloc(1, sizeof *batch);
    do
        add(batch, outcome);
    while (batch->n_pictures < p->batch_size && batch->n < MAX_OUTCOMES &&
           (outcome = next_outcome(p)));
    return batch;
}

static void send_batches(struct pipeline *p, float *pixels)
{
    struct batch *batch;
    while ((batch = gather(p))) {
        struct error err = ERROR_INIT;
        if (embed(p, batch, pixels, &err)) {
            discard_batch(p, batch);
            error_add(&err, "cannot embed a batch of photos");
            pipeline_fail(p, &err);
        } else if (!queue_push(p->batches, batch)) {
            batch_free(batch);
        }
    }
}

void *embedder_main(void *pipeline)
{
    struct pipeline *p = pipeline;
    struct error err = ERROR_INIT;
    void *pixels = NULL;
    size_t picture_bytes = clip_pixel_count(p->clip) * sizeof(float);
    if (try_alloc(p->batch_size, picture_bytes, SIZE_MAX / 2, &pixels, &err))
        pipeline_fail(p, &err);
    else
        send_batches(p, pixels);
    free(pixels);
    queue_finish(p->batches);
    return NULL;
}
