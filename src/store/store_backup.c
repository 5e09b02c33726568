/* SPDX-License-Identifier: MIT */
/* Forwards backups to a backend that supports them; for other backends the error names an
 * alternative. */
#include "store/backup.h"

#include <stdlib.h>

#include "base/text.h"
#include "store/store_internal.h"

void store_backup_report_release(struct store_backup_report *report)
{
    free(report->damage);
    free(report->kept);
    report->damage = report->kept = NULL;
}

static int refuse_server(const char *name, const char *what, struct error *err)
{
    return error_set(
        err, ERR_UNSUPPORTED,
        "%s is on a server, but %s is for galleries in a file: use the server's pg_dump and "
        "pg_restore, or `keepsake export` and `import`",
        name, what);
}

static int release_failed(struct store_backup_report *report, int rc)
{
    if (rc)
        store_backup_report_release(report);
    return rc;
}

int store_backup(struct store *store, const char *file, const struct store_backup_options *options,
                 struct store_backup_report *ret_report, struct error *err)
{
    if (!store->backend->backup)
        return refuse_server(store->name, "backup", err);
    *ret_report = (struct store_backup_report){0};
    return release_failed(ret_report,
                          store->backend->backup(store, file, options, ret_report, err));
}

int store_restore(const char *file, const char *where, const struct store_backup_options *options,
                  struct store_backup_report *ret_report, struct error *err)
{
    *ret_report = (struct store_backup_report){0};
    for (int i = 0; i < 2; i++) {
        const char *place = i ? where : file;
        if (store_is_file(place))
            continue;
        AUTO_FREE char *name = store_describe(place);
        return refuse_server(name, "restore", err);
    }
    return release_failed(ret_report,
                          sqlite_backend.restore(file, where, options, ret_report, err));
}
