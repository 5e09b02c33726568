/* SPDX-License-Identifier: MIT */
/* Copies all photos and failures of a gallery into another, in batches. */
#include <string.h>

#include "base/memory.h"
#include "transfer/transfer_records.h"
#include "transfer/transfer_signals.h"

/* Photos per transaction: 1 MB of vectors of 512 numbers. */
#define BATCH 512

struct batch {
    struct store_change changes[BATCH];
    struct photo_facts facts[BATCH];
    uint8_t hashes[BATCH][HASH_BYTES];
    float *vectors; /* [BATCH][dim] */
    size_t n, dim;
};

struct copying {
    struct store *from, *to;
    const struct transfer_options *options;
    struct transfer_report report;
    int64_t total;
    struct batch *batch;
    struct error why; /* the error that stopped the copy */
};

static void empty_batch(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free((char *)(uintptr_t)b->changes[i].path);
        free((char *)(uintptr_t)b->changes[i].reason);
        free((char *)(uintptr_t)b->changes[i].version);
    }
    b->n = 0;
}

static int apply_batch(struct copying *c)
{
    struct batch *b = c->batch;
    int rc = store_apply(c->to, b->changes, b->n, &c->why);
    for (size_t i = 0; !rc && i < b->n; i++)
        if (b->changes[i].kind == STORE_ADD)
            c->report.photos++;
        else
            c->report.failures++;
    empty_batch(b);
    if (!rc && c->options->progress)
        c->options->progress(
            c->options->context,
            c->report.photos + c->report.failures + c->report.left_out + c->report.kept, c->total);
    if (!rc && c->options->cancelled && c->options->cancelled(c->options->context))
        return error_set(&c->why, ERR_CANCELLED, "interrupted");
    return rc;
}

/* Everything that a change points to must live until the batch is applied. */
static int take_change(struct copying *c, const struct store_change *change)
{
    struct batch *b = c->batch;
    size_t i = b->n++;
    struct store_change *own = &b->changes[i];
    *own = *change;
    own->path = xstrdup(change->path);
    own->reason = change->reason ? xstrdup(change->reason) : NULL;
    own->version = change->version ? xstrdup(change->version) : NULL;
    if (change->hash)
        own->hash = memcpy(b->hashes[i], change->hash, HASH_BYTES);
    if (change->kind == STORE_ADD) {
        b->facts[i] = *change->facts;
        own->facts = &b->facts[i];
        own->vector = memcpy(b->vectors + i * b->dim, change->vector, b->dim * sizeof *b->vectors);
    }
    return b->n == BATCH ? apply_batch(c) : 0;
}

static int leave_out(struct copying *c, const struct store_change *change, const char *why)
{
    c->report.left_out++;
    if (c->options->note)
        c->options->note(c->options->context, change->path, why);
    return 0;
}

static int match_photo(void *context, const struct store_file *file)
{
    return strcmp(file->path, context) == 0 && !file->failed ? 1 : 2;
}

/* Returns 1 if the target has a photo at that path, else 0. The path itself comes first in its
 * list. */
static int has_photo(struct copying *c, const char *path)
{
    int found = store_list_files(c->to, path, match_photo, (void *)(uintptr_t)path, &c->why);
    return found == 2 ? 0 : found;
}

static int copy_change(void *context, const struct store_change *change)
{
    struct copying *c = context;
    if (change->path[0] != '/')
        return leave_out(c, change, "its path is not absolute");
    if (change->kind == STORE_ADD && !change->vector)
        return leave_out(c, change, change->reason);
    if (change->kind == STORE_ADD && c->batch->dim == 0)
        return error_set(&c->why, ERR_IO,
                         "another program has just added the first photos: try "
                         "again");
    if (change->kind == STORE_ADD && !store_is_unit(change->vector, c->batch->dim))
        return leave_out(c, change, "its vector is not of length 1");
    if (change->kind == STORE_FAIL) {
        int has = has_photo(c, change->path);
        c->report.kept += has > 0;
        if (has)
            return has < 0 ? has : 0;
    }
    return take_change(c, change);
}

/* Copies the model first: a target with another one is refused before anything is changed. A
 * source without a model is empty, or contains only failures. */
static int copy_model(struct copying *c, struct error *err)
{
    struct store_model model;
    struct error unbound;
    int rc = store_get_model(c->from, &model, &unbound);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    c->batch->dim = (size_t)model.dim;
    c->batch->vectors = xmalloc(BATCH * c->batch->dim * sizeof *c->batch->vectors);
    char before[sizeof model.arithmetic];
    rc = store_bind_model(c->to, &model, err);
    return rc || !model.arithmetic[0] ? rc : store_add_arithmetic(c->to, &model, before, err);
}

static int count_total(struct copying *c, struct error *err)
{
    struct store_status status;
    int rc = store_status(c->from, &status, err);
    if (!rc)
        c->total = status.photos + status.failed;
    return rc;
}

int transfer_copy(struct store *from, struct store *to, const struct transfer_options *options,
                  struct transfer_report *ret_report, struct error *err)
{
    static const struct transfer_options defaults;
    struct copying c = {.from = from, .to = to, .options = options ? options : &defaults};
    c.batch = xcalloc(1, sizeof *c.batch);
    int rc = count_total(&c, err);
    if (!rc)
        rc = copy_model(&c, err);
    if (!rc) {
        rc = store_dump(from, copy_change, &c, &c.why);
        if (!rc)
            rc = apply_batch(&c);
        if (!rc)
            rc = transfer_signals(from, to, c.options, &c.report, &c.why);
        if (!rc)
            rc = transfer_records(from, to, c.options, &c.report, &c.why);
        if (rc)
            error_set(err, rc, "%s", c.why.message);
    }
    empty_batch(c.batch);
    free(c.batch->vectors);
    free(c.batch);
    if (!rc || rc == ERR_CANCELLED)
        *ret_report = c.report;
    return rc;
}
