/* SPDX-License-Identifier: MIT */
/* The cache file: what goes in comes out, from any thread and process; it stays within its bound;
 * lost, damaged or foreign files. */
#include "cache/blob_cache.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "tree.h"
#include "wait.h"

#define MIB ((int64_t)1 << 20)
#define ROOM (64 * MIB)

static char *folder, *path;
static struct error err;

static struct blob_cache *cache_open(int64_t max_bytes)
{
    struct blob_cache *cache;
    if (blob_cache_open(path, max_bytes, &cache, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return cache;
}

static void make_key(uint8_t ret_key[HASH_BYTES], unsigned number)
{
    hash_bytes(&number, sizeof number, ret_key);
}

/* Bytes that differ by number and kind. */
static void make_data(uint8_t *ret_data, size_t size, unsigned number, int kind)
{
    unsigned state = number * 2 + (unsigned)kind + 1;
    for (size_t i = 0; i < size; i++)
        ret_data[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
}

static int put(struct blob_cache *cache, unsigned number, size_t size, struct error *ret_error)
{
    uint8_t key[HASH_BYTES], *small = malloc(size + 1), *large = malloc(2 * size + 1);
    make_key(key, number);
    make_data(small, size, number, 0);
    make_data(large, 2 * size, number, 1);
    struct blob blobs[] = {{0, small, size}, {1, large, 2 * size}};
    int rc = blob_cache_put(cache, key, blobs, 2, ret_error);
    free(small);
    free(large);
    return rc;
}

/* 1: there, and right; 0: not there; -1: wrong. */
static int look(struct blob_cache *cache, unsigned number, int kind, size_t size)
{
    uint8_t key[HASH_BYTES], *data = NULL, *want = malloc(size + 1);
    size_t found_size = 0;
    make_key(key, number);
    make_data(want, size, number, kind);
    struct error problem = ERROR_INIT;
    int rc = blob_cache_get(cache, key, kind, &data, &found_size, &problem);
    int found = rc == ERR_NOT_FOUND                                    ? 0
                : rc || found_size != size || memcmp(data, want, size) ? -1
                                                                       : 1;
    if (!rc && found < 0)
        diag("%zu bytes of %zu, or other ones", found_size, size);
    free(data);
    free(want);
    return found;
}

static bool has(struct blob_cache *cache, unsigned number, int kind)
{
    uint8_t key[HASH_BYTES];
    make_key(key, number);
    return blob_cache_has(cache, key, kind, NULL) == 0;
}

static void sql(const char *text)
{
    sqlite3 *db;
    char *message = NULL;
    if (sqlite3_open(path, &db) || sqlite3_exec(db, text, NULL, NULL, &message))
        ok(false, "%s: %s", text, message ? message : "");
    sqlite3_close(db);
}

static void test_round_trip(void)
{
    AUTO(blob_cache) *cache = cache_open(ROOM);
    struct stat info;
    ok(stat(path, &info) == 0 && (info.st_mode & 0777) == 0600, "the file is the owner's alone");
    ok(!put(cache, 1, 3000, &err) && !put(cache, 2, 0, &err), "two keys of two blobs");
    is_int(look(cache, 1, 0, 3000), 1, "the first blob");
    is_int(look(cache, 1, 1, 6000), 1, "the second");
    is_int(look(cache, 2, 1, 0), 1, "an empty one");
    is_int(look(cache, 3, 0, 3000), 0, "a key that is not there");
    ok(has(cache, 1, 1) && !has(cache, 3, 1), "has");
    ok(!put(cache, 1, 500, &err), "the same key again");
    is_int(look(cache, 1, 0, 500), 1, "replaces");
    AUTO(blob_cache) *other = cache_open(ROOM);
    is_int(look(other, 1, 1, 1000), 1, "seen by another");
    struct blob_cache_status status;
    ok(!blob_cache_status(other, &status, &err) && status.count == 4 && status.bytes > 0 &&
           status.bytes < MIB,
       "%lld blobs in %lld bytes", (long long)status.count, (long long)status.bytes);
    uint8_t key[HASH_BYTES];
    make_key(key, 1);
    ok(!blob_cache_remove(cache, key, &err) && !has(other, 1, 0) && !has(other, 1, 1) &&
           has(other, 2, 0),
       "removed, both kinds");
    ok(!blob_cache_remove(cache, key, &err), "twice is no error");
}

static int64_t file_bytes(void)
{
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : -1;
}

/* How many of the keys are there in a kind. */
static unsigned count(struct blob_cache *cache, unsigned n, int kind)
{
    unsigned found = 0;
    for (unsigned i = 0; i < n; i++)
        found += has(cache, i, kind);
    return found;
}

static void put_many(struct blob_cache *cache, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        if (put(cache, i, 20000, &err))
            diag("%s", err.message);
}

static void test_bound(void)
{
    tree_remove(folder);
    AUTO(blob_cache) *cache = cache_open(4 * MIB);
    unsigned n = 400;
    put_many(cache, 0, n); /* 20 KB and 40 KB each */
    struct blob_cache_status status = {0};
    bool good = !blob_cache_status(cache, &status, &err);
    ok(good && status.bytes <= 4 * MIB && status.bytes > 3 * MIB, "%lld bytes of 24 MB stay",
       (long long)status.bytes);
    unsigned first = count(cache, n, 0), second = count(cache, n, 1);
    ok(second >= 22 && second <= 27, "a quarter of the room for kind 1: %u", second);
    ok(first >= 110, "the rest for kind 0: %u", first);
    ok(has(cache, n - 1, 0) && has(cache, n - 1, 1), "the newest are there");
    ok(has(cache, n - first, 0) && !has(cache, n - first - 1, 0), "and those before, in order");
    sql("UPDATE blob SET used = used - 10000"); /* as if all were put hours ago */
    is_int(look(cache, n - first, 0, 20000), 1, "the oldest that is left is used");
    put_many(cache, n, n + 30);
    ok(has(cache, n - first, 0), "what was used stays");
    ok(!has(cache, n - first + 1, 0), "what was not goes");
    blob_cache_close(cache);
    cache = cache_open(MIB);
    good = !put(cache, 5000, 20000, &err) && !blob_cache_status(cache, &status, &err);
    ok(good && status.bytes <= MIB && look(cache, 5000, 1, 40000) == 1,
       "a smaller bound holds from the next put on");
    blob_cache_close(cache);
    ok(file_bytes() <= MIB + MIB / 4, "and the file shrinks: %lld bytes", (long long)file_bytes());
    cache = cache_open(MIB);
    ok(!put(cache, 6000, 1200000, &err) && look(cache, 6000, 0, 1200000) == 0,
       "what is larger than the bound is not kept, and no error");
    ok(!put(cache, 6001, 1000, &err) && look(cache, 6001, 0, 1000) == 1, "smaller ones are");
}

static void test_full(void)
{
    tree_remove(folder);
    AUTO(blob_cache) *cache = cache_open(2 * MIB);
    unsigned n = 0;
    ok(!blob_cache_is_full(cache), "an empty cache is not full");
    for (; n < 40; n++)
        put_many(cache, n, n + 1);
    ok(!blob_cache_is_full(cache), "nor is one whose kind 1 has more than its share");
    for (; n < 200 && !blob_cache_is_full(cache); n++)
        put_many(cache, n, n + 1);
    ok(n < 100 && count(cache, n, 0) > n - 5, "full when kind 0 has to go: after %u", n);
}

static void test_lost(void)
{
    tree_remove(folder);
    AUTO(blob_cache) *cache = cache_open(ROOM);
    ok(!put(cache, 1, 3000, &err), "a blob is put");
    tree_remove(folder);
    TREE_CHECK(mkdir(folder, 0755) == 0);
    is_int(look(cache, 1, 0, 3000), 0, "the file was deleted: nothing is there");
    ok(!put(cache, 1, 3000, &err) && look(cache, 1, 0, 3000) == 1, "and a new one is used");
    AUTO(blob_cache) *other = cache_open(ROOM);
    is_int(look(other, 1, 0, 3000), 1, "which others see");
}

static void damage(off_t at, size_t size)
{
    FILE *f = fopen(path, "r+b");
    TREE_CHECK(f && fseeko(f, at, SEEK_SET) == 0);
    for (size_t i = 0; i < size; i++)
        fputc(0xA5, f);
    TREE_CHECK(fclose(f) == 0);
}

/* Damages a closed cache of 50 keys; then all must work, and nothing wrong may come out. */
static void check_damaged(const char *name, off_t at, size_t size, bool while_open)
{
    tree_remove(folder);
    AUTO(blob_cache) *cache = cache_open(ROOM);
    for (unsigned i = 0; i < 50; i++)
        if (put(cache, i, 9000, &err))
            diag("%s", err.message);
    blob_cache_close(cache);
    cache = while_open ? cache_open(ROOM) : NULL;
    damage(at, size);
    cache = cache ? cache : cache_open(ROOM);
    int wrong = 0, failed = 0, back = 0;
    for (unsigned i = 0; i < 50; i++)
        wrong += look(cache, i, 0, 9000) < 0 || look(cache, i, 1, 18000) < 0;
    for (unsigned i = 0; i < 100; i++) /* the first round may come upon the damage midway */
        failed += put(cache, i % 50, 9000, &err) != 0;
    for (unsigned i = 0; i < 50; i++)
        back += look(cache, i, 0, 9000) == 1 && look(cache, i, 1, 18000) == 1;
    if (!ok(!wrong && !failed && back == 50, "%s: nothing wrong, and all can be put again", name))
        diag("%d wrong, %d failed (%s), %d back", wrong, failed, err.message, back);
}

static void test_damaged(void)
{
    check_damaged("the header is damaged", 0, 100, false);
    check_damaged("under an open cache", 0, 100, true);
    check_damaged("the schema is damaged", 100, 4000, false);
    check_damaged("pages in the middle", 8192 * 3, 8192 * 40, false);
    check_damaged("pages in the middle, under an open cache", 8192 * 3, 8192 * 40, true);
    for (int page = 1; page < 60; page += 6) {
        char name[64];
        snprintf(name, sizeof name, "page %d", page);
        check_damaged(name, 8192 * page + 500, 300, page % 4 == 1);
    }
    tree_remove(folder);
    blob_cache_close(cache_open(ROOM));
    TREE_CHECK(truncate(path, 5000) == 0);
    AUTO(blob_cache) *cache = cache_open(ROOM);
    ok(!put(cache, 1, 9000, &err) && look(cache, 1, 0, 9000) == 1, "a cut file is replaced");
    blob_cache_close(cache);
    cache = NULL;
    sql("DROP TABLE blob");
    cache = cache_open(ROOM);
    ok(!put(cache, 2, 9000, &err) && look(cache, 2, 0, 9000) == 1, "a file without its table, too");
    blob_cache_close(cache);
    cache = NULL;
    sql("PRAGMA user_version = 77");
    cache = cache_open(ROOM);
    ok(look(cache, 2, 0, 9000) == 0 && !put(cache, 2, 9000, &err), "and one of another format");
}

static void test_refused(void)
{
    tree_remove(folder);
    TREE_CHECK(mkdir(folder, 0755) == 0);
    sql("CREATE TABLE mine (x); PRAGMA application_id = 12345");
    struct blob_cache *cache = NULL;
    ok(blob_cache_open(path, ROOM, &cache, &err) == ERR_IO && !cache, "%s", err.message);
    sql("INSERT INTO mine VALUES (1)");
    unlink(path);
    TREE_CHECK(mkdir(path, 0755) == 0);
    ok(blob_cache_open(path, ROOM, &cache, &err) < 0 && !cache, "%s", err.message);
    rmdir(path);
    if (geteuid() == 0) {
        skip("root may write everywhere");
        return;
    }
    TREE_CHECK(chmod(folder, 0555) == 0);
    ok(blob_cache_open(path, ROOM, &cache, &err) == ERR_DENIED && !cache, "%s", err.message);
    chmod(folder, 0755);
}

struct worker {
    struct blob_cache *cache;
    unsigned seed;
    int wrong;
};

static void *work(void *context)
{
    struct worker *w = context;
    struct error problem = ERROR_INIT;
    for (unsigned i = 0; i < 150; i++) {
        unsigned number = (w->seed * 31 + i * 7) % 60;
        if (i % 3 == 0 && put(w->cache, number, 4000, &problem)) {
            diag("put: %s", problem.message);
            w->wrong++;
        }
        if (look(w->cache, number, (int)(i % 2), i % 2 ? 8000 : 4000) < 0)
            w->wrong++;
    }
    return NULL;
}

static int run_threads(struct blob_cache *cache)
{
    enum { THREADS = 6 };
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    int wrong = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){cache, i, 0};
        TREE_CHECK(pthread_create(&threads[i], NULL, work, &workers[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong += workers[i].wrong;
    }
    return wrong;
}

static void test_threads(void)
{
    tree_remove(folder);
    AUTO(blob_cache) *cache = cache_open(MIB); /* so that there is trimming, too */
    is_int(run_threads(cache), 0, "six threads put and get: nothing fails, nothing is wrong");
}

/* The file has been made (again), or no child works any more. */
static bool is_there_or_over(void *context)
{
    (void)context;
    siginfo_t ended = {.si_pid = 0};
    waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT);
    struct stat info;
    return ended.si_pid != 0 || (stat(path, &info) == 0 && info.st_size > 0);
}

static void test_processes(void)
{
    tree_remove(folder);
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct blob_cache *cache = cache_open(MIB);
            struct worker w = {cache, (unsigned)i, 0};
            work(&w);
            blob_cache_close(cache);
            _exit(w.wrong != 0);
        }
    }
    for (int n = 0; n < 5; n++) { /* meanwhile the file is damaged or goes away */
        wait_until(is_there_or_over, NULL, "the file of the cache");
        if (n % 2)
            unlink(path);
        else if (access(path, W_OK) == 0)
            damage(0, 50);
    }
    int failed = 0;
    for (int i = 0; i < 3; i++) {
        int status;
        waitpid(children[i], &status, 0);
        if (WIFSIGNALED(status))
            diag("signal %d", WTERMSIG(status));
        failed += !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    is_int(failed, 0, "three processes, and a file that is damaged and deleted under them");
}

int main(void)
{
    char *home = tree_new();
    folder = file_join(home, "cache");
    path = file_join(folder, "x.thumbs");
    test_round_trip();
    test_bound();
    test_full();
    test_lost();
    test_damaged();
    test_refused();
    test_threads();
    test_processes();
    tree_remove(home);
    free(folder);
    free(path);
    free(home);
    return done_testing();
}
