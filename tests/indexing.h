/* SPDX-License-Identifier: MIT */
/* What the tests of the indexer share: pictures made on the spot, index runs with the mini model,
 * and the content of a gallery as text. */
#pragma once

#include <png.h>

#include "indexer/indexer.h"
#include "tap.h"
#include "tree.h"

#define MINI "models/mini"

static struct clip *test_clip; /* one for the program; NULL until test_clip_open */

#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN true
#elif defined __has_feature
#define UNDER_TSAN __has_feature(thread_sanitizer)
#else
#define UNDER_TSAN false
#endif

/* threads: of the matrix products, 0: all. Always 1 under ThreadSanitizer, which cannot see how
 * libgomp's threads wait for each other, and in tests that fork. */
__attribute__((unused)) static void test_clip_open(int threads)
{
    struct error err = ERROR_INIT;
    struct clip_options options = {CLIP_PRECISION_F32, UNDER_TSAN ? 1 : threads};
    if (clip_open(MINI, &options, &test_clip, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
}

struct fixture {
    char *root, *photos, *db;
};

/* A folder for photos and a gallery beside it. */
__attribute__((unused)) static struct fixture fixture_new(void)
{
    struct fixture f = {.root = tree_new()};
    f.photos = file_join(f.root, "photos");
    f.db = file_join(f.root, "gallery.db");
    TREE_CHECK(mkdir(f.photos, 0755) == 0);
    return f;
}

__attribute__((unused)) static void fixture_release(struct fixture *f)
{
    tree_remove(f->root);
    free(f->root);
    free(f->photos);
    free(f->db);
}

/* A 96 x 72 PNG, different for each seed. */
__attribute__((unused)) static void *picture_make(unsigned seed, size_t *ret_size)
{
    enum { WIDTH = 96, HEIGHT = 72 };
    static uint8_t pixels[HEIGHT][WIDTH][3];
    unsigned a = seed * 2654435761u + 12345, b = a * 1103515245u + 12345;
    for (unsigned y = 0; y < HEIGHT; y++)
        for (unsigned x = 0; x < WIDTH; x++) {
            pixels[y][x][0] = (uint8_t)((x * (a % 7 + 1) + y * (a >> 3) % 5 + (a >> 8)) & 255);
            pixels[y][x][1] = (uint8_t)((y * (b % 6 + 1) + (b >> 9)) & 255);
            pixels[y][x][2] = (uint8_t)(((x / 8) ^ (y / 8)) * (a % 31) + (b >> 16));
        }
    png_image png = {
        .version = PNG_IMAGE_VERSION, .width = WIDTH, .height = HEIGHT, .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = 0;
    TREE_CHECK(png_image_write_get_memory_size(png, size, 0, pixels, 0, NULL));
    void *data = xmalloc(size);
    TREE_CHECK(png_image_write_to_memory(&png, data, &size, 0, pixels, 0, NULL));
    *ret_size = size;
    return data;
}

__attribute__((unused)) static void picture_write(const char *folder, const char *name,
                                                  unsigned seed)
{
    size_t size;
    AUTO_FREE void *data = picture_make(seed, &size);
    tree_write(folder, name, data, size);
}

__attribute__((unused)) static int gallery_index_paths(const char *db, const char *const *paths,
                                                       size_t n,
                                                       const struct index_options *options,
                                                       struct index_report *ret_report,
                                                       struct error *err)
{
    AUTO(store) *store = NULL;
    int rc = store_open(db, STORE_WRITE, &store, err);
    return rc ? rc : index_run(store, test_clip, "mini", paths, n, options, ret_report, err);
}

/* A run that must succeed. */
__attribute__((unused)) static struct index_report gallery_index(const char *db, const char *folder)
{
    struct index_report report = {0};
    struct error err = ERROR_INIT;
    if (gallery_index_paths(db, &folder, 1, NULL, &report, &err)) {
        printf("Bail out! index_run: %s\n", err.message);
        exit(1);
    }
    return report;
}

struct dump {
    const char *root; /* taken off the paths */
    bool in_detail;
    char *text;
};

static int dump_file(void *context, const struct store_file *file)
{
    struct dump *dump = context;
    char hex[HASH_HEX_SIZE];
    size_t n = strlen(dump->root);
    const char *path = strncmp(file->path, dump->root, n) == 0 ? file->path + n + 1 : file->path;
    hash_hex(file->hash, hex);
    char *line = dump->in_detail ? xasprintf(" %lld %lld %s", (long long)file->size,
                                             (long long)file->mtime_ns, hex)
                                 : xstrdup("");
    char *longer = xasprintf("%s%s%s%s\n", dump->text, path, line, file->failed ? " failed" : "");
    free(line);
    free(dump->text);
    dump->text = longer;
    return 0;
}

/* A line for each file in the gallery: its path and whether it failed; in_detail: size, time and
 * hash as well. The caller frees. */
__attribute__((unused)) static char *gallery_dump(const char *db, const char *root, bool in_detail)
{
    AUTO(store) *store = NULL;
    struct error err = ERROR_INIT;
    struct dump dump = {root, in_detail, xstrdup("")};
    if (!store_open(db, STORE_READ, &store, &err))
        TREE_CHECK(store_list_files(store, NULL, dump_file, &dump, &err) == 0);
    return dump.text;
}

__attribute__((unused)) static void is_gallery(const char *db, const char *root, const char *want,
                                               const char *name)
{
    AUTO_FREE char *got = gallery_dump(db, root, false);
    is_str(got, want, name);
}

struct lookup {
    const char *path;
    int64_t id;
};

static int match_path(void *context, const struct store_file *file)
{
    struct lookup *lookup = context;
    if (strcmp(file->path, lookup->path) == 0)
        lookup->id = file->id;
    return 0;
}

/* The id of the photo at folder/name, 0 for a failure, -1 when the gallery has nothing there. */
__attribute__((unused)) static int64_t gallery_id(const char *db, const char *folder,
                                                  const char *name)
{
    AUTO(store) *store = NULL;
    AUTO_FREE char *path = file_join(folder, name);
    struct lookup lookup = {path, -1};
    TREE_CHECK(store_open(db, STORE_READ, &store, NULL) == 0);
    TREE_CHECK(store_list_files(store, NULL, match_path, &lookup, NULL) == 0);
    return lookup.id;
}

__attribute__((unused)) static double vector_cosine(const float *a, const float *b)
{
    double dot = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < clip_dim(test_clip); i++) {
        dot += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return dot / sqrt(aa * bb);
}

struct vector_pairs {
    struct store *store, *other;
    double worst;
};

static int compare_vectors(void *context, const struct store_file *file)
{
    struct vector_pairs *pairs = context;
    if (file->failed)
        return 0;
    struct lookup lookup = {file->path, -1};
    AUTO_FREE float *a = xcalloc(clip_dim(test_clip), sizeof *a);
    AUTO_FREE float *b = xcalloc(clip_dim(test_clip), sizeof *b);
    TREE_CHECK(store_list_files(pairs->other, file->path, match_path, &lookup, NULL) == 0);
    TREE_CHECK(store_get_vector(pairs->store, file->id, a, NULL) == 0);
    TREE_CHECK(store_get_vector(pairs->other, lookup.id, b, NULL) == 0);
    double cosine = vector_cosine(a, b);
    pairs->worst = cosine < pairs->worst ? cosine : pairs->worst;
    return 0;
}

/* Two galleries of one folder have the same files with the same contents, and vectors that differ
 * by no more than float32 rounding (pictures of a batch are summed in another order than alone).
 * Says what differs on failure. */
__attribute__((unused)) static bool galleries_equal(const char *db, const char *want_db,
                                                    const char *root)
{
    AUTO_FREE char *got = gallery_dump(db, root, true);
    AUTO_FREE char *want = gallery_dump(want_db, root, true);
    if (strcmp(got, want) != 0) {
        diag("got\n%s\nwant\n%s", got, want);
        return false;
    }
    AUTO(store) *store = NULL, *other = NULL;
    TREE_CHECK(store_open(db, STORE_READ, &store, NULL) == 0);
    TREE_CHECK(store_open(want_db, STORE_READ, &other, NULL) == 0);
    struct vector_pairs pairs = {store, other, 1};
    TREE_CHECK(store_list_files(store, NULL, compare_vectors, &pairs, NULL) == 0);
    if (pairs.worst < 0.99999)
        diag("worst cosine %.7f", pairs.worst);
    return pairs.worst >= 0.99999;
}

/* The report in one line, zeros left out: "found 3 added 3 decoded 3". */
__attribute__((unused)) static void is_report(const struct index_report *report, const char *want,
                                              const char *name)
{
    const struct {
        const char *name;
        int64_t value;
    } fields[] = {
        {"found", report->found},
        {"unchanged", report->unchanged},
        {"added", report->added},
        {"updated", report->updated},
        {"moved", report->moved},
        {"copied", report->copied},
        {"removed", report->removed},
        {"touched", report->touched},
        {"failed", report->failed},
        {"failed_before", report->failed_before},
        {"by_others", report->by_others},
        {"unreadable", report->unreadable_folders},
        {"not_reachable", report->not_reachable},
        {"decoded", report->decoded},
    };
    char got[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value)
            used += (size_t)snprintf(got + used, sizeof got - used, "%s%s %lld", used ? " " : "",
                                     fields[i].name, (long long)fields[i].value);
    is_str(got, want, name);
}
