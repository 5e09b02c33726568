/* SPDX-License-Identifier: MIT */
/* Edits that keep size and time, files that only look edited, failures that get another try, and
 * files that cannot be read for the moment. */
#include <stdatomic.h>
#include <sys/syscall.h>

#include "indexing.h"

enum { FILE_BYTES = 32768, OLD_TIME = 1000000000 };

static void is_run(const struct fixture *f, const char *want, const char *name)
{
    struct index_report report = gallery_index(f->db, f->photos);
    is_report(&report, want, name);
}

static void is_run_with(const struct fixture *f, const struct index_options *options,
                        const char *want, const char *name)
{
    struct index_report report = {0};
    const char *path = f->photos;
    TREE_CHECK(gallery_index_paths(f->db, &path, 1, options, &report, NULL) == 0);
    is_report(&report, want, name);
}

/* A picture whose file is as long and as old as every other that this makes. */
static void write_alike(const struct fixture *f, const char *name, unsigned seed)
{
    static uint8_t bytes[FILE_BYTES];
    size_t size;
    AUTO_FREE void *data = picture_make(seed, &size);
    TREE_CHECK(size <= sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, data, size);
    tree_write(f->photos, name, bytes, sizeof bytes);
    tree_touch(f->photos, name, OLD_TIME);
}

static int apply_one(const struct fixture *f, const struct store_change *change)
{
    AUTO(store) *store = NULL;
    struct error err = ERROR_INIT;
    int rc = store_open(f->db, STORE_WRITE, &store, &err);
    if (!rc)
        rc = store_apply(store, change, 1, &err);
    if (rc)
        diag("%s", err.message);
    return rc;
}

/* Makes the gallery believe that it saw the file with these. */
static void believe(const struct fixture *f, const char *name, int64_t ctime_ns, int64_t inode)
{
    AUTO_FREE char *path = file_join(f->photos, name);
    struct stat info;
    TREE_CHECK(stat(path, &info) == 0);
    struct store_change change = {
        .kind = STORE_TOUCH,
        .path = path,
        .size = info.st_size,
        .mtime_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
        .ctime_ns = ctime_ns < 0 ? (int64_t)info.st_ctim.tv_sec * 1000000000 + info.st_ctim.tv_nsec
                                 : ctime_ns,
        .inode = inode,
    };
    TREE_CHECK(apply_one(f, &change) == 0);
}

static void test_edits(void)
{
    struct fixture f = fixture_new();
    write_alike(&f, "a.png", 1);
    write_alike(&f, "b.png", 2);
    write_alike(&f, "c.png", 3);
    is_run(&f, "found 3 added 3 decoded 3", "edits: three photos");
    int64_t a = gallery_id(f.db, f.photos, "a.png");
    write_alike(&f, "a.png", 11);
    is_run(&f, "found 3 unchanged 2 updated 1 decoded 1", "edits: same size and time, in place");
    is_int(gallery_id(f.db, f.photos, "a.png"), a, "edits: the id stays");
    write_alike(&f, "b.tmp", 12);
    tree_rename(f.photos, "b.tmp", "b.png");
    is_run(&f, "found 3 unchanged 2 updated 1 decoded 1", "edits: same size and time, a new file");
    AUTO_FREE char *c = file_join(f.photos, "c.png"), *link_path = file_join(f.root, "link");
    TREE_CHECK(chmod(c, 0600) == 0);
    is_run(&f, "found 3 unchanged 2 touched 1", "edits: chmod embeds nothing");
    is_run(&f, "found 3 unchanged 3", "edits: and is remembered");
    TREE_CHECK(link(c, link_path) == 0);
    is_run(&f, "found 3 unchanged 2 touched 1", "edits: nor does a hard link");
    write_alike(&f, "x.tmp", 0);
    tree_rename(f.photos, "a.png", "x.tmp");
    tree_rename(f.photos, "b.png", "a.png");
    tree_rename(f.photos, "x.tmp", "b.png");
    is_run(&f, "found 3 unchanged 1 updated 2 decoded 2", "edits: two alike change places");
    struct fixture fresh = fixture_new();
    gallery_index(fresh.db, f.photos);
    ok(galleries_equal(f.db, fresh.db, f.photos), "edits: a fresh gallery is the same");
    fixture_release(&f);
    fixture_release(&fresh);
}

