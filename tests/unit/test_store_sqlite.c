/* What is particular to galleries in a SQLite file: files and folders of every kind, damage,
 * versions, codes. */
#include <fcntl.h>
#include <sqlite3.h>
#include <time.h>

#include "base/file.h"
#include "store/sqlite.h"
#include "store_fixture.h"

static struct error err;

static bool says(const char *part)
{
    bool found = strstr(err.message, part) != NULL;
    if (!found)
        diag("message: %s", err.message);
    return found;
}

static char *in_folder(const char *name)
{
    return file_join(fixture_folder, name);
}

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, size, f) != size || fclose(f))
        ok(false, "cannot write %s", path);
}

/* Runs SQL on a file, as another program would. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    if (sqlite3_open(path, &db) || sqlite3_exec(db, sql, NULL, NULL, &message))
        ok(false, "%s: %s", sql, message ? message : sqlite3_errmsg(db));
    sqlite3_free(message);
    sqlite3_close(db);
}

/* The first column of the first row as text; the caller frees. */
static char *ask_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    char *answer = NULL;
    if (sqlite3_open(path, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        answer = xstrdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static int64_t count_photos(const char *gallery)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    if (store_open(gallery, STORE_READ, &store, &err) || store_status(store, &status, &err)) {
        diag("%s", err.message);
        return -1;
    }
    return status.photos;
}

/* A closed gallery of n photos; the caller frees the name. */
static char *filled(size_t n)
{
    char *gallery = xasprintf("%s/%d.db", fixture_folder, ++fixture_number);
    AUTO(store) *store = fixture_open(gallery);
    for (size_t i = 0; i < n; i++) {
        char path[32];
        snprintf(path, sizeof path, "/photos/%zu.jpg", i);
        fixture_put(store, path, i);
    }
    return gallery;
}

/* Opens both ways; both must give `code` and a sentence with `part`, and leave the file alone. */
static void refused(const char *path, int code, const char *part, const char *name)
{
    struct store *store = NULL;
    uint8_t before[HASH_BYTES] = {0}, after[HASH_BYTES] = {0};
    int unhashed = hash_file(path, before, NULL);
    is_int(store_open(path, STORE_READ, &store, &err), code, name);
    ok(says(part) && says(path), "... %s", err.message);
    is_int(store_open(path, STORE_WRITE, &store, &err), code, "... nor to write");
    ok(says(part) && says(path), "... same sentence");
    ok(unhashed || (hash_file(path, after, NULL) == 0 && memcmp(before, after, HASH_BYTES) == 0),
       "... the file is as it was");
}

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
    if (geteuid() == 0 && (setegid(65534) || seteuid(65534)))
        return 1;
    AUTO(store) *store = NULL;
    a->got = store_open(a->path, a->mode, &store, &err);
    struct store_hit hits[8];
    float query[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    size_t count = 0;
    if (!a->got)
        a->got = store_search(store, query, 8, hits, &count, &err);
    if (!a->got)
        a->got = (int)count;
    snprintf(a->message, sizeof a->message, "%s", err.message);
    FILE *f = fopen("/dev/fd/9", "wb");
    return !f || fwrite(a, sizeof *a, 1, f) != 1 || fclose(f);
}

/* The photos found, or the error code; the sentence goes to err. */
static int attempt(const char *path, enum store_mode mode)
{
    struct attempt a = {.path = path, .mode = mode};
    int pipes[2];
    if (pipe(pipes) || dup2(pipes[1], 9) < 0)
        return -99;
    close(pipes[1]);
    int status = fixture_child(attempt_body, &a);
    close(9);
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
        ok(false, "rename");
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

/* A gallery opened where nothing can be locked is read anew when its file changed. */
static void test_following(void)
{
    AUTO_FREE char *gallery = filled(2);
    AUTO_FREE char *link = xasprintf("%s.lock", gallery);
    struct sqlite *s;
    AUTO_FREE char *wal = xasprintf("%s-wal", gallery);
    if (sqlite_open(gallery, STORE_READ, &s, &err))
        ok(false, "%s", err.message);
    struct stat info;
    stat(gallery, &info);
    s->immutable_mtime = info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
    s->immutable_size = info.st_size;
    struct store_hit hits[8];
    float query[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    size_t count = 0;
    ok(sqlite_search(s, query, 8, hits, &count, &err) == 0 && count == 2, "two photos");
    sqlite3 *first = s->db;
    ok(sqlite_search(s, query, 8, hits, &count, &err) == 0 && s->db == first && s->index,
       "an unchanged file is not opened again");
    struct timespec wait = {0, 20000000};
    nanosleep(&wait, NULL);
    struct store *writer = fixture_open(gallery);
    fixture_put(writer, "/photos/new.jpg", 9);
    ok(sqlite_search(s, query, 8, hits, &count, &err) == 0 && count == 3,
       "a changed one is, and shows its third photo");
    store_close(writer);
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
    for (size_t size = 100; size < whole.size; size = size * 2 + 1) {
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
            strange += rc != ERR_CORRUPT && rc != ERR_UNSUPPORTED;
            continue;
        }
        rc = store_search(store, query, 8, hits, &count, &err);
        refusals += rc != 0;
        if (rc && rc != ERR_CORRUPT)
            diag("search: %d %s", rc, err.message);
        rc = store_apply(store, fixture_add(&photo, "/photos/5.jpg", 5), 1, &err);
        if (rc && rc != ERR_CORRUPT)
            diag("apply: %d %s", rc, err.message);
        store_close(store);
    }
    ok(strange == 0 && refusals > 0, "60 files with random damage: %d refusals, no crash",
       refusals);
    file_release(&whole);
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
    ok(says("/photos/1.jpg") && says("forget"), "... %s", err.message);
    struct store_hit hits[3];
    size_t count;
    fixture_vector(1, FIXTURE_DIM, vector);
    is_int(store_search(store, vector, 3, hits, &count, &err), ERR_CORRUPT, "... found by search");
}

/* ---- versions ---- */

static const struct sqlite_step good_steps[] = {
    {1, "CREATE TABLE x (a INTEGER); INSERT INTO x VALUES (1)"},
    {2, "ALTER TABLE x ADD COLUMN b INTEGER; UPDATE x SET b = a + 1"},
    {3, "CREATE TABLE y (c INTEGER); INSERT INTO y SELECT b FROM x"},
};
static const struct sqlite_step bad_steps[] = {
    {1, "CREATE TABLE x (a INTEGER); INSERT INTO x VALUES (1)"},
    {2, "CREATE TABLE z (d INTEGER); UPDATE x SET a = 5; INSERT INTO nowhere VALUES (1)"},
};

/* A bare connection, as sqlite_open makes it. */
static struct sqlite *bare(const char *path)
{
    struct sqlite *s = xcalloc(1, sizeof *s);
    s->path = xstrdup(path);
    s->name = xstrdup(path);
    s->mode = STORE_WRITE;
    s->patience_ms = 100;
    write_file(path, "", 0);
    if (sqlite_connect(s, &err))
        ok(false, "%s", err.message);
    return s;
}

static void test_migration(void)
{
    AUTO_FREE char *path = in_folder("old.db");
    struct sqlite *s = bare(path);
    is_int(sqlite_migrate(s, good_steps, 1, &err), 0, "version 0 to 1");
    is_int(sqlite_migrate(s, good_steps, 3, &err), 0, "version 1 to 3");
    is_int(sqlite_migrate(s, good_steps, 3, &err), 0, "nothing left to do");
    is_int(sqlite_migrate(s, good_steps, 2, &err), ERR_UNSUPPORTED, "a program that knows less");
    ok(says("newer keepsake"), "... %s", err.message);
    sqlite_close(s);
    AUTO_FREE char *sum = ask_sql(path, "SELECT a || b || (SELECT c FROM y) FROM x");
    is_str(sum, "122", "every step ran once, with the data of the one before");
    AUTO_FREE char *marks = ask_sql(path, "SELECT application_id || ' ' || user_version"
                                          " FROM pragma_application_id, pragma_user_version");
    is_str(marks, "1262830928 3", "... and left its mark");

    AUTO_FREE char *broken = in_folder("broken.db");
    s = bare(broken);
    is_int(sqlite_migrate(s, bad_steps, 1, &err), 0, "a first step");
    ok(sqlite_migrate(s, bad_steps, 2, &err) < 0, "a second that fails");
    ok(says("format 2") && says("nowhere"), "... %s", err.message);
    sqlite_close(s);
    AUTO_FREE char *left = ask_sql(broken, "SELECT a || ' ' || user_version || ' ' ||"
                                           " (SELECT count(*) FROM sqlite_schema)"
                                           " FROM x, pragma_user_version");
    is_str(left, "1 1 1", "... leaves everything as it was");
}

static void test_versions(void)
{
    AUTO_FREE char *gallery = filled(1);
    run_sql(gallery, "PRAGMA user_version = 99");
    refused(gallery, ERR_UNSUPPORTED, "newer keepsake", "a gallery of a newer keepsake");
    run_sql(gallery, "PRAGMA user_version = 0");
    struct store *store;
    is_int(store_open(gallery, STORE_READ, &store, &err), ERR_UNSUPPORTED, "of an older one");
    ok(says("older keepsake"), "... %s", err.message);
    run_sql(gallery, "PRAGMA user_version = 1");
    store = fixture_open(gallery);
    run_sql(gallery, "PRAGMA user_version = 2");
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/x", 1), 1, &err), ERR_UNSUPPORTED,
           "changed by a newer one while open");
    ok(says("newer keepsake"), "... %s", err.message);
    store_close(store);
}

/* ---- transactions ---- */

static void test_failing_transaction(void)
{
    AUTO_FREE char *gallery = filled(2);
    run_sql(gallery, "CREATE TRIGGER no BEFORE INSERT ON code WHEN NEW.photo > 3"
                     " BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END");
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photos[3];
    struct store_change changes[4] = {
        {.kind = STORE_REMOVE, .path = "/photos/0.jpg"},
        *fixture_add(&photos[0], "/photos/1.jpg", 50),
        *fixture_add(&photos[1], "/new", 51),
        *fixture_add(&photos[2], "/newer", 52),
    };
    ok(store_apply(store, changes, 4, &err) == ERR_IO && says("on fire"),
       "the last of four changes fails in the database");
    is_int(count_photos(gallery), 2, "... none is applied");
    struct fixture_found one = fixture_find(store, "/photos/1.jpg");
    is_int(one.file.size, 1001, "... content is the old");
    is_int(store_apply(store, changes, 3, &err), 0, "the first three alone");
    is_int(count_photos(gallery), 2, "... are applied");
}

static void test_waiting(void)
{
    AUTO_FREE char *gallery = filled(1);
    struct sqlite *s;
    sqlite3 *other;
    struct store_change touch = {.kind = STORE_TOUCH, .path = "/photos/0.jpg", .size = 4};
    if (sqlite_open(gallery, STORE_WRITE, &s, &err) || sqlite3_open(gallery, &other) ||
        sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL)) {
        ok(false, "%s", err.message);
        return;
    }
    s->patience_ms = 100;
    sqlite3_busy_timeout(s->db, s->patience_ms);
    is_int(sqlite_apply(s, &touch, 1, &err), ERR_IO, "another writer that does not finish");
    ok(says("busy for 1 seconds") && says(gallery), "... %s", err.message);
    sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(other);
    is_int(sqlite_apply(s, &touch, 1, &err), 0, "... and when it has");
    sqlite_close(s);
}

