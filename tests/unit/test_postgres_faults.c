/* SPDX-License-Identifier: MIT */
/* What goes wrong between keepsake and a server: nothing is lost, nothing is there twice. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "postgres_fixture.h"
#include "wait.h"

enum { BATCH = 40 };

static struct error err = ERROR_INIT;

static bool says(const char *part)
{
    bool found = strstr(err.message, part) != NULL;
    if (!found)
        diag("message: %s", err.message);
    return found;
}

static int count_file(void *context, const struct store_file *file)
{
    int64_t *count = context;
    *count += !file->failed;
    return 0;
}

static int64_t count_photos(struct store *store)
{
    int64_t count = 0;
    return store_list_files(store, NULL, count_file, &count, &err) ? -1 : count;
}

/* Applies one batch, the number-th. */
static int put_batch(struct store *store, int number)
{
    struct fixture_photo photos[BATCH];
    struct store_change changes[BATCH];
    for (int i = 0; i < BATCH; i++) {
        char path[64];
        snprintf(path, sizeof path, "/photos/%05d.jpg", number * BATCH + i);
        changes[i] = *fixture_add(&photos[i], path, (uint64_t)(number * BATCH + i));
    }
    return store_apply(store, changes, BATCH, &err);
}

/* Transactions that the gallery counts. */
static long long count_changes(const char *gallery)
{
    char line[32] = "";
    postgres_sql(line, sizeof line, "SELECT change FROM %s.keepsake_gallery",
                 postgres_schema(gallery));
    return strtoll(line, NULL, 10);
}

static bool is_over(pid_t pid)
{
    siginfo_t ended = {.si_pid = 0};
    waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid != 0;
}

/* Puts batches while `command` runs, some before and some after; all must be there once. */
static void put_while(const char *what, const char *command)
{
    enum { BESIDE = 5 };
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    int batches = 0, failed = 0, after = 0;
    pid_t other = 0;
    while (after < BESIDE) {
        if (put_batch(store, batches++)) {
            diag("batch %d: %s", batches - 1, err.message);
            failed++;
            break;
        }
        if (batches == BESIDE)
            other = postgres_beside("%s", command);
        after += other != 0 && is_over(other);
    }
    ok(other && postgres_wait(other), "%s: it was", what);
    ok(failed == 0, "%s: %d batches applied", what, batches);
    is_int(count_photos(store), (long long)batches * BATCH, "... no photo lost, none twice");
    is_int(count_changes(gallery), batches, "... each batch committed once");
}

static void test_restarts(void)
{
    const char *restart = getenv("KEEPSAKE_TEST_RESTART");
    AUTO_FREE char *fast = xasprintf("%s fast >&2", restart);
    AUTO_FREE char *immediate = xasprintf("%s immediate >&2", restart);
    put_while("server restarted", fast);
    put_while("server crashed", immediate);
}

/* Reading needs no transaction to be looked up: it is done again. */
static void test_reading(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    is_int(put_batch(store, 0), 0, "a batch");
    float query[FIXTURE_DIM];
    struct store_hit hit = {.id = 0};
    size_t found = 0;
    fixture_vector(7, FIXTURE_DIM, query);
    const char *cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                      " application_name = 'keepsake'";
    postgres_sql(NULL, 0, "%s", cut);
    ok(store_search(store, query, 1, NULL, &hit, &found, &err) == 0 && found == 1, "a search, cut");
    postgres_sql(NULL, 0, "%s", cut);
    struct store_photo photo = {.path = NULL};
    is_int(store_get_photo(store, hit.id, &photo, &err), 0, "a photo, cut");
    is_str(photo.path, "/photos/00007.jpg", "... the right one");
    store_photo_release(&photo);
    postgres_sql(NULL, 0, "%s", cut);
    is_int(count_photos(store), BATCH, "a list, cut");
}

static void test_terminations(void)
{
    AUTO_FREE char *cuts = xasprintf("for i in 1 2 3 4 5 6 7 8 9 10 11 12; do %s \"SELECT "
                                     "pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                     "application_name = 'keepsake'\" >/dev/null; done",
                                     getenv("KEEPSAKE_TEST_PSQL"));
    put_while("connection cut again and again", cuts);
}

