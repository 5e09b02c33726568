/* SPDX-License-Identifier: MIT */
/* Makes missing thumbnails on several threads. */
#include "thumbs/fill.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"

#define MAX_THREADS 256
#define POLL_US 100000

struct missing {
    char *path;
    uint8_t hash[HASH_BYTES];
};

struct fill {
    struct thumbs *thumbs;
    struct missing *photos;
    size_t n, cap;
    atomic_size_t next; /* index of the next one to make */
    atomic_llong made, failed;
    atomic_int working; /* number of running threads */
    atomic_bool stop, is_full;
};

static int add_missing(void *context, const struct store_file *file)
{
    static const uint8_t unread[HASH_BYTES];
    struct fill *fill = context;
    if (file->failed || memcmp(file->hash, unread, HASH_BYTES) == 0 ||
        !thumbs_has(fill->thumbs, file->hash, NULL))
        return 0;
    ARRAY_GROW(fill->photos, fill->cap, fill->n + 1);
    struct missing *photo = &fill->photos[fill->n++];
    photo->path = xstrdup(file->path);
    memcpy(photo->hash, file->hash, HASH_BYTES);
    return 0;
}

static void make_one(struct fill *fill, const struct missing *photo)
{
    uint8_t *data = NULL;
    size_t size;
    if (thumbs_make(fill->thumbs, photo->path, photo->hash, THUMB_SMALL, &data, &size, NULL))
        atomic_fetch_add(&fill->failed, 1);
    else
        atomic_fetch_add(&fill->made, 1);
    free(data);
}

static void *make_thumbnails(void *context)
{
    struct fill *fill = context;
    size_t at;
    while (!atomic_load(&fill->stop) && (at = atomic_fetch_add(&fill->next, 1)) < fill->n) {
        if (thumbs_is_full(fill->thumbs)) {
            atomic_store(&fill->is_full, true);
            break;
        }
        make_one(fill, &fill->photos[at]);
    }
    atomic_fetch_sub(&fill->working, 1);
    return NULL;
}

static void read_report(struct fill *fill, struct thumbs_fill_report *ret_report)
{
    ret_report->missing = (int64_t)fill->n;
    ret_report->made = atomic_load(&fill->made);
    ret_report->failed = atomic_load(&fill->failed);
    ret_report->is_full = atomic_load(&fill->is_full);
}

static void watch_progress(struct fill *fill, const struct thumbs_fill_options *options,
                           struct thumbs_fill_report *ret_report)
{
    double started = clock_seconds();
    while (atomic_load(&fill->working) > 0) {
        usleep(POLL_US);
        read_report(fill, ret_report);
        ret_report->seconds = clock_seconds() - started;
        if (options->progress)
            options->progress(options->context, ret_report);
        if (options->cancelled && options->cancelled(options->context))
            atomic_store(&fill->stop, true);
    }
}

static int run_threads(struct fill *fill, const struct thumbs_fill_options *options,
                       struct thumbs_fill_report *ret_report, struct error *err)
{
    pthread_t threads[MAX_THREADS];
    long n = options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    n = n > MAX_THREADS ? MAX_THREADS : n < 1 ? 1 : n;
    n = (size_t)n > fill->n ? (long)fill->n : n;
    int started = 0, rc = 0;
    while (started < n && !rc) {
        atomic_fetch_add(&fill->working, 1);
        rc = thread_start(&threads[started], make_thumbnails, fill, err);
        started += !rc;
    }
    if (rc)
        atomic_fetch_sub(&fill->working, 1);
    watch_progress(fill, options, ret_report);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    read_report(fill, ret_report);
    if (started == 0 && rc)
        return rc;
    return atomic_load(&fill->stop)
               ? error_set(err, ERR_CANCELLED, "interrupted; the thumbnails made so far are kept")
               : 0;
}

int thumbs_fill(struct thumbs *thumbs, struct store *store, const char *const *roots,
                size_t n_roots, const struct thumbs_fill_options *options,
                struct thumbs_fill_report *ret_report, struct error *err)
{
    struct fill fill = {.thumbs = thumbs};
    double started = clock_seconds();
    int rc = 0;
    *ret_report = (struct thumbs_fill_report){0};
    for (size_t i = 0; i < n_roots && !rc; i++)
        rc = store_list_files(store, roots[i], add_missing, &fill, err);
    if (!rc)
        rc = run_threads(&fill, options, ret_report, err);
    for (size_t i = 0; i < fill.n; i++)
        free(fill.photos[i].path);
    free(fill.photos);
    ret_report->seconds = clock_seconds() - started;
    return rc;
}
