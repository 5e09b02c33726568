/* SPDX-License-Identifier: MIT */
/* Copies a gallery into a new file that appears complete or not at all. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/text.h"
#include "transfer/transfer.h"

static int check_target(const char *file, const char *name, bool replace, struct error *err)
{
    AUTO_FREE char *folder = file_parent(file);
    if (access(folder, W_OK | X_OK) < 0)
        return error_errno(err, errno, "cannot write %s", name);
    return file_check_place(file, replace, err);
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
    remove_partial(partial); /* left by an earlier process with this PID */
    rc = write_partial(from, partial, options, ret_report, err);
    if (rc == ERR_IO)
        error_add(err, "nothing was written to %s", name);
    if (!rc)
        rc = file_put_in_place(partial, file, replace, err);
    if (rc)
        remove_partial(partial);
    return rc;
}
