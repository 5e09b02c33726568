/* SPDX-License-Identifier: MIT */
/* Upgrades an older gallery to this program's format in one transaction; until the commit, a copy
 * of the old gallery exists beside it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "store/sqlite/sqlite_backup.h"
#include "store/sqlite/sqlite_internal.h"

static int run_script(struct sqlite *s, const char *sql, struct error *err)
{
    int result = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}

/* ---- the copy ---- */

static char *name_copy(const struct sqlite *s, int version)
{
    return xasprintf("%s.before-format-%d", s->path, version);
}

/* Copies through a separate connection, because SQLite cannot back up from a connection that is
 * writing; readers see the old state until the commit. */
static int copy_gallery(struct sqlite *s, const char *copy, struct error *err)
{
    struct sqlite reader = {.path = s->path,
                            .store.name = s->store.name,
                            .mode = STORE_READ,
                            .patience_ms = s->patience_ms,
                            .immutable_mtime = -1};
    AUTO_FREE char *partial = xasprintf("%s.partial", copy);
    sqlite_remove_copy(partial); /* left by a killed process */
    int result = sqlite3_open_v2(s->path, &reader.db, SQLITE_OPEN_READWRITE, NULL);
    int rc = result ? sqlite_error(&reader, result, err) : sqlite_copy_pages(&reader, partial, err);
    sqlite_drop_statements(&reader);
    sqlite3_close(reader.db);
    if (!rc && rename(partial, copy) < 0)
        rc = error_errno(err, errno, "cannot write the copy %s", copy);
    return rc;
}

void sqlite_remove_older(const struct sqlite *s)
{
    AUTO_FREE char *copy = name_copy(s, sqlite_schema_version());
    AUTO_FREE char *partial = xasprintf("%s.partial", copy);
    sqlite_remove_copy(partial);
    sqlite_remove_copy(copy);
}

/* ---- the steps ---- */

static int run_steps(struct sqlite *s, const struct sqlite_step *table, size_t n, struct error *err)
{
    char mark[96];
    int last = table[n - 1].version;
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             SQLITE_APPLICATION_ID, last);
    int version, rc = sqlite_get_version(s, &version, err);
    if (rc || version >= last) /* another process has upgraded it */
        return rc;
    AUTO_FREE char *copy = name_copy(s, last);
    if (version > 0) {
        rc = copy_gallery(s, copy, err);
        if (rc)
            error_add(err, "the gallery remains in format %d", version);
    }
    for (size_t i = 0; !rc && i < n; i++) {
        if (table[i].version > version)
            rc = run_script(s, table[i].sql, err);
        if (rc)
            error_add(err, "cannot upgrade the gallery to format %d", table[i].version);
    }
    return rc ? rc : run_script(s, mark, err);
}

/* Disables foreign keys: a step recreates a table that others reference, which SQLite would treat
 * as deleting all of its rows. */
static int migrate_in_transaction(struct sqlite *s, const struct sqlite_step *table, size_t n,
                                  struct error *err)
{
    struct error ignored;
    int rc = run_script(s, "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE", err);
    if (!rc)
        rc = sqlite_finish(s, run_steps(s, table, n, err), err);
    int switched = run_script(s, "PRAGMA foreign_keys = ON", rc ? &ignored : err);
    return rc ? rc : switched;
}

int sqlite_migrate(struct sqlite *s, const struct sqlite_step *table, size_t n, struct error *err)
{
    int version, rc = sqlite_get_version(s, &version, err);
    if (!rc && version > table[n - 1].version)
        return error_set(err, ERR_UNSUPPORTED,
                         "the gallery %s was made by a newer keepsake (format %d, this program "
                         "knows %d): update keepsake, or give another file with --gallery",
                         s->store.name, version, table[n - 1].version);
    if (rc || version == table[n - 1].version)
        return rc;
    return migrate_in_transaction(s, table, n, err);
}

int sqlite_upgrade(struct sqlite *s, struct error *err)
{
    return sqlite_migrate(s, sqlite_steps(), (size_t)sqlite_schema_version(), err);
}
