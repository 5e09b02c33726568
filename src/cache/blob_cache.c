/* SPDX-License-Identifier: MIT */
/* A bounded cache of byte strings in one SQLite file, with least-recently-used eviction. */
#include <stdatomic.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "cache/blob_cache.h"
#include "cache/blob_cache_internal.h"

#define READERS 4
#define DIGEST_BYTES 8
#define SECOND_SHARE 4 /* share of the room; see blob_cache.h */
#define NEARLY_FULL 32 /* the cache is full when at most this part of the room is free */
#define FRESH_S 3600   /* a use within that time is not recorded again, to save writes */

struct blob_cache {
    char *path;
    int64_t max_bytes;
    struct blobs_connection writer, readers[READERS];
    atomic_uint next_reader;
};

/* One attempt on an open connection; returns SQLite's result. */
struct attempt {
    int (*run)(struct blob_cache *cache, struct blobs_connection *c, void *context);
    void *context;
};

static int attempt_on(struct blob_cache *cache, struct blobs_connection *c,
                      const struct attempt *attempt, struct error *err)
{
    int rc = 0, result = SQLITE_OK;
    pthread_mutex_lock(&c->lock);
    for (int i = 0; i < BLOBS_ATTEMPTS; i++) {
        rc = blobs_connect(c, err);
        if (rc || (result = attempt->run(cache, c, attempt->context)) == SQLITE_OK)
            break;
        rc = blobs_error(c, result, err);
        if (!blobs_recover(c, result))
            break;
    }
    pthread_mutex_unlock(&c->lock);
    return rc;
}

static struct blobs_connection *next_reader(struct blob_cache *cache)
{
    return &cache->readers[atomic_fetch_add(&cache->next_reader, 1) % READERS];
}

static int connect_only(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    (void)cache, (void)c, (void)context;
    return SQLITE_OK;
}

int blob_cache_open(const char *path, int64_t max_bytes, struct blob_cache **ret_cache,
                    struct error *err)
{
    AUTO_FREE char *folder = file_parent(path);
    int rc = file_make_folders(folder, err);
    if (rc)
        return error_add(err, "cannot make the cache %s", path);
    AUTO(blob_cache) *cache = xcalloc(1, sizeof *cache);
    cache->path = path[0] == '/' ? xstrdup(path) : xasprintf("./%s", path); /* never ":memory:" */
    cache->max_bytes = max_bytes;
    blobs_connection_init(&cache->writer, cache->path);
    for (int i = 0; i < READERS; i++)
        blobs_connection_init(&cache->readers[i], cache->path);
    rc = attempt_on(cache, &cache->writer, &(struct attempt){connect_only, NULL}, err);
    if (rc)
        return rc;
    *ret_cache = cache;
    cache = NULL;
    return 0;
}

void blob_cache_close(struct blob_cache *cache)
{
    if (!cache)
        return;
    for (int i = 0; i < READERS; i++)
        blobs_connection_release(&cache->readers[i]);
    blobs_connection_release(&cache->writer);
    free(cache->path);
    free(cache);
}

/* A reserve stays free for data that cannot be made again. */
#define RESERVE_PART 20
#define RESERVE_LEAST ((uint64_t)200 << 20)
#define RESERVE_MOST ((uint64_t)2 << 30)

bool blob_cache_has_room(const struct blob_cache *cache)
{
    AUTO_FREE char *folder = file_parent(cache->path);
    struct statvfs info;
    if (statvfs(folder, &info) < 0)
        return true; /* the write will report the error */
    uint64_t reserve = (uint64_t)info.f_blocks * info.f_frsize / RESERVE_PART;
    reserve = reserve < RESERVE_LEAST ? RESERVE_LEAST : reserve;
    reserve = reserve > RESERVE_MOST ? RESERVE_MOST : reserve;
    return (uint64_t)info.f_bavail * info.f_frsize > reserve;
}

/* An open connection keeps the space of a deleted file allocated. */
void blob_cache_discard(struct blob_cache *cache)
{
    struct blobs_connection *all[READERS + 1] = {&cache->writer};
    for (int i = 0; i < READERS; i++)
        all[i + 1] = &cache->readers[i];
    for (int i = 0; i < READERS + 1; i++) {
        pthread_mutex_lock(&all[i]->lock);
        blobs_disconnect(all[i]);
    }
    blobs_delete_file(cache->path);
    for (int i = 0; i < READERS + 1; i++)
        pthread_mutex_unlock(&all[i]->lock);
}

