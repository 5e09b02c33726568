/* SPDX-License-Identifier: MIT */
/* The faulty VFS of fault_vfs.h: counts calls, fails them as planned, and keeps for each file what
 * a power cut could not take away. */
#include "faults/fault_vfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { SECTOR = 512, FILES_MAX = 64 };

/* A write, or a truncation (data NULL, size 0), that was not synced yet. */
struct pending {
    int64_t offset;
    size_t size;
    uint8_t *data;
};

struct followed {
    char *path;
    uint8_t *durable; /* the content that is on disk for certain */
    size_t size;
    struct pending *pending;
    size_t n_pending, cap;
};

struct fault_file {
    sqlite3_file base;
    struct followed *followed; /* NULL: a file without a name */
    sqlite3_file *real;        /* behind this struct */
};

static struct {
    pthread_mutex_t lock;
    sqlite3_vfs *real;
    enum fault_mode mode;
    long at, count;
    bool struck;
    struct followed files[FILES_MAX];
    size_t n_files;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the plan ---- */

void fault_plan(enum fault_mode mode, long at)
{
    state.mode = mode;
    state.at = at;
    state.count = 0;
    state.struck = false;
}

long fault_count(void)
{
    return state.count;
}

bool fault_struck(void)
{
    return state.struck;
}

static bool strikes_now(void)
{
    pthread_mutex_lock(&state.lock);
    long call = ++state.count;
    bool strikes =
        state.mode == FAULT_ONCE ? call == state.at : state.mode != FAULT_NEVER && call >= state.at;
    state.struck = state.struck || strikes;
    pthread_mutex_unlock(&state.lock);
    return strikes;
}

/* ---- what is durable ---- */

static uint8_t *read_content(const char *path, size_t *ret_size)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *ret_size = 0;
    if (fd < 0 || fstat(fd, &info) < 0 || info.st_size == 0) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    uint8_t *data = xmalloc((size_t)info.st_size);
    ssize_t n = pread(fd, data, (size_t)info.st_size, 0);
    close(fd);
    *ret_size = n > 0 ? (size_t)n : 0;
    return data;
}

static void forget_pending(struct followed *file)
{
    for (size_t i = 0; i < file->n_pending; i++)
        free(file->pending[i].data);
    file->n_pending = 0;
}

static void forget_file(struct followed *file)
{
    forget_pending(file);
    free(file->pending);
    free(file->durable);
    free(file->path);
    *file = (struct followed){.path = NULL};
}

void fault_forget_files(void)
{
    for (size_t i = 0; i < state.n_files; i++)
        forget_file(&state.files[i]);
    state.n_files = 0;
}

static struct followed *find_followed(const char *path)
{
    for (size_t i = 0; i < state.n_files; i++)
        if (state.files[i].path && strcmp(state.files[i].path, path) == 0)
            return &state.files[i];
    return NULL;
}

/* SQLite closes a file before it deletes it, so that nobody has a slot without a path. */
static struct followed *free_slot(void)
{
    for (size_t i = 0; i < state.n_files; i++)
        if (!state.files[i].path)
            return &state.files[i];
    if (state.n_files == FILES_MAX)
        abort();
    return &state.files[state.n_files++];
}

/* The content that a followed file begins with counts as durable. */
static struct followed *follow_file(const char *path)
{
    pthread_mutex_lock(&state.lock);
    struct followed *file = find_followed(path);
    if (!file) {
        file = free_slot();
        *file = (struct followed){.path = xstrdup(path)};
        file->durable = read_content(path, &file->size);
    }
    pthread_mutex_unlock(&state.lock);
    return file;
}

static void note_pending(struct followed *file, int64_t offset, const void *data, size_t size)
{
    if (!file)
        return;
    pthread_mutex_lock(&state.lock);
    ARRAY_GROW(file->pending, file->cap, file->n_pending + 1);
    struct pending *p = &file->pending[file->n_pending++];
    *p = (struct pending){offset, size, data ? xmalloc(size) : NULL};
    if (data)
        memcpy(p->data, data, size);
    pthread_mutex_unlock(&state.lock);
}

static void write_durable(struct followed *file, const struct pending *p, size_t from, size_t to)
{
    size_t end = (size_t)p->offset + to;
    if (!p->data) {
        if ((size_t)p->offset < file->size)
            file->size = (size_t)p->offset;
        return;
    }
    if (end > file->size) {
        file->durable = xrealloc(file->durable, end);
        memset(file->durable + file->size, 0, end - file->size);
        file->size = end;
    }
    memcpy(file->durable + p->offset + from, p->data + from, to - from);
}

static void make_durable(struct followed *file)
{
    if (!file)
        return;
    pthread_mutex_lock(&state.lock);
    for (size_t i = 0; i < file->n_pending; i++)
        write_durable(file, &file->pending[i], 0, file->pending[i].size);
    forget_pending(file);
    pthread_mutex_unlock(&state.lock);
}

