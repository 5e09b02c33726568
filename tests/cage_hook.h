/* SPDX-License-Identifier: MIT */
/* What a codec that a file took over may try, for programs whose decoding worker has a
 * worker_test_hook (cage/worker.h): a file says "KEEPSAKE-TEST WORD" near its end, and the worker
 * does WORD, inside its cage. A deed that a wall should have stopped ends the worker with
 * status 77.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cage/wire.h"
#include "cage/worker.h"

#define HOOK_MARK "KEEPSAKE-TEST "
#define HOOK_BREACH 77

struct hook_deed {
    const char *word;
    void (*run)(void);
};

/* What succeeded although it must not. */
static void hook_breach(long result)
{
    if (result >= 0)
        _exit(HOOK_BREACH);
}

/* ---- walls ---- */

static void hook_open(void)
{
    hook_breach(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}
static void hook_create(void)
{
    hook_breach(open("/tmp/keepsake-breach", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}
static void hook_old_open(void)
{
#ifdef SYS_open
    hook_breach(syscall(SYS_open, "/etc/passwd", O_RDONLY));
#endif
}
static void hook_openat2(void)
{
    unsigned long long how[3] = {O_RDONLY, 0, 0};
    hook_breach(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how));
}
static void hook_unlink(void)
{
    hook_breach(unlink("/tmp/keepsake-breach"));
}
static void hook_socket(void)
{
    hook_breach(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}
static void hook_fork(void)
{
    hook_breach(fork());
}
static void hook_vfork(void)
{
    hook_breach(syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0));
}
static void hook_exec(void)
{
    char *args[] = {(char *)(uintptr_t) "/bin/true", NULL};
    execve(args[0], args, args + 1);
}
static void hook_kill(void)
{
    hook_breach(kill(getpid(), 0));
}
static void hook_kill_thread(void)
{
    hook_breach(syscall(SYS_tgkill, 1, 1, 0));
}
static void hook_ptrace(void)
{
    hook_breach(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static void hook_read_memory(void)
{
    char byte;
    struct iovec mine = {&byte, 1}, other = {&byte, 1};
    hook_breach(process_vm_readv(getpid(), &mine, 1, &other, 1, 0));
}
static void hook_code(void)
{
    void *code =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    hook_breach(code == MAP_FAILED ? -1 : 0);
}
static void hook_limits(void)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    hook_breach(setrlimit(RLIMIT_CPU, &all));
}
static void hook_send_elsewhere(void)
{
    hook_breach(send(WORKER_LIFELINE, "x", 1, 0));
}
static void hook_memfd(void)
{
    hook_breach(memfd_create("x", MFD_CLOEXEC));
}
static void hook_namespace(void)
{
    hook_breach(unshare(CLONE_NEWUSER));
}
static void hook_ring(void)
{
    unsigned char parameters[256] = {0};
    hook_breach(syscall(SYS_io_uring_setup, 4, parameters));
}
static void hook_duplicate(void)
{
    hook_breach(dup(WORKER_SOCKET));
}
static void hook_chdir(void)
{
    hook_breach(chdir("/"));
}

static const struct hook_deed hook_walls[] = {
    {"open", hook_open},
    {"create", hook_create},
    {"old-open", hook_old_open},
    {"openat2", hook_openat2},
    {"unlink", hook_unlink},
    {"socket", hook_socket},
    {"fork", hook_fork},
    {"vfork", hook_vfork},
    {"exec", hook_exec},
    {"kill", hook_kill},
    {"kill-thread", hook_kill_thread},
    {"ptrace", hook_ptrace},
    {"read-memory", hook_read_memory},
    {"code", hook_code},
    {"limits", hook_limits},
    {"send-elsewhere", hook_send_elsewhere},
    {"memfd", hook_memfd},
    {"namespace", hook_namespace},
    {"ring", hook_ring},
    {"duplicate", hook_duplicate},
    {"chdir", hook_chdir},
};

/* ---- faults ---- */

static void hook_crash(void)
{
    raise(SIGSEGV);
}
static void hook_abort(void)
{
    abort();
}
static void hook_exit(void)
{
    _exit(5);
}
static void hook_spin(void)
{
    for (volatile unsigned i = 0;; i++)
        continue;
}
static void hook_sleep(void)
{
    for (;;)
        nanosleep(&(struct timespec){1000, 0}, NULL);
}
/* As C++ does when memory is at an end. */
static void hook_bomb(void)
{
    enum { BYTES = 4 << 20 };
    for (char *block; (block = malloc(BYTES));)
        memset(block, 1, BYTES);
    abort();
}
static void hook_leak(void)
{
    enum { BYTES = 40 << 20 };
    char *volatile block = malloc(BYTES);
    if (block)
        memset(block, 1, BYTES);
}
static void hook_lie(void)
{
    struct wire_answer lie = {.kind = WIRE_PICTURE, .width = 60000, .height = 60000};
    wire_send(WORKER_SOCKET, &lie, sizeof lie, NULL, 0);
}
static void hook_babble(void)
{
    wire_send(WORKER_SOCKET, "hello", 5, NULL, 0);
}
static void hook_beg(void)
{
    struct wire_answer ask = {.kind = WIRE_ASK, .bytes = 1};
    for (int i = 0; i < 100; i++)
        wire_send(WORKER_SOCKET, &ask, sizeof ask, NULL, 0);
}

static const struct hook_deed hook_faults[] = {
    {"crash", hook_crash}, {"abort", hook_abort},   {"exit", hook_exit}, {"spin", hook_spin},
    {"sleep", hook_sleep}, {"bomb", hook_bomb},     {"leak", hook_leak}, {"lie", hook_lie},
    {"beg", hook_beg},     {"babble", hook_babble},
};

#define HOOK_COUNT(deeds) (sizeof(deeds) / sizeof *(deeds))

static void hook_run(const struct hook_deed *deeds, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(word, deeds[i].word, strlen(deeds[i].word)) == 0 &&
            strchr("\n", word[strlen(deeds[i].word)]))
            deeds[i].run();
}

void worker_test_hook(const unsigned char *data, unsigned long size)
{
    enum { NEAR = 200 };
    char end[NEAR + 1] = "";
    unsigned long n = size < NEAR ? size : NEAR;
    memcpy(end, data + size - n, n);
    const char *mark = memmem(end, n, HOOK_MARK, strlen(HOOK_MARK));
    if (!mark)
        return;
    hook_run(hook_walls, HOOK_COUNT(hook_walls), mark + strlen(HOOK_MARK));
    hook_run(hook_faults, HOOK_COUNT(hook_faults), mark + strlen(HOOK_MARK));
}
