/* SPDX-License-Identifier: MIT */
/* What store.h promises of changes, lists, reading and model binding, on any kind of store. */
#include "store_fixture.h"

static struct error err;

static bool says(const char *part)
{
    bool found = strstr(err.message, part) != NULL;
    if (!found)
        diag("message: %s", err.message);
    return found;
}

static int64_t count_files(struct store *store, const char *root);

static void test_model(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = NULL;
    struct store_model model = fixture_model(), got;
    is_int(store_open(gallery, STORE_WRITE, &store, &err), 0, "makes a gallery");
    is_int(store_get_model(store, &got, &err), ERR_NOT_FOUND, "unbound: no model");
    is_int(store_check_model(store, &model, &err), 0, "unbound: any model suits");
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/a", 1), 1, &err), ERR_INVALID,
           "unbound: nothing can be added");
    is_int(store_bind_model(store, &model, &err), 0, "the gallery binds the model");
    is_int(store_bind_model(store, &model, &err), 0, "binding again compares");
    is_int(store_get_model(store, &got, &err), 0, "has a model");
    ok(strcmp(got.id, model.id) == 0 && strcmp(got.fingerprint, model.fingerprint) == 0 &&
           got.preprocessing == 1 && got.dim == FIXTURE_DIM,
       "the model is as bound");

    struct store_model other = model;
    snprintf(other.id, sizeof other.id, "clip-vit-b-32");
    is_int(store_bind_model(store, &other, &err), ERR_MISMATCH, "another model is refused");
    ok(says("the model test, but clip-vit-b-32 was given") && says("--model test") &&
           says("--gallery") && says(gallery),
       "... naming both and both ways out");
    other = model;
    other.fingerprint[0] = 'b';
    is_int(store_check_model(store, &other, &err), ERR_MISMATCH, "other weights are refused");
    ok(says("other weights of the model test (aaaaaaaaaaaa") && says("(baaaaaaaaaaa"),
       "... naming both");
    other = model;
    other.preprocessing = 2;
    is_int(store_check_model(store, &other, &err), ERR_MISMATCH, "other preprocessing is refused");
    ok(says("preprocessing 1") && says("has preprocessing 2"), "... naming both");
    is_int(store_check_model(store, &model, &err), 0, "its own model suits");
}

static void test_add(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photo;
    struct store_change *change = fixture_add(&photo, "/photos/a.jpg", 7);
    photo.facts = fixture_full_facts;
    is_int(store_apply(store, change, 1, &err), 0, "adds a photo");
    struct fixture_found found = fixture_find(store, "/photos/a.jpg");
    ok(found.found && found.file.id > 0 && !found.file.failed && found.file.size == 1007 &&
           found.file.mtime_ns == 5000000007 &&
           memcmp(found.file.hash, photo.hash, HASH_BYTES) == 0,
       "it is listed as given");
    struct store_photo got;
    is_int(store_get_photo(store, found.file.id, &got, &err), 0, "it can be read");
    is_str(got.path, "/photos/a.jpg", "a photo: its path is kept");
    ok(got.id == found.file.id && got.size == 1007 && got.mtime_ns == 5000000007, "size and time");
    ok(memcmp(got.hash, photo.hash, HASH_BYTES) == 0, "a photo: its hash is kept");
    is_str(got.facts.format, "heic", "a photo: its format is kept");
    ok(got.facts.width == 4032 && got.facts.height == 3024, "a photo: its dimensions are kept");
    is_str(got.facts.taken, "2019-07-04T18:30:00+02:00", "a photo: its date is kept");
    ok(got.facts.has_place && got.facts.latitude == -33.8568 && got.facts.longitude == 151.2153,
       "a photo: its place is kept");
    is_str(got.facts.make, "Höft & Søn", "a photo: its make is kept");
    is_str(got.facts.model, "'; DROP TABLE photo; --", "a photo: its model is kept");
    is_str(got.facts.lens, "35mm", "a photo: its lens is kept");
    is_str(got.facts.damage, "the JPEG data ends early", "a photo: its damage is kept");
    store_photo_release(&got);
    float vector[FIXTURE_DIM];
    ok(store_get_vector(store, found.file.id, vector, &err) == 0 &&
           memcmp(vector, photo.vector, sizeof vector) == 0,
       "the vector is kept to the bit");

    is_int(fixture_put(store, "/photos/a.jpg", 8), 0, "new content at a known path");
    is_int(fixture_id(store, "/photos/a.jpg"), found.file.id, "... keeps the id");
    is_int(store_get_photo(store, found.file.id, &got, &err), 0, "... can be read");
    ok(got.size == 1008 && !got.facts.has_place && got.facts.make[0] == '\0', "... is the new one");
    store_photo_release(&got);
    fixture_vector(8, FIXTURE_DIM, photo.vector);
    ok(store_get_vector(store, found.file.id, vector, &err) == 0 &&
           memcmp(vector, photo.vector, sizeof vector) == 0,
       "... with its vector");
    is_int(store_get_photo(store, 999999, &got, &err), ERR_NOT_FOUND, "no such photo");
    is_int(store_get_vector(store, 999999, vector, &err), ERR_NOT_FOUND, "no such vector");
}