static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* Of each four unsynced writes about two arrive, one is lost and one is torn. */
static void lose_some(struct followed *file, uint64_t *seed)
{
    for (size_t i = 0; i < file->n_pending; i++) {
        const struct pending *p = &file->pending[i];
        uint64_t fate = next_random(seed) & 3;
        size_t sectors = p->size / SECTOR;
        size_t cut = sectors ? next_random(seed) % (sectors + 1) * SECTOR : p->size / 2;
        if (fate < 2)
            write_durable(file, p, 0, p->size);
        else if (fate == 2 && p->data && (next_random(seed) & 1))
            write_durable(file, p, 0, cut);
        else if (fate == 2 && p->data && cut < p->size)
            write_durable(file, p, cut, p->size);
    }
}

void fault_crash(uint64_t seed)
{
    for (size_t i = 0; i < state.n_files; i++) {
        struct followed *file = &state.files[i];
        if (!file->path || access(file->path, F_OK) < 0)
            continue;
        lose_some(file, &seed);
        int fd = open(file->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        if (fd < 0 || write(fd, file->durable, file->size) != (ssize_t)file->size || close(fd) < 0)
            abort();
    }
    fault_forget_files();
}

/* ---- methods of files ---- */

static struct fault_file *fault_of(sqlite3_file *file)
{
    return (struct fault_file *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return fault_of(file)->real;
}

/* A connection can always be closed. */
static int close_file(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int read_file(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    if (strikes_now())
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}

/* Half of what a failing write was given is there, as on a disk that became full meanwhile. */
static int write_file_part(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    bool strikes = strikes_now();
    int written = strikes ? size / 2 / SECTOR * SECTOR : size;
    if (strikes && (state.mode == FAULT_POWER_CUT || written == 0))
        return SQLITE_FULL;
    int rc = real_of(file)->pMethods->xWrite(real_of(file), data, written, offset);
    if (!rc)
        note_pending(fault_of(file)->followed, offset, data, (size_t)written);
    return strikes ? SQLITE_FULL : rc;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    if (strikes_now())
        return SQLITE_IOERR_TRUNCATE;
    int rc = real_of(file)->pMethods->xTruncate(real_of(file), size);
    if (!rc)
        note_pending(fault_of(file)->followed, size, NULL, 0);
    return rc;
}

static int sync_file(sqlite3_file *file, int flags)
{
    if (strikes_now())
        return SQLITE_IOERR_FSYNC;
    int rc = real_of(file)->pMethods->xSync(real_of(file), flags);
    if (!rc)
        make_durable(fault_of(file)->followed);
    return rc;
}

static int size_file(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    if (strikes_now())
        return SQLITE_IOERR_FSTAT;
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int lock_file(sqlite3_file *file, int level)
{
    if (strikes_now())
        return SQLITE_IOERR_LOCK;
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int check_reserved(sqlite3_file *file, int *ret_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_reserved);
}

static int control_file(sqlite3_file *file, int op, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}

static int sector_size(sqlite3_file *file)
{
    (void)file;
    return SECTOR;
}

/* Nothing is promised: a write may be torn, and may spoil nothing beyond itself. */
static int device_traits(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int map_shared(sqlite3_file *file, int page, int size, int extend, void volatile **ret_map)
{
    if (strikes_now())
        return SQLITE_IOERR_SHMMAP;
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret_map);
}

static int lock_shared(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shared_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int unmap_shared(sqlite3_file *file, int delete)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* without memory mapped reads, which could not fail */
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file_part,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_traits,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = shared_barrier,
    .xShmUnmap = unmap_shared,
};

/* ---- methods of the VFS ---- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    struct fault_file *fault = fault_of(file);
    fault->base.pMethods = NULL;
    fault->real = (sqlite3_file *)(fault + 1);
    if (strikes_now())
        return SQLITE_CANTOPEN;
    int rc = state.real->xOpen(state.real, name, fault->real, flags, ret_flags);
    if (rc)
        return rc;
    fault->followed = name ? follow_file(name) : NULL;
    fault->base.pMethods = &methods;
    return SQLITE_OK;
}

/* A file that is gone is gone: SQLite syncs the folder after it. */
static int delete_file(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    if (strikes_now())
        return SQLITE_IOERR_DELETE;
    int rc = state.real->xDelete(state.real, name, sync_folder);
    pthread_mutex_lock(&state.lock);
    struct followed *file = find_followed(name);
    if (!rc && file)
        forget_file(file);
    pthread_mutex_unlock(&state.lock);
    return rc;
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *ret_can)
{
    (void)vfs;
    if (strikes_now())
        return SQLITE_IOERR_ACCESS;
    return state.real->xAccess(state.real, name, flags, ret_can);
}

void fault_vfs_install(void)
{
    static sqlite3_vfs vfs;
    state.real = sqlite3_vfs_find(NULL);
    vfs = *state.real;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(struct fault_file) + state.real->szOsFile;
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    if (sqlite3_vfs_register(&vfs, 1))
        abort();
}
