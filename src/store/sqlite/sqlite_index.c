/* SPDX-License-Identifier: MIT */
/* Shares one vector index in memory among all connections of the process to a file. */
#include "store/sqlite/sqlite_index.h"

#include <sys/stat.h>

static pthread_mutex_t list_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sqlite_index *list;

/* The file this connection has open; false when it is no longer at its path, or its changes cannot
 * be told (sqlite_follow). */
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

/* Writers go first: searches that never pause would else keep the index from being refreshed. */
static struct sqlite_index *make(void)
{
    struct sqlite_index *index = xcalloc(1, sizeof *index);
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&index->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
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

/* Locked. Whether that was the last one who had it. */
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
    vectors_free(index->vectors);
    pthread_rwlock_destroy(&index->lock);
    free(index);
}

void sqlite_index_read(struct sqlite_index *index)
{
    pthread_rwlock_rdlock(&index->lock);
}

void sqlite_index_write(struct sqlite_index *index)
{
    pthread_rwlock_wrlock(&index->lock);
}

void sqlite_index_end(struct sqlite_index *index)
{
    pthread_rwlock_unlock(&index->lock);
}

void sqlite_index_clear(struct sqlite_index *index)
{
    vectors_free(index->vectors);
    index->vectors = NULL;
    index->change = index->last_id = 0;
}