static void test_copy_and_move(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    fixture_put(store, "/a", 1);
    fixture_put(store, "/b", 2);
    int64_t a = fixture_id(store, "/a"), b = fixture_id(store, "/b");
    float of_a[FIXTURE_DIM], got[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, of_a);

    struct store_change copy = {
        .kind = STORE_COPY, .path = "/c", .id = a, .size = 1001, .mtime_ns = 77};
    is_int(store_apply(store, &copy, 1, &err), 0, "copies");
    struct fixture_found c = fixture_find(store, "/c"), original = fixture_find(store, "/a");
    ok(c.found && c.file.id != a && c.file.mtime_ns == 77 &&
           memcmp(c.file.hash, original.file.hash, HASH_BYTES) == 0,
       "... hash as the original's, own id and time");
    struct store_photo photo;
    ok(store_get_photo(store, c.file.id, &photo, &err) == 0 && photo.facts.width == 640,
       "... facts too");
    store_photo_release(&photo);
    ok(store_get_vector(store, c.file.id, got, &err) == 0 && memcmp(got, of_a, sizeof got) == 0,
       "... and vector");
    copy.path = "/b";
    is_int(store_apply(store, &copy, 1, &err), 0, "copies onto a known path");
    ok(fixture_id(store, "/b") == b && store_get_vector(store, b, got, &err) == 0 &&
           memcmp(got, of_a, sizeof got) == 0,
       "... which keeps its id and has the content");
    copy.path = "/a";
    is_int(store_apply(store, &copy, 1, &err), 0, "copies onto itself");
    ok(fixture_id(store, "/a") == a && fixture_find(store, "/a").file.mtime_ns == 77 &&
           store_get_vector(store, a, got, &err) == 0,
       "... which sets the time");
    copy.path = "/d";
    copy.id = 4242;
    is_int(store_apply(store, &copy, 1, &err), 0, "a copy of a photo that is gone");
    ok(!fixture_find(store, "/d").found, "... does nothing");

    struct store_change fail = {.kind = STORE_FAIL, .path = "/m", .reason = "broken"};
    struct store_change move = {
        .kind = STORE_MOVE, .path = "/m", .id = a, .size = 5, .mtime_ns = 6};
    is_int(store_apply(store, &fail, 1, &err), 0, "a failure where the move goes");
    is_int(store_apply(store, &move, 1, &err), 0, "moves");
    struct fixture_found m = fixture_find(store, "/m");
    ok(m.found && m.file.id == a && m.file.size == 5 && m.file.mtime_ns == 6 && !m.file.failed,
       "... id kept, failure gone");
    is_int(count_files(store, "/m"), 1, "... one entry there");
    ok(!fixture_find(store, "/a").found, "... old path gone");
    ok(store_get_vector(store, a, got, &err) == 0 && memcmp(got, of_a, sizeof got) == 0,
       "... vector kept");
    move.path = "/b";
    is_int(store_apply(store, &move, 1, &err), 0, "a move onto another photo");
    ok(fixture_id(store, "/m") == a && fixture_id(store, "/b") == b, "... does nothing");
    move.path = "/x";
    move.id = 4242;
    is_int(store_apply(store, &move, 1, &err), 0, "a move of a photo that is gone");
    ok(!fixture_find(store, "/x").found, "... does nothing");
}

