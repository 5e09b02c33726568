/* SPDX-License-Identifier: MIT */
/* For tests of what happens between threads: the program's own pthread_create and pthread_join,
 * which stand before the library's, so that a test can refuse a thread, or do something just when
 * one was started or is waited for. Windows that are microseconds wide in nature are as wide here
 * as the test needs, without a pause. */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOOK_THREADS 4096
#define HOOK_EXPORT __attribute__((visibility("default")))

struct hooked {
    void *(*main)(void *);
    void *argument;
    atomic_int tid; /* 0: it has not begun */
    atomic_bool ended;
};

static struct hooked hook_threads[HOOK_THREADS];
static atomic_int hook_count;        /* of all that were ever started */
static atomic_int hook_live;         /* that have not ended */
static atomic_int hook_refuse_after; /* n > 0: n - 1 more are started, and then none; 0: all */
static atomic_int hook_most_live;    /* n > 0: no further one while so many live; 0: any number */
/* Of the thread that sets them: called when it has started another, and before it waits for one. */
static _Thread_local void (*hook_created)(struct hooked *thread);
static _Thread_local void (*hook_joins)(void);

static void *hook_main(void *context)
{
    struct hooked *h = context;
    atomic_store(&h->tid, (int)syscall(SYS_gettid));
    void *result = h->main(h->argument);
    atomic_store(&h->ended, true);
    atomic_fetch_sub(&hook_live, 1);
    return result;
}

static bool hook_refuses(void)
{
    int left = atomic_load(&hook_refuse_after), most = atomic_load(&hook_most_live);
    if (most > 0 && atomic_load(&hook_live) >= most)
        return true;
    if (left > 1)
        atomic_fetch_sub(&hook_refuse_after, 1);
    return left == 1;
}

HOOK_EXPORT int pthread_create(pthread_t *restrict thread,
                               const pthread_attr_t *restrict attributes,
                               void *(*thread_main)(void *), void *restrict argument)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(
            RTLD_NEXT, "pthread_create");
    int at = atomic_fetch_add(&hook_count, 1);
    if (hook_refuses() || at >= HOOK_THREADS)
        return EAGAIN;
    struct hooked *h = &hook_threads[at];
    h->main = thread_main;
    h->argument = argument;
    atomic_fetch_add(&hook_live, 1);
    int rc = real(thread, attributes, hook_main, h);
    if (rc)
        atomic_fetch_sub(&hook_live, 1);
    else if (hook_created)
        hook_created(h);
    return rc;
}

HOOK_EXPORT int pthread_join(pthread_t thread, void **result)
{
    int (*real)(pthread_t, void **) = (int (*)(pthread_t, void **))dlsym(RTLD_NEXT, "pthread_join");
    if (hook_joins)
        hook_joins();
    return real(thread, result);
}

static bool hook_is_asleep(int tid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return true; /* it has gone */
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *after = strrchr(text, ')');
    return after && strncmp(after, ") S", 3) == 0;
}

/* Until a thread has ended or waits for something: it has come as far as it can. */
__attribute__((unused)) static void hook_settle(struct hooked *thread)
{
    while (!atomic_load(&thread->ended)) {
        int tid = atomic_load(&thread->tid);
        if (tid && hook_is_asleep(tid))
            return;
        sched_yield();
    }
}

/* The thread that was started last. */
__attribute__((unused)) static struct hooked *hook_newest(void)
{
    return &hook_threads[atomic_load(&hook_count) - 1];
}
