/* SPDX-License-Identifier: MIT */
/* Claims of files, as store.h promises them: on any kind of store. */
#include <signal.h>

#include "store_fixture.h"
#include "wait.h"

#define LONG_S 600.0
#define SHORT_S 0.3
/* Of processes that live: renewed many times over, even on a busy machine. A server that has just
 * started gives every claim the lease of the one that asks for it. */
#define LIVING_S 15.0

static struct error err;

/* As fixture_add makes it of `seed`. */
static struct store_wanted wanted(const char *path, int64_t seed)
{
    return (struct store_wanted){.path = path, .size = 1000 + seed, .mtime_ns = 5000000000 + seed};
}

/* "mine", "busy", "done", or what went wrong. */
static const char *claim(struct store *store, const char *path, int64_t seed, double lease_s)
{
    static const char *const names[] = {"mine", "busy", "done"};
    struct store_wanted file = wanted(path, seed);
    enum store_claim answer;
    return store_claim(store, &file, 1, lease_s, &answer, &err) ? err.message : names[answer];
}

struct asked {
    struct store *store;
    const char *path;
};

static bool is_mine(void *context)
{
    const struct asked *a = context;
    return strcmp(claim(a->store, a->path, 1, SHORT_S), "mine") == 0;
}

static void test_one_has_it(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *a = fixture_open(gallery);
    AUTO(store) *b = fixture_open(gallery);
    is_str(claim(a, "/p/1.jpg", 1, LONG_S), "mine", "the first to claim a file has it");
    is_str(claim(a, "/p/1.jpg", 1, LONG_S), "mine", "... also when it asks again");
    is_str(claim(b, "/p/1.jpg", 1, LONG_S), "busy", "... and nobody else");
    is_str(claim(b, "/p/\xff.jpg", 2, LONG_S), "mine", "a path that is not UTF-8");
    is_str(claim(a, "/p/\xff.jpg", 2, LONG_S), "busy", "... is the other's");
    is_int(store_unclaim(a, &err), 0, "given back");
    is_str(claim(b, "/p/1.jpg", 1, LONG_S), "mine", "... it is the next one's");
    is_int(store_unclaim(a, &err), 0, "giving back nothing");
    is_str(claim(a, "/p/1.jpg", 1, LONG_S), "busy", "... takes nobody's claims away");
}

static void test_done(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *a = fixture_open(gallery);
    AUTO(store) *b = fixture_open(gallery);
    is_str(claim(a, "/p/1.jpg", 1, LONG_S), "mine", "the files are claimed");
    is_int(fixture_put(a, "/p/1.jpg", 1), 0, "... and stored");
    is_str(claim(b, "/p/1.jpg", 1, LONG_S), "done", "... is done for the other");
    is_str(claim(a, "/p/1.jpg", 1, LONG_S), "done", "... and for the one who did it");
    is_str(claim(b, "/p/1.jpg", 2, LONG_S), "mine", "with other size and time it is not");
    is_str(claim(a, "/p/1.jpg", 1, LONG_S), "done", "done counts more than a claim");

    struct store_change failures[] = {
        {.kind = STORE_FAIL,
         .path = "/p/broken",
         .size = 1003,
         .mtime_ns = 5000000003,
         .hash = (const uint8_t *)"0123456789abcdef0123456789abcdef",
         .reason = "is broken"},
        {.kind = STORE_FAIL,
         .path = "/p/closed",
         .size = 1004,
         .mtime_ns = 5000000004,
         .reason = "cannot be opened"},
    };
    is_int(store_apply(a, failures, 2, &err), 0, "two failures");
    is_str(claim(b, "/p/broken", 3, LONG_S), "done", "one that was read is done");
    is_str(claim(b, "/p/closed", 4, LONG_S), "mine", "one that could not be read is not");
}

