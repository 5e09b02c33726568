/* SPDX-License-Identifier: MIT */
/* Index runs that share a gallery: files that another has in hand, has done, or lost. */
#include <sys/wait.h>

#include "base/clock.h"
#include "indexing.h"

/* What another process does in the middle of a run, at a call of its progress function. */
struct other {
    struct store *store;
    const struct fixture *f;
    void (*at_start)(struct other *other);   /* the run has compared, and works */
    void (*at_waiting)(struct other *other); /* it waits for others; once */
    bool started, waited;
    int64_t most_waited_for;
    bool cancel; /* the run, when it waits */
};

static void on_progress(void *context, const struct index_progress *now)
{
    struct other *other = context;
    if (!now->walking && !other->started) {
        other->started = true;
        if (other->at_start)
            other->at_start(other);
    }
    if (!now->waiting)
        return;
    if (now->waiting > other->most_waited_for)
        other->most_waited_for = now->waiting;
    if (!other->waited && other->at_waiting)
        other->at_waiting(other);
    other->waited = true;
}

static bool on_cancelled(void *context)
{
    const struct other *other = context;
    return other->cancel && other->waited;
}

static int run(const struct fixture *f, struct other *other, double lease_s,
               struct index_report *ret_report)
{
    struct index_options options = {.decode_threads = 2,
                                    .batch = 4,
                                    .lease_s = lease_s,
                                    .progress = on_progress,
                                    .cancelled = on_cancelled,
                                    .context = other};
    struct error err = ERROR_INIT;
    const char *path = f->photos;
    int rc = gallery_index_paths(f->db, &path, 1, &options, ret_report, &err);
    if (rc)
        diag("%s", err.message);
    return rc;
}

static struct store *open_gallery(const struct fixture *f)
{
    struct store *store;
    TREE_CHECK(store_open(f->db, STORE_WRITE, &store, NULL) == 0);
    return store;
}

/* How many of the photos NAME.png, numbered from `first`, are the store's from now on. */
static int claim(struct store *store, const struct fixture *f, int first, int n, double lease_s)
{
    int mine = 0;
    for (int i = first; i < first + n; i++) {
        AUTO_FREE char *path = xasprintf("%s/%02d.png", f->photos, i);
        struct stat info;
        TREE_CHECK(stat(path, &info) == 0);
        struct store_wanted file = {.path = path,
                                    .size = info.st_size,
                                    .mtime_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 +
                                                info.st_mtim.tv_nsec};
        enum store_claim answer;
        TREE_CHECK(store_claim(store, &file, 1, lease_s, &answer, NULL) == 0);
        mine += answer == STORE_CLAIM_MINE;
    }
    return mine;
}

/* 20 photos: the first files are claimed by another store. */
static struct fixture claimed_fixture(int n_claimed, double lease_s, struct store **ret_other)
{
    struct fixture f = fixture_new();
    char name[32];
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "%02u.png", i);
        picture_write(f.photos, name, i);
    }
    *ret_other = open_gallery(&f);
    TREE_CHECK(claim(*ret_other, &f, 0, n_claimed, lease_s) == n_claimed);
    return f;
}

static void give_back(struct other *other)
{
    TREE_CHECK(store_unclaim(other->store, NULL) == 0);
}

static void test_given_back(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(6, 600, &store);
    struct other other = {.store = store, .f = &f, .at_waiting = give_back};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), 0, "another has six files in hand");
    is_int(other.most_waited_for, 6, "they are waited for");
    is_report(&report, "found 20 added 20 decoded 20", "given back, they are this run's");
    is_int(claim(store, &f, 0, 20, 600), 0, "nothing is left to claim");
    fixture_release(&f);
}

static void index_the_claimed(struct other *other)
{
    const char *path = other->f->photos;
    struct index_report report = {0};
    TREE_CHECK(index_run(other->store, test_clip, "mini", &path, 1, NULL, &report, NULL) == 0);
    is_report(&report, "found 20 unchanged 14 added 6 decoded 6", "the other does its six");
}

static void test_done_by_others(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(6, 600, &store);
    struct other other = {.store = store, .f = &f, .at_waiting = index_the_claimed};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), 0, "another has six files in hand, and does them");
    is_report(&report, "found 20 added 14 by_others 6 decoded 14", "... which is reported");
    fixture_release(&f);
}