enum { WRITERS = 4, SHARED = 60 };

/* Each puts the same photos, in an order of its own, many at once. */
static int write_beside_others(void *context)
{
    const char *gallery = context;
    AUTO(store) *store = fixture_open(gallery);
    struct fixture_photo photos[SHARED];
    struct store_change changes[SHARED];
    for (int round = 0; round < 12; round++) {
        int step = (int)(getpid() + round) % 2 ? 1 : SHARED - 1; /* up or down */
        for (int i = 0, at = 0; i < SHARED; i++, at = (at + step) % SHARED) {
            char path[64];
            snprintf(path, sizeof path, "/shared/%02d", at);
            changes[i] = *fixture_add(&photos[i], path, (uint64_t)at);
        }
        if (store_apply(store, changes, SHARED, &err)) {
            diag("%s", err.message);
            return 1;
        }
    }
    return 0;
}

/* Rows locked in opposite orders: the server breaks deadlocks, and what was taken back is done
 * again. */
static void test_writers(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    pid_t pids[WRITERS];
    fflush(stdout);
    for (int i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(write_beside_others(gallery));
    }
    int good = 0;
    for (int i = 0; i < WRITERS; i++)
        good += postgres_wait(pids[i]);
    is_int(good, WRITERS, "writers of the same photos at the same time");
    is_int(count_photos(store), SHARED, "... each is there once");
    is_int(count_changes(gallery), WRITERS * 12, "... each batch was stored once");
}

/* ---- a proxy that cuts the connection at the worst moment ---- */

/* What happens to the first COMMIT that goes through. */
enum cut {
    CUT_ANSWER,  /* it is done, and the client does not hear of it */
    CUT_REQUEST, /* it does not arrive, and the server does not hear that the client has gone */
    CUT_NOTHING,
};

/* Reads what there is; 0 when there is no more. */
static size_t take(int from, char *ret_bytes, size_t size, bool *ret_commit)
{
    ssize_t n = read(from, ret_bytes, size);
    *ret_commit = n > 0 && memmem(ret_bytes, (size_t)n, "COMMIT", 6) != NULL;
    return n > 0 ? (size_t)n : 0;
}

static bool give(int to, const char *bytes, size_t size)
{
    return write(to, bytes, size) == (ssize_t)size;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) ? -1 : fd;
}

/* Relays one connection. */
static void relay(int client, int server, enum cut cut)
{
    static char bytes[65536];
    struct pollfd fds[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    bool commit = false, committed = false;
    while (poll(fds, 2, -1) > 0) {
        if (fds[0].revents) {
            size_t n = take(client, bytes, sizeof bytes, &commit);
            if (commit && cut == CUT_REQUEST) {
                close(client); /* and the server waits for the end of the transaction */
                return;
            }
            committed |= commit;
            if (!n || !give(server, bytes, n))
                break;
        }
        if (fds[1].revents) {
            size_t n = take(server, bytes, sizeof bytes, &commit);
            if (!n || (committed && cut == CUT_ANSWER) || !give(client, bytes, n))
                break;
        }
    }
    close(client);
    close(server);
}

/* Serves connections one after the other; cuts the first. Never returns. */
static void serve(int listener, const char *server_path, enum cut cut)
{
    for (;; cut = CUT_NOTHING) {
        int client = accept(listener, NULL, NULL), server = connect_to(server_path);
        if (client < 0 || server < 0)
            _exit(1);
        relay(client, server, cut);
    }
}

static pid_t start_proxy(const char *folder, enum cut cut)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", folder);
    unlink(address.sun_path);
    if (bind(listener, (const struct sockaddr *)&address, sizeof address) || listen(listener, 8))
        perror("proxy");
    AUTO_FREE char *server_path = xasprintf("%s/.s.PGSQL.5432", getenv("PGHOST"));
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        serve(listener, server_path, cut);
    }
    close(listener);
    return pid;
}