static const char *claim_with(struct store *store, int64_t ctime_ns, int64_t inode, bool again)
{
    struct store_wanted file = wanted("/p", 1);
    enum store_claim answer = STORE_CLAIM_BUSY;
    file.ctime_ns = ctime_ns;
    file.inode = inode;
    file.again = again;
    if (store_claim(store, &file, 1, LONG_S, &answer, &err) || store_unclaim(store, &err))
        diag("%s", err.message);
    return answer == STORE_CLAIM_DONE ? "done" : answer == STORE_CLAIM_MINE ? "mine" : "busy";
}

/* Same size and time: what else tells whether the file is the one that was read. */
static void test_done_by_times(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photo;
    struct store_change *add = fixture_add(&photo, "/p", 1);
    if (store_apply(store, add, 1, &err))
        ok(false, "%s", err.message);
    is_str(claim_with(store, 5, 6, false), "done", "the gallery does not know: done");
    add->ctime_ns = 5;
    add->inode = 6;
    if (store_apply(store, add, 1, &err))
        ok(false, "%s", err.message);
    is_str(claim_with(store, 0, 0, false), "done", "who asks does not know: done");
    is_str(claim_with(store, 5, 6, false), "done", "as it was: done");
    is_str(claim_with(store, 4, 6, false), "mine", "changed since: to be read");
    is_str(claim_with(store, 5, 7, false), "mine", "another file: to be read");
    is_str(claim_with(store, 5, 6, true), "mine", "to be read again: whatever is known");
}

static void test_given_back_by_changes(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *a = fixture_open(gallery);
    AUTO(store) *b = fixture_open(gallery);
    const char *const paths[] = {"/p/add", "/p/fail", "/p/remove", "/p/keep", "/p/other"};
    enum { N = 5 };
    struct store_wanted files[N];
    enum store_claim answers[N];
    for (int i = 0; i < N; i++)
        files[i] = wanted(paths[i], 50); /* never what is stored */
    is_int(store_claim(a, files, N, LONG_S, answers, &err), 0, "several claimed at once");
    struct fixture_photo photo;
    struct store_change changes[] = {
        *fixture_add(&photo, paths[0], 1),
        {.kind = STORE_FAIL, .path = paths[1], .reason = "is broken"},
        {.kind = STORE_REMOVE, .path = paths[2]},
        {.kind = STORE_KEEP, .path = paths[3]},
    };
    is_int(store_apply(a, changes, 4, &err), 0, "changes of all but one");
    is_int(store_claim(b, files, N, LONG_S, answers, &err), 0, "the other asks for all");
    for (int i = 0; i < N; i++)
        is_int(answers[i], i < 4 ? STORE_CLAIM_MINE : STORE_CLAIM_BUSY, paths[i]);
    is_int(store_apply(a, changes, 4, &err), 0, "changes by one whose claims they are not");
    is_str(claim(a, paths[3], 50, LONG_S), "busy", "... take no claims away");
    struct store_status status;
    is_int(store_status(a, &status, &err), 0, "status");
    is_int(status.photos, 1, "nothing but the photo was added");
}

static void test_failed_change_keeps_claims(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *a = fixture_open(gallery);
    AUTO(store) *b = fixture_open(gallery);
    struct fixture_photo photo;
    is_str(claim(a, "/p/1", 1, LONG_S), "mine", "claimed");
    struct store_change changes[] = {*fixture_add(&photo, "/p/1", 1), {.kind = STORE_ADD}};
    changes[1].path = "/p/2";
    ok(store_apply(a, changes, 2, &err) == ERR_INVALID, "changes that are refused");
    is_str(claim(b, "/p/1", 1, LONG_S), "busy", "... give nothing back");
}

static void test_lease(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *a = fixture_open(gallery);
    AUTO(store) *b = fixture_open(gallery);
    is_str(claim(a, "/p/1", 1, SHORT_S), "mine", "claimed for a moment");
    is_int(store_claim(a, NULL, 0, LONG_S, NULL, &err), 0, "the claim is renewed");
    AUTO(store) *c = fixture_open(gallery);
    is_str(claim(c, "/p/2", 1, SHORT_S), "mine", "... and then another for a moment");
    struct asked other = {b, "/p/2"};
    ok(wait_until(is_mine, &other, "the end of a lease"), "when that is over");
    is_str(claim(b, "/p/1", 1, SHORT_S), "busy", "a renewed lease goes on");
}

