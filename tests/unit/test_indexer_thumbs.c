/* SPDX-License-Identifier: MIT */
/* Thumbnails that an index run keeps, those that are made afterwards, and that CLIP's vectors do
 * not know of them. */
#include "base/limits.h"
#include "base/omp_reexec.h"
#include "encode.h"
#include "exif_block.h"
#include "indexing.h"
#include "shared.h"
#include "store/store.h"
#include "thumbs/fill.h"

#define N 24

static struct error err;
static int notes;

static void count_note(void *context, const char *path, const char *sentence)
{
    (void)context, (void)path;
    diag("note: %s", sentence);
    notes++;
}

static struct index_report index_again(const struct fixture *f, struct thumbs *thumbs, bool reread)
{
    struct index_options options = {
        .thumbs = thumbs, .note = count_note, .decode_threads = 4, .reread = reread};
    struct index_report report = {0};
    const char *folder = f->photos;
    if (gallery_index_paths(f->db, &folder, 1, &options, &report, &err))
        ok(false, "index_run: %s", err.message);
    return report;
}

static struct index_report index_with(const struct fixture *f, struct thumbs *thumbs)
{
    return index_again(f, thumbs, false);
}

static struct thumbs *open_thumbs(const char *gallery)
{
    struct thumbs *thumbs;
    if (thumbs_open(gallery, 0, &thumbs, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return thumbs;
}

struct tally {
    struct thumbs *thumbs;
    int with, without;
};

static int tally_one(void *context, const struct store_file *file)
{
    struct tally *tally = context;
    if (!file->failed)
        *(thumbs_has(tally->thumbs, file->hash, NULL) ? &tally->without : &tally->with) += 1;
    return 0;
}

/* How many photos have their thumbnails; *ret_without: how many do not. */
static int count_with(const struct fixture *f, struct thumbs *thumbs, int *ret_without)
{
    AUTO(store) *store = NULL;
    struct tally tally = {thumbs, 0, 0};
    TREE_CHECK(store_open(f->db, STORE_READ, &store, &err) == 0);
    TREE_CHECK(store_list_files(store, NULL, tally_one, &tally, &err) == 0);
    *ret_without = tally.without;
    return tally.with;
}

static void write_photos(const struct fixture *f)
{
    char name[32];
    for (unsigned i = 0; i < N; i++) {
        snprintf(name, sizeof name, "%02u.png", i);
        picture_write(f->photos, name, i);
    }
    tree_write(f->photos, "broken.jpg", "\xFF\xD8\xFF\xE0", 4);
}

/* A JPEG of 3000 x 2000 that Exif turns: CLIP gets a decode that is too small for the viewer. */
static void write_large(const struct fixture *f, uint8_t ret_hash[HASH_BYTES])
{
    uint8_t *pixels = malloc(3000 * 2000 * 3);
    for (int y = 0, i = 0; y < 2000; y++)
        for (int x = 0; x < 3000; x++, i++) {
            pixels[3 * i] = (uint8_t)(x * 255 / 3000);
            pixels[3 * i + 1] = (uint8_t)(y * 255 / 2000);
            pixels[3 * i + 2] = 9;
        }
    struct bytes b = encode_jpeg(pixels, 3000, 2000, false);
    uint8_t app1[] = {0xFF, 0xE1, (EXIF_BLOCK_SIZE + 2) >> 8, (EXIF_BLOCK_SIZE + 2) & 255};
    bytes_insert(&b, 2, exif_block, EXIF_BLOCK_SIZE);
    bytes_insert(&b, 2, app1, 4);
    tree_write(f->photos, "large.jpg", b.data, b.size);
    hash_bytes(b.data, b.size, ret_hash);
    free(b.data);
    free(pixels);
}

static void check_large(struct thumbs *thumbs, const uint8_t *hash)
{
    AUTO_FREE uint8_t *data = NULL;
    AUTO(image) *image = NULL;
    size_t size = 0;
    if (!ok(!thumbs_get(thumbs, hash, THUMB_LARGE, &data, &size, &err) &&
                !image_decode(data, size, NULL, &image, NULL, &err),
            "the large photo has its thumbnail"))
        return;
    const uint8_t *corner = image->rgb + (image->width - 1) * 3; /* was the first pixel */
    ok(image->height >= 1000 && image->height <= 1440 && image->width < image->height &&
           corner[0] < 20 && corner[1] < 20,
       "%d x %d, upright", image->width, image->height);
}

static void test_index(void)
{
    struct fixture f = fixture_new();
    uint8_t hash[HASH_BYTES];
    int without;
    write_photos(&f);
    write_large(&f, hash);
    AUTO(thumbs) *thumbs = open_thumbs(f.db);
    struct index_report report = index_with(&f, thumbs);
    ok(report.added == N + 1 && report.failed == 1 && report.decoded == N + 1,
       "a run with thumbnails adds the same photos");
    is_int(count_with(&f, thumbs, &without), N + 1, "and each has its thumbnails");
    check_large(thumbs, hash);
    AUTO(image) *other = NULL;
    ok(image_new(64, 48, &other, NULL) == 0, "a picture that is not the photo's");
    memset(other->rgb, 0, 64 * 48 * 3);
    ok(thumbs_put(thumbs, hash, other, &err) == 0, "takes the place of its thumbnails");
    report = index_again(&f, thumbs, true);
    ok(report.decoded == N + 1, "reading all again ...");
    check_large(thumbs, hash); /* ... makes them again */
    AUTO_FREE char *file = thumbs_path(f.db);
    unlink(file);
    report = index_with(&f, thumbs);
    ok(report.unchanged == N + 1 && report.decoded == 0 && count_with(&f, thumbs, &without) == 0 &&
           without == N + 1,
       "lost ones make no run read unchanged photos again");
    fixture_release(&f);
}

static int64_t progress_made;
static void on_progress(void *context, const struct thumbs_fill_report *now)
{
    (void)context;
    progress_made = now->made;
}

static bool say_yes(void *context)
{
    (void)context;
    return true;
}

static struct thumbs_fill_report fill(const struct fixture *f, struct thumbs *thumbs, int want)
{
    AUTO(store) *store = NULL;
    struct thumbs_fill_options options = {.threads = 3, .progress = on_progress};
    struct thumbs_fill_report report = {0};
    const char *root = f->photos;
    TREE_CHECK(store_open(f->db, STORE_READ, &store, &err) == 0);
    options.cancelled = want == ERR_CANCELLED ? say_yes : NULL;
    is_int(thumbs_fill(thumbs, store, &root, 1, &options, &report, &err), want,
           "missing thumbnails are made");
    return report;
}

static void test_fill(void)
{
    struct fixture f = fixture_new();
    int without;
    write_photos(&f);
    index_with(&f, NULL);
    AUTO(thumbs) *thumbs = open_thumbs(f.db);
    ok(count_with(&f, thumbs, &without) == 0 && without == N, "a run without makes none");
    tree_delete(f.photos, "03.png");
    picture_write(f.photos, "05.png", 999);
    struct thumbs_fill_report report = fill(&f, thumbs, 0);
    ok(report.missing == N && report.made == N - 2 && report.failed == 2 && !report.is_full &&
           progress_made == N - 2,
       "filling makes them, but for a photo that is gone and one that has changed");
    is_int(count_with(&f, thumbs, &without), N - 2, "and they are there");
    report = fill(&f, thumbs, 0);
    ok(report.missing == 2 && report.made == 0 && report.failed == 2, "a second time: only those");
    AUTO_FREE char *file = thumbs_path(f.db);
    unlink(file);
    report = fill(&f, thumbs, ERR_CANCELLED);
    ok(report.missing == N, "interrupted: %s", err.message);
    fixture_release(&f);
}

/* What cannot be kept fails no run. */
static void test_unusable(void)
{
    struct fixture f = fixture_new();
    write_photos(&f);
    AUTO(thumbs) *thumbs = open_thumbs(f.db);
    AUTO_FREE char *file = thumbs_path(f.db);
    unlink(file);
    TREE_CHECK(mkdir(file, 0755) == 0);
    notes = 0;
    struct index_report report = index_with(&f, thumbs);
    ok(report.added == N && report.failed == 1, "a folder in the file's place: the run is as ever");
    is_int(notes, 2, "with one remark (and that of the broken photo)");
    fixture_release(&f);
}

/* The vector of a file by itself, as `embed FILE` computes it. */
static void embed_alone(const char *path, float *ret_vector)
{
    struct file file;
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = clip_image_px(test_clip)};
    TREE_CHECK(file_read(path, LIMIT_PHOTO_FILE_BYTES, &file, &err) == 0);
    TREE_CHECK(image_decode(file.data, file.size, &options, &image, NULL, &err) == 0);
    AUTO_FREE float *pixels = xcalloc(clip_pixel_count(test_clip), sizeof *pixels);
    TREE_CHECK(clip_preprocess(test_clip, image, pixels, &err) == 0);
    TREE_CHECK(clip_embed_pixels(test_clip, pixels, 1, ret_vector, &err) == 0);
    file_release(&file);
}

struct golden {
    struct store *store;
    int same, other;
};

static int compare_with_alone(void *context, const struct store_file *file)
{
    struct golden *golden = context;
    size_t dim = clip_dim(test_clip);
    AUTO_FREE float *stored = xcalloc(dim, sizeof *stored);
    AUTO_FREE float *alone = xcalloc(dim, sizeof *alone);
    TREE_CHECK(store_get_vector(golden->store, file->id, stored, &err) == 0);
    embed_alone(file->path, alone);
    *(memcmp(stored, alone, dim * sizeof *alone) ? &golden->other : &golden->same) += 1;
    return 0;
}

/* One photo a batch: the same product, so the same bits. */
static void test_vectors(const char *photos, int want)
{
    struct fixture f = fixture_new();
    AUTO(thumbs) *thumbs = open_thumbs(f.db);
    struct index_options options = {.thumbs = thumbs, .batch = 1};
    struct index_report report = {0};
    if (gallery_index_paths(f.db, &photos, 1, &options, &report, &err))
        ok(false, "index_run: %s", err.message);
    int without;
    is_int(count_with(&f, thumbs, &without), want, "photos with thumbnails");
    struct golden golden = {NULL, 0, 0};
    TREE_CHECK(store_open(f.db, STORE_READ, &golden.store, &err) == 0);
    TREE_CHECK(store_list_files(golden.store, NULL, compare_with_alone, &golden, &err) == 0);
    store_close(golden.store);
    ok(golden.same == want && golden.other == 0,
       "the vectors are those of the photos alone, to the bit: %d", golden.same);
    fixture_release(&f);
}

int main(void)
{
    omp_reexec_passive();
    test_clip_open(0);
    test_index();
    test_fill();
    test_unusable();
    struct fixture f = fixture_new();
    uint8_t hash[HASH_BYTES];
    write_large(&f, hash);
    test_vectors(f.photos, 1);
    fixture_release(&f);
    char path[4096];
    if (UNDER_TSAN || !shared_exists("photos/flickr8k-300/images"))
        skip("300 real photos: there is no ../shared/photos/flickr8k-300, or the run is slow");
    else {
        AUTO_FREE char *photos =
            realpath(shared_path(path, sizeof path, "photos/flickr8k-300/images"), NULL);
        test_vectors(photos, 300);
    }
    clip_close(test_clip);
    return done_testing();
}
