/* SPDX-License-Identifier: MIT */
/* Several processes on one gallery, and processes that die: on any kind of store. */
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "store_fixture.h"
#include "wait.h"

static struct error err;

enum { PATHS = 60, ROUNDS = 4, KILLS = 20 };

static void path_of(char *ret_path, size_t size, size_t i)
{
    snprintf(ret_path, size, "/photos/%03zu.jpg", i);
}

/* ---- two index runs at once ---- */

struct run {
    const char *gallery;
    int number;
    atomic_int *applied; /* shared with the parent; may be NULL */
};

/* Adds every path with content that only the path decides, in an order of its own, in batches,
 * with touches, copies and removals between. */
static int run_index(void *context)
{
    const struct run *run = context;
    AUTO(store) *store = NULL;
    struct store_model model = fixture_model();
    if (store_open(run->gallery, STORE_WRITE, &store, &err) ||
        store_bind_model(store, &model, &err)) {
        diag("%s", err.message);
        return 1;
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < PATHS; i += 2) {
            size_t first = run->number % 2 ? PATHS - 2 - i : i;
            struct fixture_photo photos[2];
            struct store_change changes[5];
            char path[64];
            for (size_t j = 0; j < 2; j++) {
                path_of(path, sizeof path, first + j);
                changes[j] = *fixture_add(&photos[j], path, first + j);
            }
            changes[2] = (struct store_change){
                .kind = STORE_TOUCH, .path = photos[0].path, .size = 1, .mtime_ns = 2};
            changes[3] = (struct store_change){.kind = STORE_REMOVE, .path = photos[1].path};
            changes[4] = changes[1];
            if (store_apply(store, changes, 5, &err)) {
                diag("%s", err.message);
                return 1;
            }
        }
    }
    return 0;
}

static int count_file(void *context, const struct store_file *file)
{
    int64_t *count = context;
    *count += !file->failed;
    return 0;
}

/* Photos, vectors and what a search finds are the same set, and every vector is its path's. */
static bool is_consistent(const char *gallery, int64_t *ret_photos)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    int64_t listed = 0;
    size_t found = 0, good = 0;
    float query[FIXTURE_DIM], vector[FIXTURE_DIM], want[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    struct store_hit hits[4096];
    if (store_open(gallery, STORE_READ, &store, &err) || store_status(store, &status, &err) ||
        store_list_files(store, NULL, count_file, &listed, &err) ||
        store_search(store, query, 4096, NULL, hits, &found, &err)) {
        diag("%s", err.message);
        return false;
    }
    for (size_t i = 0; i < found; i++) {
        struct store_photo photo;
        if (store_get_photo(store, hits[i].id, &photo, &err) ||
            store_get_vector(store, hits[i].id, vector, &err)) {
            diag("%s", err.message);
            return false;
        }
        fixture_vector(strtoull(strrchr(photo.path, '/') + 1, NULL, 10), FIXTURE_DIM, want);
        good += memcmp(vector, want, sizeof want) == 0;
        store_photo_release(&photo);
    }
    *ret_photos = status.photos;
    if (status.photos != listed || (size_t)listed != found || found != good)
        diag("%lld photos, %lld listed, %zu found, %zu right", (long long)status.photos,
             (long long)listed, found, good);
    return status.photos == listed && (size_t)listed == found && found == good;
}

static void test_runs_at_once(void)
{
    enum { RUNS = 3 };
    AUTO_FREE char *gallery = fixture_gallery();
    struct run runs[RUNS];
    pid_t children[RUNS];
    fflush(stdout);
    for (int i = 0; i < RUNS; i++) {
        runs[i] = (struct run){gallery, i, NULL};
        children[i] = fork();
        if (children[i] == 0)
            _exit(run_index(&runs[i]));
    }
    int failed = 0;
    for (int i = 0; i < RUNS; i++) {
        int status;
        failed += waitpid(children[i], &status, 0) < 0 || status != 0;
    }
    is_int(failed, 0, "three runs at once on a gallery that none had made");
    int64_t photos = 0;
    ok(is_consistent(gallery, &photos), "... leave it consistent");
    is_int(photos, PATHS, "... with every photo once");
}

/* ---- readers beside a writer ---- */

static int write_slowly(void *context)
{
    AUTO(store) *store = fixture_open(context);
    for (size_t i = 0; i < 200; i++) {
        char path[64];
        path_of(path, sizeof path, i);
        if (fixture_put(store, path, i))
            return 1;
    }
    return 0;
}

