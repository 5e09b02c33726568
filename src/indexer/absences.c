/* SPDX-License-Identifier: MIT */
/* Counts, records and reports unreachable folders. */
#include "indexer/absences.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#define AT_ONCE 1000
/* Maximum number of folders that get separate notes. */
#define TOLD 10

/* Files come in path order, so the folder is usually the last one added. Duplicates are merged
 * later. */
void absences_add(struct absences *absences, const char *path, enum folder_verdict verdict)
{
    struct absence *last = absences->n ? &absences->items[absences->n - 1] : NULL;
    if (!last || strcmp(last->path, path) != 0) {
        ARRAY_GROW(absences->items, absences->cap, absences->n + 1);
        last = &absences->items[absences->n++];
        *last = (struct absence){.path = path, .verdict = verdict};
    }
    last->files++;
}

static int compare_absences(const void *a, const void *b)
{
    return strcmp(((const struct absence *)a)->path, ((const struct absence *)b)->path);
}

static void merge_absences(struct absences *absences)
{
    size_t kept = 0;
    if (absences->n)
        qsort(absences->items, absences->n, sizeof *absences->items, compare_absences);
    for (size_t i = 0; i < absences->n; i++) {
        struct absence *last = kept ? &absences->items[kept - 1] : NULL;
        if (last && strcmp(last->path, absences->items[i].path) == 0)
            last->files += absences->items[i].files;
        else
            absences->items[kept++] = absences->items[i];
    }
    absences->n = kept;
}

static struct absence *find_absence(const struct absences *absences, const char *path)
{
    struct absence key = {.path = path};
    return absences->n ? bsearch(&key, absences->items, absences->n, sizeof key, compare_absences)
                       : NULL;
}

void absences_release(struct absences *absences)
{
    free(absences->items);
    *absences = (struct absences)ABSENCES_INIT;
}

/* ---- in the gallery ---- */

struct rows {
    struct store *store;
    struct store_folder items[AT_ONCE];
    size_t n;
};

static int flush_rows(struct rows *rows, struct error *err)
{
    int rc = rows->n ? store_set_folders(rows->store, rows->items, rows->n, err) : 0;
    rows->n = 0;
    return rc;
}

static int add_row(struct rows *rows, const char *path, const char *device, int64_t since,
                   struct error *err)
{
    int rc = rows->n == AT_ONCE ? flush_rows(rows, err) : 0;
    rows->items[rows->n++] = (struct store_folder){path, device, since};
    return rc;
}

/* Counts the files of each folder that the gallery keeps. */
static void count_left(struct plan *plan)
{
    for (size_t i = 0; i < plan->folders.n; i++)
        plan->folders.items[i].n_known = 0;
    for (size_t i = 0; i < plan->known.n; i++) {
        const struct known_file *file = &plan->known.files[i];
        if (file->claimed || file->presence == KNOWN_GONE)
            continue;
        struct folder *folder = folders_find_parent(&plan->folders, file->path);
        if (folder)
            folder->n_known++;
    }
}

/* A folder is not new if a folder above or below it was absent before; it inherits that date. */
static void inherit_date(struct absence *absence, const struct folders *folders)
{
    for (size_t i = 0; i < folders->n; i++) {
        const struct folder *folder = &folders->items[i];
        if (!folder->absent_since || (!path_is_below(absence->path, folder->path) &&
                                      !path_is_below(folder->path, absence->path)))
            continue;
        if (absence->is_new || folder->absent_since < absence->since)
            absence->since = folder->absent_since;
        absence->is_new = false;
    }
}

static int record_known(struct rows *rows, struct absences *absences, const struct plan *plan,
                        struct error *err)
{
    int rc = 0;
    for (size_t i = 0; i < plan->folders.n && !rc; i++) {
        const struct folder *folder = &plan->folders.items[i];
        if (!walk_roots_cover(&plan->roots, folder->path))
            continue;
        struct absence *absence = find_absence(absences, folder->path);
        int64_t since = absence ? absence->since : 0;
        bool is_used = folder->n_known || folder->has_photos;
        const char *device = is_used ? folder->recorded : "";
        if (since != folder->absent_since || strcmp(device, folder->recorded) != 0)
            rc = add_row(rows, folder->path, device, since, err);
        if (absence)
            absence->is_recorded = true;
    }
    return rc;
}

int absences_record(struct absences *absences, struct plan *plan, struct store *store,
                    struct error *err)
{
    struct rows *rows = xcalloc(1, sizeof *rows);
    rows->store = store;
    merge_absences(absences);
    count_left(plan);
    for (size_t i = 0; i < absences->n; i++) {
        absences->items[i].since = clock_unix();
        absences->items[i].is_new = true;
        inherit_date(&absences->items[i], &plan->folders);
    }
    int rc = record_known(rows, absences, plan, err);
    for (size_t i = 0; i < absences->n && !rc; i++)
        if (!absences->items[i].is_recorded)
            rc = add_row(rows, absences->items[i].path, "", absences->items[i].since, err);
    if (!rc)
        rc = flush_rows(rows, err);
    free(rows);
    return rc;
}

/* ---- notes ---- */

static const char *explain_verdict(enum folder_verdict verdict)
{
    switch (verdict) {
    case FOLDER_SHARED:
        return "another of several disks is mounted there";
    case FOLDER_MISSING:
        return "the folder is missing";
    case FOLDER_EMPTY:
        return "the folder is empty";
    case FOLDER_ELSEWHERE:
        return "another disk is mounted there";
    case FOLDER_REPLACED:
        return "another folder is in its place";
    case FOLDER_UNREADABLE:
    case FOLDER_HERE:
        break;
    }
    return "the folder cannot be read";
}

static void tell_one(const struct absence *absence, const struct progress *progress)
{
    char day[32];
    AUTO_FREE char *shown = text_printable(absence->path, strlen(absence->path));
    clock_format_local(day, sizeof day, absence->since);
    AUTO_FREE char *sentence = xasprintf(
        "%" PRId64 " %s below %s %s not reachable since %.10s (%s) and %s in the gallery: mount "
        "the disk, or, if you deleted them, run: keepsake index --gone '%s'",
        absence->files, absence->files == 1 ? "photo" : "photos", shown,
        absence->files == 1 ? "is" : "are", day, explain_verdict(absence->verdict),
        absence->files == 1 ? "stays" : "stay", shown);
    progress_note(progress, absence->path, sentence);
}

void absences_tell(const struct absences *absences, const struct plan *plan,
                   struct progress *progress)
{
    struct index_report *report = &progress->now.report;
    size_t told = 0;
    for (size_t i = 0; i < absences->n; i++) {
        const struct absence *absence = &absences->items[i];
        report->not_reachable += absence->files;
        report->not_reachable_folders++;
        report->newly_not_reachable += absence->is_new;
        if (!path_set_covers(&plan->kept, absence->path) && ++told <= TOLD)
            tell_one(absence, progress);
    }
    if (told <= TOLD)
        return;
    AUTO_FREE char *rest =
        xasprintf("%zu more folders are not reachable: see `keepsake status`", told - TOLD);
    progress_note(progress, NULL, rest);
}