/* Doing this batch twice would lose a photo: the removal would hit what was moved there. */
static void test_lost_commit(enum cut cut, const char *what)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *direct = fixture_open(gallery);
    fixture_put(direct, "/a", 1);
    fixture_put(direct, "/b", 2);
    int64_t b = fixture_id(direct, "/b");
    long long before = count_changes(gallery);

    AUTO_FREE char *through = xasprintf("postgresql:///gallery?host=%s&options=-csearch_path%%3D%s",
                                        fixture_folder, postgres_schema(gallery));
    pid_t proxy = start_proxy(fixture_folder, cut);
    struct store *store;
    struct postgres_notices notices = {.count = 0};
    struct store_options options = {.notice = postgres_keep_notice, .context = &notices};
    is_int(store_open_with(through, STORE_WRITE, &options, &store, &err), 0, "through a proxy");
    struct store_change changes[] = {
        {.kind = STORE_REMOVE, .path = "/a"},
        {.kind = STORE_MOVE, .path = "/a", .id = b, .size = 1, .mtime_ns = 2},
    };
    if (!ok(store_apply(store, changes, 2, &err) == 0, "%s", what))
        diag("%s", err.message);
    ok(strstr(notices.all, "waiting for the server") != NULL, "... which is told");
    is_int(fixture_id(direct, "/a"), b, "... and the batch was done once");
    is_int(count_photos(direct), 1, "... one photo is left");
    is_int(count_changes(gallery), before + 1, "... by one transaction");
    store_close(store);
    kill(proxy, SIGKILL);
    waitpid(proxy, NULL, 0);
    store_close(direct);
    char line[16];
    postgres_sql(line, sizeof line, "SELECT count(*) FROM %s.keepsake_writer",
                 postgres_schema(gallery));
    is_str(line, "0", "... writers leave nothing behind");
}

/* ---- waiting and timeouts ---- */

static struct store *open_with_setting(const char *gallery, const char *setting)
{
    AUTO_FREE char *where = xasprintf("%s%%20-c%s", gallery, setting);
    struct store *store = NULL;
    if (store_open(where, STORE_WRITE, &store, &err))
        ok(false, "%s", err.message);
    return store;
}

static bool is_locked(void *context)
{
    char line[32] = "0";
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_locks WHERE relation = '%s.image_gallery'::regclass AND"
                 " mode = 'AccessExclusiveLock'",
                 postgres_schema(context));
    return line[0] != '0';
}

static bool is_waited_for(void *context)
{
    char line[32] = "0";
    postgres_sql(line, sizeof line,
                 "SELECT count(*) FROM pg_locks WHERE relation = '%s.image_gallery'::regclass AND"
                 " NOT granted",
                 postgres_schema(context));
    return line[0] != '0';
}

/* Another program locks the photos, until let_go. */
static pid_t hold_lock(char *gallery)
{
    pid_t pid = postgres_beside(
        "%s \"BEGIN; LOCK TABLE %s.image_gallery; SELECT pg_sleep(3600)\" >/dev/null 2>&1",
        getenv("KEEPSAKE_TEST_PSQL"), postgres_schema(gallery));
    wait_until(is_locked, gallery, "a lock");
    return pid;
}

static void let_go(pid_t lock)
{
    postgres_sql(NULL, 0,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                 " wait_event = 'PgSleep'");
    postgres_wait(lock);
}

/* In a child: once somebody waits for the lock, lets it go; its status says whether that came. */
static pid_t let_go_when_waited_for(char *gallery)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid)
        return pid;
    bool waited = wait_until(is_waited_for, gallery, "somebody who waits for the lock");
    postgres_sql(NULL, 0,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                 " wait_event = 'PgSleep'");
    _exit(!waited);
}

