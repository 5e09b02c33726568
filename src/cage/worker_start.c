/* SPDX-License-Identifier: MIT */
/* Starts a worker by exec: a fork alone would copy threads' locks and secrets. */
#include "cage/worker_start.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "cage/sanitized.h"
#include "cage/worker.h"

#define MOST_VARIABLES 8
#define FIRST_FREE_FD 10 /* above the numbers that the worker uses */

/* Where the loader finds libraries, and libheif its plugins: a worker needs the same as the
 * program. */
static const char *const passed_on[] = {"LD_LIBRARY_PATH", "LD_PRELOAD", "LIBHEIF_PLUGIN_PATH"};

/* A crash must be a crash, not a report with an exit status; and no tools run in a cage. */
#define SANITIZER_WISHES \
    "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0:symbolize=0:detect_leaks=0"

struct environment {
    char *variables[MOST_VARIABLES + 1]; /* "NAME=value", then NULL */
    int n;
};

static void add_variable(struct environment *e, const char *name, const char *value)
{
    if (value && e->n < MOST_VARIABLES)
        e->variables[e->n++] = xasprintf("%s=%s", name, value);
}

static void add_sanitizer(struct environment *e, const char *name)
{
    const char *given = getenv(name);
    AUTO_FREE char *all = xasprintf("%s%s" SANITIZER_WISHES, given ? given : "", given ? ":" : "");
    add_variable(e, name, all);
}

static void make_environment(struct environment *ret_environment)
{
    struct environment e = {.n = 0};
    for (size_t i = 0; i < sizeof passed_on / sizeof *passed_on; i++)
        add_variable(&e, passed_on[i], getenv(passed_on[i]));
    if (SANITIZED) {
        add_sanitizer(&e, "ASAN_OPTIONS");
        add_variable(&e, "UBSAN_OPTIONS", getenv("UBSAN_OPTIONS"));
        add_sanitizer(&e, "TSAN_OPTIONS");
    }
    *ret_environment = e;
}

static void release_environment(struct environment *e)
{
    for (int i = 0; i < e->n; i++)
        free(e->variables[i]);
}

/* Every worker holds one end of this pipe; the other end lives as long as this process. */
static int lifeline = -1;

static void open_lifeline(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return;
    lifeline = fcntl(ends[0], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    close(ends[0]);
}

static int open_socket(int ret_ends[2])
{
    int low[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, low) < 0)
        return errno;
    ret_ends[0] = low[0];
    ret_ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    int number = ret_ends[1] < 0 ? errno : 0;
    close(low[1]);
    if (number)
        close(low[0]);
    return number;
}

static int fill_actions(posix_spawn_file_actions_t *actions, int socket)
{
    int number = posix_spawn_file_actions_adddup2(actions, socket, WORKER_SOCKET);
    if (!number)
        number = posix_spawn_file_actions_adddup2(actions, lifeline, WORKER_LIFELINE);
    /* Standard streams are /dev/null, except that a sanitizer's report passes through. */
    for (int fd = 0; fd <= (SANITIZED ? 1 : 2) && !number; fd++)
        number = posix_spawn_file_actions_adddup2(actions, lifeline, fd);
    return number;
}

/* A process group of its own: Ctrl-C is for this process, which then ends the workers. */
static int fill_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int number = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!number)
        number = posix_spawnattr_setsigmask(attributes, &none);
    return number ? number : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn_program(int socket, pid_t *ret_pid)
{
    static char name[] = "keepsake", argument[] = WORKER_ARGUMENT;
    char *args[] = {name, argument, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    struct environment environment;
    int number = posix_spawn_file_actions_init(&actions);
    if (number)
        return number;
    posix_spawnattr_init(&attributes);
    make_environment(&environment);
    number = fill_actions(&actions, socket);
    if (!number)
        number = fill_attributes(&attributes);
    if (!number)
        number = posix_spawn(ret_pid, "/proc/self/exe", &actions, &attributes, args,
                             environment.variables);
    if (number == ENOENT) /* no /proc */
        number = posix_spawn(ret_pid, (const char *)getauxval(AT_EXECFN), &actions, &attributes,
                             args, environment.variables);
    release_environment(&environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* Names the limits that the user can raise. */
static int fail_start(int number, struct error *err)
{
    const char *help = number == EMFILE ? "; raise its limit on open files (ulimit -n)"
                       : number == EAGAIN
                           ? "; raise its limit on processes (ulimit -u, TasksMax, a "
                             "container's pids), or try again later"
                           : "";
    return error_set(err, ERR_IO, "cannot start the decoder process: %s%s", strerror(number), help);
}

int worker_start(pid_t *ret_pid, int *ret_socket, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_lifeline);
    worker_link();
    int ends[2] = {-1, -1};
    int number = lifeline < 0 ? EMFILE : open_socket(ends);
    if (number)
        return fail_start(number, err);
    number = spawn_program(ends[1], ret_pid);
    close(ends[1]);
    if (number) {
        close(ends[0]);
        return fail_start(number, err);
    }
    *ret_socket = ends[0];
    return 0;
}
