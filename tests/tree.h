/* SPDX-License-Identifier: MIT */
/* Folders and files made for a test, and their removal. All paths are below one temporary folder;
 * a call that fails ends the test program. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

#define TREE_CHECK(expression)                                                                     \
    do {                                                                                           \
        if (!(expression)) {                                                                       \
            printf("Bail out! %s:%d: %s: %s\n", __FILE__, __LINE__, #expression, strerror(errno)); \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

/* A new folder, absolute and without links; the caller frees. */
__attribute__((unused)) static char *tree_new(void)
{
    const char *base = getenv("TMPDIR");
    char *made = xasprintf("%s/keepsake-test-XXXXXX", base ? base : "/tmp");
    TREE_CHECK(mkdtemp(made));
    char *real = realpath(made, NULL);
    TREE_CHECK(real && chmod(real, 0755) == 0);
    free(made);
    return real;
}

static int tree_unlink(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

__attribute__((unused)) static void tree_remove(const char *folder)
{
    TREE_CHECK(nftw(folder, tree_unlink, 32, FTW_DEPTH | FTW_PHYS) == 0);
}

/* Writes a file, making its folders. */
__attribute__((unused)) static void tree_write(const char *folder, const char *name,
                                               const void *data, size_t size)
{
    AUTO_FREE char *path = file_join(folder, name);
    AUTO_FREE char *parent = file_parent(path);
    TREE_CHECK(file_make_folders(parent, NULL) == 0);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    TREE_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
}

__attribute__((unused)) static void tree_touch(const char *folder, const char *name, time_t seconds)
{
    AUTO_FREE char *path = file_join(folder, name);
    struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
    TREE_CHECK(utimensat(AT_FDCWD, path, times, 0) == 0);
}

__attribute__((unused)) static void tree_rename(const char *folder, const char *from,
                                                const char *to)
{
    AUTO_FREE char *old_path = file_join(folder, from);
    AUTO_FREE char *new_path = file_join(folder, to);
    AUTO_FREE char *parent = file_parent(new_path);
    TREE_CHECK(file_make_folders(parent, NULL) == 0 && rename(old_path, new_path) == 0);
}

__attribute__((unused)) static void tree_delete(const char *folder, const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    TREE_CHECK(remove(path) == 0);
}

__attribute__((unused)) static void tree_link(const char *folder, const char *target,
                                              const char *name)
{
    AUTO_FREE char *path = file_join(folder, name);
    AUTO_FREE char *parent = file_parent(path);
    TREE_CHECK(file_make_folders(parent, NULL) == 0 && symlink(target, path) == 0);
}
