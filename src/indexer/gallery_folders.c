/* SPDX-License-Identifier: MIT */
/* Combines the folder records of the gallery with the walk, and judges each folder. */
#include "indexer/gallery_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "indexer/folder_look.h"

/* Of ten files that changed from one device to another, this many must exist at their paths. */
#define SAME_DISK_TENTHS 9

static struct folder *append_folder(struct folders *folders, const char *path)
{
    ARRAY_GROW(folders->items, folders->cap, folders->n + 1);
    struct folder *added = &folders->items[folders->n++];
    *added = (struct folder){.path = arena_copy(&folders->texts, path), .recorded = ""};
    return added;
}

static int add_recorded(void *context, const struct store_folder *row)
{
    struct folders *folders = context;
    struct folder *added = append_folder(folders, row->path);
    added->recorded = arena_copy(&folders->texts, row->device);
    added->absent_since = row->absent_since;
    return 0;
}

int folders_load(struct store *store, struct folders *ret_folders, struct error *err)
{
    struct folders folders = FOLDERS_INIT;
    int rc = store_list_folders(store, add_recorded, &folders, err);
    if (rc)
        folders_release(&folders);
    else
        *ret_folders = folders;
    return rc;
}

void folders_release(struct folders *folders)
{
    free(folders->items);
    free(folders->shifts);
    arena_release(&folders->texts);
    *folders = (struct folders)FOLDERS_INIT;
}

void folders_add_listed(struct folders *folders, const char *path, const struct identity *identity,
                        bool empty)
{
    struct folder *added = append_folder(folders, path);
    added->listed = true;
    added->empty = empty;
    added->has_identity = true;
    added->identity = *identity;
}

void folders_note_photo(struct folders *folders)
{
    if (folders->n)
        folders->items[folders->n - 1].has_photos = true;
}

/* ---- one entry per folder ---- */

static int compare_folders(const void *a, const void *b)
{
    return strcmp(((const struct folder *)a)->path, ((const struct folder *)b)->path);
}

static void merge_folder(struct folder *into, const struct folder *from)
{
    if (from->recorded[0])
        into->recorded = from->recorded;
    if (from->absent_since)
        into->absent_since = from->absent_since;
    if (from->listed) {
        into->listed = into->has_identity = true;
        into->empty = from->empty;
        into->identity = from->identity;
        into->has_photos |= from->has_photos;
    }
}

static void merge_folders(struct folders *folders)
{
    if (folders->n == 0)
        return;
    qsort(folders->items, folders->n, sizeof *folders->items, compare_folders);
    size_t kept = 1;
    for (size_t i = 1; i < folders->n; i++) {
        if (strcmp(folders->items[i].path, folders->items[kept - 1].path) == 0)
            merge_folder(&folders->items[kept - 1], &folders->items[i]);
        else
            folders->items[kept++] = folders->items[i];
    }
    folders->n = kept;
}

static size_t parent_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash > path ? (size_t)(slash - path) : 1;
}

static bool is_parent(const struct folder *folder, const char *path)
{
    size_t n = parent_length(path);
    return strncmp(folder->path, path, n) == 0 && folder->path[n] == '\0';
}

static void add_parents(struct folders *folders, const struct known *known,
                        const struct walk_roots *roots)
{
    const struct folder *last = NULL;
    for (size_t i = 0; i < known->n; i++) {
        const char *path = known->files[i].path;
        if ((last && is_parent(last, path)) || !walk_roots_cover(roots, path))
            continue;
        AUTO_FREE char *parent = xstrndup(path, parent_length(path));
        last = append_folder(folders, parent);
    }
}

