/* SPDX-License-Identifier: MIT */
/* Opens, creates and closes a gallery in a file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

/* Creates the file here and not in SQLite, with permissions for the owner only, because it contains
 * paths and places of photos. */
static int make_file(const struct sqlite *s, struct error *err)
{
    AUTO_FREE char *folder = file_parent(s->path);
    int rc = file_make_folders(folder, err);
    if (rc)
        return error_add(err, "cannot make the gallery %s", s->store.name);
    /* Do not open an existing file: closing it would drop this process's locks on it. */
    int fd = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return error_errno(err, errno, "cannot make the gallery %s", s->store.name);
    if (fd >= 0)
        close(fd);
    return 0;
}

static int no_permission(const struct sqlite *s, const char *to_what, struct error *err)
{
    return error_errno(err, errno,
                       "cannot %s the gallery %s (change the permissions, or give "
                       "another file with --gallery)",
                       to_what, s->store.name);
}

static int check_permissions(const struct sqlite *s, struct error *err)
{
    if (eaccess(s->path, R_OK) < 0)
        return no_permission(s, "read", err);
    if (s->mode == STORE_READ)
        return 0;
    AUTO_FREE char *folder = file_parent(s->path);
    if (eaccess(s->path, W_OK) < 0)
        return no_permission(s, "write", err);
    if (eaccess(folder, W_OK | X_OK) < 0)
        return no_permission(s, "write in the folder of", err);
    return 0;
}

static int check_file(const struct sqlite *s, struct error *err)
{
    struct stat info;
    if (stat(s->path, &info) < 0 && (errno != ENOENT || s->mode == STORE_READ))
        return errno == ENOENT
                   ? error_set(err, ERR_NOT_FOUND,
                               "there is no gallery %s: create it with `keepsake index FOLDER`",
                               s->store.name)
                   : error_errno(err, errno, "cannot open the gallery %s", s->store.name);
    if (stat(s->path, &info) < 0)
        return make_file(s, err);
    if (S_ISDIR(info.st_mode))
        return error_set(err, ERR_INVALID,
                         "%s is a folder, but a gallery is a file: give a file name with "
                         "--gallery, such as %s/gallery.db",
                         s->store.name, s->store.name);
    if (!S_ISREG(info.st_mode))
        return error_set(err, ERR_INVALID, "%s is not a regular file: give the file of a gallery",
                         s->store.name);
    return check_permissions(s, err);
}

/* *ret_empty is true for a database without tables, which may become a gallery. */
static int check_owner(struct sqlite *s, bool *ret_empty, struct error *err)
{
    int64_t id, tables;
    /* Read the tables first: another process may be creating the gallery, and it commits both in
     * one transaction. */
    struct query q = query_start(s, "SELECT count(*) FROM sqlite_schema");
    int rc = query_get_int(&q, &tables, err);
    if (rc)
        return rc;
    q = query_start(s, "PRAGMA application_id");
    rc = query_get_int(&q, &id, err);
    if (rc)
        return rc;
    if (sqlite_has_foreign_log(s->db))
        return error_set(err, ERR_CORRUPT,
                         "%s-wal is not the log of the gallery %s but of another database, and "
                         "hides its content: move it away; the gallery is unchanged",
                         s->store.name, s->store.name);
    if (tables && id != SQLITE_APPLICATION_ID)
        return error_set(err, ERR_CORRUPT,
                         "%s is another program's database, not a gallery: give another file "
                         "with --gallery",
                         s->store.name);
    *ret_empty = tables == 0;
    s->is_gallery = id == SQLITE_APPLICATION_ID;
    return 0;
}

/* Checks the objects of formats that this program knows; other formats are refused elsewhere. One
 * transaction, because another process may be upgrading the gallery. */
static int check_objects(struct sqlite *s, bool empty, struct error *err)
{
    int version, rc = empty ? 0 : sqlite_begin_read(s, err);
    if (rc || empty)
        return rc;
    rc = sqlite_get_version(s, &version, err);
    if (!rc && version >= SQLITE_OLDEST_READ && version <= sqlite_schema_version())
        rc = sqlite_check_objects(s, err);
    return sqlite_finish(s, rc, err);
}

static int start_reading(struct sqlite *s, bool empty, struct error *err)
{
    int version, rc = sqlite_get_version(s, &version, err);
    if (rc)
        return rc;
    /* An older format only lacks the additions of later formats: see sqlite_has_records. */
    if (empty)
        return error_set(err, ERR_NOT_FOUND,
                         "the gallery %s is empty: fill it with `keepsake index FOLDER`",
                         s->store.name);
    if (version < SQLITE_OLDEST_READ)
        return error_set(err, ERR_UNSUPPORTED,
                         "the gallery %s was made by an older keepsake: run `keepsake index` "
                         "once to upgrade it",
                         s->store.name);
    return version > sqlite_schema_version() ? sqlite_upgrade(s, err) : 0;
}

static int start_writing(struct sqlite *s, bool empty, struct error *err)
{
    int rc = 0;
    if (empty)
        rc = sqlite3_exec(s->db, "PRAGMA page_size = 8192", NULL, NULL, NULL);
    if (rc)
        return sqlite_error(s, rc, err);
    int version;
    rc = sqlite_get_version(s, &version, err);
    if (!rc && version <= sqlite_schema_version())
        rc = sqlite_choose_journal(s, err);
    if (!rc)
        rc = sqlite_upgrade(s, err);
    if (!rc)
        sqlite_remove_older(s);
    if (!rc)
        rc = sqlite_begin_write(s, err);
    return rc ? rc : sqlite_finish(s, sqlite_codes_ensure(s, err), err);
}

static char *plain_path(const char *where)
{
    return where[0] == '/' ? xstrdup(where) : xasprintf("./%s", where);
}

int sqlite_open(const char *where, enum store_mode mode, struct sqlite **ret_sqlite,
                struct error *err)
{
    static const struct store_options defaults;
    return sqlite_open_with(where, mode, &defaults, ret_sqlite, err);
}

int sqlite_open_with(const char *where, enum store_mode mode, const struct store_options *options,
                     struct sqlite **ret_sqlite, struct error *err)
{
    AUTO(sqlite) *s = xcalloc(1, sizeof *s);
    s->path = plain_path(where);
    s->store.name = text_printable(where, strlen(where));
    s->mode = mode;
    s->options = *options;
    s->patience_ms = SQLITE_PATIENCE_MS;
    bool empty = false;
    int rc = check_file(s, err);
    if (!rc)
        rc = sqlite_connect(s, err);
    if (!rc)
        rc = check_owner(s, &empty, err);
    if (!rc && !options->examine)
        rc = check_objects(s, empty, err);
    if (!rc)
        rc = mode == STORE_READ ? start_reading(s, empty, err) : start_writing(s, empty, err);
    if (rc)
        return rc;
    s->is_gallery = true;
    *ret_sqlite = s;
    s = NULL;
    return 0;
}

void sqlite_close(struct sqlite *s)
{
    if (!s)
        return;
    sqlite_drop_statements(s);
    sqlite_disconnect(s);
    sqlite_forget_index(s);
    sqlite_filter_free(s);
    sqlite_forget_unsound(s, -1);
    free(s->path);
    free(s->store.name);
    free(s);
}
