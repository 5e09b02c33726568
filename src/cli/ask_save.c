/* SPDX-License-Identifier: MIT */
/* Writes the request of `keepsake ask --save-request` and its pictures into a folder. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/ask_run.h"

static char *photo_name(const char *folder, const struct outbox_photo *photo)
{
    AUTO_FREE char *name = xasprintf("%d.jpg", photo->number);
    return file_join(folder, name);
}

static int check_absent(const char *path, struct error *err)
{
    if (access(path, F_OK) == 0)
        return error_set(err, ERR_INVALID,
                         "cannot save the request in %s: it exists already; give another folder",
                         path);
    return 0;
}

static int write_new(const char *path, const void *data, size_t size, struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, errno, "cannot write %s", path);
    const char *at = data;
    int number = 0;
    while (size > 0 && !number) {
        ssize_t n = write(fd, at, size);
        number = n < 0 && errno != EINTR ? errno : 0;
        at += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    if (close(fd) < 0 && !number)
        number = errno;
    return number ? error_errno(err, number, "cannot write %s", path) : 0;
}

int ask_save_request(const char *folder, const struct outbox *outbox, const char *body, size_t size,
                     struct error *err)
{
    AUTO_FREE char *body_path = file_join(folder, "body.json");
    int rc = file_make_folders(folder, err);
    if (!rc)
        rc = check_absent(body_path, err);
    for (size_t i = 0; !rc && i < outbox->count; i++) {
        AUTO_FREE char *path = photo_name(folder, &outbox->photos[i]);
        rc = check_absent(path, err);
    }
    if (!rc)
        rc = write_new(body_path, body, size, err);
    for (size_t i = 0; !rc && i < outbox->count; i++) {
        AUTO_FREE char *path = photo_name(folder, &outbox->photos[i]);
        rc = write_new(path, outbox->photos[i].jpeg, outbox->photos[i].bytes, err);
    }
    return rc;
}
