/* SPDX-License-Identifier: MIT */
/* The decode threads: turn tasks into outcomes with pixels for the vision tower. */
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cage/cage.h"
#include "indexer/pipeline_internal.h"
#include "indexer/sidecar_files.h"

#define LEAST_EDGE_PX 16 /* for facts alone, the smallest decode is enough */

static void set_failure(struct outcome *outcome, const char *sentence)
{
    outcome->kind = STORE_FAIL;
    outcome->reason = text_printable(sentence, strlen(sentence));
}

/* Makes a reason without the path, which errors of base/file.h contain but a failure has beside it.
 */
static void set_read_failure(struct outcome *outcome, const struct error *err)
{
    char size[32], limit[32], sentence[128];
    switch (err->code) {
    case ERR_NOT_FOUND: /* vanished since the walk: removal_run examines it again */
        outcome->kind = STORE_CHANGE_NONE;
        return;
    case ERR_DENIED:
        set_failure(outcome, "cannot be opened: permission denied");
        return;
    case ERR_LIMIT:
        text_bytes(size, sizeof size, (uint64_t)outcome->task->size);
        text_bytes(limit, sizeof limit, LIMIT_PHOTO_FILE_BYTES);
        snprintf(sentence, sizeof sentence, "is %s long; the limit is %s", size, limit);
        set_failure(outcome, sentence);
        return;
    default:
        set_failure(outcome, err->message);
    }
}

/* Fails a leader and all duplicates that wait for it. */
static void fail_leader(struct pipeline *p, struct outcome *leader, const struct error *err)
{
    match_close(p->match, leader, false);
    leader->has_hash = err->code != ERR_NO_MEMORY; /* without a hash, the next run tries again */
    set_failure(leader, err->message);
    for (struct outcome *duplicate = leader->duplicates; duplicate; duplicate = duplicate->next) {
        duplicate->has_hash = leader->has_hash;
        set_failure(duplicate, err->message);
    }
}

static int preprocess(struct pipeline *p, const struct image *image, struct outcome *outcome,
                      struct error *err)
{
    void *pixels;
    int rc = try_alloc(clip_pixel_count(p->clip), sizeof(float), LIMIT_DECODE_BYTES, &pixels, err);
    if (rc)
        return rc;
    outcome->pixels = pixels;
    return clip_preprocess(p->clip, image, outcome->pixels, err);
}

/* Computes the signals for which the decoded picture has enough pixels. The others, and those that
 * fail, are left to signal_fill.h. */
static void compute_signals(const struct image *image, struct outcome *outcome)
{
    size_t n;
    const struct signal_kind *kinds = signal_kinds(&n);
    outcome->signals = xcalloc(n, sizeof *outcome->signals);
    for (size_t i = 0; i < n; i++) {
        struct error err = ERROR_INIT;
        if (!signal_kind_suffices(&kinds[i], image, outcome->facts.width, outcome->facts.height) ||
            kinds[i].compute(&image, 1, &outcome->signals[i], &err))
            outcome->signals[i].data = NULL;
    }
}

/* Decodes the file together with its sidecars, and keeps what is known of the photo. */
static int decode_file(struct cage_share *share, const struct file *file, int short_edge_px,
                       struct outcome *outcome, struct image **ret_image, struct error *err)
{
    struct sidecar_files beside;
    struct decode_extras extras = {0};
    sidecar_files_read(&outcome->task->sidecars, &beside);
    struct decode_options options = {.short_edge_px = short_edge_px,
                                     .sidecars = beside.contents,
                                     .n_sidecars = beside.n,
                                     .extras = &extras};
    int rc =
        cage_decode_with(share, file->data, file->size, &options, ret_image, &outcome->facts, err);
    if (!rc) {
        text_copy(outcome->facts.sidecars, sizeof outcome->facts.sidecars,
                  outcome->task->sidecars.mark);
        outcome_set_regions(outcome, &extras.regions);
        outcome->remark = sidecar_files_remark(&beside, extras.broken_sidecars);
    }
    sidecar_files_release(&beside);
    return rc;
}

static int decode_pixels(struct pipeline *p, struct cage_share *share, struct file *file,
                         struct outcome *outcome, struct error *err)
{
    AUTO(image) *image = NULL;
    int rc = decode_file(share, file, clip_image_px(p->clip), outcome, &image, err);
    if (!rc)
        rc = preprocess(p, image, outcome, err);
    if (!rc) {
        atomic_fetch_add(&p->decoded, 1);
        compute_signals(image, outcome);
        thumbnails_keep(p, share, file, outcome, &image);
    }
    file_release(file);
    return rc;
}

