/* SPDX-License-Identifier: MIT */
/* Re-executes the program with OMP_WAIT_POLICY=passive. */
#include "base/omp_reexec.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define ARGUMENT_BYTES ((size_t)8 << 20) /* more than the kernel accepts */

/* The program's arguments with a final NULL. They point into the file's bytes, which are not freed.
 */
static char **own_arguments(void)
{
    struct file line;
    if (file_read_stream("/proc/self/cmdline", ARGUMENT_BYTES, &line, NULL))
        return NULL;
    char **args = NULL;
    size_t n = 0, cap = 0;
    for (char *at = (char *)line.data; at < (char *)line.data + line.size; at += strlen(at) + 1) {
        ARRAY_GROW(args, cap, n + 2);
        args[n++] = at;
        args[n] = NULL;
    }
    return args;
}

void omp_reexec_passive(void)
{
    if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
        return;
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    char **args = own_arguments();
    if (n <= 0 || !args || setenv("OMP_WAIT_POLICY", "passive", 1) < 0)
        return;
    program[n] = '\0';
    execv(program, args);
}
