/* SPDX-License-Identifier: MIT */
/* Turns SQLite's result codes into errors with advice. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

static int cannot_open(const struct sqlite *s, struct error *err)
{
    int number = s->db ? sqlite3_system_errno(s->db) : 0;
    if (number == EACCES || number == EPERM || number == EROFS)
        return error_set(err, ERR_DENIED,
                         "no permission to open the gallery %s or to write in its folder: change "
                         "the permissions, or give another file with --gallery",
                         s->store.name);
    return error_set(err, ERR_IO, "cannot open the gallery %s: %s", s->store.name,
                     number ? strerror(number) : "SQLite could not open it");
}

/* Suggests deleting the thumbnail cache, if it exists. */
static int disk_full(const struct sqlite *s, struct error *err)
{
    struct stat info;
    char size[32];
    AUTO_FREE char *cache = xasprintf("%s.thumbs", s->path ? s->path : "");
    AUTO_FREE char *hint =
        stat(cache, &info) == 0 && info.st_size > 0
            ? xasprintf(" (%s.thumbs, %s, is only a cache: delete it)", s->store.name,
                        text_bytes(size, sizeof size, (uint64_t)info.st_size))
            : xstrdup("");
    return error_set(err, ERR_IO,
                     "the disk is full: the last changes to the gallery %s were rolled back, "
                     "earlier ones are stored; free some space%s and run the command again",
                     s->store.name, hint);
}

static int input_output(const struct sqlite *s, struct error *err)
{
    int number = sqlite3_system_errno(s->db);
    if (number == ENOSPC || number == EDQUOT)
        return disk_full(s, err);
    return error_set(err, ERR_IO,
                     "reading or writing the gallery %s failed (%s): check the disk it is on",
                     s->store.name, number ? strerror(number) : sqlite3_errmsg(s->db));
}

static int damaged(const struct sqlite *s, struct error *err)
{
    return error_set(err, ERR_CORRUPT,
                     "the gallery %s is damaged (%s): restore a backup, or move it away and "
                     "index again; your photos are not affected",
                     s->store.name, sqlite3_errmsg(s->db));
}

int sqlite_error(const struct sqlite *s, int result, struct error *err)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        if (s->options.cancelled && s->options.cancelled(s->options.context))
            return error_set(err, ERR_CANCELLED,
                             "interrupted while another program had the gallery %s locked",
                             s->store.name);
        return error_set(err, ERR_IO,
                         "another program has locked the gallery %s for %g s: wait until it has "
                         "finished and try again",
                         s->store.name, s->patience_ms / 1000.0);
    case SQLITE_NOTADB:
        return error_set(err, ERR_CORRUPT,
                         "%s is not a gallery (not a SQLite file): give another file with "
                         "--gallery",
                         s->store.name);
    case SQLITE_FULL:
        return disk_full(s, err);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return error_set(err, ERR_DENIED,
                         "the gallery %s is read-only: change the permissions, or give "
                         "another file with --gallery",
                         s->store.name);
    case SQLITE_CANTOPEN:
        return cannot_open(s, err);
    case SQLITE_NOMEM:
        return error_set(err, ERR_NO_MEMORY, "not enough memory for the gallery %s", s->store.name);
    case SQLITE_IOERR:
        return input_output(s, err);
    case SQLITE_TOOBIG:
        return error_set(err, ERR_CORRUPT,
                         "the gallery %s has a value of more than a megabyte, which keepsake "
                         "never writes: restore a backup, or move it away and index again; your "
                         "photos are not affected",
                         s->store.name);
    case SQLITE_CONSTRAINT:
        return error_set(err, ERR_IO, "the gallery %s refused a change: %s", s->store.name,
                         sqlite3_errmsg(s->db));
    default:
        return damaged(s, err);
    }
}
