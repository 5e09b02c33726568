/* SPDX-License-Identifier: MIT */
/* Checks failed, damaged and missing files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"
#include "doctor/findings.h"
#include "store/folders.h"

/* Limit on the distinct reasons that are counted; all further ones are counted together. */
#define REASONS 64
/* Limit on the reasons that are reported. */
#define TOLD 5

/* ---- failed files, by reason ---- */

struct reason {
    char *sentence, *example; /* path of one such file */
    int64_t count;
};

struct reasons {
    struct reason items[REASONS];
    size_t n;
    int64_t total;
};

static int count_failure(void *context, const struct store_failure *failure)
{
    struct reasons *r = context;
    size_t i = 0;
    r->total++;
    while (i < r->n && strcmp(r->items[i].sentence, failure->reason) != 0)
        i++;
    if (i == REASONS)
        return 0;
    if (i == r->n)
        r->items[r->n++] = (struct reason){xstrdup(failure->reason), xstrdup(failure->path), 0};
    r->items[i].count++;
    return 0;
}

static int by_count(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->sentence, y->sentence);
}

static void tell_reasons(const struct doctor_options *options, struct reasons *r)
{
    AUTO_FREE char *files = doctor_count(r->total, "file");
    qsort(r->items, r->n, sizeof *r->items, by_count);
    doctor_find(options, "failures", r->total ? STORE_WARNING : STORE_GOOD,
                r->total ? "%s could not be indexed (see `keepsake status --failures`)"
                         : "%s could not be indexed",
                files);
    for (size_t i = 0; i < r->n && i < TOLD; i++) {
        AUTO_FREE char *n = doctor_count(r->items[i].count, "file");
        AUTO_FREE char *example = text_printable(r->items[i].example, strlen(r->items[i].example));
        doctor_find(options, "failures", STORE_WARNING, "%s, such as %s: %s", n, example,
                    r->items[i].sentence);
    }
}

void doctor_examine_failures(struct store *store, const struct doctor_options *options)
{
    struct error why;
    struct reasons *r = xcalloc(1, sizeof *r);
    if (store_list_failures(store, count_failure, r, &why))
        doctor_find(options, "failures", STORE_BAD, "%s", why.message);
    else
        tell_reasons(options, r);
    for (size_t i = 0; i < r->n; i++) {
        free(r->items[i].sentence);
        free(r->items[i].example);
    }
    free(r);
}

/* ---- photos with damaged files ---- */

struct damaged {
    int64_t count;
    char *path, *what; /* of the first one */
};

static int count_damaged(void *context, const char *path, const char *damage)
{
    struct damaged *d = context;
    if (d->count++ == 0) {
        d->path = text_printable(path, strlen(path));
        d->what = text_printable(damage, strlen(damage));
    }
    return 0;
}

void doctor_examine_damaged(struct store *store, const struct doctor_options *options)
{
    struct damaged d = {0};
    struct error why;
    if (store_list_damaged(store, count_damaged, &d, &why)) {
        doctor_find(options, "damaged", STORE_BAD, "%s", why.message);
    } else if (d.count) {
        AUTO_FREE char *photos = doctor_count(d.count, "photo");
        doctor_find(options, "damaged", STORE_WARNING,
                    "the files of %s are damaged, such as %s: %s (see `keepsake status "
                    "--damaged`); restore them from a backup",
                    photos, d.path, d.what);
    }
    free(d.path);
    free(d.what);
}

/* ---- photos whose files are gone ---- */

struct vanished {
    int64_t photos, gone;
    char *example;
    char **absent; /* folders that are known to be unreachable */
    size_t n_absent, absent_cap;
    const struct doctor_options *options;
};

static bool is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0' || n == 1);
}

static bool is_known_absent(const struct vanished *v, const char *path)
{
    for (size_t i = 0; i < v->n_absent; i++)
        if (is_below(path, v->absent[i]))
            return true;
    return false;
}

static int tell_absence(void *context, const struct store_absence *absence)
{
    struct vanished *v = context;
    char since[32];
    AUTO_FREE char *shown = text_printable(absence->path, strlen(absence->path));
    AUTO_FREE char *photos = doctor_count(absence->files, "photo");
    clock_format_local(since, sizeof since, absence->since);
    doctor_find(v->options, "folders", STORE_WARNING,
                "%s is not reachable since %.10s; %s below it: mount its disk and index it, or, "
                "if you deleted the photos, run: keepsake index --gone '%s'",
                shown, since, photos, shown);
    ARRAY_GROW(v->absent, v->absent_cap, v->n_absent + 1);
    v->absent[v->n_absent++] = xstrdup(absence->path);
    return 0;
}

static int look_for(void *context, const struct store_file *file)
{
    struct vanished *v = context;
    struct stat info;
    if (file->failed)
        return 0;
    v->photos++;
    if (is_known_absent(v, file->path) || lstat(file->path, &info) == 0 ||
        (errno != ENOENT && errno != ENOTDIR))
        return 0;
    if (v->gone++ == 0)
        v->example = text_printable(file->path, strlen(file->path));
    return 0;
}

void doctor_examine_files(struct store *store, const struct doctor_options *options)
{
    struct vanished v = {.options = options};
    struct error why;
    if (store_list_absences(store, tell_absence, &v, &why) ||
        store_list_files(store, NULL, look_for, &v, &why)) {
        doctor_find(options, "files", STORE_BAD, "%s", why.message);
    } else if (v.gone) {
        AUTO_FREE char *photos = doctor_count(v.photos, "photo");
        doctor_find(options, "files", STORE_WARNING,
                    "%lld of %s are missing from disk, such as %s: index their folder again, or "
                    "`keepsake forget` them; check first that their disk is mounted",
                    (long long)v.gone, photos, v.example);
    } else {
        doctor_find(options, "files", STORE_GOOD,
                    v.n_absent ? "every other photo is where it was indexed"
                               : "every photo is where it was indexed");
    }
    for (size_t i = 0; i < v.n_absent; i++)
        free(v.absent[i]);
    free(v.absent);
    free(v.example);
}
