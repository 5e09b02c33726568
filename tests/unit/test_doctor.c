/* SPDX-License-Identifier: MIT */
/* What doctor_run says of sound and of damaged galleries; recall above all, which must be able to
 * be low. On any kind of store, but for damage that is done in SQLite's file. */
#include "doctor/doctor.h"

#include "sqlite_fixture.h"

struct diagnosis {
    char text[8192];
    size_t length;
    int bad, warnings;
    struct store *writer; /* adds photos between the scan of all vectors and the searches */
};

/* Fifteen photos with the vector of one that is there: they fill its ten nearest. */
static void add_newer(struct store *store)
{
    for (uint64_t i = 0; i < 15; i++) {
        struct fixture_photo photo;
        char path[64];
        snprintf(path, sizeof path, "/a-newer/%llu", (unsigned long long)i);
        struct store_change *change = fixture_add(&photo, path, i % 5);
        if (store_apply(store, change, 1, &err))
            ok(false, "%s", err.message);
    }
}

static void on_finding(void *context, const struct store_finding *f)
{
    static const char *const words[] = {"good", "warning", "BAD"};
    struct diagnosis *d = context;
    d->bad += f->verdict == STORE_BAD;
    d->warnings += f->verdict == STORE_WARNING && strcmp(f->check, "room") != 0;
    d->length += (size_t)snprintf(d->text + d->length, sizeof d->text - d->length, "%s %s: %s\n",
                                  words[f->verdict], f->check, f->sentence);
    if (d->writer && strcmp(f->check, "vectors") == 0)
        add_newer(d->writer);
}

static bool told(const struct diagnosis *d, const char *part)
{
    bool found = strstr(d->text, part) != NULL;
    if (!found)
        diag("%s", d->text);
    return found;
}

enum { TEXTS = 8 };

static struct diagnosis examine(const char *gallery, struct store *writer)
{
    struct diagnosis d = {.writer = writer};
    struct store_model model = fixture_model();
    static float texts[TEXTS * FIXTURE_DIM];
    for (size_t i = 0; i < TEXTS; i++)
        fixture_vector(900000 + i, FIXTURE_DIM, texts + i * FIXTURE_DIM);
    struct doctor_options options = {
        .model = &model, .each = on_finding, .context = &d, .texts = texts, .text_count = TEXTS};
    AUTO(store) *store = NULL;
    if (store_open(gallery, STORE_READ, &store, &err))
        ok(false, "%s", err.message);
    doctor_run(store, &options);
    return d;
}

/* A gallery of n photos in the kind of store that is tested; the caller frees the name. */
static char *make_gallery(size_t n)
{
    char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO_FREE struct fixture_photo *photos = xcalloc(n, sizeof *photos);
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    for (size_t i = 0; i < n; i++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%zu.jpg", i);
        changes[i] = *fixture_add(&photos[i], path, i);
    }
    if (store_apply(store, changes, n, &err) || store_tend_index(store, &err))
        ok(false, "%s", err.message);
    return gallery;
}

/* An approximate index may miss a few. */
static bool recalls(const struct diagnosis *d, const char *over)
{
    const char *index = getenv("KEEPSAKE_TEST_INDEX");
    bool exact = !index || strcmp(index, "none") == 0;
    AUTO_FREE char *line = xasprintf(" over %s of", over);
    return told(d, exact ? "good recall: recall@10 1.000" : "good recall: recall@10 ") &&
           told(d, line);
}

/* The server's pgvector may be of a version with known faults. */
static int faults_told(const struct diagnosis *d)
{
    return strstr(d->text, "warning server: the server has pgvector") != NULL;
}

static void test_sound(void)
{
    AUTO_FREE char *gallery = make_gallery(500);
    struct diagnosis d = examine(gallery, NULL);
    is_int(d.bad, 0, "a sound gallery");
    const char *index = getenv("KEEPSAKE_TEST_INDEX");
    AUTO_FREE char *built = xasprintf("good index: %s, built 20", index);
    ok(told(&d, index && strcmp(index, "none") != 0 ? built : "good index: exact scan"),
       "... kind and age of its index");
    ok(recalls(&d, "200"), "... 200 queries find all");
    ok(told(&d, " over 8 texts"), "... 8 texts as well");
    ok(told(&d, "good vectors: 500 photos, and each has a vector of 32 numbers"),
       "... all looked at");
    ok(told(&d, "warning files: 500 of 500 photos") && d.warnings == 1 + faults_told(&d),
       "... files that never were");
}

