#include "indexer/writer.h"

#include <string.h>

struct change_list {
    struct store_change *changes;
    const struct outcome **outcomes; /* of each change */
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

/* The photo that this run stored at outcome->source; 0 when another program changed it since. */
static int find_source(struct store *store, const struct outcome *outcome, int64_t *ret_id,
                       struct error *err)
{
    struct source source = {outcome, 0};
    int rc = store_list_files(store, outcome->source, check_source, &source, err);
    if (!rc)
        *ret_id = source.id;
    return rc;
}

static bool has_failed_before(const struct outcome *outcome)
{
    return outcome->kind == STORE_FAIL && outcome->task->again && !outcome->has_hash;
}

static int add_change(struct store *store, struct change_list *list, const struct outcome *o,
                      struct error *err)
{
    int64_t id = o->id;
    if (o->kind == STORE_CHANGE_NONE || has_failed_before(o))
        return 0;
    if (o->kind == STORE_COPY && o->source) {
        int rc = find_source(store, o, &id, err);
        if (rc || id == 0)
            return rc;
    }
    list->outcomes[list->n] = o;
    list->changes[list->n++] = (struct store_change){
        .kind = o->kind,
        .path = o->task->path,
        .size = o->task->size,
        .mtime_ns = o->task->mtime_ns,
        .id = id,
        .hash = o->has_hash ? o->hash : NULL,
        .facts = o->kind == STORE_ADD ? &o->facts : NULL,
        .vector = o->vector,
        .reason = o->reason,
    };
    return 0;
}

static size_t count_outcomes(const struct batch *batch)
{
    size_t n = 0;
    for (const struct outcome *o = batch->first; o; o = o->next) {
        n++;
        for (const struct outcome *twin = o->twins; twin; twin = twin->next)
            n++;
    }
    return n;
}

static int list_changes(struct store *store, const struct batch *batch, struct change_list *list,
                        struct error *err)
{
    int rc = 0;
    for (const struct outcome *o = batch->first; o && !rc; o = o->next) {
        rc = add_change(store, list, o, err);
        for (const struct outcome *twin = o->twins; twin && !rc; twin = twin->next)
            rc = add_change(store, list, twin, err);
    }
    return rc;
}

static void count_addition(struct index_report *report, const struct outcome *o)
{
    const struct known_file *known = o->task->known;
    if (known && !known->failed)
        report->updated++;
    else if (o->is_twin)
        report->copied++;
    else
        report->added++;
}

static void count_change(struct progress *progress, const struct outcome *o)
{
    struct index_report *report = &progress->now.report;
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
        if (o->task->known && o->task->known->failed)
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
        break;
    }
}

static void count_again(struct index_report *report, const struct batch *batch)
{
    for (const struct outcome *o = batch->first; o; o = o->next)
        report->failed_before += has_failed_before(o);
}

int writer_store(struct store *store, const struct batch *batch, struct progress *progress,
                 struct error *err)
{
    size_t n = count_outcomes(batch);
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    AUTO_FREE const struct outcome **outcomes = xcalloc(n, sizeof *outcomes);
    struct change_list list = {changes, outcomes, 0, n};
    int rc = list_changes(store, batch, &list, err);
    if (!rc && list.n > 0)
        rc = store_apply(store, list.changes, list.n, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < list.n; i++)
        count_change(progress, list.outcomes[i]);
    count_again(&progress->now.report, batch);
    progress->now.done += (int64_t)n;
    return 0;
}