struct folder *folders_find_parent(const struct folders *folders, const char *path)
{
    size_t n = parent_length(path), low = 0, high = folders->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct folder *folder = &folders->items[middle];
        int order = strncmp(folder->path, path, n);
        if (order == 0 && folder->path[n] == '\0')
            return folder;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void count_files(struct folders *folders, const struct known *known,
                        const struct walk_roots *roots)
{
    struct folder *folder = NULL;
    for (size_t i = 0; i < known->n; i++) {
        const struct known_file *file = &known->files[i];
        if (!walk_roots_cover(roots, file->path))
            continue;
        if (!folder || !is_parent(folder, file->path))
            folder = folders_find_parent(folders, file->path);
        folder->n_known++;
        folder->n_here += file->presence == KNOWN_UNCHANGED || file->same_size;
    }
}

/* ---- files that changed from one device to another ---- */

static struct shift *find_shift(const struct folders *folders, const struct identity *from,
                                const struct identity *to)
{
    for (size_t i = 0; i < folders->n_shifts; i++)
        if (identity_same_device(&folders->shifts[i].from, from) &&
            identity_same_device(&folders->shifts[i].to, to))
            return &folders->shifts[i];
    return NULL;
}

static bool is_trusted(const struct shift *shift)
{
    return shift && shift->n_here * 10 >= shift->n_known * SAME_DISK_TENTHS;
}

static bool was_on_device(const char *recorded, const struct identity *now)
{
    struct identity then;
    while (identity_read(&recorded, &then))
        if (identity_same_device(&then, now))
            return true;
    return false;
}

bool folders_same_disk(const struct folders *folders, const char *recorded,
                       const struct identity *now)
{
    struct identity then;
    while (identity_read(&recorded, &then))
        if (identity_same_device(&then, now) || is_trusted(find_shift(folders, &then, now)))
            return true;
    return false;
}

static void count_shift(struct folders *folders, const struct folder *folder)
{
    const char *text = folder->recorded;
    struct identity first;
    if (!folder->n_known || !folder->has_identity || !identity_read(&text, &first) ||
        was_on_device(folder->recorded, &folder->identity))
        return;
    struct shift *shift = find_shift(folders, &first, &folder->identity);
    if (!shift) {
        ARRAY_GROW(folders->shifts, folders->shifts_cap, folders->n_shifts + 1);
        shift = &folders->shifts[folders->n_shifts++];
        *shift = (struct shift){.from = first, .to = folder->identity};
    }
    shift->n_known += folder->n_known;
    shift->n_here += folder->n_here;
}

/* ---- verdicts ---- */

/* Judges a folder that exists and is not empty. */
static enum folder_verdict compare_identities(const struct folders *folders,
                                              const struct folder *folder)
{
    struct identity identity;
    size_t n = 0;
    bool same = false;
    if (folder->n_here == folder->n_known)
        return FOLDER_HERE;
    for (const char *text = folder->recorded; identity_read(&text, &identity); n++)
        same = same || identity_same_folder(&identity, &folder->identity);
    bool same_disk = folders_same_disk(folders, folder->recorded, &folder->identity);
    if (n > 0 && !same_disk)
        return FOLDER_ELSEWHERE;
    if (n > 1)
        return FOLDER_SHARED;
    bool is_certain = same && identity_is_certain(&folder->identity);
    return is_certain || folder->n_here ? FOLDER_HERE : FOLDER_REPLACED;
}

/* Judges a folder that the walk did not visit. */
static void look_at_folder(struct folder *folder)
{
    int fd = folder_look(folder->path, &folder->identity, &folder->empty, &folder->verdict);
    folder->has_identity = fd >= 0;
    if (fd >= 0)
        close(fd);
}

static void judge_folder(const struct folders *folders, struct folder *folder, bool gone_is_deleted)
{
    if (!folder->n_known || !folder->has_identity) /* no identity: judged already */
        return;
    if (gone_is_deleted)
        folder->verdict = FOLDER_HERE;
    else
        folder->verdict = folder->empty ? FOLDER_EMPTY : compare_identities(folders, folder);
}

void folders_judge(struct folders *folders, const struct known *known,
                   const struct walk_roots *roots, bool gone_is_deleted)
{
    add_parents(folders, known, roots);
    merge_folders(folders);
    count_files(folders, known, roots);
    for (size_t i = 0; i < folders->n; i++)
        if (folders->items[i].n_known && !folders->items[i].listed)
            look_at_folder(&folders->items[i]);
    for (size_t i = 0; i < folders->n; i++)
        count_shift(folders, &folders->items[i]);
    for (size_t i = 0; i < folders->n; i++)
        judge_folder(folders, &folders->items[i], gone_is_deleted);
}