static void test_timeouts(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    struct store *store = open_with_setting(gallery, "lock_timeout%3D100");
    pid_t lock = hold_lock(gallery), key = let_go_when_waited_for(gallery);
    is_int(put_batch(store, 0), 0, "lock_timeout: tried again until the lock is gone");
    ok(postgres_wait(key), "... it had to wait");
    postgres_wait(lock);
    store_close(store);

    store = open_with_setting(gallery, "statement_timeout%3D300");
    lock = hold_lock(gallery);
    is_int(put_batch(store, 1), ERR_IO, "statement_timeout: given up");
    ok(says("statement_timeout") && says("stopped a statement"), "... with the way out");
    let_go(lock);
    is_int(put_batch(store, 1), 0, "... the same connection goes on");
    is_int(count_photos(store), 2 * BATCH, "... all are there");
    store_close(store);
}

static bool run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool run(const char *format, ...)
{
    char command[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    return system(command) == 0;
}

static void test_full_disk(void)
{
    AUTO_FREE char *disk = xasprintf("%s/disk", getenv("PGHOST"));
    if (!run("mkdir %s && mount -t tmpfs -o size=6m,mode=777 keepsake %s 2>/dev/null", disk,
             disk)) {
        skip("a full disk: no right to mount a small one");
        return;
    }
    run("mkdir %s/space && chown --reference=%s %s/space && chmod 700 %s/space", disk,
        getenv("PGHOST"), disk, disk);
    ok(postgres_sql(NULL, 0, "CREATE TABLESPACE small LOCATION '%s/space'", disk), "a small disk");
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO_FREE char *where = xasprintf("%s%%20-cdefault_tablespace%%3Dsmall", gallery);
    struct store *store = fixture_open(where);
    int batches = 0, rc = 0;
    while (!rc && batches < 2000)
        rc = put_batch(store, batches++);
    is_int(rc, ERR_IO, "it becomes full");
    ok(says("disk") && says("is full") && says("free some space"), "... which is said");
    is_int(count_photos(store), (long long)(batches - 1) * BATCH,
           "... the last batch is not there");
    ok(run("mount -o remount,size=64m %s", disk), "space is freed");
    is_int(put_batch(store, batches - 1), 0, "... the same batch again");
    is_int(count_photos(store), (long long)batches * BATCH, "... all are there");
    store_close(store);
    postgres_sql(NULL, 0, "SET client_min_messages = error; DROP SCHEMA %s CASCADE",
                 postgres_schema(gallery));
    postgres_sql(NULL, 0, "DROP TABLESPACE small");
    ok(run("umount %s", disk), "the small disk is gone");
}

/* ---- secrets ---- */

static const char *const addresses[] = {
    "postgresql://ana:s3cret@localhost:1/gallery",
    "postgres://ana:s3cret@localhost:1/gallery?connect_timeout=2",
    "postgresql://ana@localhost:1/gallery?password=s3cret",
    "host=localhost port=1 dbname=gallery user=ana password=s3cret",
    "host = localhost port = 1 password = 's3cret'",
    "postgresql://ana:s3cret@[::1/gallery",
    "postgresql://ana:s3cret@localhost:1/gallery?passwort=s3cret",
    "password=s3cret s3cret",
    "postgresql://ana:s3cret%@localhost/gallery",
};

static void test_secrets(void)
{
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct store *store;
        AUTO_FREE char *name = store_describe(addresses[i]);
        int rc = store_open(addresses[i], STORE_READ, &store, &err);
        ok((rc == ERR_NETWORK || rc == ERR_INVALID) && !strstr(err.message, "s3cret") &&
               !strstr(name, "s3cret"),
           "no password in: %s", err.message);
    }
    AUTO_FREE char *name = store_describe(addresses[3]);
    is_str(name, "postgresql://ana@localhost:1/gallery", "the gallery is still named");
}

int main(void)
{
    test_secrets();
    if (!postgres_is_here())
        return done_testing();
    fixture_start();
    test_lost_commit(CUT_ANSWER, "the answer to a commit is lost");
    test_lost_commit(CUT_REQUEST, "the commit is lost, and the server waits for it");
    test_writers();
    test_restarts();
    test_terminations();
    test_reading();
    test_timeouts();
    test_full_disk();
    fixture_cleanup();
    return done_testing();
}
