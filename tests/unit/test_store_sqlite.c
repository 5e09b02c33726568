/* SPDX-License-Identifier: MIT */
/* Galleries in SQLite files of every kind, in folders of every kind, and damage. */
#include <fcntl.h>
#include <sys/stat.h>

#include "sqlite_fixture.h"

static void test_foreign_files(void)
{
    AUTO_FREE char *path = in_folder("other.db");
    run_sql(path, "CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('x')");
    refused(path, ERR_CORRUPT, "another program's database", "another program's database");
    run_sql(path, "PRAGMA application_id = 77");
    refused(path, ERR_CORRUPT, "another program's database", "... that has a name");

    char text[20000];
    memset(text, 'x', sizeof text);
    path[strlen(path) - 1] = 'c';
    write_file(path, text, sizeof text);
    refused(path, ERR_CORRUPT, "not a gallery", "a file of another kind");
    write_file(path, text, 3);
    refused(path, ERR_CORRUPT, "not a gallery", "a tiny file of another kind");
    refused(fixture_folder, ERR_INVALID, "is a folder", "a folder");
    AUTO_FREE char *fifo = in_folder("fifo");
    mkfifo(fifo, 0600);
    refused(fifo, ERR_INVALID, "not a regular file", "a pipe");
}

static void test_missing_files(void)
{
    struct store *store = NULL;
    AUTO_FREE char *path = in_folder("new/folder/gallery.db");
    is_int(store_open(path, STORE_READ, &store, &err), ERR_NOT_FOUND, "nothing there to read");
    ok(says("keepsake index") && says(path), "... says how to make it");
    is_int(store_open(path, STORE_WRITE, &store, &err), 0, "writing makes it and its folder");
    store_close(store);
    struct stat info;
    ok(stat(path, &info) == 0 && (info.st_mode & 077) == 0, "... for its owner only");
    is_int(count_photos(path), 0, "... empty");

    AUTO_FREE char *empty = in_folder("empty.db");
    write_file(empty, "", 0);
    is_int(store_open(empty, STORE_READ, &store, &err), ERR_NOT_FOUND, "an empty file");
    ok(says("is empty"), "... says so");
    is_int(store_open(empty, STORE_WRITE, &store, &err), 0, "... becomes a gallery");
    store_close(store);

    AUTO_FREE char *below = xasprintf("%s/x/gallery.db", empty);
    is_int(store_open(below, STORE_WRITE, &store, &err), ERR_NOT_FOUND, "a folder that is a file");
    ok(says(below), "... %s", err.message);
    AUTO_FREE char *longest = xmalloc(5001);
    memset(longest, 'x', 5000);
    longest[0] = '/';
    longest[5000] = '\0';
    ok(store_open(longest, STORE_WRITE, &store, &err) < 0, "a name that is too long");
}

/* Waits until the other end of `start` is closed, so that all begin together. */
static int make_together(const char *path, const int *start)
{
    char byte;
    struct store *store = NULL;
    close(start[1]);
    bool began = read(start[0], &byte, 1) == 0;
    int rc = store_open(path, STORE_WRITE, &store, &err);
    if (rc)
        diag("%s", err.message);
    store_close(store);
    return rc || !began;
}

static void test_made_by_several(void)
{
    enum { GALLERIES = 40, MAKERS = 4 };
    int failed = 0;
    fflush(stdout);
    for (int g = 0; g < GALLERIES; g++) {
        AUTO_FREE char *path = fixture_gallery();
        pid_t makers[MAKERS];
        int start[2];
        if (pipe(start) < 0)
            BUG("no pipe");
        for (int i = 0; i < MAKERS; i++) {
            makers[i] = fork();
            if (makers[i] == 0)
                _exit(make_together(path, start));
        }
        close(start[0]);
        close(start[1]);
        for (int i = 0; i < MAKERS; i++) {
            int status;
            failed += waitpid(makers[i], &status, 0) < 0 || status != 0;
        }
    }
    ok(failed == 0, "%d processes make one gallery at the same time, %d times", MAKERS, GALLERIES);
}

static void test_strange_names(void)
{
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20#?.db",
                                        "new\nline.db", "\xff\xfe.db"};
    char *before = getcwd(NULL, 0);
    if (!before || chdir(fixture_folder))
        ok(false, "chdir");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        store_close(fixture_open(names[i]));
        struct stat info;
        ok(stat(names[i], &info) == 0 && count_photos(names[i]) == 0,
           "a file by a strange name %zu", i);
    }
    if (chdir(before))
        ok(false, "chdir");
    free(before);
}

