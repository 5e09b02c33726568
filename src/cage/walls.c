/* SPDX-License-Identifier: MIT */
/* Builds the walls: Landlock, resource limits, dumpability; the system call filter is in
 * filter_seccomp.c. */
#include "cage/walls.h"

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cage/worker.h"

/* Landlock's interface (Linux 5.13) with its own numbers, because the system's headers may be older
 * than the kernel that runs. All rights that the kernel's version knows are taken away, and no rule
 * gives any back. https://docs.kernel.org/userspace-api/landlock.html */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_restrict_self 446
#endif

struct ruleset { /* struct landlock_ruleset_attr */
    uint64_t files, network, scopes;
};

static uint64_t lowest_bits(unsigned n)
{
    return ((uint64_t)1 << n) - 1;
}

static bool restrict_files_and_network(void)
{
    enum { ASK_VERSION = 1 };
    long version = syscall(__NR_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    if (version < 1)
        return false;
    struct ruleset rules = {
        /* first 13 rights, later also refer, truncate and ioctl */
        .files = lowest_bits(version >= 5   ? 16
                             : version >= 3 ? 15
                             : version >= 2 ? 14
                                            : 13),
        .network = version >= 4 ? lowest_bits(2) : 0, /* TCP: bind, connect */
        .scopes = version >= 6 ? lowest_bits(2) : 0,  /* abstract sockets, signals */
    };
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    long fd = syscall(__NR_landlock_create_ruleset, &rules, size, 0);
    if (fd < 0)
        return false;
    bool done = syscall(__NR_landlock_restrict_self, (int)fd, 0) == 0;
    close((int)fd);
    return done;
}

static void lower_limit(int resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
        most = now.rlim_max;
    setrlimit(resource, &(struct rlimit){most, most});
}

unsigned walls_close(int first_fd)
{
    enum { FILES = 16 }; /* descriptors: its own, and received segments */
    unsigned walls = 0;
    closefrom(first_fd);
    lower_limit(RLIMIT_CORE, 0);
    lower_limit(RLIMIT_FSIZE, 0);
    lower_limit(RLIMIT_NOFILE, FILES);
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        walls |= CAGE_PRIVILEGES;
    if (restrict_files_and_network())
        walls |= CAGE_LANDLOCK;
    if (filter_install(WORKER_SOCKET))
        walls |= CAGE_SECCOMP;
    return walls;
}
