/* SPDX-License-Identifier: MIT */
/* Compares ctime and inode of unchanged files with those in the gallery. */
#include "indexer/stamps.h"

#include "base/memory.h"

#define AT_ONCE 1000

void stamps_release(struct stamps *stamps)
{
    free(stamps->unknown.items);
    free(stamps->suspects.items);
    free(stamps->steady.items);
    *stamps = (struct stamps){.unknown = {NULL, 0, 0}};
}

static void add_stamp(struct stamp_list *list, struct known_file *known,
                      const struct walk_file *file)
{
    ARRAY_GROW(list->items, list->cap, list->n + 1);
    list->items[list->n++] = (struct stamp){known, file->ctime_ns, file->device, file->inode};
}

static bool has_device(const struct stamp_list *list, uint64_t device)
{
    for (size_t i = list->n; i-- > 0;)
        if (list->items[i].device == device)
            return true;
    return false;
}

int64_t stamps_ctime(const struct walk_file *file)
{
    return file->ctime_ns < file->asked_ns ? file->ctime_ns : 0;
}

enum stamp_answer stamps_compare(struct stamps *stamps, struct known_file *known,
                                 const struct walk_file *file)
{
    int64_t ctime_ns = stamps_ctime(file);
    if (ctime_ns == 0)
        return STAMP_SAME;
    if (known->ctime_ns == 0) {
        add_stamp(&stamps->unknown, known, file);
        return STAMP_SAME;
    }
    if (known->ctime_ns != ctime_ns)
        return STAMP_VERIFY;
    if (known->inode != (int64_t)file->inode)
        add_stamp(&stamps->suspects, known, file);
    else if (!has_device(&stamps->steady, file->device))
        add_stamp(&stamps->steady, known, file);
    return STAMP_SAME;
}

/* A single suspect proves nothing about its device, but reading one file is cheap. */
bool stamps_must_read(const struct stamps *stamps, const struct stamp *suspect)
{
    return stamps->suspects.n == 1 || has_device(&stamps->steady, suspect->device);
}

struct touches {
    struct store *store;
    struct store_change items[AT_ONCE];
    size_t n;
};

static int flush_touches(struct touches *touches, struct error *err)
{
    int rc = touches->n ? store_apply(touches->store, touches->items, touches->n, err) : 0;
    touches->n = 0;
    return rc;
}

static int touch_file(struct touches *touches, const struct stamp *stamp, struct error *err)
{
    touches->items[touches->n++] = (struct store_change){
        .kind = STORE_TOUCH,
        .path = stamp->file->path,
        .size = stamp->file->size,
        .mtime_ns = stamp->file->mtime_ns,
        .ctime_ns = stamp->ctime_ns,
        .inode = (int64_t)stamp->inode,
    };
    return touches->n == AT_ONCE ? flush_touches(touches, err) : 0;
}

int stamps_record(const struct stamps *stamps, struct store *store, struct error *err)
{
    struct touches *touches = xcalloc(1, sizeof *touches);
    touches->store = store;
    int rc = 0;
    for (size_t i = 0; i < stamps->unknown.n && !rc; i++)
        rc = touch_file(touches, &stamps->unknown.items[i], err);
    for (size_t i = 0; i < stamps->suspects.n && !rc; i++)
        if (!stamps_must_read(stamps, &stamps->suspects.items[i]))
            rc = touch_file(touches, &stamps->suspects.items[i], err);
    if (!rc)
        rc = flush_touches(touches, err);
    free(touches);
    return rc;
}
