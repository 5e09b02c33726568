/* SPDX-License-Identifier: MIT */
/* Turns a batch of results into changes, applies them in one transaction and counts them. */
#include "indexer/writer.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "image/codec_versions.h"
#include "metadata/name_date.h"

struct change_list {
    struct store_change *changes;
    struct outcome **outcomes; /* outcome of each change; NULL: an outcome's second change */
    size_t n, cap;
};

struct source {
    const struct outcome *copy;
    int64_t id;
};

static int check_source(void *context, const struct store_file *file)
{
    struct source *source = context;
    if (strcmp(file->path, source->copy->source) == 0 && !file->failed &&
        memcmp(file->hash, source->copy->hash, HASH_BYTES) == 0)
        source->id = file->id;
    return 0;
}

/* Gets the photo that this run stored at outcome->source; 0 if another program has changed it. */
static int find_source(struct store *store, const struct outcome *outcome, int64_t *ret_id,
                       struct error *err)
{
    struct source source = {outcome, 0};
    int rc = store_list_files(store, outcome->source, check_source, &source, err);
    if (!rc)
        *ret_id = source.id;
    return rc;
}

/* Returns whether the same failure is recorded from an earlier run. */
static bool has_failed_before(const struct outcome *o)
{
    const struct known_file *known = o->task->known;
    if (o->kind != STORE_FAIL || !known || !known->failed || o->task->cause == TASK_CHANGED)
        return false;
    return !o->has_hash || !known_was_read(known) || memcmp(o->hash, known->hash, HASH_BYTES) == 0;
}

/* Returns whether a photo that cannot be read now, because of its disk, its network or its
 * permissions, stays in the gallery unchanged; each run tries it again. */
static bool is_kept_photo(const struct outcome *o)
{
    const struct known_file *known = o->task->known;
    return o->kind == STORE_FAIL && !o->has_hash && known && !known->failed &&
           (uint64_t)o->task->size <= LIMIT_PHOTO_FILE_BYTES;
}

static bool is_still_unread(const struct outcome *o)
{
    return o->kind == STORE_FAIL && !o->has_hash && o->task->cause == TASK_UNREAD;
}

/* Chooses the kind of the change; *ret_id is the source photo of a COPY or MOVE. */
static int choose_change(struct store *store, const struct outcome *o,
                         enum store_change_kind *ret_kind, int64_t *ret_id, struct error *err)
{
    int rc = 0;
    *ret_id = o->id;
    *ret_kind = o->kind;
    if (o->kind == STORE_CHANGE_NONE || is_kept_photo(o) || is_still_unread(o))
        *ret_kind = STORE_KEEP;
    else if (o->kind == STORE_COPY && o->source)
        rc = find_source(store, o, ret_id, err);
    return rc;
}

/* Records the decoder versions. The first bytes of the file identify the decoder; those of HEIF are
 * the longest. */
static void set_versions(struct outcome *o)
{
    uint8_t start[256];
    char versions[CODEC_VERSIONS_SIZE];
    int fd;
    size_t size;
    if (file_open_regular(o->task->path, &fd, &size, NULL))
        return;
    ssize_t n = pread(fd, start, sizeof start, 0);
    close(fd);
    if (n < 0)
        return;
    codec_versions_of(start, (size_t)n, versions);
    free(o->versions);
    o->versions = xstrdup(versions);
}

/* Duplicates have the facts of the first file, unless their sidecars differ from its. */
static bool is_deferred(const struct outcome *o)
{
    return o->is_duplicate && o->kind == STORE_ADD &&
           strcmp(o->facts.sidecars, o->task->sidecars.mark) != 0;
}

/* The metadata of a photo is worth more than the name of its file. */
static void guess_date(struct outcome *o)
{
    if (!o->facts.taken[0] && name_date_parse(o->task->path, o->facts.taken))
        text_copy(o->facts.taken_from, sizeof o->facts.taken_from, "file name");
}

/* Replaces the facts of a photo that the gallery has by adding it again, with the vector that it
 * has. A photo without a sound vector is left to the run that embeds it. */
static int add_facts(struct store *store, struct change_list *list, struct outcome *o, int64_t id,
                     struct error *err)
{
    struct error why = ERROR_INIT;
    struct store_model model;
    int rc = store_get_model(store, &model, err);
    if (rc)
        return rc;
    o->kept_vector = xcalloc(model.dim, sizeof *o->kept_vector);
    if (store_get_vector(store, o->kind == STORE_TOUCH ? o->task->known->id : id, o->kept_vector,
                         &why))
        return 0;
    guess_date(o);
    list->outcomes[list->n] = NULL;
    list->changes[list->n] = list->changes[list->n - 1];
    struct store_change *change = &list->changes[list->n++];
    change->kind = STORE_ADD;
    change->id = 0;
    change->source = NULL;
    change->facts = &o->facts;
    change->vector = o->kept_vector;
    return 0;
}

