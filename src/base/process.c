/* SPDX-License-Identifier: MIT */
/* Names processes of this machine so that a reused process id is not mistaken for the old one. */
#include "base/process.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* The boot and the process namespace within which a process id is unique; NULL when unknown. */
static char *read_realm(void)
{
    enum { BOOT_DIGITS = 36 };
    struct file boot;
    struct error ignored;
    char space[64];
    ssize_t length = readlink("/proc/self/ns/pid", space, sizeof space - 1);
    if (length < 0 || file_read_stream("/proc/sys/kernel/random/boot_id", 256, &boot, &ignored))
        return NULL;
    space[length] = '\0';
    char *realm = xasprintf("%.*s %s", BOOT_DIGITS, (const char *)boot.data, space);
    file_release(&boot);
    return realm;
}

/* The start time of process `pid` in ticks since boot; 0 when there is no such process, or only a
 * zombie. */
static unsigned long long read_start(long pid)
{
    char path[64], state = 'Z';
    unsigned long long start = 0;
    struct file stat;
    struct error ignored;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (file_read_stream(path, 4096, &stat, &ignored))
        return 0;
    const char *after_name = strrchr((const char *)stat.data, ')');
    int got = !after_name
                  ? 0
                  : sscanf(after_name,
                           ") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                           " %*s %*s %llu",
                           &state, &start);
    file_release(&stat);
    return got == 2 && state != 'Z' && state != 'X' ? start : 0;
}

char *process_name(void)
{
    AUTO_FREE char *realm = read_realm();
    unsigned long long start = read_start(getpid());
    return realm && start ? xasprintf("%s %ld %llu", realm, (long)getpid(), start) : xstrdup("");
}

bool process_has_ended(const char *name)
{
    AUTO_FREE char *realm = read_realm();
    size_t length = realm ? strlen(realm) : 0;
    if (length == 0 || strncmp(name, realm, length) != 0 || name[length] != ' ')
        return false;
    char *end;
    long pid = strtol(name + length, &end, 10);
    return read_start(pid) != strtoull(end, NULL, 10);
}