static int keep_failure(void *context, const struct store_failure *failure)
{
    snprintf(context, 256, "%s|%s|%lld|%lld", failure->path, failure->reason,
             (long long)failure->size, (long long)failure->mtime_ns);
    return 0;
}

static void test_failures(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    uint8_t hash[HASH_BYTES] = {1, 2, 3}, zeros[HASH_BYTES] = {0};
    struct store_change fail = {
        .kind = STORE_FAIL, .path = "/a", .size = 3, .mtime_ns = 4, .reason = "no picture"};
    char seen[256] = "";
    fixture_put(store, "/a", 1);
    int64_t a = fixture_id(store, "/a");
    is_int(store_apply(store, &fail, 1, &err), 0, "a file that fails");
    struct fixture_found found = fixture_find(store, "/a");
    ok(found.found && found.file.failed && found.file.id == 0 &&
           memcmp(found.file.hash, zeros, HASH_BYTES) == 0,
       "... replaces the photo; hash of zeros when never read");
    struct store_photo photo;
    is_int(store_get_photo(store, a, &photo, &err), ERR_NOT_FOUND, "... which is gone");
    is_int(store_list_failures(store, keep_failure, seen, &err), 0, "failures are listed");
    is_str(seen, "/a|no picture|3|4", "... as given");
    fail.hash = hash;
    fail.reason = "still none";
    is_int(store_apply(store, &fail, 1, &err), 0, "fails again");
    ok(memcmp(fixture_find(store, "/a").file.hash, hash, HASH_BYTES) == 0, "... with its hash");
    struct store_change touch = {.kind = STORE_TOUCH, .path = "/a", .size = 9, .mtime_ns = 10};
    is_int(store_apply(store, &touch, 1, &err), 0, "a failure is touched");
    is_int(store_list_failures(store, keep_failure, seen, &err), 0, "... listed");
    is_str(seen, "/a|still none|9|10", "... new size and time, same reason");
    is_int(fixture_put(store, "/a", 2), 0, "a photo replaces a failure");
    found = fixture_find(store, "/a");
    ok(!found.file.failed && found.file.id != a, "... with a new id: ids are never used again");
    struct store_status status;
    ok(store_status(store, &status, &err) == 0 && status.photos == 1 && status.failed == 0,
       "... one photo, no failure");
}

static bool has_times(struct store *store, const char *path, int64_t ctime_ns, int64_t inode)
{
    struct fixture_found found = fixture_find(store, path);
    if (found.file.ctime_ns != ctime_ns || found.file.inode != inode)
        diag("%s: %lld %lld", path, (long long)found.file.ctime_ns, (long long)found.file.inode);
    return found.found && found.file.ctime_ns == ctime_ns && found.file.inode == inode;
}

static int keep_version(void *context, const struct store_failure *failure)
{
    snprintf(context, 64, "%s %lld %lld", failure->version, (long long)failure->ctime_ns,
             (long long)failure->inode);
    return 0;
}

static int keep_file_version(void *context, const struct store_file *file)
{
    snprintf(context, 64, "%s", file->version);
    return 0;
}