/* Reads the facts of a photo that the gallery has, because its sidecars are not those that they
 * were read with. A picture that cannot be decoded any more keeps them. */
static void read_facts(struct pipeline *p, struct cage_share *share, const struct file *file,
                       struct outcome *outcome)
{
    struct error err = ERROR_INIT;
    AUTO(image) *image = NULL;
    int rc = decode_file(share, file, LEAST_EDGE_PX, outcome, &image, &err);
    outcome->has_facts = rc == 0;
    outcome->wants_facts = rc && share->wanted;
    if (rc == ERR_IO || rc == ERR_DENIED)
        pipeline_fail(p, &err);
}

/* Decodes the first file with this content. Leaves the outcome unset if the share of memory is too
 * small. */
static void decode_leader(struct pipeline *p, struct cage_share *share, struct file *file,
                          struct outcome *outcome)
{
    struct error err = ERROR_INIT;
    int rc = decode_pixels(p, share, file, outcome, &err);
    if (rc == ERR_IO || rc == ERR_DENIED) /* a general failure, which affects every picture */
        pipeline_fail(p, &err);
    else if (rc && !share->wanted)
        fail_leader(p, outcome, &err);
}

/* Returns NULL if the outcome became a duplicate of another file. */
static struct outcome *examine(struct pipeline *p, struct cage_share *share, struct file *file,
                               struct outcome *outcome)
{
    hash_bytes(file->data, file->size, outcome->hash);
    outcome->has_hash = true;
    if (file->size == 0) {
        set_failure(outcome, "is empty");
        return outcome;
    }
    switch (match_decide(p->match, outcome)) {
    case MATCH_DUPLICATE:
        return NULL;
    case MATCH_DECODE:
        decode_leader(p, share, file, outcome);
        break;
    case MATCH_DECIDED:
        if (strcmp(outcome->source_sidecars, outcome->task->sidecars.mark) != 0)
            read_facts(p, share, file, outcome);
        break;
    }
    return outcome;
}

static struct outcome *begin_file(struct pipeline *p, struct cage_share *share,
                                  struct outcome *outcome)
{
    struct error err = ERROR_INIT;
    struct file file = {NULL, 0};
    if (file_read(outcome->task->path, LIMIT_PHOTO_FILE_BYTES, &file, &err))
        set_read_failure(outcome, &err);
    else
        outcome = examine(p, share, &file, outcome);
    file_release(&file);
    return outcome;
}

/* Decodes the same file again, with the memory that its picture needs. */
static void resume_file(struct pipeline *p, struct cage_share *share, struct outcome *outcome)
{
    struct error err = ERROR_INIT;
    struct file file = {NULL, 0};
    uint8_t hash[HASH_BYTES];
    int rc = file_read(outcome->task->path, LIMIT_PHOTO_FILE_BYTES, &file, &err);
    if (!rc) {
        hash_bytes(file.data, file.size, hash);
        if (memcmp(hash, outcome->hash, sizeof hash) != 0)
            rc = error_set(&err, ERR_NO_MEMORY, "changed while it was read");
    }
    if (outcome->wants_facts) {
        outcome->wants_facts = false;
        if (!rc)
            read_facts(p, share, &file, outcome);
    } else if (rc) {
        err.code = ERR_NO_MEMORY; /* the next run tries again */
        fail_leader(p, outcome, &err);
    } else {
        decode_leader(p, share, &file, outcome);
    }
    file_release(&file);
}

/* Acquires memory before it reads the file; to avoid deadlock, no thread waits for more memory
 * while it holds some. */
static struct outcome *work(struct pipeline *p, struct task *task)
{
    struct outcome *outcome = outcome_new(task);
    struct cage_share share;
    size_t bytes = cage_least_share((size_t)task->size);
    for (bool begun = false; bytes; begun = true) {
        cage_share_take(&share, bytes);
        if (begun)
            resume_file(p, &share, outcome);
        else
            outcome = begin_file(p, &share, outcome);
        bytes = share.wanted;
        cage_share_give(&share);
    }
    return outcome;
}

void *decoder_main(void *pipeline)
{
    struct pipeline *p = pipeline;
    struct task *task;
    while ((task = queue_pop(p->tasks))) {
        struct outcome *outcome = work(p, task);
        /* Count down before the push, so that the embedder sees 0 after the last outcome. */
        atomic_fetch_sub(&p->undecoded, 1);
        if (outcome && !queue_push(p->outcomes, outcome))
            outcome_discard(p, outcome);
    }
    if (atomic_fetch_sub(&p->decoders, 1) == 1)
        queue_finish(p->outcomes);
    return NULL;
}
