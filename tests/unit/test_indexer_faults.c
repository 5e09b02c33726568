/* SPDX-License-Identifier: MIT */
/* What goes wrong around an index run, and what the gallery keeps. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "indexing.h"

static void is_run(const struct fixture *f, const char *want, const char *name)
{
    struct index_report report = gallery_index(f->db, f->photos);
    is_report(&report, want, name);
}

/* The exit status of `child_main` in a process of its own. */
static int in_child(int (*child_main)(const struct fixture *f), const struct fixture *f)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        int status = child_main(f);
        fflush(stdout);
        _exit(status);
    }
    int status = 1;
    TREE_CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int find_reason(void *context, const struct store_failure *failure)
{
    free(*(char **)context);
    *(char **)context = xstrdup(failure->reason);
    return 0;
}

/* Of the only failure. */
static void is_reason(const struct fixture *f, const char *want)
{
    AUTO(store) *store = NULL;
    AUTO_FREE char *reason = NULL;
    TREE_CHECK(store_open(f->db, STORE_READ, &store, NULL) == 0);
    TREE_CHECK(store_list_failures(store, find_reason, &reason, NULL) == 0);
    is_str(reason, want, "the failure has its reason");
}

static void test_failures(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "good.png", 1);
    tree_write(f.photos, "empty.jpg", "", 0);
    is_run(&f, "found 2 added 1 failed 1 decoded 1", "an empty file fails, the others do not");
    is_reason(&f, "is empty");
    is_run(&f, "found 2 unchanged 1 failed_before 1", "and is not tried again");

    size_t size;
    AUTO_FREE void *data = picture_make(2, &size);
    tree_write(f.photos, "empty.jpg", data, size / 2);
    is_run(&f, "found 2 unchanged 1 failed 1", "a truncated picture fails");
    tree_touch(f.photos, "empty.jpg", 1000000000);
    is_run(&f, "found 2 unchanged 1 failed_before 1",
           "the same content under new times is not retried");
    tree_write(f.photos, "same.png", data, size / 2);
    is_run(&f, "found 3 unchanged 1 failed 1 failed_before 1", "nor is a failure copied");
    tree_delete(f.photos, "same.png");
    tree_write(f.photos, "empty.jpg", data, size);
    is_run(&f, "found 2 unchanged 1 added 1 removed 1 decoded 1",
           "a repaired file becomes a photo");
    is_gallery(f.db, f.photos, "empty.jpg\ngood.png\n", "and its failure is forgotten");

    tree_write(f.photos, "good.png", "not a picture", 13);
    is_run(&f, "found 2 unchanged 1 failed 1", "a photo that became something else fails");
    is_gallery(f.db, f.photos, "empty.jpg\ngood.png failed\n", "and is no photo any more");
    tree_delete(f.photos, "good.png");
    is_run(&f, "found 1 unchanged 1 removed 1", "a deleted failure is removed");
    fixture_release(&f);
}

/* Equal broken files of one run fail together. */
static void test_broken_duplicates(void)
{
    struct fixture f = fixture_new();
    char name[32];
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "%d.jpg", i);
        tree_write(f.photos, name, "\xff\xd8\xff\xe0 broken", 11);
    }
    picture_write(f.photos, "good.png", 1);
    is_run(&f, "found 13 added 1 failed 12 decoded 1", "each of twelve broken files is a failure");
    is_run(&f, "found 13 unchanged 1 failed_before 12", "and remembered");
    fixture_release(&f);
}

static void is_refused(const struct fixture *f, const char *path, int want, const char *words)
{
    struct index_report report;
    struct error err = ERROR_INIT;
    is_int(gallery_index_paths(f->db, &path, 1, NULL, &report, &err), want,
           "the index run is refused");
    if (!ok(strstr(err.message, words), "says '%s'", words))
        diag("%s", err.message);
}

