/* SPDX-License-Identifier: MIT */
/* Starts workers, exchanges messages with them, and ends them. */
#include "cage/cage_workers.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cage/sanitized.h"
#include "cage/worker_start.h"

#define START_S 60.0 /* for a worker to become ready on a very busy machine */
#define MOST_DECODES 4000
#define MOST_HELD_BYTES ((uint64_t)32 << 20) /* leaked by codecs */
#define IDLE_S 60.0
/* On top of what a decode was granted: threads and tables of codecs, leaks, fragmentation. */
#define SLACK_BYTES ((uint64_t)128 << 20)

static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;
static struct worker *idle;

static struct worker *pop_idle(void)
{
    pthread_mutex_lock(&idle_lock);
    struct worker *worker = idle;
    if (worker)
        idle = worker->next;
    pthread_mutex_unlock(&idle_lock);
    return worker;
}

/* Removes from the list the workers that have been idle since before `since`; the newest come
 * first. */
static struct worker *cut_idle(double since)
{
    struct worker **at = &idle;
    while (*at && (*at)->idle_since >= since)
        at = &(*at)->next;
    struct worker *old = *at;
    *at = NULL;
    return old;
}

static void drop_list(struct worker *worker)
{
    while (worker) {
        struct worker *next = worker->next;
        workers_drop(worker, NULL, NULL);
        worker = next;
    }
}

void workers_release_idle(void)
{
    pthread_mutex_lock(&idle_lock);
    struct worker *old = cut_idle(INFINITY);
    pthread_mutex_unlock(&idle_lock);
    drop_list(old);
}

void workers_give(struct worker *worker)
{
    if (worker->is_worn || worker->decodes >= MOST_DECODES) {
        workers_drop(worker, NULL, NULL);
        return;
    }
    segment_trim(&worker->input, SEGMENT_KEPT_INPUT);
    segment_trim(&worker->output, SEGMENT_KEPT_OUTPUT);
    pthread_mutex_lock(&idle_lock);
    worker->idle_since = clock_seconds();
    worker->next = idle;
    idle = worker;
    struct worker *old = cut_idle(worker->idle_since - IDLE_S);
    pthread_mutex_unlock(&idle_lock);
    drop_list(old);
}

void workers_drop(struct worker *worker, int *ret_status, uint64_t *ret_most_bytes)
{
    int status = 0;
    struct rusage usage = {0};
    pid_t got;
    kill(worker->pid, SIGKILL); /* no effect on a process that has ended */
    do {
        got = wait4(worker->pid, &status, 0, &usage);
    } while (got < 0 && errno == EINTR);
    if (ret_status)
        *ret_status = got == worker->pid ? status : 0;
    if (ret_most_bytes)
        *ret_most_bytes = (uint64_t)usage.ru_maxrss * 1024;
    close(worker->socket);
    segment_release(&worker->input);
    segment_release(&worker->output);
    free(worker);
}

int worker_receive(struct worker *worker, double seconds, struct wire_answer *ret_answer,
                   struct error *err)
{
    double end = clock_seconds() + seconds;
    struct pollfd socket = {.fd = worker->socket, .events = POLLIN};
    int ready = 0;
    do {
        double left = end - clock_seconds();
        ready = poll(&socket, 1, left > 0 ? (int)(left * 1000) + 1 : 0);
    } while ((ready < 0 && errno == EINTR) || (ready == 0 && clock_seconds() < end));
    if (ready == 0)
        return error_set(err, ERR_LIMIT, "the decoder did not answer within %.0f s", seconds);
    struct wire_answer packet;
    long got = wire_receive(worker->socket, &packet, sizeof packet, NULL);
    if (got <= 0)
        return error_set(err, ERR_IO, "the decoder has ended");
    int rc = wire_read_answer(&packet, (size_t)got, worker->output.room, ret_answer, err);
    if (!rc && ret_answer->kind != WIRE_ASK && ret_answer->kind != WIRE_READY)
        worker->is_worn |= ret_answer->bytes > MOST_HELD_BYTES;
    return rc;
}

bool worker_send(struct worker *worker, struct wire_order *order)
{
    int fds[2], n = 0;
    order->input_room = worker->input.room;
    order->output_room = worker->output.room;
    if (worker->input.fd >= 0) {
        fds[n++] = worker->input.fd;
        order->segments |= WIRE_INPUT;
    }
    if (worker->output.fd >= 0) {
        fds[n++] = worker->output.fd;
        order->segments |= WIRE_OUTPUT;
    }
    if (wire_send(worker->socket, order, sizeof *order, fds, n))
        return false;
    segment_sent(&worker->input);
    segment_sent(&worker->output);
    return true;
}

double worker_used_seconds(pid_t pid)
{
    clockid_t clock;
    struct timespec now;
    if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &now) < 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sets only soft limits, because hard ones could not be raised again. A codec that was taken over
 * cannot change either: the filter forbids the call. */
static void set_limit(pid_t pid, int resource, uint64_t most)
{
    struct rlimit limit;
    if (prlimit(pid, resource, NULL, &limit) < 0)
        return;
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    prlimit(pid, resource, &limit, NULL);
}

void worker_limit(struct worker *worker, double seconds, uint64_t bytes)
{
    set_limit(worker->pid, RLIMIT_CPU, (uint64_t)ceil(worker_used_seconds(worker->pid) + seconds));
    uint64_t most = worker->own_bytes + SLACK_BYTES + bytes;
    if (SANITIZED || !worker->own_bytes || most == worker->memory_limit)
        return;
    set_limit(worker->pid, RLIMIT_AS, most);
    worker->memory_limit = most;
}

static int start_worker(struct worker **ret_worker, struct error *err)
{
    struct worker *worker = xcalloc(1, sizeof *worker);
    worker->input.fd = worker->output.fd = -1;
    int rc = worker_start(&worker->pid, &worker->socket, err);
    if (rc) {
        free(worker);
        return rc;
    }
    struct wire_answer ready;
    struct error problem = ERROR_INIT;
    rc = worker_receive(worker, START_S, &ready, &problem);
    if (rc || ready.kind != WIRE_READY) {
        int status;
        workers_drop(worker, &status, NULL);
        return error_set(err, ERR_IO, "cannot start the decoder process: it ended with %s %d",
                         WIFSIGNALED(status) ? "signal" : "exit status",
                         WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    }
    worker->walls = ready.walls;
    worker->own_bytes = ready.bytes;
    *ret_worker = worker;
    return 0;
}

int workers_take(bool fresh, struct worker **ret_worker, struct error *err)
{
    struct worker *worker = fresh ? NULL : pop_idle();
    if (!worker)
        return start_worker(ret_worker, err);
    *ret_worker = worker;
    return 0;
}
