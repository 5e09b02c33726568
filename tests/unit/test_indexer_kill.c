/* SPDX-License-Identifier: MIT */
/* kill -9 at random moments of an index run: the run after it always ends where an undisturbed one
 * does. KEEPSAKE_SEED repeats a run, KEEPSAKE_ROUNDS changes how often. */
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "indexing.h"
#include "sanitized.h"
#include "wait.h"

static uint64_t random_state;

/* xorshift64* (Vigna 2016), in [0, 1). */
static double random_share(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (double)((random_state * 0x2545F4914F6CDD1Du) >> 11) * 0x1p-53;
}

static long long environment_number(const char *name, long long otherwise)
{
    const char *text = getenv(name);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

/* 60 pictures, four of them twice, two broken, one empty. */
static void write_photos(const char *folder)
{
    char name[32];
    for (unsigned i = 0; i < 60; i++) {
        snprintf(name, sizeof name, "%u/%03u.png", i % 4, i);
        picture_write(folder, name, i < 56 ? i : i - 56);
    }
    tree_write(folder, "1/broken.jpg", "\xff\xd8\xff\xe0 broken", 11);
    tree_write(folder, "2/broken.gif", "GIF89a", 6);
    tree_write(folder, "3/empty.png", "", 0);
}

/* How often the runs have looked whether to go on: a clock that stands still while they do. Shared
 * by parent and children. */
static atomic_int *looks;

static bool count_look(void *context)
{
    (void)context;
    atomic_fetch_add(looks, 1);
    return false;
}

static int run(const struct fixture *f)
{
    struct index_options options = {.decode_threads = 2, .batch = 4, .cancelled = count_look};
    struct index_report report;
    const char *path = f->photos;
    struct error err = ERROR_INIT;
    int rc = gallery_index_paths(f->db, &path, 1, &options, &report, &err);
    if (rc)
        diag("%s", err.message);
    return rc;
}

struct moment {
    pid_t child;
    int look;
};

static bool has_come(void *context)
{
    const struct moment *moment = context;
    siginfo_t ended = {.si_pid = 0};
    waitid(P_PID, (id_t)moment->child, &ended, WEXITED | WNOHANG | WNOWAIT);
    return atomic_load(looks) >= moment->look || ended.si_pid != 0;
}

/* True when it was killed before its end, after that many looks. */
static bool run_and_kill(const struct fixture *f, int look)
{
    atomic_store(looks, 0);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(run(f) ? 1 : 0);
    struct moment moment = {child, look};
    int status;
    TREE_CHECK(child > 0);
    wait_until(has_come, &moment, "the run's progress");
    kill(child, SIGKILL);
    TREE_CHECK(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static int count_lines(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void remove_gallery(const struct fixture *f)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", f->db, endings[i]);
        TREE_CHECK(unlink(path) == 0 || errno == ENOENT);
    }
}

/* Looks of a whole run into a new gallery. */
static int measure_run(const struct fixture *f)
{
    remove_gallery(f);
    atomic_store(looks, 0);
    TREE_CHECK(run(f) == 0);
    return atomic_load(looks);
}

/* The files of the gallery that the killed run left; -1 when the resumed one came out different. */
static int kill_and_resume(const struct fixture *f, const char *want_db, int look, int *ret_killed)
{
    remove_gallery(f);
    *ret_killed += run_and_kill(f, look);
    AUTO_FREE char *left = gallery_dump(f->db, f->photos, false);
    if (run(f) || !galleries_equal(f->db, want_db, f->photos))
        return -1;
    return count_lines(left);
}

int main(void)
{
    test_clip_open(1);
    looks = mmap(NULL, sizeof *looks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    TREE_CHECK(looks != MAP_FAILED);
    random_state = (uint64_t)environment_number("KEEPSAKE_SEED", clock_unix() * 1000 + getpid());
    diag("KEEPSAKE_SEED=%llu", (unsigned long long)random_state);
    random_state |= 1;
    struct fixture f = fixture_new();
    write_photos(f.photos);
    TREE_CHECK(run(&f) == 0); /* prepares the towers before the children inherit them */
    AUTO_FREE char *want_db = file_join(f.root, "want.db");
    struct fixture undisturbed = {f.root, f.photos, want_db};
    int whole = measure_run(&undisturbed);
    AUTO_FREE char *all = gallery_dump(want_db, f.photos, false);
    is_int(count_lines(all), 63, "an undisturbed run");

    int rounds = (int)environment_number("KEEPSAKE_ROUNDS", test_rounds(20, 5, 50));
    int runs = 0, killed = 0, wrong = 0, between = 0;
    for (; killed < rounds && runs < 4 * rounds; runs++) {
        double share = (runs % rounds + random_share()) / rounds; /* each part has its turn */
        int left = kill_and_resume(&f, want_db, (int)(share * whole), &killed);
        wrong += left < 0;
        between += left > 0 && left < 63;
    }
    is_int(wrong, 0, "every resumed run ends like an undisturbed one");
    is_int(killed, rounds, "runs killed before their end");
    ok(between > 0, "%d of %d runs left a part in the gallery", between, runs);
    fixture_release(&f);
    clip_close(test_clip);
    return done_testing();
}
