/* SPDX-License-Identifier: MIT */
/* Replaces a file atomically and durably: write beside it, sync, rename, sync the folder. */
#include "base/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return false;
        size -= n > 0 ? (size_t)n : 0;
        data += n > 0 ? n : 0;
    }
    return true;
}

/* Some file systems have no fsync for files opened like this: then there is nothing to wait for. */
static bool sync_to_disk(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
}

static bool write_new(const char *path, const void *data, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return false;
    bool good = fchmod(fd, mode) == 0 && write_all(fd, data, size) && sync_to_disk(fd);
    int number = errno;
    good &= close(fd) == 0;
    errno = good ? errno : number;
    return good;
}

static bool sync_folder(const char *path)
{
    AUTO_FREE char *folder = file_parent(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = sync_to_disk(fd);
    int number = errno;
    close(fd);
    errno = number;
    return good;
}

int file_replace(const char *path, const void *data, size_t size, mode_t mode, struct error *err)
{
    AUTO_FREE char *beside = xasprintf("%s.%d.new", path, (int)getpid());
    AUTO_FREE char *name = text_printable(path, strlen(path));
    if (write_new(beside, data, size, mode) && rename(beside, path) == 0 && sync_folder(path))
        return 0;
    int number = errno;
    unlink(beside);
    return error_errno(err, number, "cannot write %s", name);
}
