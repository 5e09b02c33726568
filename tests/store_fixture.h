/* SPDX-License-Identifier: MIT */
/* A fresh gallery per test, and changes to put into it. KEEPSAKE_TEST_GALLERY names another gallery
 * than a temporary file, to run the same tests on another kind of store: NUMBER in it becomes a
 * number, another for every test. KEEPSAKE_TEST_INDEX is the kind of its vector index.
 * KEEPSAKE_TEST_SHARDS: two or three addresses with NUMBER in them, parted by spaces, that each
 * gallery is split over. */
#pragma once

#include <ftw.h>
#include <math.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"
#include "tap.h"

#define FIXTURE_DIM 32

static char fixture_folder[64];
static int fixture_number;

static inline int fixture_unlink(const char *path, const struct stat *info, int type,
                                 struct FTW *ftw)
{
    (void)info, (void)type, (void)ftw;
    return remove(path);
}

static inline void fixture_cleanup(void)
{
    nftw(fixture_folder, fixture_unlink, 16, FTW_DEPTH | FTW_PHYS);
}

/* Call once, at the start of main. */
static inline void fixture_start(void)
{
    snprintf(fixture_folder, sizeof fixture_folder, "/tmp/keepsake-test-XXXXXX");
    if (!mkdtemp(fixture_folder))
        abort();
    chmod(fixture_folder, 0755);
    setenv("XDG_CACHE_HOME", fixture_folder, 1);
}

/* `given` with the number in place of NUMBER. */
static inline char *fixture_numbered(const char *given, size_t length)
{
    AUTO_FREE char *name = xstrndup(given, length);
    const char *number = strstr(name, "NUMBER");
    if (!number) {
        printf("Bail out! %s has no NUMBER in it\n", name);
        exit(1);
    }
    return xasprintf("%.*s%d_%d%s", (int)(number - name), name, (int)getpid(), fixture_number,
                     number + strlen("NUMBER"));
}

static inline void fixture_split(const char *gallery, const char *given)
{
    struct error err;
    struct store_split_report report;
    char *parts[3] = {NULL};
    size_t n = 0;
    for (; *given && n < 3; given += strspn(given, " ")) {
        parts[n++] = fixture_numbered(given, strcspn(given, " "));
        given += strcspn(given, " ");
    }
    const char *const names[3] = {parts[0], parts[1], parts[2]};
    if (store_split(gallery, names, n, NULL, &report, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    for (size_t i = 0; i < n; i++)
        free(parts[i]);
}

/* The name of a gallery with nothing in it; the caller frees. */
static inline char *fixture_gallery(void)
{
    const char *given = getenv("KEEPSAKE_TEST_GALLERY");
    if (!given)
        return xasprintf("%s/%d.db", fixture_folder, ++fixture_number);
    fixture_number++;
    char *name = fixture_numbered(given, strlen(given));
    if (getenv("KEEPSAKE_TEST_SHARDS"))
        fixture_split(name, getenv("KEEPSAKE_TEST_SHARDS"));
    return name;
}

static inline struct store_model fixture_model(void)
{
    struct store_model model = {.id = "test", .preprocessing = 1, .dim = FIXTURE_DIM};
    memset(model.fingerprint, 'a', HASH_HEX_SIZE - 1);
    return model;
}

/* Opened for writing and bound; aborts the test program when that fails. */
static inline struct store *fixture_open(const char *gallery)
{
    struct store *store;
    struct error err;
    struct store_model model = fixture_model();
    const char *index = getenv("KEEPSAKE_TEST_INDEX");
    struct store_options options = {.index = STORE_INDEX_KEEP};
    if (index && !store_index_parse(index, &options.index)) {
        printf("Bail out! no index %s\n", index);
        exit(1);
    }
    if (store_open_with(gallery, STORE_WRITE, &options, &store, &err) ||
        store_bind_model(store, &model, &err) || store_tend_index(store, &err)) {
        printf("Bail out! %s: %s\n", gallery, err.message);
        exit(1);
    }
    return store;
}

/* Deterministic numbers: the same seed gives the same photo. */
static inline uint64_t fixture_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static inline void fixture_vector(uint64_t seed, size_t dim, float *ret_vector)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++) {
        ret_vector[i] = (float)((double)fixture_random(&seed) / 0x1p63 - 1);
        sum += (double)ret_vector[i] * ret_vector[i];
    }
    for (size_t i = 0; i < dim; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(sum));
}

/* Everything an ADD points to. */
/* Every field is set, with characters that SQL and tables could trip over. */
__attribute__((unused)) static const struct photo_facts fixture_full_facts = {
    .format = "heic",
    .width = 4032,
    .height = 3024,
    .taken = "2019-07-04T18:30:00+02:00",
    .has_place = true,
    .latitude = -33.8568,
    .longitude = 151.2153,
    .make = "Höft & Søn",
    .model = "'; DROP TABLE photo; --",
    .lens = "35mm",
    .damage = "the JPEG data ends early",
};

struct fixture_photo {
    char path[128];
    uint8_t hash[HASH_BYTES];
    struct photo_facts facts;
    float vector[FIXTURE_DIM];
    struct store_change change;
};

static inline struct store_change *fixture_add(struct fixture_photo *p, const char *path,
                                               uint64_t seed)
{
    memset(p, 0, sizeof *p);
    snprintf(p->path, sizeof p->path, "%s", path);
    memset(p->hash, (int)(seed & 0xff), sizeof p->hash);
    memcpy(p->hash, &seed, sizeof seed);
    p->facts = (struct photo_facts){.format = "jpeg", .width = 640, .height = 480};
    fixture_vector(seed, FIXTURE_DIM, p->vector);
    p->change = (struct store_change){.kind = STORE_ADD,
                                      .path = p->path,
                                      .size = 1000 + (int64_t)seed,
                                      .mtime_ns = 5000000000 + (int64_t)seed,
                                      .hash = p->hash,
                                      .facts = &p->facts,
                                      .vector = p->vector};
    return &p->change;
}

/* Adds one photo in a transaction of its own. */
static inline int fixture_put(struct store *store, const char *path, uint64_t seed)
{
    struct fixture_photo photo;
    struct error err = ERROR_INIT;
    int rc = store_apply(store, fixture_add(&photo, path, seed), 1, &err);
    if (rc)
        diag("%s: %s", path, err.message);
    return rc;
}

struct fixture_found {
    int64_t id;
    const char *path;
    bool failed, found;
    struct store_file file;
};

static inline int fixture_match(void *context, const struct store_file *file)
{
    struct fixture_found *want = context;
    if (strcmp(file->path, want->path) != 0)
        return 0;
    want->found = true;
    want->file = *file;
    want->file.path = want->path;
    want->file.version = NULL; /* was borrowed */
    return 1;
}

/* What the gallery knows of a path: .found, .file. */
static inline struct fixture_found fixture_find(struct store *store, const char *path)
{
    struct fixture_found found = {.path = path};
    int rc = store_list_files(store, NULL, fixture_match, &found, NULL);
    if (rc < 0)
        diag("list failed: %d", rc);
    return found;
}

static inline int64_t fixture_id(struct store *store, const char *path)
{
    return fixture_find(store, path).file.id;
}

/* Runs `body` in a child; returns its exit status, or -signal. */
static inline int fixture_child(int (*body)(void *context), void *context)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(body(context));
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