/* What stat says besides size and time, and who failed. */
static void test_times(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photo;
    struct store_change *add = fixture_add(&photo, "/a", 1);
    is_int(store_apply(store, add, 1, &err), 0, "a photo");
    ok(has_times(store, "/a", 0, 0), "... whose change time and inode are not known");
    add->ctime_ns = 1700000000000000001;
    add->inode = INT64_MIN; /* of 64 bits that have no sign */
    is_int(store_apply(store, add, 1, &err), 0, "... and then are");
    ok(has_times(store, "/a", 1700000000000000001, INT64_MIN), "... kept to the bit");
    struct store_change more[] = {
        {.kind = STORE_COPY, .path = "/b", .id = 1, .ctime_ns = 3, .inode = 4},
        {.kind = STORE_MOVE, .path = "/c", .id = 1, .ctime_ns = 5, .inode = 6},
        {.kind = STORE_FAIL, .path = "/d", .reason = "x", .version = "0.1 libjpeg 2", .inode = 7},
        {.kind = STORE_FAIL, .path = "/e", .reason = "x"},
    };
    more[0].id = more[1].id = fixture_id(store, "/a");
    is_int(store_apply(store, more, 4, &err), 0, "copied, moved, failed");
    ok(has_times(store, "/b", 3, 4) && has_times(store, "/c", 5, 6) && has_times(store, "/d", 0, 7),
       "... each with its own");
    char seen[64] = "";
    ok(!store_list_files(store, "/d", keep_file_version, seen, &err) &&
           strcmp(seen, "0.1 libjpeg 2") == 0,
       "... and with who failed, among the files");
    struct store_change touch[] = {
        {.kind = STORE_TOUCH, .path = "/c", .ctime_ns = 8, .inode = 9},
        {.kind = STORE_TOUCH, .path = "/d", .ctime_ns = 10, .inode = 11},
        {.kind = STORE_REMOVE, .path = "/e"},
    };
    is_int(store_apply(store, touch, 3, &err), 0, "a file with new times");
    ok(has_times(store, "/c", 8, 9) && !store_list_failures(store, keep_version, seen, &err) &&
           strcmp(seen, "0.1 libjpeg 2 10 11") == 0,
       "... a photo and a failure, which keeps its version");
}

static void test_touch_and_remove(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    fixture_put(store, "/a", 1);
    struct store_change touch = {.kind = STORE_TOUCH, .path = "/a", .size = 9, .mtime_ns = 10};
    is_int(store_apply(store, &touch, 1, &err), 0, "touches");
    struct fixture_found a = fixture_find(store, "/a");
    ok(a.file.size == 9 && a.file.mtime_ns == 10, "... size and time are new");
    touch.path = "/unknown";
    is_int(store_apply(store, &touch, 1, &err), 0, "touching an unknown path");
    struct store_change removal = {.kind = STORE_REMOVE, .path = "/unknown"};
    is_int(store_apply(store, &removal, 1, &err), 0, "... and removing it");
    is_int(count_files(store, NULL), 1, "... does nothing");
    struct store_change fail = {.kind = STORE_FAIL, .path = "/b", .reason = "x"};
    is_int(store_apply(store, &fail, 1, &err), 0, "a failure");
    removal.path = "/a";
    is_int(store_apply(store, &removal, 1, &err), 0, "removes a photo");
    removal.path = "/b";
    is_int(store_apply(store, &removal, 1, &err), 0, "removes a failure");
    is_int(count_files(store, NULL), 0, "... nothing is left");
}

