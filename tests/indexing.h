/* What the tests of the indexer share: pictures made on the spot, index runs with the mini model,
 * and the content of a gallery as text. */
#pragma once

#include <png.h>

#include "indexer/indexer.h"
#include "tap.h"
#include "tree.h"

#define MINI "models/mini"

static struct clip *test_clip; /* one for the program; NULL until test_clip_open */

/* threads: of the matrix products; 1 keeps OpenMP's threads out of ThreadSanitizer's sight. */
__attribute__((unused)) static void test_clip_open(int threads)
{
    struct error err = ERROR_INIT;
    struct clip_options options = {CLIP_PRECISION_F32, threads};
    if (clip_open(MINI, &options, &test_clip, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
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
    struct store *store;
    const char *root; /* taken off the paths */
    bool with_vectors;
    char *text;
};

static int dump_file(void *context, const struct store_file *file)
{
    struct dump *dump = context;
    char hex[HASH_HEX_SIZE], vector[HASH_HEX_SIZE] = "-";
    size_t n = strlen(dump->root);
    const char *path = strncmp(file->path, dump->root, n) == 0 ? file->path + n + 1 : file->path;
    if (dump->with_vectors && !file->failed) {
        AUTO_FREE float *values = xcalloc(clip_dim(test_clip), sizeof *values);
        uint8_t digest[HASH_BYTES];
        TREE_CHECK(store_get_vector(dump->store, file->id, values, NULL) == 0);
        hash_bytes(values, clip_dim(test_clip) * sizeof *values, digest);
        hash_hex(digest, vector);
    }
    hash_hex(file->hash, hex);
    char *longer =
        dump->with_vectors
            ? xasprintf("%s%s %lld %lld %s %s %s\n", dump->text, path, (long long)file->size,
                        (long long)file->mtime_ns, hex, file->failed ? "failed" : "photo", vector)
            : xasprintf("%s%s%s\n", dump->text, path, file->failed ? " failed" : "");
    free(dump->text);
    dump->text = longer;
    return 0;
}

/* A line for each file in the gallery: its path and whether it failed; with_vectors: size, time,
 * hash and a digest of the vector as well. The caller frees. */
__attribute__((unused)) static char *gallery_dump(const char *db, const char *root,
                                                  bool with_vectors)
{
    AUTO(store) *store = NULL;
    struct error err = ERROR_INIT;
    struct dump dump = {.root = root, .with_vectors = with_vectors, .text = xstrdup("")};
    if (!store_open(db, STORE_READ, &store, &err)) {
        dump.store = store;
        TREE_CHECK(store_list_files(store, NULL, dump_file, &dump, &err) == 0);
    }
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
        {"unreadable", report->unreadable_folders},
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