static void test_reading_while_written(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    AUTO(store) *reader = NULL;
    float query[FIXTURE_DIM];
    fixture_vector(3, FIXTURE_DIM, query);
    if (store_open(gallery, STORE_READ, &reader, &err))
        ok(false, "%s", err.message);
    fflush(stdout);
    pid_t writer = fork();
    if (writer == 0)
        _exit(write_slowly(gallery));
    int status = 0, searches = 0, failures = 0, shrunk = 0;
    size_t before = 0;
    while (waitpid(writer, &status, WNOHANG) == 0) {
        struct store_hit hits[256];
        size_t count;
        int rc = store_search(reader, query, 256, NULL, hits, &count, &err);
        failures += rc != 0;
        if (rc)
            diag("%s", err.message);
        shrunk += !rc && count < before;
        before = rc ? before : count;
        searches++;
    }
    ok(status == 0 && failures == 0 && shrunk == 0,
       "searches while another process adds photos: none fails, none sees fewer than before");
    diag("%d searches", searches);
    int64_t photos = 0;
    ok(is_consistent(gallery, &photos) && photos == 200, "... all are there afterwards");
}

/* ---- kill -9 ---- */

/* The file itself, asked without keepsake: sound, and a vector and a code for each photo. */
static bool is_sound_file(const char *gallery)
{
    static const char sql[] =
        "SELECT (SELECT group_concat(integrity_check) FROM pragma_integrity_check) = 'ok'"
        " AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_check)"
        " AND NOT EXISTS (SELECT id FROM photo EXCEPT SELECT photo FROM vector)"
        " AND NOT EXISTS (SELECT id FROM photo EXCEPT SELECT photo FROM code)"
        " AND (SELECT count(*) FROM vector) = (SELECT count(*) FROM photo)"
        " AND (SELECT count(*) FROM code) = (SELECT count(*) FROM photo)";
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    bool sound = sqlite3_open(gallery, &db) == SQLITE_OK &&
                 sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
                 sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1;
    if (!sound)
        diag("%s", sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return sound;
}

static int apply_forever(void *context)
{
    const struct run *run = context;
    AUTO(store) *store = fixture_open(run->gallery);
    struct fixture_photo photos[8];
    struct store_change changes[8];
    for (uint64_t state = (uint64_t)run->number;;) {
        for (size_t i = 0; i < 8; i++) {
            char path[64];
            size_t which = fixture_random(&state) % 300;
            path_of(path, sizeof path, which);
            changes[i] = *fixture_add(&photos[i], path, which);
            if (fixture_random(&state) % 3 == 0)
                changes[i] = (struct store_change){.kind = STORE_REMOVE, .path = photos[i].path};
        }
        if (store_apply(store, changes, 8, &err))
            return 1;
        atomic_fetch_add(run->applied, 1);
    }
}

struct progress {
    atomic_int *applied;
    int wanted;
};

static bool has_applied(void *context)
{
    const struct progress *p = context;
    return atomic_load(p->applied) >= p->wanted;
}

static void test_kills(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    uint64_t state = 11;
    int killed = 0, consistent = 0, sound = 0;
    int64_t photos = 0, most = 0;
    atomic_int *applied =
        mmap(NULL, sizeof *applied, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < KILLS; i++) {
        atomic_store(applied, 0);
        struct run run = {gallery, i, applied};
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            _exit(apply_forever(&run));
        /* Somewhere in the work after so many batches. */
        struct progress progress = {applied, (int)(fixture_random(&state) % 6)};
        wait_until(has_applied, &progress, "batches of the writer");
        nanosleep(&(struct timespec){0, (long)(fixture_random(&state) % 5000000)}, NULL);
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        killed += WIFSIGNALED(status);
        consistent += is_consistent(gallery, &photos);
        sound += getenv("KEEPSAKE_TEST_GALLERY") || is_sound_file(gallery);
        most = photos > most ? photos : most;
    }
    is_int(killed, KILLS, "writers killed in the middle of their work");
    is_int(consistent, KILLS, "... each time the gallery is consistent");
    is_int(sound, KILLS, "... and its file sound");
    ok(most > 0, "... and had photos (at most %lld)", (long long)most);
    AUTO(store) *store = fixture_open(gallery);
    is_int(fixture_put(store, "/photos/900.jpg", 900), 0, "... and can be written");
}

int main(void)
{
    fixture_start();
    test_runs_at_once();
    test_reading_while_written();
    test_kills();
    fixture_cleanup();
    return done_testing();
}
