/* SPDX-License-Identifier: MIT */
/* Creates and upgrades the tables of a gallery. */
#include <stdio.h>

#include "store/sqlite/sqlite_internal.h"

/* Steps are never changed once a program with them was released: add another. */

static const char step_1[] =
    "CREATE TABLE gallery ("
    "    one INTEGER PRIMARY KEY CHECK (one = 1),"
    "    change INTEGER NOT NULL,"
    "    rewrite INTEGER NOT NULL,"
    "    changed_at INTEGER NOT NULL,"
    "    code_format INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO gallery VALUES (1, 0, 0, 0, 0);"

    "CREATE TABLE model ("
    "    one INTEGER PRIMARY KEY CHECK (one = 1),"
    "    id TEXT NOT NULL,"
    "    fingerprint TEXT NOT NULL,"
    "    preprocessing INTEGER NOT NULL,"
    "    dim INTEGER NOT NULL CHECK (dim > 0)"
    ") STRICT;"

    "CREATE TABLE photo ("
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    path TEXT NOT NULL UNIQUE,"
    "    size INTEGER NOT NULL,"
    "    mtime_ns INTEGER NOT NULL,"
    "    hash BLOB NOT NULL CHECK (length(hash) = 32),"
    "    format TEXT,"
    "    width INTEGER NOT NULL,"
    "    height INTEGER NOT NULL,"
    "    taken TEXT,"
    "    latitude REAL,"
    "    longitude REAL,"
    "    make TEXT,"
    "    model TEXT,"
    "    lens TEXT"
    ") STRICT;"

    "CREATE TABLE vector ("
    "    photo INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,"
    "    vector BLOB NOT NULL"
    ") STRICT;"

    "CREATE TABLE code ("
    "    photo INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,"
    "    code BLOB NOT NULL"
    ") STRICT;"

    "CREATE TABLE failure ("
    "    path TEXT PRIMARY KEY,"
    "    size INTEGER NOT NULL,"
    "    mtime_ns INTEGER NOT NULL,"
    "    hash BLOB CHECK (length(hash) = 32),"
    "    reason TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;";

#define MAKE_LEDGER_UNCHANGING                                    \
    "CREATE TRIGGER ledger_never_changes BEFORE UPDATE ON ledger" \
    "    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"

static const char step_2[] =
    "CREATE TABLE label ("
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    hash BLOB NOT NULL CHECK (length(hash) = 32),"
    "    name TEXT NOT NULL,"
    "    folded TEXT NOT NULL,"
    "    x REAL,"
    "    y REAL,"
    "    width REAL,"
    "    height REAL,"
    "    CHECK ((x IS NULL) = (y IS NULL) AND (x IS NULL) = (width IS NULL)"
    "        AND (x IS NULL) = (height IS NULL))"
    ") STRICT;"
    "CREATE UNIQUE INDEX label_once ON label (hash, folded, ifnull(x, -1), ifnull(y, -1),"
    "    ifnull(width, -1), ifnull(height, -1));"
    "CREATE INDEX label_by_name ON label (folded, hash);"

    "CREATE TABLE rule ("
    "    kind TEXT NOT NULL CHECK (kind IN ('folder', 'label')),"
    "    key TEXT NOT NULL,"
    "    value TEXT NOT NULL,"
    "    PRIMARY KEY (kind, key)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE ledger ("
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    at INTEGER NOT NULL,"
    "    request TEXT NOT NULL,"
    "    event TEXT NOT NULL CHECK (event IN ('sent', 'answered', 'failed')),"
    "    purpose TEXT NOT NULL,"
    "    provider TEXT NOT NULL,"
    "    host TEXT NOT NULL,"
    "    model TEXT NOT NULL,"
    "    photos TEXT NOT NULL,"
    "    bytes INTEGER NOT NULL,"
    "    input_tokens INTEGER NOT NULL,"
    "    output_tokens INTEGER NOT NULL,"
    "    cache_read_tokens INTEGER NOT NULL,"
    "    cache_write_tokens INTEGER NOT NULL,"
    "    cost_usd REAL,"
    "    detail TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX ledger_by_time ON ledger (at);" MAKE_LEDGER_UNCHANGING
    "CREATE TRIGGER ledger_never_shrinks BEFORE DELETE ON ledger"
    "    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"
    /* INSERT OR REPLACE deletes without asking the other trigger. */
    "CREATE TRIGGER ledger_never_replaces BEFORE INSERT ON ledger"
    "    WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)"
    "    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"

    /* Photos without a date are NULL, which comes last from the end. */
    "CREATE INDEX photo_by_date ON photo (taken, id);"
    "CREATE INDEX photo_by_hash ON photo (hash);";

