/* SPDX-License-Identifier: MIT */
/* Lists, claims and stores the signals that photos lack; fill_worker.c computes them. */
#include "indexer/signal_fill.h"

#include <string.h>

#include "base/clock.h"
#include "cage/cage.h"
#include "indexer/fill_worker.h"

/* Pictures listed by one query, and pictures computed and stored together. */
#define PAGE 1024
#define TOGETHER 64

struct page {
    struct fill_picture pictures[PAGE];
    size_t n;      /* pictures with a path in the scope */
    size_t listed; /* pictures listed */
    int64_t last;  /* id of the last photo listed */
    const struct fill_scope *scope;
};

/* Returns the path of a copy in the scope; NULL if there is none. */
static const char *choose_path(const struct fill_scope *scope, const struct store_lacking *lacking)
{
    if (walk_roots_cover(scope->roots, lacking->path))
        return lacking->path;
    const struct known_file *file = known_first_alike(scope->known, lacking->hash);
    for (; file; file = known_next_alike(scope->known, file))
        if (walk_roots_cover(scope->roots, file->path))
            return file->path;
    return NULL;
}

static int add_lacking(void *context, const struct store_lacking *lacking)
{
    struct page *page = context;
    page->listed++;
    page->last = lacking->photo;
    /* Only still pictures can be decoded. */
    const char *path = lacking->position == 0 ? choose_path(page->scope, lacking) : NULL;
    if (!path)
        return 0;
    struct fill_picture *picture = &page->pictures[page->n++];
    *picture = (struct fill_picture){.path = xstrdup(path)};
    memcpy(picture->hash, lacking->hash, HASH_BYTES);
    return 0;
}

static void empty_page(struct page *page)
{
    for (size_t i = 0; i < page->n; i++)
        fill_picture_release(&page->pictures[i]);
    page->n = page->listed = 0;
}

/* Moves the pictures that this process may compute to the front. */
static int claim_pictures(struct fill_work *work, struct error *err)
{
    struct store_lacking wanted[TOGETHER];
    enum store_claim claims[TOGETHER];
    size_t mine = 0;
    for (size_t i = 0; i < work->n; i++) {
        wanted[i] = (struct store_lacking){.position = 0};
        memcpy(wanted[i].hash, work->pictures[i].hash, HASH_BYTES);
    }
    int rc = store_claim_signals(work->store, &work->target->kind, wanted, work->n, work->lease_s,
                                 claims, err);
    for (size_t i = 0; !rc && i < work->n; i++) {
        struct fill_picture picture = work->pictures[i];
        if (claims[i] != STORE_CLAIM_MINE)
            continue;
        work->pictures[i] = work->pictures[mine];
        work->pictures[mine++] = picture;
    }
    work->n = mine;
    work->has_claimed = true;
    work->renewed = clock_seconds();
    return rc;
}

static int store_pictures(struct fill_work *work, struct error *err)
{
    struct signal_batch batch = SIGNAL_BATCH_INIT;
    const struct store_signal_kind *kind = &work->target->kind;
    struct index_report *report = &work->progress->now.report;
    int64_t made = 0, failed = 0;
    for (size_t i = 0; i < work->n; i++) {
        struct fill_picture *picture = &work->pictures[i];
        if (picture->payload.data)
            signal_batch_add(&batch, kind, picture->hash, 0, picture->payload);
        else if (picture->reason)
            signal_batch_add_failure(&batch, kind, picture->hash, 0, picture->reason);
        made += picture->payload.data != NULL;
        failed += picture->reason != NULL;
        picture->payload.data = NULL;
    }
    int rc = signal_batch_put(&batch, work->store, 0, err);
    signal_batch_release(&batch);
    if (rc)
        return rc;
    report->signals += made;
    report->signals_failed += failed;
    return 0;
}

static void note_failures(const struct fill_work *work)
{
    for (size_t i = 0; i < work->n; i++) {
        if (!work->pictures[i].reason)
            continue;
        AUTO_FREE char *sentence = xasprintf("its signal \"%s\" cannot be computed: %s",
                                             work->target->kind.kind, work->pictures[i].reason);
        progress_note(work->progress, work->pictures[i].path, sentence);
    }
}

static int fill_some(struct fill_work *work, struct error *err)
{
    size_t asked = work->n;
    int rc = claim_pictures(work, err);
    if (!rc && work->n)
        rc = fill_work_compute(work, err);
    if (!rc && work->n)
        rc = store_pictures(work, err);
    if (rc)
        return rc;
    note_failures(work);
    work->progress->now.done += (int64_t)asked;
    progress_show(work->progress, false);
    return progress_is_cancelled(work->progress)
               ? error_set(err, ERR_CANCELLED,
                           "interrupted; everything finished so far is in the gallery")
               : 0;
}

static int fill_page(struct page *page, struct fill_work *work, struct error *err)
{
    int rc = 0;
    work->progress->now.total += (int64_t)page->n;
    for (size_t done = 0; !rc && done < page->n; done += TOGETHER) {
        work->pictures = page->pictures + done;
        work->n = page->n - done < TOGETHER ? page->n - done : TOGETHER;
        rc = fill_some(work, err);
    }
    return rc;
}

static int fill_pages(struct page *page, struct fill_work *work, struct error *err)
{
    int rc;
    do {
        empty_page(page);
        rc = store_list_lacking(work->store, &work->target->kind, page->last, PAGE, add_lacking,
                                page, err);
        if (!rc)
            rc = fill_page(page, work, err);
    } while (!rc && page->listed == PAGE);
    return rc;
}

int signal_fill(const struct fill_target *target, const struct fill_scope *scope,
                struct store *store, struct progress *progress, struct error *err)
{
    struct fill_work work;
    struct error why = ERROR_INIT;
    struct page *page = xcalloc(1, sizeof *page);
    page->scope = scope;
    fill_work_init(&work, target, store, progress);
    int rc = fill_pages(page, &work, err);
    empty_page(page);
    free(page);
    if (work.has_computed)
        cage_release_idle();
    /* Those of pictures that could not be read. */
    int given = work.has_claimed && rc != ERR_NETWORK ? store_unclaim(store, &why) : 0;
    return rc || !given ? rc : error_set(err, given, "%s", why.message);
}

int signal_fill_all(const struct fill_scope *scope, struct store *store, struct progress *progress,
                    struct error *err)
{
    size_t n;
    int rc = 0;
    const struct signal_kind *kinds = signal_kinds(&n);
    for (size_t i = 0; !rc && i < n; i++) {
        struct fill_target target = {.kind = signal_batch_kind(&kinds[i]), .signal = &kinds[i]};
        rc = signal_fill(&target, scope, store, progress, err);
    }
    return rc;
}
