/* SPDX-License-Identifier: MIT */
/* For the tests that need a PostgreSQL server: tests/store/postgres.t starts one and sets
 *   KEEPSAKE_TEST_GALLERY   address of a gallery, with NUMBER in it (store_fixture.h)
 *   KEEPSAKE_TEST_PSQL      command that runs the SQL given as one more argument, as superuser
 *   KEEPSAKE_TEST_RESTART   command that restarts the server */
#pragma once

#include "store_fixture.h"

static inline bool postgres_is_here(void)
{
    if (getenv("KEEPSAKE_TEST_GALLERY") && getenv("KEEPSAKE_TEST_PSQL"))
        return true;
    skip("needs a PostgreSQL server: tests/store/postgres.t starts one");
    return false;
}

/* The schema of a gallery that fixture_gallery named. */
static inline const char *postgres_schema(const char *gallery)
{
    return strstr(gallery, "search_path%3D") + strlen("search_path%3D");
}

/* The first line that the SQL gives, into ret_line; false when it fails. `sql` has no '"'. */
__attribute__((format(printf, 3, 4))) static inline bool postgres_sql(char *ret_line, size_t size,
                                                                      const char *format, ...)
{
    va_list args;
    char sql[4096];
    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    AUTO_FREE char *command = xasprintf("%s \"%s\"", getenv("KEEPSAKE_TEST_PSQL"), sql);
    fflush(stdout);
    FILE *pipe = popen(command, "r");
    char line[1024] = "";
    if (!pipe)
        return false;
    if (!fgets(line, sizeof line, pipe))
        line[0] = '\0';
    while (fgetc(pipe) != EOF)
        continue;
    line[strcspn(line, "\n")] = '\0';
    if (ret_line)
        snprintf(ret_line, size, "%s", line);
    return pclose(pipe) == 0;
}

/* Runs a command of the shell beside the test; to be waited for. */
__attribute__((format(printf, 1, 2))) static inline pid_t postgres_beside(const char *format, ...)
{
    va_list args;
    char command[4096];
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    fflush(stdout);
    pid_t pid = fork();
    if (pid)
        return pid;
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static inline bool postgres_wait(pid_t pid)
{
    int status;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Sentences that came through store_options.notice. */
struct postgres_notices {
    int count;
    char last[1024];
    char all[8192];
};

static inline void postgres_keep_notice(void *context, const char *sentence)
{
    struct postgres_notices *n = context;
    size_t used = strlen(n->all);
    n->count++;
    snprintf(n->last, sizeof n->last, "%s", sentence);
    snprintf(n->all + used, sizeof n->all - used, "%s\n", sentence);
}