static const char step_3[] =
    "ALTER TABLE photo ADD ctime_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE photo ADD inode INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE failure ADD ctime_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE failure ADD inode INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE failure ADD version TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE folder ("
    "    path TEXT PRIMARY KEY,"
    "    device TEXT NOT NULL,"
    "    absent_since INTEGER"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE note ("
    "    name TEXT PRIMARY KEY,"
    "    text TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE damage ("
    "    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),"
    "    what TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "ALTER TABLE label ADD checksum BLOB;"
    "ALTER TABLE rule ADD checksum BLOB;"
    "ALTER TABLE ledger ADD facts TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE ledger ADD checksum BLOB;"
    "UPDATE label SET checksum = " SQLITE_LABEL_SUM ";"
    "UPDATE rule SET checksum = " SQLITE_RULE_SUM ";"
    "DROP TRIGGER ledger_never_changes;"
    "UPDATE ledger SET checksum = " SQLITE_ENTRY_SUM ";" MAKE_LEDGER_UNCHANGING;

static const struct sqlite_step steps[] = {
    {1, step_1},
    {2, step_2},
    {3, step_3},
};

enum { STEP_COUNT = sizeof steps / sizeof *steps };

int sqlite_schema_version(void)
{
    return steps[STEP_COUNT - 1].version;
}

int sqlite_get_version(struct sqlite *s, int *ret_version, struct error *err)
{
    struct query q = query_start(s, "PRAGMA user_version");
    int64_t version;
    int rc = query_get_int(&q, &version, err);
    if (!rc)
        *ret_version = (int)version;
    return rc;
}

int sqlite_has_format(struct sqlite *s, int format, bool *ret_has, struct error *err)
{
    int version, rc = sqlite_get_version(s, &version, err);
    if (!rc)
        *ret_has = version >= format;
    return rc;
}

int sqlite_has_records(struct sqlite *s, bool *ret_has, struct error *err)
{
    return sqlite_has_format(s, 2, ret_has, err);
}

int sqlite_follow_format(struct sqlite *s, int format, bool *ret_has, struct error *err)
{
    int rc = sqlite_follow(s, err);
    return rc ? rc : sqlite_has_format(s, format, ret_has, err);
}

int sqlite_follow_records(struct sqlite *s, bool *ret_has, struct error *err)
{
    return sqlite_follow_format(s, 2, ret_has, err);
}

static int run_script(struct sqlite *s, const char *sql, struct error *err)
{
    int result = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}

static int run_steps(struct sqlite *s, const struct sqlite_step *table, size_t n, struct error *err)
{
    char mark[96];
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             SQLITE_APPLICATION_ID, table[n - 1].version);
    int version, rc = sqlite_get_version(s, &version, err);
    if (rc || version >= table[n - 1].version) /* another process was faster */
        return rc;
    for (size_t i = 0; !rc && i < n; i++) {
        if (table[i].version > version)
            rc = run_script(s, table[i].sql, err);
        if (rc)
            error_add(err, "cannot bring the gallery to format %d", table[i].version);
    }
    return rc ? rc : run_script(s, mark, err);
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
    rc = run_script(s, "BEGIN IMMEDIATE", err);
    return rc ? rc : sqlite_finish(s, run_steps(s, table, n, err), err);
}

int sqlite_make_in_memory(struct sqlite *s, int version, struct error *err)
{
    int result = sqlite3_open_v2(":memory:", &s->db, SQLITE_OPEN_READWRITE, NULL);
    if (!result)
        result = sqlite_checksum_install(s);
    if (!result)
        result = sqlite3_exec(s->db, sqlite_claim_tables, NULL, NULL, NULL);
    for (size_t i = 0; !result && i < STEP_COUNT && steps[i].version <= version; i++)
        result = sqlite3_exec(s->db, steps[i].sql, NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}

int sqlite_upgrade(struct sqlite *s, struct error *err)
{
    return sqlite_migrate(s, steps, STEP_COUNT, err);
}
