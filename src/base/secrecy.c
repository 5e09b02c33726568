/* SPDX-License-Identifier: MIT */
/* Protects the process's memory from core files and other programs. */
#include "base/secrecy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#ifdef KEEPSAKE_DUMPABLE
#define IS_FOR_DEBUGGING 1
#else
#define IS_FOR_DEBUGGING 0
#endif

void secrecy_begin(void)
{
    const char *given = getenv("KEEPSAKE_DUMPABLE");
    if (IS_FOR_DEBUGGING || (given && strcmp(given, "1") == 0))
        return;
    /* RLIMIT_CORE does not hold where the kernel pipes cores to a program, but PR_SET_DUMPABLE
     * does. Both can fail only where they are in force already. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void secrecy_forget(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}
