/* SPDX-License-Identifier: MIT */
/* The system call filter of a decoding worker, by libseccomp. */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cage/sanitized.h"
#include "cage/walls.h"

/* libseccomp's own macros leave out the second operand of comparisons that have one. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* Computing, threads and time. */
static const int allowed[] = {
    SCMP_SYS(brk),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(close),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(futex),
    SCMP_SYS(getcpu),
    SCMP_SYS(getpid),
    SCMP_SYS(getrandom),
    SCMP_SYS(getrusage),
    SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(madvise),
    SCMP_SYS(membarrier),
    SCMP_SYS(mremap),
    SCMP_SYS(munmap),
    SCMP_SYS(nanosleep),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
#if SANITIZED
    SCMP_SYS(prctl),
    SCMP_SYS(mincore),
#endif
};

/* Calls by which libraries look for settings or count processors, and which may fail. */
static const struct {
    int call, number;
} refused[] = {
    {SCMP_SYS(access), EACCES},
    {SCMP_SYS(faccessat), EACCES},
    {SCMP_SYS(faccessat2), EACCES},
    {SCMP_SYS(fstat), EACCES},
    {SCMP_SYS(lseek), ESPIPE},
    {SCMP_SYS(lstat), EACCES},
    {SCMP_SYS(newfstatat), EACCES},
    {SCMP_SYS(open), EACCES},
    {SCMP_SYS(openat), EACCES},
    {SCMP_SYS(readlink), EACCES},
    {SCMP_SYS(readlinkat), EACCES},
    {SCMP_SYS(stat), EACCES},
    {SCMP_SYS(statx), EACCES},
    {SCMP_SYS(ioctl), ENOTTY},
    {SCMP_SYS(get_mempolicy), EPERM},
    {SCMP_SYS(clone3), ENOSYS}, /* its flags are in memory; glibc then tries clone() */
};

/* Calls that this architecture does not have need no rule. */
static int add_plain(scmp_filter_ctx filter, uint32_t action, int call)
{
    int rc = seccomp_rule_add(filter, action, call, 0);
    return rc == -EDOM ? 0 : rc;
}

static int allow_plain(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed && rc == 0; i++)
        rc = add_plain(filter, SCMP_ACT_ALLOW, allowed[i]);
    for (size_t i = 0; i < sizeof refused / sizeof *refused && rc == 0; i++)
        rc = add_plain(filter, SCMP_ACT_ERRNO((uint32_t)refused[i].number), refused[i].call);
    return rc;
}

/* Allows threads, but no other kind of child process. */
static int allow_threads(scmp_filter_ctx filter)
{
    const scmp_datum_t thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
    const scmp_datum_t looked_at = thread | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                   CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                                   CLONE_VFORK | CLONE_PTRACE;
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, looked_at, thread));
    if (rc == 0) /* abort() */
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                              SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
    return rc;
}

/* Allows non-executable memory; the worker may read its limits, not set them. */
static int allow_memory(scmp_filter_ctx filter)
{
    int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                              SCMP_A2(SCMP_CMP_EQ, 0));
    return rc;
}

/* Allows messages to its owner, and to standard error, which is /dev/null. */
static int allow_talk(scmp_filter_ctx filter, int socket)
{
    const struct {
        int call, fd;
    } talk[] = {
        {SCMP_SYS(recvmsg), socket},
        {SCMP_SYS(sendmsg), socket},
        {SCMP_SYS(write), STDERR_FILENO},
        {SCMP_SYS(writev), STDERR_FILENO},
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof talk / sizeof *talk && rc == 0; i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, talk[i].call, 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)talk[i].fd));
    return rc;
}

bool filter_install(int socket)
{
    if (UNDER_THREAD_SANITIZER)
        return false;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return false;
    int rc = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (rc == 0)
        rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (rc == 0)
        rc = allow_plain(filter);
    if (rc == 0)
        rc = allow_threads(filter);
    if (rc == 0)
        rc = allow_memory(filter);
    if (rc == 0)
        rc = allow_talk(filter, socket);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc == 0;
}
