/* SPDX-License-Identifier: MIT */
/* What an index run makes of the changes people make to their folders. */
#include "base/omp_reexec.h"
#include "indexing.h"

static void is_run(const struct fixture *f, const char *want, const char *name)
{
    struct index_report report = gallery_index(f->db, f->photos);
    is_report(&report, want, name);
}

static void test_changes(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "sub/b.png", 2);
    picture_write(f.photos, "sub/c.png", 3);
    is_run(&f, "found 3 added 3 decoded 3", "new photos are added");
    is_run(&f, "found 3 unchanged 3", "a second run opens nothing");
    int64_t a = gallery_id(f.db, f.photos, "a.png"), b = gallery_id(f.db, f.photos, "sub/b.png");

    picture_write(f.photos, "a.png", 4);
    tree_touch(f.photos, "a.png", 1000000000);
    is_run(&f, "found 3 unchanged 2 updated 1 decoded 1", "changed content is embedded again");
    is_int(gallery_id(f.db, f.photos, "a.png"), a, "under the same id");

    tree_touch(f.photos, "sub/b.png", 1000000001);
    is_run(&f, "found 3 unchanged 2 touched 1", "new times alone decode nothing");
    is_run(&f, "found 3 unchanged 3", "and are remembered");

    tree_rename(f.photos, "sub/b.png", "sub/renamed.png");
    is_run(&f, "found 3 unchanged 2 moved 1", "a renamed photo moves");
    is_int(gallery_id(f.db, f.photos, "sub/renamed.png"), b, "and keeps its id");
    is_gallery(f.db, f.photos, "a.png\nsub/c.png\nsub/renamed.png\n", "under its new name only");

    picture_write(f.photos, "copy.png", 3);
    is_run(&f, "found 4 unchanged 3 copied 1", "a copy is not decoded");
    ok(gallery_id(f.db, f.photos, "copy.png") > 0, "and is a photo of its own");

    tree_delete(f.photos, "sub/c.png");
    is_run(&f, "found 3 unchanged 3 removed 1", "a deleted photo is removed");
    is_gallery(f.db, f.photos, "a.png\ncopy.png\nsub/renamed.png\n", "from the gallery");
    fixture_release(&f);
}

static void test_renamed_folder(void)
{
    struct fixture f = fixture_new();
    int64_t ids[6];
    char name[32];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "old/%d.png", i);
        picture_write(f.photos, name, i < 4 ? (unsigned)i : 3); /* 3, 4 and 5 are the same */
    }
    is_run(&f, "found 6 added 4 copied 2 decoded 4", "equal new files are decoded once");
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "old/%d.png", i);
        ids[i] = gallery_id(f.db, f.photos, name);
    }
    tree_rename(f.photos, "old", "year/new");
    is_run(&f, "found 6 moved 6", "a renamed folder decodes and removes nothing");
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "year/new/%d.png", i);
        is_int(gallery_id(f.db, f.photos, name), ids[i], "each photo keeps its id");
    }
    is_gallery(f.db, f.photos,
               "year/new/0.png\nyear/new/1.png\nyear/new/2.png\n"
               "year/new/3.png\nyear/new/4.png\nyear/new/5.png\n",
               "under the new folder only");
    fixture_release(&f);
}

/* More threads than processors, most of them busy with pictures that another has in hand. */
static void test_many_duplicates(void)
{
    enum { FILES = 120, CONTENTS = 10 };
    struct fixture f = fixture_new();
    char name[32];
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "%03u.png", i);
        picture_write(f.photos, name, i % CONTENTS);
    }
    struct index_options options = {.decode_threads = 8, .batch = 3};
    struct index_report report = {0};
    const char *path = f.photos;
    TREE_CHECK(gallery_index_paths(f.db, &path, 1, &options, &report, NULL) == 0);
    is_report(&report, "found 120 added 10 copied 110 decoded 10",
              "ten pictures, twelve times each");
    is_run(&f, "found 120 unchanged 120", "are all in the gallery");
    fixture_release(&f);
}

/* A photo that left a folder which is not part of this run still moves. */
static void test_moved_between_roots(void)
{
    struct fixture f = fixture_new();
    AUTO_FREE char *other = file_join(f.root, "other");
    picture_write(f.photos, "a.png", 1);
    picture_write(other, "b.png", 2);
    picture_write(other, "c.png", 3);
    is_run(&f, "found 1 added 1 decoded 1", "one folder");
    struct index_report report = gallery_index(f.db, other);
    is_report(&report, "found 2 added 2 decoded 2", "and another");
    int64_t b = gallery_id(f.db, other, "b.png");
    AUTO_FREE char *from = file_join(other, "b.png"), *to = file_join(f.photos, "b.png");
    TREE_CHECK(rename(from, to) == 0);
    tree_delete(other, "c.png");
    tree_write(other, "note.txt", "x", 1);
    is_run(&f, "found 2 unchanged 1 moved 1", "a photo from another folder moves");
    is_int(gallery_id(f.db, f.photos, "b.png"), b, "with its id");
    ok(gallery_id(f.db, other, "c.png") > 0, "what is gone elsewhere stays until asked about");
    report = gallery_index(f.db, other);
    is_report(&report, "removed 1", "and goes then");
    fixture_release(&f);
}

/* An edited photo whose former content was saved under another name: the copy must not get the
 * vector of the edited one. Exchanged names likewise. */
