/* SPDX-License-Identifier: MIT */
/* Decides for a file that was just read whether to keep, move, copy or decode it. */
#include "indexer/match.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash_table.h"

/* A content that this run adds. */
struct content {
    uint8_t hash[HASH_BYTES];
    struct outcome *leader; /* being decoded or embedded; NULL afterwards */
    const char *path;       /* where it was stored; NULL if it failed */
    const char *sidecars;   /* mark of those of the photo there */
};

struct match {
    pthread_mutex_t lock;
    struct known *known;
    const struct folders *folders;
    struct content *contents;
    size_t n, cap;
    struct hash_table table; /* of the contents, by hash */
};

struct match *match_new(struct known *known, const struct folders *folders)
{
    struct match *match = xcalloc(1, sizeof *match);
    pthread_mutex_init(&match->lock, NULL);
    match->known = known;
    match->folders = folders;
    return match;
}

void match_free(struct match *match)
{
    if (!match)
        return;
    pthread_mutex_destroy(&match->lock);
    free(match->contents);
    hash_table_release(&match->table);
    free(match);
}

static bool has_hash(const void *items, size_t item, const void *key)
{
    const struct content *contents = items;
    return memcmp(contents[item].hash, key, HASH_BYTES) == 0;
}

static uint32_t hash_content(const void *items, size_t item)
{
    const struct content *content = (const struct content *)items + item;
    uint32_t hash;
    memcpy(&hash, content->hash, sizeof hash);
    return hash;
}

/* Returns the record of a content, and creates it if necessary. Valid until the next call. */
static struct content *get_content(struct match *match, const uint8_t hash[HASH_BYTES])
{
    uint32_t key;
    memcpy(&key, hash, sizeof key);
    size_t found = hash_table_find(&match->table, key, has_hash, match->contents, hash);
    if (found != HASH_TABLE_NONE)
        return &match->contents[found];
    ARRAY_GROW(match->contents, match->cap, match->n + 1);
    hash_table_reserve(&match->table, match->n + 1, hash_content, match->contents);
    hash_table_add(&match->table, key, match->n);
    struct content *added = &match->contents[match->n++];
    *added = (struct content){.leader = NULL};
    memcpy(added->hash, hash, HASH_BYTES);
    return added;
}

static bool is_gone(const char *path)
{
    struct stat info;
    if (lstat(path, &info) == 0)
        return S_ISDIR(info.st_mode);
    return errno == ENOENT || errno == ENOTDIR;
}

/* Returns whether both paths are one file on a case-insensitive file system, so that its names
 * differ only in case. */
static bool is_same_file(const char *path, const char *other)
{
    struct stat a, b;
    return strcasecmp(path, other) == 0 && lstat(path, &a) == 0 && lstat(other, &b) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_nlink == 1;
}

/* Determines the state of a file of the gallery that the walk did not visit and whose content was
 * found at new_path. */
static enum known_presence look_at_file(const struct match *match, const struct known_file *file,
                                        const char *new_path)
{
    struct stat info;
    if (is_same_file(file->path, new_path))
        return KNOWN_GONE;
    if (is_gone(file->path))
        return folders_disk_is_away(match->folders, file->path) ? KNOWN_AWAY : KNOWN_GONE;
    if (stat(file->path, &info) < 0)
        return KNOWN_CHANGED;
    int64_t mtime_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    bool same = info.st_size == file->size && mtime_ns == file->mtime_ns;
    return same ? KNOWN_UNCHANGED : KNOWN_CHANGED;
}

/* Files that no thread has examined yet. */
struct unseen {
    struct known_file **files;
    enum known_presence *found; /* the result for each */
    size_t n, cap;
};

/* The caller holds the lock. */
static void collect_unseen(const struct match *match, const uint8_t hash[HASH_BYTES],
                           struct unseen *unseen)
{
    struct known_file *file = known_first_alike(match->known, hash);
    for (; file; file = known_next_alike(match->known, file)) {
        if (file->presence != KNOWN_UNSEEN)
            continue;
        ARRAY_GROW(unseen->files, unseen->cap, unseen->n + 1);
        unseen->files[unseen->n++] = file;
    }
}

/* Examines the files with this content without holding the lock, because a stat on a slow share
 * would block every thread. Another thread may examine the same files concurrently, with the same
 * result. */
