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
    unlink(path); /* left by a process of that number that was killed */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return false;
    bool good = fchmod(fd, mode) == 0 && write_all(fd, data, size) && sync_to_disk(fd);
    int number = errno;
    good &= close(fd) == 0;
    errno = good ? errno : number;
    return good;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = sync_to_disk(fd);
    int number = errno;
    close(fd);
    errno = number;
    return good;
}

/* The error of errno `number` for a file that cannot be written. */
static int fail_to_write(const char *path, int number, struct error *err)
{
    AUTO_FREE char *name = text_printable(path, strlen(path));
    return error_errno(err, number, "cannot write %s", name);
}

int file_replace(const char *path, const void *data, size_t size, mode_t mode, struct error *err)
{
    AUTO_FREE char *beside = xasprintf("%s.%d.new", path, (int)getpid());
    AUTO_FREE char *folder = file_parent(path);
    if (write_new(beside, data, size, mode) && rename(beside, path) == 0 && sync_folder(folder))
        return 0;
    int number = errno;
    unlink(beside);
    return fail_to_write(path, number, err);
}

int file_check_place(const char *path, bool replace, struct error *err)
{
    struct stat info;
    AUTO_FREE char *name = text_printable(path, strlen(path));
    if (lstat(path, &info) < 0)
        return errno == ENOENT ? 0 : fail_to_write(path, errno, err);
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a regular file: give another name", name);
    if (!replace)
        return error_set(err, ERR_INVALID, "%s exists: give another name, or --force to replace it",
                         name);
    return 0;
}

/* Where the file system cannot rename without replacing, the place is looked at again before. */
static int rename_complete(const char *complete, const char *path, bool replace, struct error *err)
{
    if (!replace && renameat2(AT_FDCWD, complete, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (!replace && errno != EINVAL && errno != ENOSYS)
        return fail_to_write(path, errno, err);
    int rc = file_check_place(path, replace, err);
    if (!rc && rename(complete, path) < 0)
        rc = fail_to_write(path, errno, err);
    return rc;
}

int file_put_in_place(const char *complete, const char *path, bool replace, struct error *err)
{
    AUTO_FREE char *folder = file_parent(path);
    int rc = rename_complete(complete, path, replace, err);
    return rc ? rc : file_sync_folder(folder, err);
}

int file_sync_folder(const char *folder, struct error *err)
{
    return sync_folder(folder) ? 0 : fail_to_write(folder, errno, err);
}
