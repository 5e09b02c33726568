/* SPDX-License-Identifier: MIT */
/* Copies a gallery into a new file that appears complete or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "transfer/transfer.h"

static int check_target(const char *file, const char *name, bool replace, struct error *err)
{
    struct stat info;
    AUTO_FREE char *folder = file_parent(file);
    if (access(folder, W_OK | X_OK) < 0)
        return error_errno(err, errno, "cannot write %s", name);
    if (lstat(file, &info) < 0)
        return errno == ENOENT ? 0 : error_errno(err, errno, "cannot write %s", name);
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a regular file: give another name", name);
    if (!replace)
        return error_set(err, ERR_INVALID,
                         "%s exists already: give another name, or --force to replace it", name);
    return 0;
}

static void remove_partial(const char *partial)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", partial, endings[i]);
        unlink(path);
    }
}

static int write_partial(struct store *from, const char *partial,
                         const struct transfer_options *options, struct transfer_report *ret_report,
                         struct error *err)
{
    AUTO(store) *to = NULL;
    int rc = store_open(partial, STORE_WRITE, &to, err);
    if (!rc)
        rc = transfer_copy(from, to, options, ret_report, err);
    return rc ? rc : store_seal(to, err);
}

/* A file that appeared meanwhile is not replaced, where the file system can tell. */
static int put_in_place(const char *partial, const char *file, const char *name, bool replace,
                        struct error *err)
{
    if (!replace && renameat2(AT_FDCWD, partial, AT_FDCWD, file, RENAME_NOREPLACE) == 0)
        return 0;
    if (!replace && errno != EINVAL && errno != ENOSYS)
        return error_errno(err, errno, "cannot write %s", name);
    int rc = check_target(file, name, replace, err);
    if (rc)
        return rc;
    return rename(partial, file) < 0 ? error_errno(err, errno, "cannot write %s", name) : 0;
}

/* The new name itself is on disk. */
static int sync_folder(const char *file, const char *name, struct error *err)
{
    AUTO_FREE char *folder = file_parent(file);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, errno, "cannot write %s", name);
    int rc =
        fsync(fd) < 0 && errno != EINVAL ? error_errno(err, errno, "cannot write %s", name) : 0;
    close(fd);
    return rc;
}

int transfer_export(struct store *from, const char *file, bool replace,
                    const struct transfer_options *options, struct transfer_report *ret_report,
                    struct error *err)
{
    AUTO_FREE char *name = text_printable(file, strlen(file));
    AUTO_FREE char *partial =
        xasprintf("%s%s.%ld.partial", file[0] == '/' ? "" : "./", file, (long)getpid());
    int rc = check_target(file, name, replace, err);
    if (rc)
        return rc;
    remove_partial(partial); /* of an earlier process of that number */
    rc = write_partial(from, partial, options, ret_report, err);
    if (rc == ERR_IO)
        error_add(err, "nothing was written to %s", name);
    if (!rc)
        rc = put_in_place(partial, file, name, replace, err);
    if (!rc)
        rc = sync_folder(file, name, err);
    else
        remove_partial(partial);
    return rc;
}
