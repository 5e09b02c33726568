/* SPDX-License-Identifier: MIT */
/* Defines the tables of a gallery in a file, as steps from each format to the next. */
#include <pthread.h>
#include <string.h>

#include "store/sqlite/sqlite_internal.h"

/* How fact_sql_upgrade begins each statement. */
#define ADD_FACT "ALTER TABLE photo ADD "

/* Never change a step of a released program; add another one. */

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
    /* INSERT OR REPLACE deletes rows without firing the other trigger. */
    "CREATE TRIGGER ledger_never_replaces BEFORE INSERT ON ledger"
    "    WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)"
    "    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"

    /* Photos without a date are NULL, which sorts first and so is last when read backwards. */
    "CREATE INDEX photo_by_date ON photo (taken, id);"
    "CREATE INDEX photo_by_hash ON photo (hash);";

/* The columns of the old and the new table, in the same order. */
#define PHOTO_COLUMNS_2                                                                  \
    "id, path, size, mtime_ns, hash, format, width, height, taken, latitude, longitude," \
    " make, model, lens"

/* SQLite cannot drop a constraint, so the table photo is recreated with the same ids and id
 * counter. The triggers delete everything computed from the pixels of forgotten photos. */
#define MAKE_PHOTOS_ITEMS                                                                \
    "CREATE TABLE photo_3 ("                                                             \
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,"                                          \
    "    path TEXT NOT NULL,"                                                            \
    "    position INTEGER NOT NULL DEFAULT 0 CHECK (position >= 0),"                     \
    "    size INTEGER NOT NULL,"                                                         \
    "    mtime_ns INTEGER NOT NULL,"                                                     \
    "    ctime_ns INTEGER NOT NULL DEFAULT 0,"                                           \
    "    inode INTEGER NOT NULL DEFAULT 0,"                                              \
    "    hash BLOB NOT NULL CHECK (length(hash) = 32),"                                  \
    "    format TEXT,"                                                                   \
    "    width INTEGER NOT NULL,"                                                        \
    "    height INTEGER NOT NULL,"                                                       \
    "    taken TEXT,"                                                                    \
    "    latitude REAL,"                                                                 \
    "    longitude REAL,"                                                                \
    "    make TEXT,"                                                                     \
    "    model TEXT,"                                                                    \
    "    lens TEXT,"                                                                     \
    "    UNIQUE (path, position)"                                                        \
    ") STRICT;"                                                                          \
    "INSERT INTO photo_3 (" PHOTO_COLUMNS_2 ") SELECT " PHOTO_COLUMNS_2 " FROM photo;"   \
    "DELETE FROM sqlite_sequence WHERE name = 'photo_3';"                                \
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'photo_3', seq FROM sqlite_sequence" \
    "    WHERE name = 'photo';"                                                          \
    "DROP TABLE photo;"                                                                  \
    "ALTER TABLE photo_3 RENAME TO photo;"                                               \
    "CREATE INDEX photo_by_date ON photo (taken, id);"                                   \
    "CREATE INDEX photo_by_hash ON photo (hash);"                                        \
    "CREATE TABLE signal ("                                                              \
    "    number INTEGER PRIMARY KEY,"                                                    \
    "    hash BLOB NOT NULL CHECK (length(hash) = 32),"                                  \
    "    position INTEGER NOT NULL,"                                                     \
    "    kind TEXT NOT NULL,"                                                            \
    "    model TEXT NOT NULL,"                                                           \
    "    version INTEGER NOT NULL,"                                                      \
    "    payload BLOB NOT NULL,"                                                         \
    "    UNIQUE (hash, position, kind, model, version)"                                  \
    ") STRICT;"                                                                          \
    "CREATE TRIGGER photo_leaves_signals AFTER DELETE ON photo"                          \
    "    BEGIN DELETE FROM signal WHERE hash = OLD.hash AND NOT EXISTS"                  \
    "        (SELECT 1 FROM photo WHERE hash = OLD.hash); END;"                          \
    "CREATE TRIGGER photo_changes_signals AFTER UPDATE OF hash ON photo"                 \
    "    WHEN OLD.hash <> NEW.hash"                                                      \
    "    BEGIN DELETE FROM signal WHERE hash = OLD.hash AND NOT EXISTS"                  \
    "        (SELECT 1 FROM photo WHERE hash = OLD.hash); END;"

/* The models whose vectors are in table signal; the vectors of the one in table model are in table
 * vector. */
