/* SPDX-License-Identifier: MIT */
/* Parallel loops on libgomp's threads, the ones that oneDNN uses. */
#include "nn/parallel.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/memory.h"

/* libgomp's interface, declared here because clang's own omp.h would belong to another runtime:
 * the functions of the OpenMP standard, and what gcc compiles `#pragma omp parallel` to. */
int omp_get_num_procs(void);
void omp_set_num_threads(int threads);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
void GOMP_parallel(void (*function)(void *), void *data, unsigned threads, unsigned flags);

int parallel_processors(void)
{
    int n = omp_get_num_procs();
    return n > 0 ? n : 1;
}

/* ---- threads that there may not be ---- */

/* Size of the calling thread's team that the system is known to give. Its threads stay alive. */
static _Thread_local int team_size = 1;

static void *wait_for_start(void *context)
{
    pthread_mutex_t *start = context;
    pthread_mutex_lock(start);
    pthread_mutex_unlock(start);
    return NULL;
}

/* Tries to start that many threads, counting the calling one; returns how many the system gave. */
static int try_threads(int wanted)
{
    AUTO_FREE pthread_t *threads = xcalloc((size_t)wanted, sizeof *threads);
    pthread_mutex_t start = PTHREAD_MUTEX_INITIALIZER;
    int n = 1;
    pthread_mutex_lock(&start);
    while (n < wanted && pthread_create(&threads[n], NULL, wait_for_start, &start) == 0)
        n++;
    pthread_mutex_unlock(&start);
    for (int i = 1; i < n; i++)
        pthread_join(threads[i], NULL);
    return n;
}

/* libgomp ends the program when it cannot start a thread, so it is only asked for as many as could
 * be started a moment ago. */
static int limit_threads(int threads)
{
    if (threads > team_size)
        team_size = try_threads(threads);
    return threads < team_size ? threads : team_size;
}

void parallel_set_threads(int threads)
{
    omp_set_num_threads(limit_threads(threads));
}

/* ---- loops ---- */

/* ThreadSanitizer does not see how libgomp's threads synchronise, so it is told: writes before the
 * region happen before it, and writes inside it happen before what follows. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define HAND_OVER(address) __tsan_release(address)
#define TAKE_OVER(address) __tsan_acquire(address)
#else
#define HAND_OVER(address) ((void)(address))
#define TAKE_OVER(address) ((void)(address))
#endif

struct loop {
    size_t n;
    parallel_task *task;
    void *context;
};

static void run_share(const struct loop *loop, int worker, int workers)
{
    size_t begin = loop->n * (size_t)worker / (size_t)workers;
    size_t end = loop->n * ((size_t)worker + 1) / (size_t)workers;
    for (size_t i = begin; i < end; i++)
        loop->task(loop->context, i, worker);
}

static void enter_region(void *data)
{
    TAKE_OVER(data);
    run_share(data, omp_get_thread_num(), omp_get_num_threads());
    HAND_OVER(data);
}

void parallel_for(int threads, size_t n, parallel_task *task, void *context)
{
    struct loop loop = {n, task, context};
    if (threads > 1 && n > 1)
        threads = limit_threads(threads);
    if (threads <= 1 || n <= 1) {
        run_share(&loop, 0, 1);
        return;
    }
    HAND_OVER(&loop);
    GOMP_parallel(enter_region, &loop, (unsigned)threads, 0);
    TAKE_OVER(&loop);
}

struct task_thread {
    pthread_t thread;
    bool started;
    int index;
    parallel_thread_task *task;
    void *context;
};

static void *run_thread(void *argument)
{
    struct task_thread *thread = argument;
    thread->task(thread->context, thread->index);
    return NULL;
}

void parallel_threads(int n, parallel_thread_task *task, void *context)
{
    AUTO_FREE struct task_thread *threads = xcalloc((size_t)n, sizeof *threads);
    for (int i = 1; i < n; i++) {
        threads[i] = (struct task_thread){.index = i, .task = task, .context = context};
        threads[i].started = pthread_create(&threads[i].thread, NULL, run_thread, &threads[i]) == 0;
    }
    task(context, 0);
    for (int i = 1; i < n; i++)
        if (threads[i].started)
            pthread_join(threads[i].thread, NULL);
        else
            task(context, i); /* no thread available: run it here */
}