/* ---- codes ---- */

static void test_codes(void)
{
    static const char *const losses[] = {
        "DELETE FROM code",
        "UPDATE gallery SET code_format = 0; UPDATE code SET code = x'01'",
        "DELETE FROM code WHERE photo % 2",
        "UPDATE code SET code = x'01' WHERE photo = 7",
        "UPDATE code SET code = zeroblob(3)",
    };
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        AUTO_FREE char *gallery = filled(20);
        run_sql(gallery, losses[i]);
        AUTO(store) *reader = NULL;
        float query[FIXTURE_DIM];
        fixture_vector(6, FIXTURE_DIM, query);
        struct store_hit hits[30];
        size_t count = 0;
        if (store_open(gallery, STORE_READ, &reader, &err))
            ok(false, "%s", err.message);
        ok(store_search(reader, query, 30, hits, &count, &err) == 0 && count == 20 &&
               hits[0].id == 7 && fabs(hits[0].score - 1) < 1e-6,
           "found without codes: %s", losses[i]);
        AUTO(store) *writer = fixture_open(gallery);
        fixture_put(writer, "/photos/a.jpg", 60);
        ok(store_search(reader, query, 30, hits, &count, &err) == 0 && count == 21,
           "... with a new photo");
        AUTO_FREE char *codes =
            ask_sql(gallery, "SELECT count(*) || ' ' || count(DISTINCT length(code)) FROM code");
        if (i < 2)
            is_str(codes, "21 1", "... and the writer made them anew");
    }
}