static void test_missing_folders(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "a.png", 1);
    picture_write(f.photos, "sub/b.png", 2);
    is_run(&f, "found 2 added 2 decoded 2", "two photos");
    AUTO_FREE char *hidden = file_join(f.root, "elsewhere");
    TREE_CHECK(rename(f.photos, hidden) == 0);
    is_refused(&f, f.photos, ERR_NOT_FOUND, "cannot find the file or folder");
    TREE_CHECK(mkdir(f.photos, 0755) == 0);
    is_refused(&f, f.photos, ERR_INVALID, "is empty, but the gallery has");
    is_gallery(f.db, f.photos, "a.png\nsub/b.png\n", "the gallery keeps its photos");
    TREE_CHECK(rmdir(f.photos) == 0 && rename(hidden, f.photos) == 0);
    is_run(&f, "found 2 unchanged 2", "and finds them when the folder is back");
    AUTO_FREE char *sub = file_join(f.photos, "sub/b.png");
    TREE_CHECK(unlink(sub) == 0);
    is_run(&f, "found 1 unchanged 1 not_reachable 1", "an emptied folder below is not believed");
    is_gallery(f.db, f.photos, "a.png\nsub/b.png\n", "its photo stays");
    fixture_release(&f);
}

static void test_dead_link(void)
{
    struct fixture f = fixture_new();
    picture_write(f.root, "disk/a.png", 1);
    picture_write(f.photos, "b.png", 2);
    tree_link(f.photos, "../disk", "disk");
    is_run(&f, "found 2 added 2 decoded 2", "photos behind a link");
    tree_rename(f.root, "disk", "away");
    is_run(&f, "found 1 unchanged 1 unreadable 1 not_reachable 1", "whose target went away");
    is_gallery(f.db, f.photos, "b.png\ndisk/a.png\n", "stay");
    tree_delete(f.photos, "disk");
    is_run(&f, "found 1 unchanged 1 not_reachable 1", "also when the link is deleted");
    struct index_options gone = {.gone_is_deleted = true};
    struct index_report report = {0};
    const char *path = f.photos;
    TREE_CHECK(gallery_index_paths(f.db, &path, 1, &gone, &report, NULL) == 0);
    is_report(&report, "found 1 unchanged 1 removed 1", "until the user says that they are gone");
    fixture_release(&f);
}

static int become_nobody(void)
{
    return geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0);
}

enum { CLOSED_CHECKS = 8 }; /* lines that check_closed prints */

static int check_closed(const struct fixture *f)
{
    AUTO_FREE char *closed = file_join(f->photos, "closed");
    AUTO_FREE char *file = file_join(f->photos, "file.png");
    AUTO_FREE char *new_file = file_join(f->photos, "new.png");
    if (become_nobody())
        return 2;
    is_run(f, "found 4 added 4 decoded 4", "four photos");
    TREE_CHECK(chmod(closed, 0) == 0);
    is_run(f, "found 3 unchanged 3 unreadable 1 not_reachable 1",
           "a folder that cannot be read any more");
    is_gallery(f->db, f->photos, "closed/a.png\nfile.png\nopen/b.png\nopen/c.png\n",
               "keeps its photos");
    TREE_CHECK(chmod(closed, 0755) == 0);
    picture_write(f->photos, "file.png", 9);
    TREE_CHECK(chmod(file, 0) == 0);
    tree_touch(f->photos, "file.png", 1000000000);
    picture_write(f->photos, "new.png", 10);
    TREE_CHECK(chmod(new_file, 0) == 0);
    is_run(f, "found 5 unchanged 3 failed 2", "files that cannot be read fail");
    is_reason(f, "cannot be opened: permission denied");
    is_gallery(f->db, f->photos, "closed/a.png\nfile.png\nnew.png failed\nopen/b.png\nopen/c.png\n",
               "but a photo of the gallery stays what it was");
    is_run(f, "found 5 unchanged 3 failed 1 failed_before 1", "the new one is no news then");
    TREE_CHECK(chmod(file, 0644) == 0 && chmod(new_file, 0644) == 0);
    is_run(f, "found 5 unchanged 3 added 1 updated 1 decoded 2", "both are read once they can be");
    return tap_failed ? 1 : 0;
}

static void test_closed_folders(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "closed/a.png", 1);
    picture_write(f.photos, "open/b.png", 2);
    picture_write(f.photos, "open/c.png", 3);
    picture_write(f.photos, "file.png", 4);
    AUTO_FREE char *command = xasprintf("chown -R 65534:65534 '%s'", f.root);
    if (geteuid() == 0)
        TREE_CHECK(system(command) == 0);
    int before = tap_count;
    int status = in_child(check_closed, &f);
    if (status == 2) {
        skip("root cannot become nobody here");
    } else {
        tap_count = before + CLOSED_CHECKS;
        is_int(status, 0, "closed files and folders, as nobody");
    }
    fixture_release(&f);
}

