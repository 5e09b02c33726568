/* SPDX-License-Identifier: MIT */
/* Runs a program on a kernel that seems to lack a wall of the cage:
 *
 *     without landlock|seccomp PROGRAM [ARGUMENT...] */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    scmp_filter_ctx filter = argc > 2 ? seccomp_init(SCMP_ACT_ALLOW) : NULL;
    if (!filter) {
        fprintf(stderr, "usage: without landlock|seccomp PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    int rc;
    if (strcmp(argv[1], "landlock") == 0) {
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), 444, 0); /* create_ruleset */
    } else {
        rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                              SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
        if (!rc)
            rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);
    }
    if (rc || seccomp_load(filter)) {
        perror("without: seccomp");
        return 1;
    }
    execv(argv[2], argv + 2);
    perror(argv[2]);
    return 1;
}