static void test_take_over(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *a = fixture_open(gallery);
    AUTO(store) *b = fixture_open(gallery);
    AUTO(store) *c = fixture_open(gallery);
    is_str(claim(a, "/p/1", 1, SHORT_S), "mine", "claimed for a moment");
    struct asked next = {b, "/p/1"};
    ok(wait_until(is_mine, &next, "the end of the lease"), "after the lease it is another's");
    is_int(store_claim(b, NULL, 0, LONG_S, NULL, &err), 0, "... who keeps it");
    is_str(claim(c, "/p/1", 1, SHORT_S), "busy", "... alone");
    is_int(fixture_put(a, "/p/1", 1), 0, "the late owner may still store it");
    is_int(fixture_put(b, "/p/1", 1), 0, "... and so the new one");
    struct store_status status;
    is_int(store_status(c, &status, &err), 0, "status");
    is_int(status.photos, 1, "... once");
    is_str(claim(a, "/p/2", 2, LONG_S), "mine", "the late owner goes on");
    is_str(claim(c, "/p/2", 2, LONG_S), "busy", "... with claims that hold");
}

static void test_refused(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct store_wanted file = {.path = "relative.jpg", .size = 1, .mtime_ns = 1};
    enum store_claim answer;
    ok(store_claim(store, &file, 1, LONG_S, &answer, &err) == ERR_INVALID, "a relative path");
    file.path = "/p/1";
    ok(store_claim(store, &file, 1, 0, &answer, &err) == ERR_INVALID, "no lease");
    ok(store_claim(store, &file, 1, 1e9, &answer, &err) == ERR_INVALID, "one of 30 years");
}

/* ---- moves and copies that another was faster with ---- */

static struct store_change from_photo(enum store_change_kind kind, const char *path, int64_t id,
                                      const struct fixture_photo *of, const char *source)
{
    return (struct store_change){.kind = kind,
                                 .path = path,
                                 .size = 7,
                                 .mtime_ns = 8,
                                 .id = id,
                                 .hash = of->hash,
                                 .source = source};
}

static void test_moved_twice(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/old/1", 1), 1, &err), 0, "a photo");
    int64_t id = fixture_id(store, "/old/1");
    struct store_change first = from_photo(STORE_MOVE, "/new/1", id, &photo, "/old/1");
    struct store_change second = from_photo(STORE_MOVE, "/also/1", id, &photo, "/old/1");
    is_int(store_apply(store, &first, 1, &err), 0, "moved");
    is_int(store_apply(store, &second, 1, &err), 0, "moved by another, who did not know");
    is_int(fixture_id(store, "/new/1"), id, "the first move holds");
    struct fixture_found copy = fixture_find(store, "/also/1");
    ok(copy.found && copy.file.id != id, "... and the second became a copy");
    is_int(copy.file.mtime_ns, 8, "... with its own time");
    float a[FIXTURE_DIM], b[FIXTURE_DIM];
    ok(!store_get_vector(store, id, a, &err) && !store_get_vector(store, copy.file.id, b, &err) &&
           memcmp(a, b, sizeof a) == 0,
       "... and the vector");
    is_int(store_apply(store, &first, 1, &err), 0, "the same move again");
    is_int(fixture_id(store, "/new/1"), id, "... changes nothing");
    ok(!fixture_find(store, "/old/1").found, "... and leaves nothing behind");
}

static void test_other_content(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photo, other;
    is_int(store_apply(store, fixture_add(&photo, "/p/1", 1), 1, &err), 0, "a photo");
    is_int(store_apply(store, fixture_add(&other, "/p/1", 2), 1, &err), 0, "... that changed");
    int64_t id = fixture_id(store, "/p/1");
    struct store_change changes[] = {from_photo(STORE_COPY, "/p/copy", id, &photo, NULL),
                                     from_photo(STORE_MOVE, "/p/moved", id, &photo, "/p/1")};
    is_int(store_apply(store, changes, 2, &err), 0, "a copy and a move of what it was");
    ok(!fixture_find(store, "/p/copy").found, "... copy nothing");
    ok(!fixture_find(store, "/p/moved").found, "... and move nothing");
    is_int(fixture_id(store, "/p/1"), id, "the photo stays");
}