static void test_other_model(void)
{
    struct fixture f = fixture_new();
    AUTO(store) *store = NULL;
    struct store_model other = {.id = "other", .fingerprint = "00", .preprocessing = 1, .dim = 8};
    picture_write(f.photos, "a.png", 1);
    TREE_CHECK(store_open(f.db, STORE_WRITE, &store, NULL) == 0);
    TREE_CHECK(store_bind_model(store, &other, NULL) == 0);
    is_refused(&f, f.photos, ERR_MISMATCH, "other");
    is_gallery(f.db, f.photos, "", "and nothing is written");
    fixture_release(&f);
}

struct watch {
    int stop_at; /* notes */
    int64_t notes;
    struct index_progress last;
    bool sane;
};

static bool stop_after_notes(void *context)
{
    const struct watch *watch = context;
    return watch->notes >= watch->stop_at;
}

static void watch_progress(void *context, const struct index_progress *progress)
{
    struct watch *watch = context;
    watch->sane = watch->sane && progress->done <= progress->total &&
                  progress->done >= watch->last.done && progress->photos_per_second >= 0;
    watch->last = *progress;
}

static void count_note(void *context, const char *path, const char *sentence)
{
    struct watch *watch = context;
    watch->notes++;
    watch->sane = watch->sane && path[0] == '/' && sentence[0];
}

static void write_many(const struct fixture *f, unsigned n)
{
    char name[32];
    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%u/%03u.png", i % 3, i);
        picture_write(f->photos, name, 500 + i);
    }
}

/* Stopped by the note about a broken file that comes after a third of the photos. What the bounded
 * queues hold by then is less than the rest. */
static void test_cancel(void)
{
    enum { MANY = 90 };
    struct fixture f = fixture_new(), fresh = fixture_new();
    write_many(&f, MANY);
    tree_write(f.photos, "1/000.gif", "GIF89a", 6);
    struct watch watch = {.stop_at = 1, .sane = true};
    struct index_options options = {.batch = 4,
                                    .decode_threads = 2,
                                    .note = count_note,
                                    .progress = watch_progress,
                                    .cancelled = stop_after_notes,
                                    .context = &watch};
    struct index_report report = {0};
    struct error err = ERROR_INIT;
    const char *path = f.photos;
    int rc = gallery_index_paths(f.db, &path, 1, &options, &report, &err);
    is_int(rc, ERR_CANCELLED, "a run stops when asked");
    ok(report.added > 0 && report.added < MANY, "in the middle: %lld of %d photos",
       (long long)report.added, MANY);
    AUTO_FREE char *kept = gallery_dump(f.db, f.photos, false);
    int64_t lines = 0;
    for (const char *at = kept; *at; at++)
        lines += *at == '\n';
    is_int(lines, report.added + report.failed, "what is reported is in the gallery");
    struct index_report rest = gallery_index(f.db, f.photos);
    is_int(rest.unchanged, report.added, "the next run keeps it");
    is_int(rest.added, MANY - report.added, "and does the rest");
    gallery_index(fresh.db, f.photos);
    ok(galleries_equal(f.db, fresh.db, f.photos), "the result is that of one run");

    watch = (struct watch){.stop_at = 0, .sane = true};
    rc = gallery_index_paths(f.db, &path, 1, &options, &report, &err);
    is_int(rc, ERR_CANCELLED, "a run can be stopped while it walks");
    fixture_release(&f);
    fixture_release(&fresh);
}

struct vanishing {
    const char *from, *to;
    bool gone;
};

/* Unplugs the disk, once some photos are in the gallery. */
static void take_away(void *context, const struct index_progress *now)
{
    struct vanishing *v = context;
    if (!v->gone && now->report.added > 0)
        v->gone = rename(v->from, v->to) == 0;
}

static void test_vanishing_root(void)
{
    struct fixture f = fixture_new(), fresh = fixture_new();
    write_many(&f, 200);
    AUTO_FREE char *away = xasprintf("%s-away", f.photos);
    struct vanishing v = {f.photos, away, false};
    struct index_options options = {
        .batch = 1, .decode_threads = 1, .progress = take_away, .context = &v};
    struct index_report report;
    struct error err = ERROR_INIT;
    const char *path = f.photos;
    int rc = gallery_index_paths(f.db, &path, 1, &options, &report, &err);
    ok(v.gone, "the folder went away during the run");
    is_int(rc, ERR_INVALID, "which is no success");
    ok(strstr(err.message, "disappeared") && strstr(err.message, f.photos), "says so: %s",
       err.message);
    TREE_CHECK(rename(away, f.photos) == 0);
    struct index_report rest = gallery_index(f.db, f.photos);
    ok(rest.unchanged > 0, "what was finished was kept");
    gallery_index(fresh.db, f.photos);
    ok(galleries_equal(f.db, fresh.db, f.photos), "and the next run does the rest");
    fixture_release(&f);
    fixture_release(&fresh);
}

