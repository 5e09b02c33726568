/* SPDX-License-Identifier: MIT */
/* The gallery's files in memory, in hash tables by path and by content. */
#include "indexer/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/codec_versions.h"
#include "indexer/path_set.h"

#define MAX_FILES ((size_t)1 << 31)

static int add_file(void *context, const struct store_file *file)
{
    struct known *known = context;
    if (known->n == MAX_FILES)
        return ERR_LIMIT;
    ARRAY_GROW(known->files, known->cap, known->n + 1);
    struct known_file *added = &known->files[known->n++];
    *added = (struct known_file){
        .path = arena_copy(&known->paths, file->path),
        .id = file->id,
        .size = file->size,
        .mtime_ns = file->mtime_ns,
        .ctime_ns = file->ctime_ns,
        .inode = file->inode,
        .failed = file->failed,
        .is_outdated = file->failed && !codec_versions_are_current(file->version),
    };
    memcpy(added->hash, file->hash, HASH_BYTES);
    return 0;
}

/* FNV-1a, 64 bits (draft-eastlake-fnv). */
static uint64_t hash_path(const char *path)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (; *path; path++)
        h = (h ^ (uint8_t)*path) * 0x100000001B3u;
    return h ^ (h >> 32);
}

static uint64_t hash_content(const uint8_t hash[HASH_BYTES])
{
    uint64_t h;
    memcpy(&h, hash, sizeof h);
    return h;
}

static uint32_t *path_slot(const struct known *known, const char *path)
{
    size_t mask = known->slots - 1, at = hash_path(path) & mask;
    while (known->by_path[at] && strcmp(known->files[known->by_path[at] - 1].path, path) != 0)
        at = (at + 1) & mask;
    return &known->by_path[at];
}

static uint32_t *content_slot(const struct known *known, const uint8_t hash[HASH_BYTES])
{
    size_t mask = known->slots - 1, at = hash_content(hash) & mask;
    while (known->by_content[at] &&
           memcmp(known->files[known->by_content[at] - 1].hash, hash, HASH_BYTES) != 0)
        at = (at + 1) & mask;
    return &known->by_content[at];
}

static void build_tables(struct known *known)
{
    for (known->slots = 16; known->slots < 2 * known->n;)
        known->slots *= 2;
    known->by_path = xcalloc(known->slots, sizeof *known->by_path);
    known->by_content = xcalloc(known->slots, sizeof *known->by_content);
    for (size_t i = known->n; i-- > 0;) {
        struct known_file *file = &known->files[i];
        *path_slot(known, file->path) = (uint32_t)i + 1;
        if (file->failed)
            continue;
        uint32_t *slot = content_slot(known, file->hash);
        file->next_alike = *slot;
        *slot = (uint32_t)i + 1;
    }
}

struct ids {
    int64_t *items; /* growing */
    size_t n, cap;
};

static int add_unsound(void *context, int64_t id)
{
    struct ids *ids = context;
    ARRAY_GROW(ids->items, ids->cap, ids->n + 1);
    ids->items[ids->n++] = id;
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int mark_unsound(struct store *store, struct known *known, struct error *err)
{
    struct ids ids = {NULL, 0, 0};
    int rc = store_list_unsound(store, add_unsound, &ids, err);
    for (size_t i = 0; !rc && ids.n && i < known->n; i++) {
        struct known_file *file = &known->files[i];
        if (file->failed || !bsearch(&file->id, ids.items, ids.n, sizeof *ids.items, compare_ids))
            continue;
        file->is_unsound = true;
        memset(file->hash, 0, sizeof file->hash); /* nothing is copied from it */
    }
    free(ids.items);
    return rc;
}

int known_load(struct store *store, struct known *ret_known, struct error *err)
{
    struct known known = {.paths = ARENA_INIT};
    int rc = store_list_files(store, NULL, add_file, &known, err);
    if (rc) {
        if (known.n == MAX_FILES)
            rc = error_set(err, ERR_LIMIT, "the gallery has more than %zu files", MAX_FILES);
        known_release(&known);
        return rc;
    }
    rc = mark_unsound(store, &known, err);
    if (rc) {
        known_release(&known);
        return rc;
    }
    build_tables(&known);
    *ret_known = known;
    return 0;
}

void known_release(struct known *known)
{
    free(known->files);
    free(known->by_path);
    free(known->by_content);
    arena_release(&known->paths);
    *known = (struct known){.paths = ARENA_INIT};
}

static struct known_file *file_at(const struct known *known, uint32_t place)
{
    return place ? &known->files[place - 1] : NULL;
}

struct known_file *known_find(const struct known *known, const char *path)
{
    return file_at(known, *path_slot(known, path));
}

struct known_file *known_first_alike(const struct known *known, const uint8_t hash[HASH_BYTES])
{
    return file_at(known, *content_slot(known, hash));
}

struct known_file *known_next_alike(const struct known *known, const struct known_file *file)
{
    return file_at(known, file->next_alike);
}

size_t known_count_below(const struct known *known, const char *path)
{
    size_t n = 0;
    for (size_t i = 0; i < known->n; i++)
        n += path_is_below(known->files[i].path, path);
    return n;
}

bool known_was_read(const struct known_file *file)
{
    static const uint8_t never[HASH_BYTES];
    return memcmp(file->hash, never, HASH_BYTES) != 0;
}
