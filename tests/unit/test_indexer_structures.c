/* SPDX-License-Identifier: MIT */
/* The data structures of the indexer: sets of paths, arena, budget, queue, rate. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/queue.h"
#include "cage/decode_budget.h"
#include "indexer/arena.h"
#include "indexer/folder_set.h"
#include "indexer/path_set.h"
#include "indexer/progress.h"
#include "tap.h"

static void test_path_set(void)
{
    struct path_set set = PATH_SET_INIT;
    ok(!path_set_covers(&set, "/a"), "an empty set covers nothing");
    static const char *const paths[] = {"/m/photos", "/a/b", "/m/photos", "/a/b.d", "/z"};
    for (size_t i = 0; i < 5; i++)
        path_set_add(&set, paths[i]);
    path_set_sort(&set);
    is_int((long long)set.n, 4, "each path once");
    static const char *const inside[] = {"/a/b", "/a/b/c", "/m/photos/x/y.jpg", "/a/b.d/e", "/z"};
    static const char *const outside[] = {"/a", "/a/bc", "/m/photo", "/m/photos2/x",
                                          "/",  "/a/b.", "/y/z"};
    for (size_t i = 0; i < 5; i++)
        ok(path_set_covers(&set, inside[i]), "%s is covered", inside[i]);
    for (size_t i = 0; i < 7; i++)
        ok(!path_set_covers(&set, outside[i]), "%s is not", outside[i]);
    ok(path_set_contains(&set, "/a/b") && !path_set_contains(&set, "/a/b/c"), "contains: itself");
    path_set_add(&set, "/");
    path_set_sort(&set);
    ok(path_set_covers(&set, "/q/r"), "the root folder covers everything");
    path_set_release(&set);
    ok(path_is_below("/a/b", "/a") && path_is_below("/a", "/a") && path_is_below("/a", "/") &&
           !path_is_below("/ab", "/a") && !path_is_below("/", "/a"),
       "below");
}

static void test_folder_set(void)
{
    struct folder_set set = FOLDER_SET_INIT;
    int again = 0;
    for (uint64_t i = 1; i <= 20000; i++)
        again += !folder_set_add(&set, (struct folder_id){i % 3, i * 4096});
    is_int(again, 0, "20,000 folders, all new");
    for (uint64_t i = 1; i <= 20000; i++)
        again += !folder_set_add(&set, (struct folder_id){i % 3, i * 4096});
    is_int(again, 20000, "none the second time");
    ok(folder_set_add(&set, (struct folder_id){7, 4096}), "another device is another folder");
    folder_set_release(&set);
}

static void test_arena(void)
{
    struct arena arena = ARENA_INIT;
    enum { MANY = 5000 };
    static const char *copies[MANY];
    char text[64];
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "/photos/%d/IMG_%d.jpg", i % 100, i);
        copies[i] = arena_copy(&arena, text);
    }
    char *large = xmalloc(200000);
    memset(large, 'x', 199999);
    large[199999] = '\0';
    const char *large_copy = arena_copy(&arena, large);
    int wrong = strcmp(large_copy, large) != 0;
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "/photos/%d/IMG_%d.jpg", i % 100, i);
        wrong += strcmp(copies[i], text) != 0;
    }
    is_int(wrong, 0, "every string is as it was given, long ones too");
    free(large);
    arena_release(&arena);
}

enum { PURSE = 1000 };

struct spenders {
    struct budget *budget;
    atomic_int spent, most, takes;
};

static void *spend(void *context)
{
    struct spenders *s = context;
    for (int i = 0; i < 300; i++) {
        size_t taken = budget_take(s->budget, i % 50 == 0 ? 5000 : (size_t)(i * 7 % 400));
        int spent = atomic_fetch_add(&s->spent, (int)taken) + (int)taken;
        if (spent > atomic_load(&s->most))
            atomic_store(&s->most, spent);
        atomic_fetch_sub(&s->spent, (int)taken);
        budget_give(s->budget, taken);
        atomic_fetch_add(&s->takes, 1);
    }
    return NULL;
}

static void test_budget(void)
{
    struct spenders s = {.budget = budget_new(PURSE)};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, spend, &s);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    is_int(s.takes, 1200, "budget: every thread got its bytes, also those asking for too much");
    ok(s.most <= PURSE, "never more than the purse was out (%d)", s.most);
    budget_free(s.budget);
}

static char late[] = "late", last[] = "last";

static void *push_late(void *q)
{
    queue_push(q, late);
    return NULL;
}

static void test_bounded_wait(void)
{
    struct queue *q = queue_new(4);
    bool open = false;
    double start = clock_seconds();
    void *item = queue_pop_for(q, 0.1, &open);
    double waited = clock_seconds() - start;
    ok(!item && open && waited >= 0.099, "gives up after a tenth of a second (%.3f)", waited);
    pthread_t thread;
    pthread_create(&thread, NULL, push_late, q);
    is_str(queue_pop_for(q, 60, &open), "late", "gets what comes meanwhile");
    pthread_join(thread, NULL);
    queue_push(q, last);
    queue_finish(q);
    is_str(queue_pop_for(q, 60, &open), "last", "and what is left after the end");
    ok(!queue_pop_for(q, 60, &open) && !open, "then nothing, at once");
    queue_free(q);
}

/* As if everything so far had happened so much earlier. */
static void advance_time(struct progress *p, double seconds)
{
    p->started -= seconds, p->called -= seconds;
    for (size_t i = 0; i < sizeof p->samples / sizeof *p->samples; i++)
        p->samples[i].at -= seconds;
}

static void test_rate(void)
{
    struct index_options options = {.batch = 0};
    struct progress p;
    progress_init(&p, &options);
    progress_show(&p, true);
    ok(p.now.walking && p.now.seconds_left < 0, "nothing is known during the walk");
    progress_begin_work(&p, 100);
    for (int i = 1; i <= 30; i++) {
        advance_time(&p, 100);
        p.now.done = i;
        progress_show(&p, true);
    }
    /* The time that the test itself takes comes to it: far below a fifth. */
    ok(fabs(p.now.photos_per_second - 0.01) < 0.002, "rate %g, in truth 0.01",
       p.now.photos_per_second);
    ok(fabs(p.now.seconds_left - 7000) < 1400, "%.0f s left for the other 70", p.now.seconds_left);
}

int main(void)
{
    test_path_set();
    test_folder_set();
    test_arena();
    test_budget();
    test_bounded_wait();
    test_rate();
    return done_testing();
}