#define MAKE_MODELS                                                     \
    "ALTER TABLE model ADD arithmetic TEXT NOT NULL DEFAULT 'unknown';" \
    "CREATE TABLE other_model ("                                        \
    "    fingerprint TEXT NOT NULL,"                                    \
    "    preprocessing INTEGER NOT NULL,"                               \
    "    id TEXT NOT NULL,"                                             \
    "    dim INTEGER NOT NULL CHECK (dim > 0),"                         \
    "    arithmetic TEXT NOT NULL,"                                     \
    "    PRIMARY KEY (fingerprint, preprocessing)"                      \
    ") STRICT, WITHOUT ROWID;"

static const char step_3[] = MAKE_PHOTOS_ITEMS MAKE_MODELS
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

static const char step_4[] =
    /* A signal that could not be computed has an empty payload, and the reason here. */
    "ALTER TABLE signal ADD reason TEXT NOT NULL DEFAULT '';"

    "CREATE TABLE album ("
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    name TEXT NOT NULL,"
    "    folded TEXT NOT NULL UNIQUE,"
    "    query TEXT NOT NULL,"
    "    checksum BLOB"
    ") STRICT;"
    /* What was put in (inside = 1) and left out (0) by hand. */
    "CREATE TABLE album_photo ("
    "    album INTEGER NOT NULL,"
    "    hash BLOB NOT NULL CHECK (length(hash) = 32),"
    "    inside INTEGER NOT NULL CHECK (inside IN (0, 1)),"
    "    checksum BLOB,"
    "    PRIMARY KEY (album, hash)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX album_photo_by_hash ON album_photo (hash);";

static const char *const scripts[] = {NULL, step_1, step_2, step_3, step_4};

enum { SCRIPTS = sizeof scripts / sizeof *scripts, FORMATS_MAX = 100 };

static struct sqlite_step steps[FORMATS_MAX];
static pthread_once_t once = PTHREAD_ONCE_INIT;

int sqlite_schema_version(void)
{
    return fact_sql_format() >= SCRIPTS ? fact_sql_format() : SCRIPTS - 1;
}

/* The scripts of the first two formats contain their facts. A new fact may introduce a new format.
 */
static void make_steps(void)
{
    for (int version = 1; version <= sqlite_schema_version(); version++) {
        AUTO_FREE char *facts =
            version > 2 ? fact_sql_upgrade(FACT_SQLITE, "photo", version, false) : NULL;
        steps[version - 1] = (struct sqlite_step){
            version,
            xasprintf("%s%s", version < SCRIPTS ? scripts[version] : "", facts ? facts : "")};
    }
}

const struct sqlite_step *sqlite_steps(void)
{
    pthread_once(&once, make_steps);
    return steps;
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

/* Adds the columns of facts to the text of table photo as their statements would, each of which
 * parses the text of all tables again: that takes several milliseconds, which every start of the
 * program would have to wait for. The connection does not notice the columns. */
static int write_facts(sqlite3 *db, const char *statements)
{
    static const char separator[] = ";" ADD_FACT;
    size_t length = sizeof separator - 1;
    const char *end = strchr(statements, ';');
    AUTO_FREE char *first = xstrndup(statements, (size_t)(end - statements));
    AUTO_FREE char *columns = xstrdup(first + sizeof ADD_FACT - 1);
    AUTO_FREE char *before = xstrdup(columns);
    while (strncmp(end, separator, length) == 0) {
        const char *column = end + length;
        end = strchr(column, ';');
        char *longer = xasprintf("%s, %.*s", columns, (int)(end - column), column);
        free(columns);
        columns = longer;
    }
    AUTO_FREE char *sql = xasprintf("%s; PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql"
                                    " = replace(sql, ', %s', ', %s') WHERE name = 'photo'",
                                    first, before, columns);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Runs the last step of an in-memory gallery, of which only the text of its tables is read. */
static int run_last_step(sqlite3 *db, int version)
{
    int result = sqlite3_exec(db, version < SCRIPTS ? scripts[version] : "", NULL, NULL, NULL);
    AUTO_FREE char *facts =
        version > 2 ? fact_sql_upgrade(FACT_SQLITE, "photo", version, false) : NULL;
    return result || !facts ? result : write_facts(db, facts);
}

int sqlite_make_in_memory(struct sqlite *s, int version, struct error *err)
{
    int result = sqlite3_open_v2(":memory:", &s->db, SQLITE_OPEN_READWRITE, NULL);
    if (!result)
        result = sqlite_checksum_install(s);
    if (!result)
        result = sqlite3_exec(s->db, sqlite_claim_tables, NULL, NULL, NULL);
    for (int i = 0; !result && i + 1 < version; i++)
        result = sqlite3_exec(s->db, sqlite_steps()[i].sql, NULL, NULL, NULL);
    if (!result && version > 0)
        result = run_last_step(s->db, version);
    return result ? sqlite_error(s, result, err) : 0;
}