static void test_journal(void)
{
    AUTO_FREE char *gallery = filled(1);
    AUTO_FREE char *mode = ask_sql(gallery, "PRAGMA journal_mode");
    is_str(mode, "wal", "write-ahead log");
    run_sql(gallery, "PRAGMA journal_mode = DELETE");
    is_int(count_photos(gallery), 1, "a gallery without it can be read");
    AUTO_FREE char *still = ask_sql(gallery, "PRAGMA journal_mode");
    is_str(still, "delete", "... which does not change that");
    store_close(fixture_open(gallery));
    AUTO_FREE char *again = ask_sql(gallery, "PRAGMA journal_mode");
    is_str(again, "wal", "... writing does");
    struct store_status status;
    struct stat info, wal_info;
    AUTO_FREE char *wal = xasprintf("%s-wal", gallery);
    AUTO(store) *store = fixture_open(gallery);
    fixture_put(store, "/b", 2);
    ok(store_status(store, &status, &err) == 0 && stat(gallery, &info) == 0 &&
           stat(wal, &wal_info) == 0 && status.bytes == info.st_size + wal_info.st_size &&
           wal_info.st_size > 0,
       "the size told counts the log");
    is_str(status.kind, "sqlite", "kind");
}

int main(void)
{
    fixture_start();
    test_foreign_files();
    test_missing_files();
    test_strange_names();
    test_permissions();
    test_following();
    test_damage();
    test_damaged_vector();
    test_migration();
    test_versions();
    test_failing_transaction();
    test_waiting();
    test_codes();
    test_journal();
    fixture_cleanup();
    return done_testing();
}