static int add_change(struct store *store, struct change_list *list, struct outcome *o,
                      struct error *err)
{
    enum store_change_kind kind;
    int64_t id;
    int rc = choose_change(store, o, &kind, &id, err);
    if (rc)
        return rc;
    if (kind == STORE_FAIL && o->has_hash)
        set_versions(o);
    if (kind == STORE_ADD)
        guess_date(o);
    o->is_lost = kind == STORE_COPY && id == 0;
    o->is_deferred = is_deferred(o);
    list->outcomes[list->n] = o;
    list->changes[list->n++] = (struct store_change){
        .kind = o->is_lost || o->is_deferred ? STORE_KEEP : kind,
        .path = o->task->path,
        .size = o->task->size,
        .mtime_ns = o->task->mtime_ns,
        .ctime_ns = o->task->ctime_ns,
        .inode = o->task->inode,
        .id = id,
        .hash = o->has_hash ? o->hash : NULL,
        .source = kind == STORE_MOVE ? o->source : NULL,
        .facts = o->kind == STORE_ADD ? &o->facts : NULL,
        .vector = o->vector,
        .reason = o->reason,
        .version = o->versions,
    };
    return o->has_facts && !o->is_lost ? add_facts(store, list, o, id, err) : 0;
}

static size_t count_outcomes(const struct batch *batch)
{
    size_t n = 0;
    for (const struct outcome *o = batch->first; o; o = o->next) {
        n++;
        for (const struct outcome *duplicate = o->duplicates; duplicate;
             duplicate = duplicate->next)
            n++;
    }
    return n;
}

static int list_changes(struct store *store, const struct batch *batch, struct change_list *list,
                        struct error *err)
{
    int rc = 0;
    for (struct outcome *o = batch->first; o && !rc; o = o->next) {
        rc = add_change(store, list, o, err);
        for (struct outcome *duplicate = o->duplicates; duplicate && !rc;
             duplicate = duplicate->next)
            rc = add_change(store, list, duplicate, err);
    }
    return rc;
}

static void count_addition(struct index_report *report, const struct outcome *o)
{
    const struct known_file *known = o->task->known;
    if (known && !known->failed)
        report->updated++;
    else if (o->is_duplicate)
        report->copied++;
    else
        report->added++;
}

static void count_change(struct progress *progress, const struct outcome *o)
{
    struct index_report *report = &progress->now.report;
    if (o->remark)
        progress_note(progress, o->task->path, o->remark);
    switch (o->kind) {
    case STORE_ADD:
        count_addition(report, o);
        break;
    case STORE_COPY:
        report->copied++;
        break;
    case STORE_MOVE:
        report->moved++;
        break;
    case STORE_TOUCH:
        if (o->has_facts)
            report->updated++;
        else if (o->task->known && o->task->known->dropped)
            report->dropped++;
        else if (o->task->known && o->task->known->failed)
            report->failed_before++;
        else
            report->touched++;
        break;
    case STORE_FAIL:
        report->failed++;
        progress_note(progress, o->task->path, o->reason);
        break;
    case STORE_CHANGE_NONE:
    case STORE_REMOVE:
    case STORE_KEEP:
        break;
    }
}

/* Checks whether each COPY and MOVE took effect, because it is a no-op if its photo was deleted or
 * changed. */
static int find_lost(struct claims *claims, const struct change_list *list, struct error *err)
{
    AUTO_FREE struct store_wanted *files = xcalloc(list->n, sizeof *files);
    AUTO_FREE struct outcome **asked = xcalloc(list->n, sizeof(struct outcome *));
    AUTO_FREE enum store_claim *answers = xcalloc(list->n, sizeof *answers);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct store_change *c = &list->changes[i];
        if (c->kind != STORE_COPY && c->kind != STORE_MOVE)
            continue;
        files[n] = (struct store_wanted){.path = c->path, .size = c->size, .mtime_ns = c->mtime_ns};
        asked[n++] = list->outcomes[i];
    }
    int rc = n ? store_claim(claims->store, files, n, claims->lease_s, answers, err) : 0;
    for (size_t i = 0; !rc && i < n; i++)
        asked[i]->is_lost = answers[i] != STORE_CLAIM_DONE;
    return rc;
}

/* A duplicate that is deferred becomes a copy in the next round, with facts of its own. */
static void settle(struct claims *claims, const struct change_list *list)
{
    size_t done = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct outcome *o = list->outcomes[i];
        if (!o)
            continue;
        if (o->is_lost || o->is_deferred) {
            o->task->decode = o->is_lost;
            claims_put_back(claims, o->task);
            continue;
        }
        if (has_failed_before(o))
            claims->progress->now.report.failed_before++;
        else
            count_change(claims->progress, o);
        done++;
    }
    claims_settle(claims, done);
    claims->progress->now.done += (int64_t)done;
}

int writer_store(struct claims *claims, const struct batch *batch, struct error *err)
{
    size_t n = 2 * count_outcomes(batch);
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    AUTO_FREE struct outcome **outcomes = xcalloc(n, sizeof(struct outcome *));
    struct change_list list = {changes, outcomes, 0, n};
    int rc = list_changes(claims->store, batch, &list, err);
    if (!rc)
        rc = store_apply(claims->store, list.changes, list.n, err);
    if (!rc)
        rc = find_lost(claims, &list, err);
    if (rc)
        return rc;
    settle(claims, &list);
    return 0;
}