static void test_exchanged_contents(void)
{
    struct fixture f = fixture_new(), fresh = fixture_new();
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "p.png", 5);
    picture_write(f.photos, "q.png", 6);
    is_run(&f, "found 3 added 3 decoded 3", "before");
    tree_rename(f.photos, "a.png", "a.orig.png");
    picture_write(f.photos, "a.png", 2);
    tree_rename(f.photos, "p.png", "x");
    tree_rename(f.photos, "q.png", "p.png");
    tree_rename(f.photos, "x", "q.png");
    tree_touch(f.photos, "p.png", 1000000002);
    tree_touch(f.photos, "q.png", 1000000003);
    is_run(&f, "found 4 added 1 updated 3 decoded 4", "contents that changed places");
    struct index_report report = gallery_index(fresh.db, f.photos);
    is_report(&report, "found 4 added 4 decoded 4", "a fresh gallery of the same folder");
    ok(galleries_equal(f.db, fresh.db, f.photos), "has the same content, vectors included");
    fixture_release(&f);
    fixture_release(&fresh);
}

/* The vector of one file by itself, without the pipeline. */
static int embed_alone(const char *path, float *ret_vector)
{
    struct file file;
    AUTO(image) *image = NULL;
    struct decode_options options = {.short_edge_px = clip_image_px(test_clip)};
    if (file_read(path, SIZE_MAX / 2, &file, NULL))
        return ERR_IO;
    int rc = image_decode(file.data, file.size, &options, &image, NULL, NULL);
    file_release(&file);
    if (rc)
        return rc;
    AUTO_FREE float *pixels = xcalloc(clip_pixel_count(test_clip), sizeof *pixels);
    rc = clip_preprocess(test_clip, image, pixels, NULL);
    return rc ? rc : clip_embed_pixels(test_clip, pixels, 1, ret_vector, NULL);
}

struct comparison {
    struct store *store;
    double worst;
    int n;
};

static int compare_vector(void *context, const struct store_file *file)
{
    struct comparison *c = context;
    AUTO_FREE float *stored = xcalloc(clip_dim(test_clip), sizeof *stored);
    AUTO_FREE float *alone = xcalloc(clip_dim(test_clip), sizeof *alone);
    TREE_CHECK(store_get_vector(c->store, file->id, stored, NULL) == 0);
    TREE_CHECK(embed_alone(file->path, alone) == 0);
    double found = vector_cosine(stored, alone);
    c->worst = found < c->worst ? found : c->worst;
    return ++c->n == 40 ? 1 : 0;
}

static void test_vectors(const char *folder, const char *name)
{
    struct fixture f = fixture_new();
    struct index_report report = gallery_index(f.db, folder);
    AUTO(store) *store = NULL;
    TREE_CHECK(store_open(f.db, STORE_READ, &store, NULL) == 0);
    struct comparison c = {store, 2, 0};
    int rc = store_list_files(store, NULL, compare_vector, &c, NULL);
    ok(rc >= 0 && c.n > 0, "%s: %d vectors looked at", name, c.n);
    is_int(report.added + report.copied, report.found, "every file became a photo");
    /* Batched products may sum in another order than single ones: float32 rounding only. */
    ok(c.worst > 0.99999, "%s: equal to embedding each alone (worst cosine %.7f)", name, c.worst);
    fixture_release(&f);
}

static void test_odd_names(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "line\nbreak.png", 1);
    picture_write(f.photos, "\xff\xfe.png", 2);
    picture_write(f.photos, "it's 'quoted' \"%s\".png", 3);
    picture_write(f.photos, "wrong.jpg", 4);
    tree_link(f.photos, ".", "loop");
    is_run(&f, "found 4 added 4 decoded 4", "names are bytes, content decides the format");
    is_run(&f, "found 4 unchanged 4", "and are found again");
    is_gallery(f.db, f.photos,
               "it's 'quoted' \"%s\".png\nline\nbreak.png\nwrong.jpg\n\xff\xfe.png\n",
               "all of them");
    fixture_release(&f);
}

/* As many files as people have, of one content: what is counted is that none is read again. */
static void test_unchanged_folder(void)
{
    enum { FILES = 10000 };
    struct fixture f = fixture_new();
    char name[32];
    size_t size;
    AUTO_FREE void *data = picture_make(7, &size);
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof name, "%02d/%05d.png", i % 50, i);
        tree_write(f.photos, name, data, size);
    }
    is_run(&f, "found 10000 added 1 copied 9999 decoded 1", "10,000 files of one content");
    is_run(&f, "found 10000 unchanged 10000", "the second run decodes nothing");
    fixture_release(&f);
}

int main(void)
{
    omp_reexec_passive();
    ok(getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"), "the waiting of libgomp is settled");
    test_clip_open(0);
    test_changes();
    test_renamed_folder();
    test_many_duplicates();
    test_moved_between_roots();
    test_exchanged_contents();
    test_odd_names();
    test_unchanged_folder();
    struct fixture f = fixture_new();
    char name[32];
    for (unsigned i = 0; i < 37; i++) {
        snprintf(name, sizeof name, "%02u.png", i);
        picture_write(f.photos, name, 100 + i);
    }
    test_vectors(f.photos, "generated pictures");
    fixture_release(&f);
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *photos = file_join(shared ? shared : "../shared", "photos/coco-by-86/images");
    if (access(photos, R_OK) == 0)
        test_vectors(photos, "photographs");
    else
        skip("%s is not here", photos);
    clip_close(test_clip);
    return done_testing();
}
