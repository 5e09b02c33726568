/* SPDX-License-Identifier: MIT */
/* Converts paths that people type into absolute, resolved ones. */
#include "base/path.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

/* Removes "." and "..", and doubled and final slashes, from an absolute path, in place. */
static void tidy_path(char *path)
{
    char *out = path;
    for (char *at = path; *at;) {
        at += strspn(at, "/");
        size_t n = strcspn(at, "/");
        if (n == 2 && memcmp(at, "..", 2) == 0) {
            while (out > path && *--out != '/') {
            }
        } else if (n > 0 && !(n == 1 && *at == '.')) {
            *out++ = '/';
            memmove(out, at, n);
            out += n;
        }
        at += n;
    }
    if (out == path)
        *out++ = '/';
    *out = '\0';
}

char *path_from_here(const char *path)
{
    AUTO_FREE char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    return here ? file_join(here, path) : xstrdup(path);
}

char *path_absolute(const char *path)
{
    char *whole = path_from_here(path);
    if (whole[0] == '/')
        tidy_path(whole);
    return whole;
}

char *path_resolve(const char *path)
{
    AUTO_FREE char *whole = path_from_here(path);
    size_t end = strlen(whole); /* of the part that is tried: one component less each time */
    while (end > 0) {
        AUTO_FREE char *head = xstrndup(whole, end);
        AUTO_FREE char *real = realpath(head, NULL);
        if (real) {
            char *resolved = xasprintf("%s/%s", real, whole + end);
            tidy_path(resolved);
            return resolved;
        }
        while (end > 0 && whole[end - 1] != '/')
            end--;
        while (end > 0 && whole[end - 1] == '/')
            end--;
    }
    return path_absolute(path);
}

char *path_expand_home(const char *path)
{
    const char *home = getenv("HOME");
    if (path[0] == '~' && path[1] == '/' && home && home[0])
        return file_join(home, path + 2);
    return xstrdup(path);
}

bool path_is_below(const char *path, const char *folder)
{
    size_t n = strlen(folder);
    while (n > 0 && folder[n - 1] == '/')
        n--;
    return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}
