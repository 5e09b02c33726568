/* SPDX-License-Identifier: MIT */
/* What is particular to galleries in a SQLite file: versions, transactions, codes. */
#include "sqlite_fixture.h"

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
    s->store.name = xstrdup(path);
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
    run_sql(gallery, "PRAGMA user_version = 4");
    store = fixture_open(gallery);
    run_sql(gallery, "PRAGMA user_version = 5");
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
    AUTO(store) *store = fixture_open(gallery);
    struct sqlite *s = sqlite_of(store);
    sqlite3_exec(s->db,
                 "CREATE TEMP TRIGGER no BEFORE INSERT ON main.photo WHEN NEW.path = '/newer'"
                 " BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END",
                 NULL, NULL, NULL);
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

static bool is_unwanted(void *context)
{
    (void)context;
    return true;
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
    is_int(sqlite_apply(&s->store, &touch, 1, &err), ERR_IO, "another writer that does not finish");
    ok(says("for 0.1 s") && says(gallery), "... %s", err.message);
    s->patience_ms = 3600000;
    s->options.cancelled = is_unwanted;
    is_int(sqlite_apply(&s->store, &touch, 1, &err), ERR_CANCELLED,
           "... is waited for until it is enough");
    ok(says("interrupted while another program had"), "... %s", err.message);
    sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(other);
    is_int(sqlite_apply(&s->store, &touch, 1, &err), 0, "... and when it has");
    sqlite_close(s);
}

static void test_full_disk(void)
{
    AUTO_FREE char *gallery = filled(1);
    struct sqlite *s;
    struct fixture_photo photos[64];
    struct store_change changes[64];
    for (size_t i = 0; i < 64; i++) {
        char path[32];
        snprintf(path, sizeof path, "/photos/new%d.jpg", (int)i);
        changes[i] = *fixture_add(&photos[i], path, 100 + i);
    }
    size_t dim;
    if (sqlite_open(gallery, STORE_WRITE, &s, &err) || sqlite_get_dim(&s->store, &dim, &err) ||
        sqlite3_exec(s->db, "PRAGMA max_page_count = 1", NULL, NULL, NULL))
        ok(false, "%s", err.message);
    is_int(sqlite_apply(&s->store, changes, 64, &err), ERR_IO, "a disk that is full");
    ok(says("disk is full") && says(gallery), "... %s", err.message);
    is_int(count_photos(gallery), 1, "... the gallery is as it was");
    sqlite3_exec(s->db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
    is_int(sqlite_apply(&s->store, changes, 64, &err), 0, "... and when there is space again");
    is_int(count_photos(gallery), 65, "... all are stored");
    sqlite_close(s);
}

/* Without the log, a writer keeps readers out: never a reason to read without locks. */
static void test_locked_out(void)
{
    AUTO_FREE char *gallery = filled(1);
    run_sql(gallery, "PRAGMA journal_mode = DELETE");
    sqlite3 *other;
    struct sqlite *s = xcalloc(1, sizeof *s);
    s->path = xstrdup(gallery);
    s->store.name = xstrdup(gallery);
    s->mode = STORE_READ;
    s->patience_ms = 100;
    if (sqlite3_open(gallery, &other) || sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL))
        ok(false, "%s", sqlite3_errmsg(other));
    is_int(sqlite_connect(s, &err), ERR_IO, "a reader that is locked out");
    ok(says("for 0.1 s"), "... %s", err.message);
    sqlite3_close(other);
    is_int(sqlite_connect(s, &err), 0, "... and when it is not");
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
        ok(store_search(reader, query, 30, NULL, hits, &count, &err) == 0 && count == 20 &&
               hits[0].id == 7 && fabs(hits[0].score - 1) < 1e-6,
           "found without codes: %s", losses[i]);
        AUTO(store) *writer = fixture_open(gallery);
        fixture_put(writer, "/photos/a.jpg", 60);
        ok(store_search(reader, query, 30, NULL, hits, &count, &err) == 0 && count == 21,
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
    is_str(status.kind, "sqlite", "the rule has its kind");
}

int main(void)
{
    fixture_start();
    test_migration();
    test_versions();
    test_failing_transaction();
    test_full_disk();
    test_waiting();
    test_locked_out();
    test_codes();
    test_journal();
    fixture_cleanup();
    return done_testing();
}