static void look_at_alike(struct match *match, const uint8_t hash[HASH_BYTES], const char *new_path)
{
    struct unseen unseen = {NULL, NULL, 0, 0};
    pthread_mutex_lock(&match->lock);
    collect_unseen(match, hash, &unseen);
    pthread_mutex_unlock(&match->lock);
    if (unseen.n == 0)
        return;
    unseen.found = xcalloc(unseen.n, sizeof *unseen.found);
    for (size_t i = 0; i < unseen.n; i++)
        unseen.found[i] = look_at_file(match, unseen.files[i], new_path);
    pthread_mutex_lock(&match->lock);
    for (size_t i = 0; i < unseen.n; i++)
        if (unseen.files[i]->presence == KNOWN_UNSEEN)
            unseen.files[i]->presence = unseen.found[i];
    pthread_mutex_unlock(&match->lock);
    free(unseen.files);
    free(unseen.found);
}

static bool have_same_name(const char *a, const char *b)
{
    return strcmp(file_name(a), file_name(b)) == 0;
}

/* Finds a photo to move (*ret_gone) and one to copy (*ret_here). Either may stay NULL. */
static void find_alike(struct match *match, const struct outcome *outcome,
                       struct known_file **ret_gone, struct known_file **ret_here)
{
    struct known_file *file = known_first_alike(match->known, outcome->hash);
    for (; file; file = known_next_alike(match->known, file)) {
        bool gone = file->presence == KNOWN_GONE && !file->claimed;
        if (gone && (!*ret_gone || have_same_name(file->path, outcome->task->path)))
            *ret_gone = file;
        /* A claimed photo is at its new path, or will be before the copy is stored. */
        if (file->presence == KNOWN_UNCHANGED || file->presence == KNOWN_AWAY || file->claimed)
            *ret_here = file;
    }
}

/* Returns true if the content of a file at a new path is available without decoding. */
static bool find_source(struct match *match, const struct content *content, struct outcome *outcome)
{
    struct known_file *gone = NULL, *here = NULL;
    find_alike(match, outcome, &gone, &here);
    if (gone) {
        gone->claimed = true;
        outcome->kind = STORE_MOVE;
        outcome->id = gone->id;
        outcome->source = gone->path;
        outcome->source_sidecars = gone->sidecars;
        return true;
    }
    outcome->kind = STORE_COPY;
    if (here)
        outcome->id = here->id;
    else
        outcome->source = content->path;
    outcome->source_sidecars = here ? here->sidecars : content->sidecars;
    return here || content->path;
}

static enum match_answer decide(struct match *match, struct outcome *outcome)
{
    struct content *content = get_content(match, outcome->hash);
    if (content->leader) {
        outcome->kind = STORE_ADD;
        outcome->is_duplicate = true;
        outcome->next = content->leader->duplicates;
        content->leader->duplicates = outcome;
        return MATCH_DUPLICATE;
    }
    const struct task *task = outcome->task;
    if (!task->known && !task->decode && find_source(match, content, outcome))
        return MATCH_DECIDED;
    content->leader = outcome;
    outcome->kind = STORE_ADD;
    return MATCH_DECODE;
}

enum match_answer match_decide(struct match *match, struct outcome *outcome)
{
    const struct task *task = outcome->task;
    const struct known_file *known = task->known;
    bool is_wanted = task->cause == TASK_RETRY || task->cause == TASK_REREAD;
    if (known && !is_wanted && memcmp(known->hash, outcome->hash, HASH_BYTES) == 0) {
        outcome->kind = STORE_TOUCH;
        outcome->source_sidecars = known->sidecars;
        return MATCH_DECIDED;
    }
    if (!known && !task->decode)
        look_at_alike(match, outcome->hash, task->path);
    pthread_mutex_lock(&match->lock);
    enum match_answer answer = decide(match, outcome);
    pthread_mutex_unlock(&match->lock);
    return answer;
}

void match_close(struct match *match, struct outcome *leader, bool stored)
{
    pthread_mutex_lock(&match->lock);
    struct content *content = get_content(match, leader->hash);
    if (content->leader != leader)
        BUG("content closed by a file that does not lead it");
    content->leader = NULL;
    if (stored) {
        content->path = leader->task->path;
        content->sidecars = leader->task->sidecars.mark;
    }
    pthread_mutex_unlock(&match->lock);
}
