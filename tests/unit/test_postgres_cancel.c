/* SPDX-License-Identifier: MIT */
/* Waiting for a PostgreSQL server that the owner ends: the statement ends on the server, too. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "postgres_fixture.h"
#include "wait.h"

static struct error err = ERROR_INIT;
static atomic_bool wants_end;

static bool is_cancelled(void *context)
{
    (void)context;
    return atomic_load(&wants_end);
}

static struct store *open_gallery(const char *gallery)
{
    struct store *store;
    struct store_options options = {.cancelled = is_cancelled};
    if (store_open_with(gallery, STORE_WRITE, &options, &store, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return store;
}

static int put_photo(struct store *store, int number)
{
    char path[64];
    struct fixture_photo photo;
    snprintf(path, sizeof path, "/photos/%05d.jpg", number);
    return store_apply(store, fixture_add(&photo, path, (uint64_t)number), 1, &err);
}

struct wanted_line {
    const char *text, *sql;
};

static bool is_found(void *context)
{
    const struct wanted_line *wanted = context;
    char line[64] = "";
    return postgres_sql(line, sizeof line, "%s", wanted->sql) && strcmp(line, wanted->text) == 0;
}

/* Until the first column of what `sql` finds is `want`. */
static void await_sql(const char *want, const char *sql)
{
    struct wanted_line wanted = {want, sql};
    wait_until(is_found, &wanted, sql);
}

/* Sessions of keepsake that are in a statement now. */
#define OURS                                                                                 \
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'keepsake' AND state = " \
    "'active'"

/* Another program's transaction that does `sql` and stays open; to be killed. */
static pid_t hold_transaction(const char *sql)
{
    AUTO_FREE char *command = xasprintf(
        "exec %s \"SET application_name = 'holder'; BEGIN; %s; SELECT pg_sleep(3600)\" >/dev/null "
        "2>&1",
        getenv("KEEPSAKE_TEST_PSQL"), sql);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    await_sql("1", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holder' AND "
                   "wait_event = 'PgSleep'");
    return pid;
}

static void end_transaction(pid_t pid)
{
    int status;
    postgres_sql(NULL, 0,
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                 "'holder'");
    waitpid(pid, &status, 0);
    await_sql("0", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holder'");
}

struct waiting {
    struct store *store;
    int (*work)(struct store *store);
    int rc;
};

static void *wait_main(void *context)
{
    struct waiting *w = context;
    w->rc = w->work(w->store);
    return NULL;
}

/* Begins work that waits for the holder, and ends it once it does. */
static int cancel_work(struct store *store, int (*work)(struct store *store))
{
    pthread_t thread;
    struct waiting w = {store, work, 0};
    if (pthread_create(&thread, NULL, wait_main, &w))
        abort();
    await_sql("1", OURS " AND wait_event_type = 'Lock'");
    atomic_store(&wants_end, true);
    pthread_join(thread, NULL);
    return w.rc;
}

static int put_another(struct store *store)
{
    return put_photo(store, 77);
}

static int tend_index(struct store *store)
{
    return store_tend_index(store, &err);
}

static int count_one(void *context, const struct store_file *file)
{
    (void)file;
    ++*(int *)context;
    return 0;
}

static int count_photos(struct store *store)
{
    int count = 0;
    return store_list_files(store, NULL, count_one, &count, &err) ? -1 : count;
}

static void test_statement(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    AUTO(store) *store = open_gallery(gallery);
    is_int(put_photo(store, 1), 0, "a photo");
    AUTO_FREE char *lock =
        xasprintf("LOCK TABLE %s.image_gallery IN ACCESS EXCLUSIVE MODE", postgres_schema(gallery));
    pid_t holder = hold_transaction(lock);
    is_int(cancel_work(store, put_another), ERR_CANCELLED,
           "a batch that waits for a lock is ended");
    ok(strstr(err.message, "interrupted") != NULL, "and says so: %s", err.message);
    char line[64];
    ok(postgres_sql(line, sizeof line, OURS) && strcmp(line, "0") == 0,
       "nothing of it goes on at the server");
    end_transaction(holder);
    is_int(count_photos(store), 1, "nothing of it was stored");
    is_int(put_photo(store, 2), 0, "what takes no time is finished, also afterwards");
    atomic_store(&wants_end, false);
    is_int(put_another(store), 0, "and the batch goes through when it is wanted");
    is_int(count_photos(store), 3, "cancelled is asked once");
}

static void test_index(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *writer = fixture_open(gallery);
    is_int(put_photo(writer, 1), 0, "a photo");
    struct store *store;
    struct store_options options = {.index = STORE_INDEX_HNSW, .cancelled = is_cancelled};
    if (!is_int(store_open_with(gallery, STORE_WRITE, &options, &store, &err), 0,
                "an index wanted"))
        return;
    AUTO_FREE char *lock =
        xasprintf("LOCK TABLE %s.image_gallery IN ROW EXCLUSIVE MODE", postgres_schema(gallery));
    pid_t holder = hold_transaction(lock);
    is_int(cancel_work(store, tend_index), ERR_CANCELLED, "the making of a vector index is ended");
    ok(strstr(err.message, "the next index run makes it") != NULL, "and says how it goes on: %s",
       err.message);
    end_transaction(holder);
    char line[64];
    ok(postgres_sql(line, sizeof line, OURS) && strcmp(line, "0") == 0,
       "nothing of it goes on at the server");
    atomic_store(&wants_end, false);
    struct store_index index;
    is_int(store_tend_index(store, &err), 0, "the next time it is made");
    ok(store_get_index(store, &index, &err) == 0 && index.built == STORE_INDEX_HNSW,
       "the gallery is whole afterwards");
    store_close(store);
}

int main(void)
{
    if (postgres_is_here()) {
        fixture_start();
        test_statement();
        test_index();
        fixture_cleanup();
    }
    return done_testing();
}