static void test_all_or_nothing(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photos[3];
    struct store_change changes[3];
    for (int i = 0; i < 3; i++)
        changes[i] = *fixture_add(&photos[i], (const char *[]){"/a", "/b", "/c"}[i], (uint64_t)i);
    struct store_change good = changes[1];
    struct store_change bad[] = {good, good, good, good, good, good, good, good, good};
    float nan_vector[FIXTURE_DIM], long_vector[FIXTURE_DIM];
    memcpy(nan_vector, photos[1].vector, sizeof nan_vector);
    nan_vector[5] = NAN;
    for (int i = 0; i < FIXTURE_DIM; i++)
        long_vector[i] = 2 * photos[1].vector[i];
    bad[0].kind = STORE_CHANGE_NONE;
    bad[1].path = "relative";
    bad[2].path = NULL;
    bad[3].vector = NULL;
    bad[4].vector = nan_vector;
    bad[5].vector = long_vector;
    bad[6].hash = NULL;
    bad[7] = (struct store_change){.kind = STORE_FAIL, .path = "/b"};
    bad[8] = (struct store_change){.kind = STORE_MOVE, .path = "/b"};
    struct store_status before, after;
    is_int(store_status(store, &before, &err), 0, "status before");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        changes[1] = bad[i];
        ok(store_apply(store, changes, 3, &err) == ERR_INVALID, "bad change %zu: %s", i,
           err.message);
        is_int(count_files(store, NULL), 0, "... and nothing was applied");
    }
    changes[1] = good;
    is_int(store_apply(store, changes, 3, &err), 0, "all good");
    is_int(count_files(store, NULL), 3, "... all applied");
    is_int(store_apply(store, NULL, 0, &err), 0, "no changes");
    is_int(store_status(store, &after, &err), 0, "status after");
    ok(after.last_change > 0 && after.last_change >= before.last_change, "last change is told");
    ok(after.bytes > 3 * FIXTURE_DIM * 4 && after.schema_version >= 1, "size and version are told");
}

/* ---- lists and forgetting ---- */

struct listing {
    int64_t count;
    char last[128];
    bool sorted;
};

static int note_file(void *context, const struct store_file *file)
{
    struct listing *l = context;
    if (l->count++ && strcmp(l->last, file->path) >= 0)
        l->sorted = false;
    snprintf(l->last, sizeof l->last, "%s", file->path);
    return 0;
}

static int64_t count_files(struct store *store, const char *root)
{
    struct listing l = {.sorted = true};
    int rc = store_list_files(store, root, note_file, &l, &err);
    if (rc || !l.sorted)
        diag("list: %d, sorted %d", rc, l.sorted);
    return rc || !l.sorted ? -1 : l.count;
}

static int stop_at_once(void *context, const struct store_file *file)
{
    (void)context, (void)file;
    return 17;
}

static const char *const strange_paths[] = {
    "/p/a",           "/p/a/1",        "/p/a/2/3", "/p/a b", "/p/a!",    "/p/a.jpg",  "/p/a0",
    "/p/aa/x",        "/p/A/x",        "/p/%/x",   "/p/_/x", "/p/xx/x",  "/p/\xff/1", "/p/\xff\xfe",
    "/p/new\nline/x", "/p/new\nline2", "/p/é/x",   "/p/*/x", "/p/'q'/x", "/p/a\x01",  "/p/a/",
};

static const struct {
    const char *root;
    int count;
} roots[] = {
    {NULL, 21},     {"/", 21},       {"/p", 21},          {"/p/", 21},
    {"/p/a", 4},    {"/p/a/", 4},    {"/p/%", 1},         {"/p/_", 1},
    {"/p/\xff", 1}, {"/q", 0},       {"/p/new\nline", 1}, {"/p/*", 1},
    {"/p/'q'", 1},  {"/p/a.jpg", 1}, {"/p/\xff\xfe", 1},  {"/p/xx", 1},
};

/* Of the photos among them, which is every second path. */
static const char *const strange_parents[] = {
    "/p", "/p/a/2", "/p/A", "/p/_", "/p/\xff", "/p/new\nline", "/p/é", "/p/'q'", "/p/a",
};
enum { PARENTS = sizeof strange_parents / sizeof *strange_parents };

static int note_parent(void *context, const char *folder)
{
    int *seen = context; /* of each; one more for others */
    size_t i = 0;
    while (i < PARENTS && strcmp(folder, strange_parents[i]) != 0)
        i++;
    seen[i]++;
    return 0;
}

static int stop_at_parent(void *context, const char *folder)
{
    (void)context, (void)folder;
    return 18;
}