static void bind_key(sqlite3_stmt *statement, const uint8_t *key, int kind)
{
    sqlite3_bind_blob(statement, 1, key, HASH_BYTES, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_int(statement, 2, kind);
}

/* Runs a statement that returns no rows. */
static int finish_statement(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int bytes_in_use(struct blobs_connection *c, int64_t *ret_used, int64_t *ret_free)
{
    int64_t pages = 0, unused = 0, page = 0;
    int result = blobs_number(c->db, "PRAGMA page_count", &pages);
    if (!result)
        result = blobs_number(c->db, "PRAGMA freelist_count", &unused);
    if (!result)
        result = blobs_number(c->db, "PRAGMA page_size", &page);
    *ret_used = (pages - unused) * page;
    *ret_free = unused * page;
    return result;
}

/* ---- put ---- */

struct put {
    const uint8_t *key;
    const struct blob *blobs;
    size_t n;
};

static int put_one(struct blobs_connection *c, const uint8_t *key, const struct blob *blob)
{
    uint8_t digest[HASH_BYTES];
    int result;
    sqlite3_stmt *statement = blobs_statement(c, BLOBS_REMOVE_ONE, &result);
    if (!statement)
        return result;
    bind_key(statement, key, blob->kind);
    if ((result = finish_statement(statement)) ||
        !(statement = blobs_statement(c, BLOBS_PUT, &result)))
        return result;
    hash_bytes(blob->data, blob->size, digest);
    bind_key(statement, key, blob->kind);
    sqlite3_bind_blob(statement, 3, digest, DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob64(statement, 4, blob->data, blob->size, SQLITE_STATIC);
    return finish_statement(statement);
}

/* The size of all data of one kind. */
static int bytes_of_kind(struct blobs_connection *c, int kind, int64_t *ret_bytes)
{
    int result;
    sqlite3_stmt *statement = blobs_statement(c, BLOBS_ROOM, &result);
    if (!statement)
        return result;
    sqlite3_bind_int(statement, 1, kind);
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        *ret_bytes = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return result == SQLITE_ROW ? SQLITE_OK : result == SQLITE_DONE ? SQLITE_CORRUPT : result;
}

static int remove_oldest(struct blobs_connection *c, int kind, bool *ret_removed)
{
    int result;
    sqlite3_stmt *statement = blobs_statement(c, BLOBS_REMOVE_OLDEST, &result);
    if (!statement)
        return result;
    sqlite3_bind_int(statement, 1, kind);
    result = finish_statement(statement);
    *ret_removed = sqlite3_changes(c->db) > 0;
    return result;
}

/* Runs inside the transaction that enlarged the file. */
static int evict_blobs(struct blob_cache *cache, struct blobs_connection *c)
{
    int64_t used, unused, second = 0;
    bool removed = true;
    int result;
    while (!(result = bytes_in_use(c, &used, &unused)) && used > cache->max_bytes && removed) {
        if ((result = bytes_of_kind(c, 1, &second)))
            return result;
        int kind = second > cache->max_bytes / SECOND_SHARE;
        if (!(result = remove_oldest(c, kind, &removed)) && !removed)
            result = remove_oldest(c, !kind, &removed);
        if (result)
            return result;
    }
    return result;
}

/* Space freed by a smaller limit is returned to the file system; space freed by one blob is
 * reused. */
static int shrink_file(struct blob_cache *cache, struct blobs_connection *c)
{
    int64_t used, unused;
    int result = bytes_in_use(c, &used, &unused);
    if (result || used + unused <= cache->max_bytes || unused < cache->max_bytes / 8)
        return result;
    return sqlite3_exec(c->db, "PRAGMA incremental_vacuum", NULL, NULL, NULL);
}

static int run_put(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    const struct put *put = context;
    int result = sqlite3_exec(c->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (size_t i = 0; i < put->n && !result; i++)
        result = put_one(c, put->key, &put->blobs[i]);
    if (!result)
        result = evict_blobs(cache, c);
    if (!result)
        result = sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL);
    if (result) {
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
        return result;
    }
    return shrink_file(cache, c);
}

int blob_cache_put(struct blob_cache *cache, const uint8_t key[HASH_BYTES],
                   const struct blob *blobs, size_t n, struct error *err)
{
    struct put put = {key, blobs, n};
    return attempt_on(cache, &cache->writer, &(struct attempt){run_put, &put}, err);
}

/* ---- get, has, remove ---- */

struct get {
    const uint8_t *key;
    int kind;
    bool found, stale, damaged;
    uint8_t *data;
    size_t size;
};

/* Takes the current row of the statement; a blob that differs from the stored one counts as
 * missing. */
static void take_row(sqlite3_stmt *statement, struct get *get)
{
    uint8_t digest[HASH_BYTES];
    const void *data = sqlite3_column_blob(statement, 1);
    size_t size = (size_t)sqlite3_column_bytes(statement, 1);
    hash_bytes(data, size, digest);
    get->damaged = sqlite3_column_bytes(statement, 0) != DIGEST_BYTES ||
                   memcmp(sqlite3_column_blob(statement, 0), digest, DIGEST_BYTES) != 0;
    if (get->damaged)
        return;
    get->found = true;
    get->stale = sqlite3_column_int64(statement, 2) > FRESH_S;
    get->size = size;
    get->data = xmalloc(size + 1);
    if (size)
        memcpy(get->data, data, size);
}

/* Searches the row and passes it to `take`. */
static int find_row(struct blobs_connection *c, enum blobs_statement which, struct get *get,
                    void (*take)(sqlite3_stmt *statement, struct get *get))
{
    int result;
    sqlite3_stmt *statement = blobs_statement(c, which, &result);
    if (!statement)
        return result;
    bind_key(statement, get->key, get->kind);
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        take(statement, get);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

static int run_get(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    (void)cache;
    return find_row(c, BLOBS_GET, context, take_row);
}

static void note_found(sqlite3_stmt *statement, struct get *get)
{
    (void)statement;
    get->found = true;
}

static int run_has(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    (void)cache;
    return find_row(c, BLOBS_HAS, context, note_found);
}

static int run_touch(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    (void)cache;
    const struct get *get = context;
    int result;
    sqlite3_stmt *statement = blobs_statement(c, BLOBS_TOUCH, &result);
    if (!statement)
        return result;
    bind_key(statement, get->key, get->kind);
    return finish_statement(statement);
}

static int run_remove(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    (void)cache;
    int result;
    sqlite3_stmt *statement = blobs_statement(c, BLOBS_REMOVE, &result);
    if (!statement)
        return result;
    /* Data removed on request must be erased from the file, not just freed for reuse. */
    sqlite3_exec(c->db, "PRAGMA secure_delete = ON", NULL, NULL, NULL);
    bind_key(statement, context, 0);
    result = finish_statement(statement);
    sqlite3_exec(c->db, "PRAGMA secure_delete = OFF", NULL, NULL, NULL);
    return result;
}

static int not_there(struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "not in the cache");
}

int blob_cache_get(struct blob_cache *cache, const uint8_t key[HASH_BYTES], int kind,
                   uint8_t **ret_data, size_t *ret_size, struct error *err)
{
    struct get get = {.key = key, .kind = kind};
    int rc = attempt_on(cache, next_reader(cache), &(struct attempt){run_get, &get}, err);
    struct error ignored;
    /* Best effort: ignore errors from recording the use, or from removing a damaged blob. */
    int noted = 0;
    if (!rc && get.stale)
        noted = attempt_on(cache, &cache->writer, &(struct attempt){run_touch, &get}, &ignored);
    if (!rc && get.damaged)
        noted = blob_cache_remove(cache, key, &ignored);
    (void)noted;
    if (rc || !get.found)
        return rc ? rc : not_there(err);
    *ret_data = get.data;
    *ret_size = get.size;
    return 0;
}

int blob_cache_has(struct blob_cache *cache, const uint8_t key[HASH_BYTES], int kind,
                   struct error *err)
{
    struct get get = {.key = key, .kind = kind};
    int rc = attempt_on(cache, next_reader(cache), &(struct attempt){run_has, &get}, err);
    return rc || get.found ? rc : not_there(err);
}

int blob_cache_remove(struct blob_cache *cache, const uint8_t key[HASH_BYTES], struct error *err)
{
    return attempt_on(cache, &cache->writer, &(struct attempt){run_remove, (void *)(uintptr_t)key},
                      err);
}

static int run_is_full(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    int64_t used, unused, second = 0;
    int result = bytes_in_use(c, &used, &unused);
    if (!result)
        result = bytes_of_kind(c, 1, &second);
    *(bool *)context = used > cache->max_bytes - cache->max_bytes / NEARLY_FULL &&
                       second <= cache->max_bytes / SECOND_SHARE;
    return result;
}

bool blob_cache_is_full(struct blob_cache *cache)
{
    bool is_full = false;
    struct error ignored;
    int rc =
        attempt_on(cache, next_reader(cache), &(struct attempt){run_is_full, &is_full}, &ignored);
    return !rc && is_full;
}

static int run_status(struct blob_cache *cache, struct blobs_connection *c, void *context)
{
    (void)cache;
    struct blob_cache_status *status = context;
    int64_t unused;
    int result = bytes_in_use(c, &status->bytes, &unused);
    return result ? result : blobs_number(c->db, "SELECT count(*) FROM blob", &status->count);
}

int blob_cache_status(struct blob_cache *cache, struct blob_cache_status *ret_status,
                      struct error *err)
{
    struct blob_cache_status status = {0, 0};
    int rc = attempt_on(cache, next_reader(cache), &(struct attempt){run_status, &status}, err);
    if (!rc)
        *ret_status = status;
    return rc;
}
