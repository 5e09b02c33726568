/* SPDX-License-Identifier: MIT */
/* Finds the in-memory index of a file, and its newest state. */
#include "store/sqlite/sqlite_index.h"

#include <sys/stat.h>

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sqlite_index *list;

/* Identifies the file that this connection has open. Returns false if the file is no longer at its
 * path, or if its changes cannot be detected (sqlite_follow). */
static bool identify(const struct sqlite *s, uint64_t *ret_device, uint64_t *ret_inode)
{
    struct stat before, after;
    int moved = 1;
    if (s->immutable_mtime >= 0 || stat(s->path, &before) < 0 ||
        sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved ||
        stat(s->path, &after) < 0)
        return false;
    *ret_device = before.st_dev;
    *ret_inode = before.st_ino;
    return before.st_dev == after.st_dev && before.st_ino == after.st_ino;
}

static struct sqlite_index *make(void)
{
    struct sqlite_index *index = xcalloc(1, sizeof *index);
    pthread_mutex_init(&index->lock, NULL);
    pthread_mutex_init(&index->preparing, NULL);
    index->refs = 1;
    return index;
}

/* Locked. */
static struct sqlite_index *find_or_make(uint64_t device, uint64_t inode)
{
    struct sqlite_index *index = list;
    while (index && (index->device != device || index->inode != inode))
        index = index->next;
    if (index) {
        index->refs++;
        return index;
    }
    index = make();
    index->shared = true;
    index->device = device;
    index->inode = inode;
    index->next = list;
    return list = index;
}

struct sqlite_index *sqlite_index_open(const struct sqlite *s)
{
    uint64_t device, inode;
    if (!identify(s, &device, &inode))
        return make();
    pthread_mutex_lock(&list_lock);
    struct sqlite_index *index = find_or_make(device, inode);
    pthread_mutex_unlock(&list_lock);
    return index;
}

/* Drops a reference; the caller holds the lock. Returns whether it was the last one. */
static bool leave(struct sqlite_index *index)
{
    if (--index->refs > 0)
        return false;
    for (struct sqlite_index **at = &list; index->shared; at = &(*at)->next)
        if (*at == index) {
            *at = index->next;
            break;
        }
    return true;
}

void sqlite_index_close(struct sqlite_index *index)
{
    if (!index)
        return;
    pthread_mutex_lock(&list_lock);
    bool last = leave(index);
    pthread_mutex_unlock(&list_lock);
    if (!last)
        return;
    sqlite_index_put(index->newest);
    pthread_mutex_destroy(&index->preparing);
    pthread_mutex_destroy(&index->lock);
    free(index);
}

struct index_state *sqlite_index_get(struct sqlite_index *index)
{
    pthread_mutex_lock(&index->lock);
    struct index_state *state = index->newest;
    if (state)
        atomic_fetch_add(&state->refs, 1);
    pthread_mutex_unlock(&index->lock);
    return state;
}

void sqlite_index_put(struct index_state *state)
{
    if (!state || atomic_fetch_sub(&state->refs, 1) > 1)
        return;
    vectors_free(state->vectors);
    sqlite_rankings_free(state->rankings);
    free(state);
}

int64_t sqlite_index_change(struct sqlite_index *index)
{
    pthread_mutex_lock(&index->lock);
    int64_t change = index->newest ? index->newest->change : 0;
    pthread_mutex_unlock(&index->lock);
    return change;
}

void sqlite_index_begin(struct sqlite_index *index)
{
    pthread_mutex_lock(&index->preparing);
}

void sqlite_index_end(struct sqlite_index *index)
{
    pthread_mutex_unlock(&index->preparing);
}

struct index_state *index_state_new(struct vectors *vectors, int64_t change, int64_t last_id)
{
    struct index_state *state = xcalloc(1, sizeof *state);
    state->vectors = vectors;
    state->rankings = sqlite_rankings_new();
    state->change = change;
    state->last_id = last_id;
    atomic_init(&state->refs, 1);
    return state;
}

void sqlite_index_publish(struct sqlite_index *index, struct index_state *state)
{
    pthread_mutex_lock(&index->lock);
    struct index_state *before = index->newest;
    index->newest = state;
    pthread_mutex_unlock(&index->lock);
    sqlite_index_put(before);
}