/* ---- permissions ---- */

enum { ATTEMPT_FD = 9 }; /* the child's way back */

struct attempt {
    const char *path;
    enum store_mode mode;
    int got;
    char message[1024];
};

/* In a child without root's powers: opens and, to read, searches. */
static int attempt_body(void *context)
{
    struct attempt *a = context;
    if (geteuid() == 0 && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
        return 1;
    AUTO(store) *store = NULL;
    a->got = store_open(a->path, a->mode, &store, &err);
    struct store_hit hits[8];
    float query[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    size_t count = 0;
    if (!a->got)
        a->got = store_search(store, query, 8, NULL, hits, &count, &err);
    if (!a->got)
        a->got = (int)count;
    snprintf(a->message, sizeof a->message, "%s", err.message);
    return write(ATTEMPT_FD, a, sizeof *a) != (ssize_t)sizeof *a;
}

/* The photos found, or the error code; the sentence goes to err. */
static int attempt(const char *path, enum store_mode mode)
{
    struct attempt a = {.path = path, .mode = mode};
    int pipes[2];
    if (pipe(pipes) || dup2(pipes[1], ATTEMPT_FD) < 0)
        return -99;
    close(pipes[1]);
    int status = fixture_child(attempt_body, &a);
    close(ATTEMPT_FD);
    ssize_t n = read(pipes[0], &a, sizeof a);
    close(pipes[0]);
    snprintf(err.message, sizeof err.message, "%s", a.message);
    return status || n != (ssize_t)sizeof a ? -98 : a.got;
}

static char *gallery_in(const char *folder, size_t photos)
{
    AUTO_FREE char *made = filled(photos);
    AUTO_FREE char *target = in_folder(folder);
    mkdir(target, 0755);
    char *path = file_join(target, "gallery.db");
    if (rename(made, path))
        ok(false, "the gallery's file is renamed");
    return path;
}

static void test_permissions(void)
{
    AUTO_FREE char *closed = gallery_in("closed", 3);
    chmod(closed, 0000);
    is_int(attempt(closed, STORE_READ), ERR_DENIED, "a file that may not be read");
    ok(says(closed), "... %s", err.message);

    AUTO_FREE char *shut = gallery_in("shut", 3);
    AUTO_FREE char *shut_folder = file_parent(shut);
    chmod(shut, 0666);
    chmod(shut_folder, 0000);
    is_int(attempt(shut, STORE_READ), ERR_DENIED, "a folder that may not be entered");
    chmod(shut_folder, 0755);

    AUTO_FREE char *readable = gallery_in("readable", 3);
    AUTO_FREE char *folder = file_parent(readable);
    chmod(readable, 0444);
    chmod(folder, 0555);
    is_int(attempt(readable, STORE_READ), 3, "a read-only file in a read-only folder is searched");
    is_int(attempt(readable, STORE_WRITE), ERR_DENIED, "... and not written");
    ok(says("cannot write the gallery"), "... %s", err.message);
    chmod(readable, 0666);
    is_int(attempt(readable, STORE_READ), 3, "a writable file in a read-only folder is searched");
    is_int(attempt(readable, STORE_WRITE), ERR_DENIED, "... and not written");
    ok(says("folder"), "... %s", err.message);

    struct store *writer = fixture_open(readable); /* root, or the owner: leaves -wal and -shm */
    chmod(folder, 0755);
    AUTO_FREE char *wal = xasprintf("%s-wal", readable), *shm = xasprintf("%s-shm", readable);
    fixture_put(writer, "/photos/new.jpg", 77);
    chmod(wal, 0444);
    chmod(shm, 0444);
    chmod(folder, 0555);
    is_int(attempt(readable, STORE_READ), 4, "... also while its owner writes");
    AUTO_FREE char *copy = gallery_in("copy", 0);
    AUTO_FREE char *copy_wal = xasprintf("%s-wal", copy), *copy_folder = file_parent(copy);
    struct file f;
    if (file_read(wal, 1 << 26, &f, &err))
        ok(false, "%s", err.message);
    write_file(copy_wal, f.data, f.size);
    file_release(&f);
    chmod(copy, 0444);
    chmod(copy_folder, 0555);
    is_int(attempt(copy, STORE_READ), ERR_DENIED,
           "a read-only folder with unfinished changes is refused");
    ok(says("-wal"), "... %s", err.message);
    chmod(copy_folder, 0755);
    chmod(folder, 0755);
    store_close(writer);

    AUTO_FREE char *nowhere = in_folder("readable/sub/gallery.db");
    chmod(folder, 0555);
    is_int(attempt(nowhere, STORE_WRITE), ERR_DENIED, "a folder that may not be made");
    ok(says("cannot make the"), "... %s", err.message);
    chmod(folder, 0755);
}

struct following {
    struct sqlite *s;
    const char *gallery;
    int listed, read;
};

/* For each file listed, another photo is written by another program, and the listed one read. */
static int read_and_change(void *context, const struct store_file *file)
{
    struct following *f = context;
    struct store_photo photo;
    struct store *writer = fixture_open(f->gallery);
    AUTO_FREE char *path = xasprintf("/photos/new-%d.jpg", ++f->listed);
    fixture_put(writer, path, (uint64_t)f->listed + 20);
    store_close(writer);
    if (sqlite_get_photo(&f->s->store, file->id, &photo, &err) == 0) {
        f->read += strcmp(photo.path, file->path) == 0;
        store_photo_release(&photo);
    }
    return 0;
}

/* A gallery opened where nothing can be locked is read anew when its file changed. */
static void test_following(void)
{
    AUTO_FREE char *gallery = filled(2);
    struct sqlite *s;
    if (sqlite_open(gallery, STORE_READ, &s, &err))
        ok(false, "%s", err.message);
    struct stat info;
    struct timespec long_ago[2] = {{1000000000, 0}, {1000000000, 0}};
    utimensat(AT_FDCWD, gallery, long_ago, 0);
    stat(gallery, &info);
    s->immutable_mtime = info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    s->immutable_size = info.st_size;
    struct store_hit hits[8];
    float query[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    size_t count = 0;
    ok(sqlite_search(&s->store, query, 0, 8, true, NULL, hits, &count, &err) == 0 && count == 2,
       "two photos");
    sqlite3 *first = s->db;
    ok(sqlite_search(&s->store, query, 0, 8, true, NULL, hits, &count, &err) == 0 &&
           s->db == first && s->index,
       "an unchanged file is not opened again");
    struct store *writer = fixture_open(gallery);
    fixture_put(writer, "/photos/new.jpg", 9);
    ok(sqlite_search(&s->store, query, 0, 8, true, NULL, hits, &count, &err) == 0 && count == 3,
       "a changed one is, and shows its third photo");
    store_close(writer);
    s->immutable_mtime = 1; /* changed again */
    struct following following = {s, gallery, 0, 0};
    is_int(sqlite_list_files(&s->store, NULL, read_and_change, &following, &err), 0,
           "a list goes on while the file changes");
    ok(following.listed >= 3 && following.read == following.listed, "... with all it had: %d",
       following.listed);
    sqlite_close(s);
}

/* ---- damage ---- */

static void test_damage(void)
{
    AUTO_FREE char *gallery = filled(200);
    struct file whole;
    if (file_read(gallery, 1 << 26, &whole, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    AUTO_FREE char *path = in_folder("damaged.db");
    struct store *store;
    /* Opening does not look at the last page, which may be cut in two. */
    for (size_t size = 100; size + 8192 < whole.size; size = size * 2 + 1) {
        write_file(path, whole.data, size);
        int rc = store_open(path, STORE_READ, &store, &err);
        ok(rc == ERR_CORRUPT, "cut to %zu bytes: %s", size, err.message);
        if (!rc)
            store_close(store);
    }
    uint64_t state = 5;
    int strange = 0, refusals = 0;
    for (int i = 0; i < 60; i++) {
        struct fixture_photo photo;
        write_file(path, whole.data, whole.size);
        int fd = open(path, O_WRONLY);
        for (int j = 0; j < 64; j++) {
            uint64_t noise = fixture_random(&state);
            off_t at = (off_t)(fixture_random(&state) % (whole.size - 8));
            strange += pwrite(fd, &noise, 8, at) != 8;
        }
        close(fd);
        float query[FIXTURE_DIM];
        fixture_vector(1, FIXTURE_DIM, query);
        struct store_hit hits[8];
        size_t count;
        int rc = store_open(path, STORE_WRITE, &store, &err);
        if (rc) {
            refusals++;
            if (rc != ERR_CORRUPT && rc != ERR_UNSUPPORTED && ++strange)
                diag("%d: %s", rc, err.message);
            continue;
        }
        rc = store_search(store, query, 8, NULL, hits, &count, &err);
        refusals += rc != 0;
        if (rc && rc != ERR_CORRUPT && ++strange)
            diag("%d: %s", rc, err.message);
        rc = store_apply(store, fixture_add(&photo, "/photos/5.jpg", 5), 1, &err);
        if (rc && rc != ERR_CORRUPT && ++strange)
            diag("%d: %s", rc, err.message);
        store_close(store);
    }
    ok(strange == 0 && refusals > 0, "60 files with random damage: %d refusals, no crash",
       refusals);
    file_release(&whole);
}

/* Whatever is asked of a gallery that lost a table: an answer or ERR_CORRUPT. */
static bool is_answered(int rc)
{
    bool good = rc == 0 || rc == ERR_CORRUPT;
    if (!good)
        diag("%d: %s", rc, err.message);
    return good;
}

static int ignore_file(void *context, const struct store_file *file)
{
    (void)context, (void)file;
    return 0;
}

static int ignore_failure(void *context, const struct store_failure *failure)
{
    (void)context, (void)failure;
    return 0;
}

static void test_missing_tables(void)
{
    static const char *const tables[] = {"gallery", "model", "photo", "vector", "code", "failure"};
    AUTO_FREE char *whole = filled(3);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        AUTO_FREE char *path = filled(3);
        AUTO_FREE char *drop = xasprintf("DROP TABLE %s", tables[i]);
        run_sql(path, drop);
        struct store *store;
        int rc = store_open(path, STORE_WRITE, &store, &err);
        ok(is_answered(rc), "opened without its table %s", tables[i]);
        if (rc)
            continue;
        struct store_status status;
        struct store_hit hits[3];
        float query[FIXTURE_DIM];
        fixture_vector(1, FIXTURE_DIM, query);
        size_t hit_count;
        int64_t count;
        struct fixture_photo photo;
        bool good = is_answered(store_status(store, &status, &err));
        good &= is_answered(store_search(store, query, 3, NULL, hits, &hit_count, &err));
        good &= is_answered(store_list_files(store, NULL, ignore_file, NULL, &err));
        good &= is_answered(store_list_failures(store, ignore_failure, NULL, &err));
        good &= is_answered(store_apply(store, fixture_add(&photo, "/photos/5.jpg", 5), 1, &err));
        rc = store_forget(store, "/photos", &count, &err);
        good &= is_answered(rc);
        ok(good, "... refuses or answers, and does not crash");
        store_close(store);
    }
    is_int(count_photos(whole), 3, "a whole one is well");
}

/* What is written to a file that has no name any more is lost: that must not look like success. */
static void test_replaced(void)
{
    AUTO_FREE char *gallery = filled(2);
    AUTO_FREE char *other = filled(5);
    struct fixture_photo photo;
    struct store *store = fixture_open(gallery);
    unlink(gallery);
    is_int(store_apply(store, fixture_add(&photo, "/photos/9.jpg", 9), 1, &err), ERR_IO,
           "a change to a gallery that was deleted");
    ok(says("deleted or replaced") && says(gallery), "... says so");
    if (rename(other, gallery))
        ok(false, "the gallery's file is renamed");
    is_int(store_apply(store, fixture_add(&photo, "/photos/9.jpg", 9), 1, &err), ERR_IO,
           "... or replaced by another");
    store_close(store);
    is_int(count_photos(gallery), 5, "... which stays as it is");
}

static void test_damaged_vector(void)
{
    AUTO_FREE char *gallery = filled(3);
    run_sql(gallery, "UPDATE vector SET vector = x'00' WHERE photo = 2");
    AUTO(store) *store = NULL;
    float vector[FIXTURE_DIM];
    if (store_open(gallery, STORE_READ, &store, &err))
        ok(false, "%s", err.message);
    is_int(store_get_vector(store, 2, vector, &err), ERR_CORRUPT, "a vector of the wrong size");
    ok(says("/photos/1.jpg") && says("keepsake index"), "... %s", err.message);
    struct store_hit hits[3];
    size_t count;
    fixture_vector(1, FIXTURE_DIM, vector);
    is_int(store_search(store, vector, 3, NULL, hits, &count, &err), 0, "... met by a search");
    ok(count == 2 && store_count_left_out(store) == 1, "... which leaves that photo out");
}

int main(void)
{
    fixture_start();
    test_foreign_files();
    test_missing_files();
    test_made_by_several();
    test_strange_names();
    test_permissions();
    test_following();
    test_damage();
    test_damaged_vector();
    test_missing_tables();
    test_replaced();
    fixture_cleanup();
    return done_testing();
}