/* ---- several processes ---- */

enum { FILES = 300, CLAIMERS = 4, AT_ONCE = 7 };

static void path_of(char *ret_path, size_t size, size_t i)
{
    snprintf(ret_path, size, "/photos/%03zu.jpg", i);
}

struct worker {
    const char *gallery;
    double lease_s;
    int report; /* a pipe: one byte for each photo stored */
    bool dies;  /* with claims in hand, after the first */
};

/* Claims [first, first + AT_ONCE) and stores what it got; *ret_busy: there is more to come. */
static int work_on(struct store *store, const struct worker *w, size_t first, bool *ret_busy)
{
    char paths[AT_ONCE][64];
    struct store_wanted files[AT_ONCE] = {{.size = 0}};
    enum store_claim answers[AT_ONCE];
    size_t n = first + AT_ONCE > FILES ? FILES - first : AT_ONCE;
    for (size_t i = 0; i < n; i++) {
        path_of(paths[i], sizeof paths[i], first + i);
        files[i] = wanted(paths[i], (int64_t)(first + i));
    }
    if (store_claim(store, files, n, w->lease_s, answers, &err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        *ret_busy |= answers[i] == STORE_CLAIM_BUSY;
        if (answers[i] != STORE_CLAIM_MINE)
            continue;
        if (w->dies)
            raise(SIGKILL);
        if (fixture_put(store, paths[i], first + i) || write(w->report, "", 1) != 1)
            return -1;
    }
    return 0;
}

static int work(void *context)
{
    const struct worker *w = context;
    struct store *store = fixture_open(w->gallery);
    for (bool busy = true; busy;) {
        busy = false;
        for (size_t first = 0; first < FILES; first += AT_ONCE)
            if (work_on(store, w, first, &busy)) {
                diag("%s", err.message);
                return 1;
            }
        if (busy) /* somebody else has it, or had it and died */
            nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    int rc = store_unclaim(store, &err);
    store_close(store);
    return rc != 0;
}

static int count_bytes(int fd)
{
    char bytes[256];
    int total = 0;
    for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
        total += (int)n;
    return total;
}

static bool ended_well(pid_t child)
{
    int status;
    return waitpid(child, &status, 0) == child && status == 0;
}

static void test_processes(bool with_death)
{
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    int ends[2];
    pid_t children[CLAIMERS];
    int failed = 0;
    if (pipe(ends) < 0)
        abort();
    fflush(stdout);
    for (int i = 0; i < CLAIMERS; i++) {
        bool dies = with_death && i == 0;
        struct worker w = {gallery, dies ? SHORT_S : LIVING_S, ends[1], dies};
        children[i] = fork();
        if (children[i] == 0)
            _exit(work(&w));
        if (w.dies) /* before the others can take everything */
            failed += !ended_well(children[i]);
    }
    close(ends[1]);
    for (int i = with_death; i < CLAIMERS; i++)
        failed += !ended_well(children[i]);
    is_int(failed, with_death, "processes that did not end well");
    is_int(count_bytes(ends[0]), FILES, "each file was worked on once");
    close(ends[0]);
    AUTO(store) *store = fixture_open(gallery);
    struct store_status status;
    is_int(store_status(store, &status, &err), 0, "the status is read");
    is_int(status.photos, FILES, "... and is in the gallery");
}

int main(void)
{
    fixture_start();
    test_one_has_it();
    test_done();
    test_done_by_times();
    test_given_back_by_changes();
    test_failed_change_keeps_claims();
    test_lease();
    test_take_over();
    test_refused();
    test_moved_twice();
    test_other_content();
    test_processes(false);
    test_processes(true);
    return done_testing();
}
