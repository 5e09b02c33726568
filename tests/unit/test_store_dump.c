/* SPDX-License-Identifier: MIT */
/* What store.h promises of dumps, chosen ids and checks, on any kind of store. */
#include "store_fixture.h"

static struct error err;

/* A dump as text: one line for each change. */
struct seen {
    char lines[4096];
    size_t length, count;
    int stop_after;       /* changes; 0: never */
    struct store *writer; /* changes the gallery at the first one */
    bool exact;           /* vectors are those that fixture_vector gave for the size */
};

static int note(void *context, const struct store_change *c)
{
    struct seen *s = context;
    float vector[FIXTURE_DIM];
    if (s->writer && s->count == 0) {
        fixture_put(s->writer, "/later", 99);
        fixture_put(s->writer, "/a", 98);
    }
    s->count++;
    if (s->length + 256 > sizeof s->lines) /* the first will do */
        s->length = 0;
    if (c->kind == STORE_ADD) {
        fixture_vector((uint64_t)c->size - 1000, FIXTURE_DIM, vector);
        s->exact = s->exact && c->vector && memcmp(vector, c->vector, sizeof vector) == 0;
        s->length += (size_t)snprintf(s->lines + s->length, sizeof s->lines - s->length,
                                      "add %lld %s %lld %02x%02x %s %d %d\n", (long long)c->id,
                                      c->path, (long long)c->size, c->hash[0], c->hash[31],
                                      c->facts->format, c->facts->width, c->vector != NULL);
    } else {
        s->length += (size_t)snprintf(s->lines + s->length, sizeof s->lines - s->length,
                                      "fail %s %lld %s %s\n", c->path, (long long)c->size,
                                      c->hash ? "read" : "unread", c->reason);
    }
    return s->stop_after && s->count == (size_t)s->stop_after ? 17 : 0;
}

static void put_failure(struct store *store, const char *path, const uint8_t *hash)
{
    struct store_change fail = {
        .kind = STORE_FAIL, .path = path, .size = 3, .hash = hash, .reason = "no picture"};
    is_int(store_apply(store, &fail, 1, &err), 0, "the dump: a failure of the file");
}

/* Adds a photo and asks for an id; returns the one it got. */
static int64_t put_with_id(struct store *store, const char *path, uint64_t seed, int64_t id)
{
    struct fixture_photo photo;
    struct store_change *change = fixture_add(&photo, path, seed);
    change->id = id;
    if (store_apply(store, change, 1, &err))
        ok(false, "%s: %s", path, err.message);
    return fixture_id(store, path);
}

static void test_ids(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    is_int(put_with_id(store, "/a", 1, 41), 41, "a new photo gets the id it asks for");
    is_int(put_with_id(store, "/b", 2, 7), 42, "... but never a smaller one than were given");
    is_int(put_with_id(store, "/b", 3, 500), 42, "a known path keeps its id");
    is_int(put_with_id(store, "/c", 4, 43), 43, "... and uses up no other");
    int64_t c = put_with_id(store, "/c0", 4, 0);
    ok(c > 43, "no wish: the next one");
    is_int(put_with_id(store, "/d", 5, c + 1000), c + 1000, "a gap is fine");
    struct store_change removal = {.kind = STORE_REMOVE, .path = "/d"};
    is_int(store_apply(store, &removal, 1, &err), 0, "its photo is removed");
    ok(put_with_id(store, "/e", 6, c + 1000) > c + 1000, "... and its id is not used again");
    ok(put_with_id(store, "/f", 7, INT64_MAX) < INT64_MAX / 2, "one that leaves no room is not");
    ok(put_with_id(store, "/g", 8, 0) > 0, "... so that ids go on");
    ok(put_with_id(store, "/h", 9, -5) > 0, "nor a negative one");

    struct fixture_photo photos[3];
    struct store_change changes[3];
    int64_t first = fixture_id(store, "/h") + 10;
    for (int i = 0; i < 3; i++) {
        char path[16];
        snprintf(path, sizeof path, "/row%d", i);
        changes[i] = *fixture_add(&photos[i], path, (uint64_t)i);
        changes[i].id = first + 2 * i;
    }
    is_int(store_apply(store, changes, 3, &err), 0, "several at once");
    ok(fixture_id(store, "/row0") == first && fixture_id(store, "/row1") == first + 2 &&
           fixture_id(store, "/row2") == first + 4,
       "... each its own");
}