static void test_parents(struct store *store)
{
    int all[PARENTS + 1] = {0}, some[PARENTS + 1] = {0};
    is_int(store_list_parents(store, NULL, note_parent, all, &err), 0, "folders of photos");
    for (size_t i = 0; i < PARENTS; i++)
        ok(all[i] > 0, "folders: one with photos is listed (%zu)", i);
    is_int(all[PARENTS], 0, "folders: those of failed files are not");
    is_int(store_list_parents(store, "/p/a/2", note_parent, some, &err), 0, "folders below one");
    ok(some[1] == 1 && !some[0] && !some[PARENTS], "folders below one: no others");
    is_int(store_list_parents(store, NULL, stop_at_parent, NULL, &err), 18,
           "folders: the list can be stopped");
}

static void test_ranges(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    size_t n = sizeof strange_paths / sizeof *strange_paths;
    for (size_t i = 0; i < n; i++) {
        struct store_change fail = {
            .kind = STORE_FAIL, .path = strange_paths[i], .reason = "every second one"};
        int rc =
            i % 2 ? store_apply(store, &fail, 1, &err) : fixture_put(store, strange_paths[i], i);
        if (rc)
            ok(false, "put %zu: %s", i, err.message);
    }
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        is_int(count_files(store, roots[i].root), roots[i].count,
               roots[i].root ? roots[i].root + 1 : "everything");
    is_int(store_list_files(store, NULL, stop_at_once, NULL, &err), 17, "a list can be stopped");
    is_int(store_list_files(store, "p", stop_at_once, NULL, &err), ERR_INVALID, "relative root");
    test_parents(store);
    for (size_t i = 0; i < n; i++)
        if (!fixture_find(store, strange_paths[i]).found)
            ok(false, "path %zu is not as it was given", i);

    int64_t count = -1;
    is_int(store_forget(store, "/p/a", &count, &err), 0, "forgets at and below");
    is_int(count, 4, "... and says how many");
    is_int(count_files(store, NULL), 17, "... leaves the rest");
    is_int(store_forget(store, "/p/_", &count, &err), 0, "forgets below _");
    is_int(count, 1, "... which is no wildcard");
    is_int(store_forget(store, "/nowhere", &count, &err), 0, "forgets nothing");
    is_int(count, 0, "... and says so");
    is_int(store_forget(store, "relative", &count, &err), ERR_INVALID, "relative path");
    is_int(store_forget(store, "/", &count, &err), 0, "forgets everything");
    is_int(count, 16, "... the rest");
    is_int(count_files(store, NULL), 0, "... nothing is left");
}

struct nested {
    struct store *store;
    int64_t inside;
};

static int read_inside(void *context, const struct store_file *file)
{
    struct nested *n = context;
    struct store_photo photo;
    if (store_get_photo(n->store, file->id, &photo, &err) == 0) {
        n->inside += count_files(n->store, NULL);
        store_photo_release(&photo);
    }
    return 0;
}

static void test_reading_while_listing(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    fixture_put(store, "/a", 1);
    fixture_put(store, "/b", 2);
    struct nested n = {store, 0};
    is_int(store_list_files(store, NULL, read_inside, &n, &err), 0, "lists inside a list");
    is_int(n.inside, 4, "... completely");
}

static void test_opening(void)
{
    struct store *store = NULL;
    is_int(store_open("", STORE_READ, &store, &err), ERR_INVALID, "an empty name");
    is_int(store_open("mysql://host/db", STORE_READ, &store, &err), ERR_UNSUPPORTED,
           "an unknown kind of store");
    store_close(NULL);
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *writer = fixture_open(gallery);
    fixture_put(writer, "/a", 1);
    is_int(store_open(gallery, STORE_READ, &store, &err), 0, "a reader beside a writer");
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/b", 2), 1, &err), ERR_DENIED,
           "... cannot change anything");
    is_int(count_files(store, NULL), 1, "... sees what is committed");
    fixture_put(writer, "/b", 2);
    is_int(count_files(store, NULL), 2, "... and what is committed later");
    store_close(store);
    store_close(writer);
}

int main(void)
{
    fixture_start();
    test_opening();
    test_model();
    test_add();
    test_copy_and_move();
    test_failures();
    test_times();
    test_touch_and_remove();
    test_all_or_nothing();
    test_ranges();
    test_reading_while_listing();
    fixture_cleanup();
    return done_testing();
}