static void test_progress(void)
{
    struct fixture f = fixture_new();
    write_many(&f, 20);
    tree_write(f.photos, "broken.gif", "GIF89a", 6);
    tree_write(f.photos, "empty.png", "", 0);
    struct watch watch = {.stop_at = 1 << 30, .sane = true};
    struct index_options options = {.progress = watch_progress,
                                    .note = count_note,
                                    .cancelled = stop_after_notes,
                                    .context = &watch};
    struct index_report report = {0};
    const char *path = f.photos;
    TREE_CHECK(gallery_index_paths(f.db, &path, 1, &options, &report, NULL) == 0);
    is_int(watch.notes, 2, "a note for each failure");
    is_int(watch.last.done, 22, "progress ends with everything done");
    is_int(watch.last.total, 22, "of the files that needed work");
    ok(!watch.last.walking && watch.sane, "and never went backwards");
    fixture_release(&f);
}

static int run_both(const struct fixture *f)
{
    struct index_report report;
    struct error err = ERROR_INIT;
    const char *path = f->photos;
    int rc = gallery_index_paths(f->db, &path, 1, NULL, &report, &err);
    if (rc)
        diag("%s", err.message);
    return rc ? 1 : 0;
}

static int run_twice_at_once(const struct fixture *f)
{
    pid_t child = fork();
    if (child == 0)
        _exit(run_both(f));
    int mine = run_both(f), status = 1;
    TREE_CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return mine || status;
}

static void test_two_processes(void)
{
    struct fixture f = fixture_new(), fresh = fixture_new();
    write_many(&f, 40);
    picture_write(f.photos, "duplicate.png", 500);
    tree_write(f.photos, "broken.gif", "GIF89a", 6);
    is_int(in_child(run_twice_at_once, &f), 0, "two runs at once on one gallery end well");
    gallery_index(fresh.db, f.photos);
    ok(galleries_equal(f.db, fresh.db, f.photos), "with each photo once, as after one run");
    tree_rename(f.photos, "1", "moved");
    tree_delete(f.photos, "0/000.png");
    is_int(in_child(run_twice_at_once, &f), 0, "two runs at once after moves and removals");
    gallery_index(fresh.db, f.photos);
    ok(galleries_equal(f.db, fresh.db, f.photos), "agree as well");
    is_run(&f, "found 41 unchanged 40 failed_before 1", "nothing is left to do");
    fixture_release(&f);
    fixture_release(&fresh);
}

/* No file of this process may grow past 256 KB: what a full disk looks like to SQLite. */
static int run_on_full_disk(const struct fixture *f)
{
    struct rlimit limit = {256 << 10, 256 << 10};
    struct index_report report;
    struct error err = ERROR_INIT;
    const char *path = f->photos;
    struct index_options options = {.batch = 2};
    signal(SIGXFSZ, SIG_IGN);
    TREE_CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    int rc = gallery_index_paths(f->db, &path, 1, &options, &report, &err);
    diag("%s", err.message);
    return rc == ERR_IO && err.code == ERR_IO ? 0 : 1;
}

static void test_full_disk(void)
{
    struct fixture f = fixture_new(), fresh = fixture_new();
    write_many(&f, 150);
    is_int(in_child(run_on_full_disk, &f), 0, "a store that cannot write ends the run");
    gallery_index(f.db, f.photos);
    gallery_index(fresh.db, f.photos);
    ok(galleries_equal(f.db, fresh.db, f.photos), "the next run completes the gallery");
    fixture_release(&f);
    fixture_release(&fresh);
}

int main(void)
{
    test_clip_open(1);
    test_failures();
    test_broken_duplicates();
    test_missing_folders();
    test_dead_link();
    test_closed_folders();
    test_other_model();
    test_cancel();
    test_vanishing_root();
    test_progress();
    test_two_processes();
    test_full_disk();
    clip_close(test_clip);
    return done_testing();
}