static void test_lost_index(void)
{
    if (getenv("KEEPSAKE_TEST_GALLERY")) {
        skip("SQLite's codes are damaged in SQLite's file");
        return;
    }
    AUTO_FREE char *gallery = filled(500);
    run_sql(gallery, "CREATE TABLE other AS SELECT photo, code FROM code;"
                     "UPDATE code SET code = (SELECT code FROM other WHERE"
                     " other.photo = 1 + (code.photo + 249) % 500); DROP TABLE other");
    struct diagnosis d = examine(gallery, NULL);
    ok(told(&d, "BAD codes: 500 codes do not fit"), "codes of other photos");
    ok(told(&d, "BAD recall: recall@10 0.") && told(&d, "searches miss photos"),
       "... and what searches miss for it is measured");
}

/* Many photos score alike; which ten of them come is a matter of their paths. */
static void test_ties(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *store = fixture_open(gallery);
    for (uint64_t i = 0; i < 120; i++) {
        char path[64];
        snprintf(path, sizeof path, "/%03llu", (unsigned long long)(119 - i));
        fixture_put(store, path, i % 3);
    }
    store_close(store);
    struct diagnosis d = examine(gallery, NULL);
    ok(recalls(&d, "120"), "copies of three pictures");
}

static void test_growing(void)
{
    AUTO_FREE char *gallery = make_gallery(60);
    AUTO(store) *writer = fixture_open(gallery);
    struct diagnosis d = examine(gallery, writer);
    ok(recalls(&d, "60"), "photos added meanwhile are no mistakes");
    is_int(count_photos(gallery), 75, "... though they are there");
}

static void test_models(void)
{
    AUTO_FREE char *gallery = make_gallery(3);
    AUTO_FREE char *unbound = fixture_gallery();
    struct diagnosis d = {0};
    AUTO(store) *store = NULL;
    AUTO(store) *empty = NULL;
    struct doctor_options options = {
        .no_model = "it is not installed", .each = on_finding, .context = &d};
    if (store_open(gallery, STORE_READ, &store, &err) ||
        store_open(unbound, STORE_WRITE, &empty, &err))
        ok(false, "%s", err.message);
    doctor_run(store, &options);
    ok(d.bad == 1 && told(&d, "BAD model: it is not installed"), "no model");
    d = (struct diagnosis){0};
    struct store_model model = fixture_model();
    model.preprocessing = 7;
    options.model = &model;
    doctor_run(store, &options);
    ok(d.bad == 1 && told(&d, "BAD model: ") && told(&d, "preprocessing 1"), "other preprocessing");
    d = (struct diagnosis){0};
    doctor_run(empty, &options);
    ok(d.bad == 0 && told(&d, "good model: none yet") && told(&d, "good vectors: none yet"),
       "a gallery that nothing was put into");
}

static void test_many_reasons(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *store = fixture_open(gallery);
    for (int i = 0; i < 200; i++) {
        char path[32], reason[32];
        snprintf(path, sizeof path, "/%d", i);
        snprintf(reason, sizeof reason, "reason %d", i < 50 ? 7 : i);
        struct store_change fail = {.kind = STORE_FAIL, .path = path, .reason = reason};
        if (store_apply(store, &fail, 1, &err))
            ok(false, "%s", err.message);
    }
    store_close(store);
    struct diagnosis d = examine(gallery, NULL);
    ok(told(&d, "warning failures: 200 files could not be indexed"), "200 failures are counted");
    ok(told(&d, "50 files, such as /0: reason 7") && d.warnings == 6 + faults_told(&d) &&
           d.bad == 0,
       "... the five most frequent reasons told");
}

int main(void)
{
    fixture_start();
    test_sound();
    test_lost_index();
    test_ties();
    test_growing();
    test_models();
    test_many_reasons();
    fixture_cleanup();
    return done_testing();
}
