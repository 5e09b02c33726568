/* SPDX-License-Identifier: MIT */
/* Loads the gallery's files into hash tables by path and by content. */
#include "indexer/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/codec_versions.h"
#include "indexer/path_set.h"

#define MAX_FILES ((size_t)1 << 31)

/* Most photos have neither sidecars nor regions. */
static const char *copy_mark(struct known *known, const char *mark)
{
    return mark[0] ? arena_copy(&known->paths, mark) : "";
}

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
        .sidecars = copy_mark(known, file->sidecars),
        .regions = copy_mark(known, file->regions),
        .failed = file->failed,
        .dropped = file->dropped,
        .is_outdated = file->failed && !file->dropped && !codec_versions_are_current(file->version),
    };
    memcpy(added->hash, file->hash, HASH_BYTES);
    return 0;
}

static uint32_t hash_path(const char *path)
{
    return hash_table_hash(path, strlen(path));
}

static uint32_t path_hash_of(const void *items, size_t item)
{
    return hash_path(((const struct known_file *)items)[item].path);
}

static uint32_t hash_content(const uint8_t hash[HASH_BYTES])
{
    uint32_t h;
    memcpy(&h, hash, sizeof h);
    return h;
}

static uint32_t content_hash_of(const void *items, size_t item)
{
    return hash_content(((const struct known_file *)items)[item].hash);
}

static bool has_path(const void *items, size_t item, const void *key)
{
    const struct known_file *files = items;
    return strcmp(files[item].path, key) == 0;
}

static bool has_content(const void *items, size_t item, const void *key)
{
    const struct known_file *files = items;
    return memcmp(files[item].hash, key, HASH_BYTES) == 0;
}

/* Inserts from the last to the first, so that files with the same content are chained in path
 * order. */
static void build_tables(struct known *known)
{
    hash_table_reserve(&known->by_path, known->n, path_hash_of, known->files);
    hash_table_reserve(&known->by_content, known->n, content_hash_of, known->files);
    for (size_t i = known->n; i-- > 0;) {
        struct known_file *file = &known->files[i];
        hash_table_add(&known->by_path, hash_path(file->path), i);
        if (file->failed)
            continue;
        uint32_t hash = hash_content(file->hash);
        uint32_t *slot =
            hash_table_slot(&known->by_content, hash, has_content, known->files, file->hash);
        file->next_alike = slot ? *slot : 0;
        if (slot)
            *slot = (uint32_t)i + 1;
        else
            hash_table_add(&known->by_content, hash, i);
    }
}

struct ids {
    int64_t *items; /* ascending */
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
        memset(file->hash, 0, sizeof file->hash); /* so that nothing is copied from it */
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
    hash_table_release(&known->by_path);
    hash_table_release(&known->by_content);
    arena_release(&known->paths);
    *known = (struct known){.paths = ARENA_INIT};
}

struct known_file *known_find(const struct known *known, const char *path)
{
    size_t at = hash_table_find(&known->by_path, hash_path(path), has_path, known->files, path);
    return at == HASH_TABLE_NONE ? NULL : &known->files[at];
}

struct known_file *known_first_alike(const struct known *known, const uint8_t hash[HASH_BYTES])
{
    size_t at =
        hash_table_find(&known->by_content, hash_content(hash), has_content, known->files, hash);
    return at == HASH_TABLE_NONE ? NULL : &known->files[at];
}

struct known_file *known_next_alike(const struct known *known, const struct known_file *file)
{
    return file->next_alike ? &known->files[file->next_alike - 1] : NULL;
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