static void test_dump(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    uint8_t hash[HASH_BYTES] = {1};
    struct seen s = {.exact = true};
    is_int(store_dump(store, note, &s, &err), 0, "an empty gallery");
    is_int((long long)s.count, 0, "... gives nothing");
    put_with_id(store, "/z", 1, 10);
    put_with_id(store, "/a", 2, 20);
    put_with_id(store, "/\xff\xfe\n", 3, 30);
    put_failure(store, "/y", hash);
    put_failure(store, "/b\xff", NULL);
    is_int(store_dump(store, note, &s, &err), 0, "the gallery is dumped");
    is_str(s.lines,
           "add 10 /z 1001 0101 jpeg 640 1\n"
           "add 20 /a 1002 0202 jpeg 640 1\n"
           "add 30 /\xff\xfe\n 1003 0303 jpeg 640 1\n"
           "fail /b\xff 3 unread no picture\n"
           "fail /y 3 read no picture\n",
           "... photos by id, failures by path, with all they have");
    ok(s.exact, "... vectors to the bit");
    s = (struct seen){.exact = true, .stop_after = 2};
    is_int(store_dump(store, note, &s, &err), 17, "a dump can be stopped");
    is_int((long long)s.count, 2, "... there");
    s = (struct seen){.exact = true, .stop_after = 4};
    is_int(store_dump(store, note, &s, &err), 17, "... also among the failures");
    is_int(fixture_put(store, "/new", 5), 0, "the store works afterwards");
}

/* More than a page of a server's answers. */
static void test_long_dump(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    enum { N = 2500 };
    AUTO_FREE struct fixture_photo *photos = xcalloc(N, sizeof *photos);
    AUTO_FREE struct store_change *changes = xcalloc(2 * N, sizeof *changes);
    for (size_t i = 0; i < N; i++) {
        char path[32];
        snprintf(path, sizeof path, "/p/%05zu", i);
        changes[i] = *fixture_add(&photos[i], path, i);
        changes[N + i] =
            (struct store_change){.kind = STORE_FAIL, .path = changes[i].path, .reason = "x"};
    }
    is_int(store_apply(store, changes, N, &err), 0, "many photos");
    struct seen s = {.exact = true};
    is_int(store_dump(store, note, &s, &err), 0, "... dumped");
    ok(s.count == N && s.exact, "... every one once, to the bit");
    is_int(store_apply(store, changes + N, N, &err), 0, "many failures");
    s = (struct seen){.exact = true};
    is_int(store_dump(store, note, &s, &err), 0, "... dumped");
    is_int((long long)s.count, N, "... every one once");
}

static void test_snapshot(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *writer = fixture_open(gallery);
    AUTO(store) *reader = NULL;
    put_with_id(writer, "/z", 1, 10);
    put_with_id(writer, "/a", 2, 20);
    is_int(store_open(gallery, STORE_READ, &reader, &err), 0, "a reader");
    struct seen s = {.exact = true, .writer = writer};
    is_int(store_dump(reader, note, &s, &err), 0, "a dump while another writes");
    is_str(s.lines, "add 10 /z 1001 0101 jpeg 640 1\nadd 20 /a 1002 0202 jpeg 640 1\n",
           "... is of the moment it began");
    s = (struct seen){.exact = true};
    is_int(store_dump(reader, note, &s, &err), 0, "the next one");
    is_int((long long)s.count, 3, "... sees what was written");
}

struct verdicts {
    int good, other;
};

static void judge(void *context, const struct store_finding *finding)
{
    struct verdicts *v = context;
    /* How much room is left is not the gallery's affair. */
    if (finding->verdict == STORE_GOOD || strcmp(finding->check, "room") == 0)
        v->good++;
    else
        v->other++;
    if (finding->verdict != STORE_GOOD)
        diag("%s: %s", finding->check, finding->sentence);
}

static void test_check(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct verdicts v = {0, 0};
    store_check(store, judge, &v);
    ok(v.good > 0 && v.other == 0, "an empty gallery is sound");
    fixture_put(store, "/a", 1);
    put_failure(store, "/b", NULL);
    v = (struct verdicts){0, 0};
    store_check(store, judge, &v);
    ok(v.good > 0 && v.other == 0, "... and one with a photo");
    is_int(fixture_put(store, "/c", 2), 0, "it can be changed afterwards");
    is_int(store_seal(store, &err), 0, "the file is sealed");
}

static void test_unit(void)
{
    float vector[3] = {0.6f, 0.8f, 0};
    ok(store_is_unit(vector, 3), "of length 1");
    vector[2] = 1;
    ok(!store_is_unit(vector, 3), "a seal of a longer file");
    vector[2] = NAN;
    ok(!store_is_unit(vector, 3), "not a number");
    ok(!store_is_unit((float[3]){0}, 3), "a seal of zeros");
}

int main(void)
{
    fixture_start();
    test_ids();
    test_dump();
    test_long_dump();
    test_snapshot();
    test_check();
    test_unit();
    fixture_cleanup();
    return done_testing();
}
