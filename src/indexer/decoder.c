/* The decode threads: from a task to an outcome, pixels ready for the vision tower. */
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "image/image.h"
#include "indexer/pipeline_parts.h"

/* What one file may take while it is read and decoded: its bytes, and pixels that are several times
 * as large. A guess by name (JPEGs are decoded scaled down); the decoder alone knows, and has its
 * own ceiling, LIMIT_DECODE_BYTES. */
static size_t guess_bytes(const struct pipeline *p, const struct task *task)
{
    enum { SMALLEST = 8 << 20, THUMBNAILS = 16 << 20 };
    const char *dot = strrchr(task->path, '.');
    bool is_jpeg = dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
    size_t file_bytes = (size_t)task->size;
    if (file_bytes > LIMIT_PHOTO_FILE_BYTES) /* refused unread */
        return SMALLEST;
    return SMALLEST + (p->thumbs ? THUMBNAILS : 0) + (is_jpeg ? 4 : 20) * file_bytes;
}

static void set_failure(struct outcome *outcome, const char *sentence)
{
    outcome->kind = STORE_FAIL;
    outcome->reason = text_printable(sentence, strlen(sentence));
}

/* Sentences of base/file.h name the path; a reason stands beside it. */
static void set_read_failure(struct outcome *outcome, const struct error *err)
{
    char size[32], limit[32], sentence[128];
    switch (err->code) {
    case ERR_NOT_FOUND: /* vanished since the walk: the end of the run looks again */
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

/* Everything waiting for this content fails with it. */
static void fail_leader(struct pipeline *p, struct outcome *leader, const struct error *err)
{
    match_close(p->match, leader, false);
    leader->has_hash = err->code != ERR_NO_MEMORY; /* else the next run tries again */
    set_failure(leader, err->message);
    for (struct outcome *twin = leader->twins; twin; twin = twin->next) {
        twin->has_hash = leader->has_hash;
        set_failure(twin, err->message);
    }
}

static int decode_pixels(struct pipeline *p, struct file *file, struct outcome *outcome,
                         struct error *err)
{
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = clip_image_px(p->clip)};
    int rc = image_decode(file->data, file->size, &options, &image, &outcome->facts, err);
    if (!rc)
        thumbnails_keep(p, file, outcome, image);
    file_release(file);
    if (rc)
        return rc;
    atomic_fetch_add(&p->decoded, 1);
    void *pixels;
    rc = try_alloc(clip_pixel_count(p->clip), sizeof(float), LIMIT_DECODE_BYTES, &pixels, err);
    if (rc)
        return rc;
    outcome->pixels = pixels;
    return clip_preprocess(p->clip, image, outcome->pixels, err);
}

/* NULL when the outcome went to another file as its twin. */
static struct outcome *examine(struct pipeline *p, struct file *file, struct outcome *outcome)
{
    hash_bytes(file->data, file->size, outcome->hash);
    outcome->has_hash = true;
    if (file->size == 0) {
        set_failure(outcome, "is empty");
        return outcome;
    }
    struct error err = ERROR_INIT;
    switch (match_decide(p->match, outcome)) {
    case MATCH_TWIN:
        return NULL;
    case MATCH_DECODE:
        if (decode_pixels(p, file, outcome, &err))
            fail_leader(p, outcome, &err);
        break;
    case MATCH_DECIDED:
        break;
    }
    return outcome;
}

static struct outcome *work(struct pipeline *p, struct task *task)
{
    struct outcome *outcome = outcome_new(task);
    struct error err = ERROR_INIT;
    struct file file = {NULL, 0};
    size_t taken = budget_take(p->budget, guess_bytes(p, task));
    if (file_read(task->path, LIMIT_PHOTO_FILE_BYTES, &file, &err))
        set_read_failure(outcome, &err);
    else
        outcome = examine(p, &file, outcome);
    file_release(&file);
    budget_give(p->budget, taken);
    return outcome;
}

void *decoder_main(void *pipeline)
{
    struct pipeline *p = pipeline;
    struct task *task;
    while ((task = queue_pop(p->tasks))) {
        struct outcome *outcome = work(p, task);
        atomic_fetch_sub(&p->undecoded, 1); /* before the push: the last one finds 0 */
        if (outcome && !queue_push(p->outcomes, outcome))
            outcome_discard(p, outcome);
    }
    if (atomic_fetch_sub(&p->decoders, 1) == 1)
        queue_finish(p->outcomes);
    return NULL;
}