static void test_all_in_other_hands(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(20, 600, &store);
    struct other other = {.store = store, .f = &f, .cancel = true};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), ERR_CANCELLED, "waiting for everything is interrupted");
    is_report(&report, "found 20", "... with nothing done");
    is_int(other.most_waited_for, 20, "... of all");
    fixture_release(&f);
}

static void test_cancelled_waiting(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(6, 600, &store);
    struct other other = {.store = store, .f = &f, .cancel = true};
    struct index_report report;
    double start = clock_seconds();
    is_int(run(&f, &other, 600, &report), ERR_CANCELLED, "interrupted while it waits");
    ok(clock_seconds() - start < 30, "... at once");
    is_report(&report, "found 20 added 14 decoded 14", "... its own are kept");
    fixture_release(&f);
}

static void test_lease_runs_out(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(6, 1.5, &store);
    struct other other = {.store = store, .f = &f};
    struct index_report report;
    is_int(run(&f, &other, 1.5, &report), 0, "the other does not come back");
    is_report(&report, "found 20 added 20 decoded 20", "... its files are taken over");
    fixture_release(&f);
}

static void test_killed_owner(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(0, 600, &store);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(claim(open_gallery(&f), &f, 0, 20, 600) == 20 ? 0 : 1);
    int status;
    TREE_CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    struct other other = {.store = store, .f = &f};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), 0, "the owner has ended, on this machine");
    is_report(&report, "found 20 added 20 decoded 20", "... its files are taken over");
    ok(!other.waited, "... without waiting for the lease");
    fixture_release(&f);
}

/* ---- a photo that was to be copied goes meanwhile ---- */

static void remove_first(struct other *other)
{
    AUTO_FREE char *path = file_join(other->f->photos, "00.png");
    struct store_change change = {.kind = STORE_REMOVE, .path = path};
    TREE_CHECK(store_apply(other->store, &change, 1, NULL) == 0);
}

static void test_lost_source(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "00.png", 1);
    gallery_index(f.db, f.photos);
    picture_write(f.photos, "01.png", 1);
    picture_write(f.photos, "02.png", 1);
    AUTO(store) *store = open_gallery(&f);
    struct other other = {.store = store, .f = &f, .at_start = remove_first};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), 0, "a photo is removed before two copies of it");
    is_report(&report, "found 3 unchanged 1 added 1 copied 1 decoded 1", "... one is decoded");
    is_gallery(f.db, f.photos, "01.png\n02.png\n", "... and both are there");
    fixture_release(&f);
}

/* The same for one that was renamed. */
static void test_lost_move(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "00.png", 1);
    gallery_index(f.db, f.photos);
    tree_rename(f.photos, "00.png", "01.png");
    AUTO(store) *store = open_gallery(&f);
    struct other other = {.store = store, .f = &f, .at_start = remove_first};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), 0, "a photo is removed before it moves");
    is_report(&report, "found 1 added 1 decoded 1", "... the new one is decoded");
    is_gallery(f.db, f.photos, "01.png\n", "... and there");
    fixture_release(&f);
}

/* A file that goes between comparing and reading is nobody's to work on any longer. */
static void delete_first(struct other *other)
{
    tree_delete(other->f->photos, "00.png");
}

static void test_vanished(void)
{
    AUTO(store) *store = NULL;
    struct fixture f = claimed_fixture(0, 600, &store);
    struct other other = {.store = store, .f = &f, .at_start = delete_first};
    struct index_report report;
    is_int(run(&f, &other, 600, &report), 0, "a file goes meanwhile");
    is_report(&report, "found 20 added 19 decoded 19", "... and is left out");
    picture_write(f.photos, "00.png", 0);
    is_int(claim(store, &f, 0, 1, 600), 1, "... its claim was given back");
    fixture_release(&f);
}

int main(void)
{
    test_clip_open(1);
    test_given_back();
    test_done_by_others();
    test_all_in_other_hands();
    test_cancelled_waiting();
    test_lease_runs_out();
    test_killed_owner();
    test_lost_source();
    test_lost_move();
    test_vanished();
    clip_close(test_clip);
    return done_testing();
}
