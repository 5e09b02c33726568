/* SPDX-License-Identifier: MIT */
/* Whoever closes a gallery in a file last leaves all of it in that one file. */
#include <pthread.h>

#include "sqlite_fixture.h"
#include "store/labels.h"

enum { READERS = 6 };

static bool is_one_file(const char *gallery)
{
    static const char *const endings[] = {"-wal", "-shm"};
    bool alone = true;
    for (int i = 0; i < 2; i++) {
        AUTO_FREE char *beside = xasprintf("%s%s", gallery, endings[i]);
        struct stat info;
        if (stat(beside, &info) == 0) {
            diag("%s: %lld bytes", beside, (long long)info.st_size);
            alone = false;
        }
    }
    return alone;
}

static struct store *reader(const char *gallery)
{
    struct store *store = NULL;
    struct store_status status;
    if (store_open(gallery, STORE_READ, &store, &err) || store_status(store, &status, &err))
        ok(false, "%s", err.message);
    return store;
}

static void *close_one(void *store)
{
    store_close(store);
    return NULL;
}

static void test_last_one_reads(bool with_threads, const char *how)
{
    int beside = 0, lost = 0;
    for (int round = 0; round < 20; round++) {
        AUTO_FREE char *gallery = filled(2);
        struct store *readers[READERS];
        pthread_t threads[READERS];
        struct store *writer = fixture_open(gallery);
        int64_t id;
        for (int i = 0; i < READERS; i++)
            readers[i] = reader(gallery);
        if (store_add_label(writer, fixture_id(writer, "/photos/1.jpg"), "Mia", NULL, &id, &err))
            ok(false, "%s", err.message);
        store_close(writer);
        for (int i = 0; i < READERS; i++)
            if (!with_threads)
                store_close(readers[i]);
            else if (pthread_create(&threads[i], NULL, close_one, readers[i]) != 0)
                ok(false, "no thread");
        for (int i = 0; with_threads && i < READERS; i++)
            pthread_join(threads[i], NULL);
        beside += !is_one_file(gallery);
        AUTO_FREE char *alone = in_folder("alone.db");
        AUTO_FREE char *command = xasprintf("cp %s %s", gallery, alone);
        AUTO_FREE char *labels =
            system(command) ? NULL : ask_sql(alone, "SELECT count(*) FROM label");
        lost += !labels || strcmp(labels, "1") != 0;
    }
    is_int(beside, 0, how);
    is_int(lost, 0, "... and the file alone has what was written");
}

/* As nobody: what is not ours to write stays as it is. */
static int read_as_nobody(void *gallery)
{
    if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
        return 2;
    store_close(reader(gallery));
    return 0;
}

static void test_not_ours(void)
{
    AUTO_FREE char *gallery = filled(2);
    chmod(gallery, 0644);
    chmod(fixture_folder, 0755);
    is_int(fixture_child(read_as_nobody, gallery), 0, "a reader who may not write there");
    ok(is_one_file(gallery), "... leaves nothing");

    AUTO_FREE char *foreign = in_folder("foreign.db");
    AUTO_FREE char *log = xasprintf("%s-wal", foreign);
    struct store *store = NULL;
    struct stat info;
    sqlite3 *db;
    if (sqlite3_open(foreign, &db) ||
        sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE songs (x)", NULL, NULL, NULL))
        ok(false, "%s", sqlite3_errmsg(db));
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(db);
    ok(stat(log, &info) == 0 && info.st_size > 0, "another program's database with its log");
    is_int(store_open(foreign, STORE_READ, &store, &err), ERR_CORRUPT, "... is refused");
    ok(stat(log, &info) == 0 && info.st_size > 0, "... and left as it is");
    is_int(store_open(foreign, STORE_WRITE, &store, &err), ERR_CORRUPT, "... for writing, too");
    ok(stat(log, &info) == 0 && info.st_size > 0, "... with the log where it was");
}

/* SQLite takes any log whose own sums are right for that of the file beside it. */
static void test_foreign_log(void)
{
    AUTO_FREE char *gallery = filled(2);
    AUTO_FREE char *foreign = in_folder("foreign.db");
    AUTO_FREE char *lay =
        xasprintf("cp %s-wal %s-wal && cp %s %s.copy", foreign, gallery, gallery, gallery);
    AUTO_FREE char *compare = xasprintf("cmp %s %s.copy", gallery, gallery);
    AUTO_FREE char *move = xasprintf("rm %s-wal", gallery);
    struct store *store = NULL;
    is_int(system(lay), 0, "the log of another program's database beside a gallery");
    is_int(store_open(gallery, STORE_READ, &store, &err), ERR_CORRUPT, "... is seen by readers");
    ok(strstr(err.message, "-wal is not the log of the gallery"), "... which say so");
    is_int(store_open(gallery, STORE_WRITE, &store, &err), ERR_CORRUPT, "... and by writers");
    is_int(system(compare), 0, "... and the gallery is as it was, to the bit");
    is_int(system(move), 0, "once it is moved away");
    store = fixture_open(gallery);
    is_int(fixture_id(store, "/photos/1.jpg") > 0, 1, "... all photos are there");
    store_close(store);
}

int main(void)
{
    fixture_start();
    test_last_one_reads(false, "readers close after the writer");
    test_last_one_reads(true, "... at the same time");
    test_not_ours();
    test_foreign_log();
    fixture_cleanup();
    return done_testing();
}