static void test_stamps(void)
{
    struct fixture f = fixture_new();
    write_alike(&f, "a.png", 1);
    write_alike(&f, "b.png", 2);
    write_alike(&f, "c.png", 3);
    is_run(&f, "found 3 added 3 decoded 3", "stamps: three photos");
    static const char *const names[] = {"a.png", "b.png", "c.png"};
    for (int i = 0; i < 3; i++)
        believe(&f, names[i], 0, 0);
    is_run(&f, "found 3 unchanged 3", "stamps: a gallery that knows none reads nothing");
    write_alike(&f, "a.png", 11);
    is_run(&f, "found 3 unchanged 2 updated 1 decoded 1", "stamps: but knows them then");
    for (int i = 0; i < 3; i++)
        believe(&f, names[i], -1, 1000 + i);
    is_run(&f, "found 3 unchanged 3", "stamps: other inodes of all files are not read");
    believe(&f, "b.png", -1, 1000);
    is_run(&f, "found 3 unchanged 2 touched 1", "stamps: another inode of one file is");
    is_run(&f, "found 3 unchanged 3", "stamps: once");
    fixture_release(&f);
}

static void test_reread(void)
{
    struct fixture f = fixture_new();
    write_alike(&f, "a.png", 1);
    write_alike(&f, "sub/b.png", 2);
    write_alike(&f, "sub/same.png", 2);
    is_run(&f, "found 3 added 2 copied 1 decoded 2", "reread: three photos");
    int64_t b = gallery_id(f.db, f.photos, "sub/b.png");
    AUTO_FREE char *sub = file_join(f.photos, "sub");
    struct index_options reread = {.reread = true};
    struct index_report report = {0};
    const char *path = sub;
    TREE_CHECK(gallery_index_paths(f.db, &path, 1, &reread, &report, NULL) == 0);
    is_report(&report, "found 2 updated 2 decoded 1", "reread: all below the path");
    is_int(gallery_id(f.db, f.photos, "sub/b.png"), b, "reread: the id stays");
    is_run(&f, "found 3 unchanged 3", "reread: only when asked");
    fixture_release(&f);
}

/* ---- failures ---- */

struct failure_list {
    char *version;
    int n;
};

static int take_version(void *context, const struct store_failure *failure)
{
    struct failure_list *list = context;
    list->n++;
    free(list->version);
    list->version = xstrdup(failure->version);
    return 0;
}

/* What the only failure failed with; the caller frees. */
static char *get_version(const struct fixture *f)
{
    AUTO(store) *store = NULL;
    struct failure_list list = {NULL, 0};
    TREE_CHECK(store_open(f->db, STORE_READ, &store, NULL) == 0);
    TREE_CHECK(store_list_failures(store, take_version, &list, NULL) == 0);
    is_int(list.n, 1, "the report has one failure");
    return list.version ? list.version : xstrdup("(none)");
}

/* Makes the file a failure of these programs. */
static void fail_with(const struct fixture *f, const char *name, const char *version)
{
    AUTO_FREE char *path = file_join(f->photos, name);
    struct file file;
    struct stat info;
    uint8_t hash[HASH_BYTES];
    TREE_CHECK(stat(path, &info) == 0 && file_read(path, SIZE_MAX / 2, &file, NULL) == 0);
    hash_bytes(file.data, file.size, hash);
    file_release(&file);
    struct store_change change = {
        .kind = STORE_FAIL,
        .path = path,
        .size = info.st_size,
        .mtime_ns = (int64_t)info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
        .ctime_ns = (int64_t)info.st_ctim.tv_sec * 1000000000 + info.st_ctim.tv_nsec,
        .inode = (int64_t)info.st_ino,
        .hash = hash,
        .reason = "an older codec could not",
        .version = version,
    };
    TREE_CHECK(apply_one(f, &change) == 0);
}

