/* SPDX-License-Identifier: MIT */
/* Reads, decodes and computes the pictures of a batch on several threads. */
#include "indexer/fill_worker.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/photo_file.h"
#include "base/text.h"
#include "base/thread.h"
#include "cage/cage.h"

#define MAX_THREADS 64
#define RENEWALS_PER_LEASE 4

void fill_work_init(struct fill_work *work, const struct fill_target *target, struct store *store,
                    struct progress *progress)
{
    const struct index_options *options = progress->options;
    long n = options->decode_threads > 0 ? options->decode_threads : sysconf(_SC_NPROCESSORS_ONLN);
    *work = (struct fill_work){
        .target = target,
        .store = store,
        .progress = progress,
        .lease_s = options->lease_s > 0 ? options->lease_s : INDEX_LEASE_S,
        .threads = (int)(n < 1             ? 1
                         : n > MAX_THREADS ? MAX_THREADS
                                           : n),
    };
}

void fill_picture_release(struct fill_picture *picture)
{
    free(picture->path);
    free(picture->payload.data);
    free(picture->reason);
}

static void fail_work(struct fill_work *work, const struct error *error)
{
    pthread_mutex_lock(&work->lock);
    if (work->error.code == 0)
        work->error = *error;
    pthread_mutex_unlock(&work->lock);
    atomic_store(&work->stop, true);
}

static int take_pixels(struct fill_work *work, const struct image *image, size_t at,
                       struct error *err)
{
    const struct fill_target *target = work->target;
    struct fill_picture *picture = &work->pictures[at];
    if (target->signal)
        return target->signal->compute(&image, 1, &picture->payload, err);
    int rc = clip_preprocess(target->clip, image,
                             work->pixels + at * clip_pixel_count(target->clip), err);
    picture->has_pixels = rc == 0;
    return rc;
}

static int decode_picture(struct fill_work *work, const struct file *file, size_t at,
                          struct error *err)
{
    AUTO(image) *image = NULL;
    const struct fill_target *target = work->target;
    struct decode_options options = {.short_edge_px = target->signal ? target->signal->short_edge_px
                                                                     : clip_image_px(target->clip)};
    int rc = cage_decode(file->data, file->size, &options, &image, NULL, err);
    return rc ? rc : take_pixels(work, image, at, err);
}

static void make_one(struct fill_work *work, size_t at)
{
    struct fill_picture *picture = &work->pictures[at];
    struct error err = ERROR_INIT;
    struct file file = {NULL, 0};
    if (photo_file_read(picture->path, picture->hash, LIMIT_PHOTO_FILE_BYTES, &file, &err))
        return; /* the next run tries it again */
    int rc = decode_picture(work, &file, at, &err);
    if (rc == ERR_IO || rc == ERR_DENIED)
        fail_work(work, &err);
    else if (rc && rc != ERR_NO_MEMORY)
        picture->reason = text_printable(err.message, strlen(err.message));
    file_release(&file);
}

/* Returns false when none is left. */
static bool make_next(struct fill_work *work)
{
    size_t at;
    if (atomic_load(&work->stop) || (at = atomic_fetch_add(&work->next, 1)) >= work->n)
        return false;
    make_one(work, at);
    return true;
}

static void *worker_main(void *context)
{
    while (make_next(context))
        continue;
    return NULL;
}

static void renew_claims(struct fill_work *work)
{
    struct error err = ERROR_INIT;
    double now = clock_seconds();
    if (now - work->renewed < work->lease_s / RENEWALS_PER_LEASE)
        return;
    work->renewed = now;
    if (store_claim(work->store, NULL, 0, work->lease_s, NULL, &err))
        fail_work(work, &err);
}

static void run_threads(struct fill_work *work)
{
    pthread_t threads[MAX_THREADS];
    struct error err = ERROR_INIT;
    int started = 0;
    /* The calling thread is one of them, so that a system without further threads is no error. */
    while (started < work->threads - 1 && (size_t)started + 1 < work->n &&
           thread_start(&threads[started], worker_main, work, &err) == 0)
        started++;
    while (make_next(work)) {
        renew_claims(work);
        progress_show(work->progress, false);
        if (progress_is_cancelled(work->progress))
            atomic_store(&work->stop, true);
    }
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

/* Embeds the pictures that have pixels, which are moved together first. */
static int embed_pictures(struct fill_work *work, struct error *err)
{
    struct clip *clip = work->target->clip;
    size_t count = clip_pixel_count(clip), n = 0, bytes = clip_dim(clip) * sizeof(float);
    for (size_t i = 0; i < work->n; i++)
        if (work->pictures[i].has_pixels)
            memmove(work->pixels + n++ * count, work->pixels + i * count, count * sizeof(float));
    if (!n)
        return 0;
    AUTO_FREE float *vectors = xmalloc(n * bytes);
    int rc = clip_embed_pixels(clip, work->pixels, n, vectors, err);
    if (rc)
        return error_add(err, "cannot embed a batch of photos"), rc;
    const float *vector = vectors;
    for (size_t i = 0; i < work->n; i++) {
        if (!work->pictures[i].has_pixels)
            continue;
        work->pictures[i].payload =
            (struct signal_payload){memcpy(xmalloc(bytes), vector, bytes), bytes};
        vector += clip_dim(clip);
    }
    return 0;
}

int fill_work_compute(struct fill_work *work, struct error *err)
{
    struct clip *clip = work->target->clip;
    void *pixels = NULL;
    int rc = clip ? try_alloc(work->n, clip_pixel_count(clip) * sizeof(float), SIZE_MAX / 2,
                              &pixels, err)
                  : 0;
    if (rc)
        return rc;
    work->pixels = pixels;
    work->error = (struct error)ERROR_INIT;
    atomic_store(&work->next, 0);
    atomic_store(&work->stop, false);
    pthread_mutex_init(&work->lock, NULL);
    run_threads(work);
    pthread_mutex_destroy(&work->lock);
    work->has_computed = true;
    if (work->error.code)
        rc = error_set(err, work->error.code, "%s", work->error.message);
    if (!rc && clip)
        rc = embed_pictures(work, err);
    free(pixels);
    work->pixels = NULL;
    return rc;
}
