/* SPDX-License-Identifier: MIT */
/* Finds the files of rows without a vector, records those that cannot be read, and indexes the
 * others. */
#include "indexer/missing_rows.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "indexer/arena.h"
#include "store/missing.h"

struct missing_rows {
    const char **paths; /* of the files that are there */
    size_t n, cap;
    struct lost_row {
        const char *path;
        char *reason;
    } * lost;
    size_t n_lost, lost_cap;
    struct arena texts;
    int64_t lost_before; /* with the same reason as in an earlier run */
};

static void release_rows(struct missing_rows *rows)
{
    for (size_t i = 0; i < rows->n_lost; i++)
        free(rows->lost[i].reason);
    free(rows->lost);
    free(rows->paths);
    arena_release(&rows->texts);
}

/* Returns why a run cannot index the path, or NULL. The caller frees it. */
static char *find_reason(const char *path)
{
    struct stat info;
    if (stat(path, &info) < 0)
        return xasprintf("its file cannot be found: %s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return xstrdup("its path is not that of a file");
    AUTO_FREE char *real = realpath(path, NULL);
    if (!real)
        return xasprintf("its path cannot be resolved: %s", strerror(errno));
    if (strcmp(real, path) == 0)
        return NULL;
    AUTO_FREE char *shown = text_printable(real, strlen(real));
    return xasprintf("its path leads through a link: give the row the path %s", shown);
}

static int add_row(void *context, const char *path, const char *reason_before)
{
    struct missing_rows *rows = context;
    AUTO_FREE char *reason = find_reason(path);
    if (reason && strcmp(reason, reason_before) == 0) {
        rows->lost_before++;
        return 0;
    }
    const char *kept = arena_copy(&rows->texts, path);
    if (!reason) {
        ARRAY_GROW(rows->paths, rows->cap, rows->n + 1);
        rows->paths[rows->n++] = kept;
        return 0;
    }
    ARRAY_GROW(rows->lost, rows->lost_cap, rows->n_lost + 1);
    rows->lost[rows->n_lost++] = (struct lost_row){kept, reason};
    reason = NULL;
    return 0;
}

static int record_lost(struct store *store, const struct missing_rows *rows,
                       const struct index_options *options, struct error *err)
{
    AUTO_FREE struct store_change *changes = xcalloc(rows->n_lost + 1, sizeof *changes);
    for (size_t i = 0; i < rows->n_lost; i++)
        changes[i] = (struct store_change){
            .kind = STORE_FAIL, .path = rows->lost[i].path, .reason = rows->lost[i].reason};
    int rc = rows->n_lost ? store_apply(store, changes, rows->n_lost, err) : 0;
    for (size_t i = 0; !rc && options->note && i < rows->n_lost; i++)
        options->note(options->context, rows->lost[i].path, rows->lost[i].reason);
    return rc;
}

static int index_rows(struct store *store, struct clip *clip, const char *model_id,
                      const struct missing_rows *rows, const struct index_options *options,
                      struct index_report *report, struct error *err)
{
    int rc = record_lost(store, rows, options, err);
    if (!rc && rows->n)
        rc = index_run(store, clip, model_id, rows->paths, rows->n, options, report, err);
    report->found += (int64_t)rows->n_lost + rows->lost_before;
    report->failed += (int64_t)rows->n_lost;
    report->failed_before += rows->lost_before;
    return rc;
}

int index_missing_rows(struct store *store, struct clip *clip, const char *model_id,
                       const struct index_options *options, struct index_report *ret_report,
                       struct error *err)
{
    struct missing_rows rows = {.texts = ARENA_INIT};
    struct index_report report = {0};
    int rc = store_list_missing(store, add_row, &rows, err);
    if (!rc)
        rc = index_rows(store, clip, model_id, &rows, options, &report, err);
    release_rows(&rows);
    if (!rc || rc == ERR_CANCELLED)
        *ret_report = report;
    return rc;
}