static void test_retries(void)
{
    struct fixture f = fixture_new();
    struct index_options retry = {.retry_failed = true};
    picture_write(f.photos, "good.png", 1);
    tree_write(f.photos, "broken.png", "\x89PNG\r\n\x1a\n broken", 15);
    is_run(&f, "found 2 added 1 failed 1 decoded 1", "retries: one photo and one failure");
    AUTO_FREE char *version = get_version(&f);
    ok(strncmp(version, "keepsake " KEEPSAKE_VERSION "; libpng ", 17) == 0,
       "retries: the failure says what failed: %s", version);
    is_run(&f, "found 2 unchanged 1 failed_before 1",
           "retries: the same programs do not try again");
    is_run_with(&f, &retry, "found 2 unchanged 1 failed_before 1", "retries: in vain is no news");
    tree_delete(f.photos, "broken.png");
    is_run(&f, "found 1 unchanged 1 removed 1", "retries: the failure goes with its file");

    fail_with(&f, "good.png", "keepsake 0.0.1; libpng 1.0.0");
    is_run(&f, "found 1 added 1 decoded 1", "retries: what older programs could not read is tried");
    fail_with(&f, "good.png", version);
    is_run(&f, "found 1 failed_before 1", "retries: what today's could not is not");
    is_run_with(&f, &retry, "found 1 added 1 decoded 1", "retries: unless asked");
    fail_with(&f, "good.png", NULL);
    is_run(&f, "found 1 added 1 decoded 1", "retries: of unknown programs: tried");
    tree_write(f.photos, "good.png", "\x89PNG\r\n\x1a\n broken", 15);
    fail_with(&f, "good.png", "keepsake 0.0.1");
    is_run(&f, "found 1 failed_before 1", "retries: still broken for newer programs: no news");
    AUTO_FREE char *newer = get_version(&f);
    is_str(newer, version, "retries: and remembered as theirs");
    fixture_release(&f);
}

/* ---- files that cannot be read ---- */

static _Atomic(const char *) unreadable; /* name of the file that read() fails for */

ssize_t read(int fd, void *data, size_t size)
{
    const char *name = atomic_load(&unreadable);
    if (name) {
        char link_name[64], target[4096];
        snprintf(link_name, sizeof link_name, "/proc/self/fd/%d", fd);
        ssize_t n = readlink(link_name, target, sizeof target - 1);
        target[n < 0 ? 0 : n] = '\0';
        if (n > 0 && strcmp(file_name(target), name) == 0) {
            errno = EIO;
            return -1;
        }
    }
    return syscall(SYS_read, fd, data, size);
}

static void test_read_errors(void)
{
    struct fixture f = fixture_new();
    picture_write(f.photos, "old.png", 1);
    is_run(&f, "found 1 added 1 decoded 1", "read errors: one photo");
    int64_t id = gallery_id(f.db, f.photos, "old.png");
    picture_write(f.photos, "old.png", 2);
    tree_touch(f.photos, "old.png", OLD_TIME);
    atomic_store(&unreadable, "old.png");
    is_run(&f, "found 1 failed 1", "read errors: a changed photo that cannot be read");
    is_gallery(f.db, f.photos, "old.png\n", "read errors: stays a photo");
    is_run(&f, "found 1 failed 1", "read errors: and is tried in each run");
    atomic_store(&unreadable, NULL);
    is_run(&f, "found 1 updated 1 decoded 1", "read errors: until it can be read");
    is_int(gallery_id(f.db, f.photos, "old.png"), id, "read errors: under its id");
    picture_write(f.photos, "new.png", 3);
    atomic_store(&unreadable, "new.png");
    is_run(&f, "found 2 unchanged 1 failed 1", "read errors: a new file");
    is_run(&f, "found 2 unchanged 1 failed_before 1", "read errors: is no news the next time");
    atomic_store(&unreadable, NULL);
    is_run(&f, "found 2 unchanged 1 added 1 decoded 1", "read errors: and is read when it can be");
    fixture_release(&f);
}

int main(void)
{
    test_clip_open(0);
    test_edits();
    test_stamps();
    test_reread();
    test_retries();
    test_read_errors();
    clip_close(test_clip);
    return done_testing();
}
