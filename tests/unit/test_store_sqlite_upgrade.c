/* SPDX-License-Identifier: MIT */
/* Galleries of formats 1, 2 and 3 in a file, the ledger's refusal to change, and records in
 * read-only places. */
#include "covering.h"
#include "sqlite_fixture.h"
#include "store/labels.h"
#include "store/listing.h"
#include "store/records.h"
#include "store/signals.h"

/* The tables as the first released program made them; of its rows only what these tests look at. */
static const char format_1[] =
    "PRAGMA journal_mode = WAL;"
    "CREATE TABLE gallery (one INTEGER PRIMARY KEY CHECK (one = 1), change INTEGER NOT NULL,"
    " rewrite INTEGER NOT NULL, changed_at INTEGER NOT NULL, code_format INTEGER NOT NULL) STRICT;"
    "INSERT INTO gallery VALUES (1, 4, 0, 1700000000, 0);"
    "CREATE TABLE model (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, preprocessing INTEGER NOT NULL,"
    " dim INTEGER NOT NULL CHECK (dim > 0)) STRICT;"
    "INSERT INTO model VALUES (1, 'test', '"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 32);"
    "CREATE TABLE photo (id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE,"
    " size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32), format TEXT, width INTEGER NOT NULL,"
    " height INTEGER NOT NULL, taken TEXT, latitude REAL, longitude REAL, make TEXT, model TEXT,"
    " lens TEXT) STRICT;"
    "CREATE TABLE vector (photo INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,"
    " vector BLOB NOT NULL) STRICT;"
    "CREATE TABLE code (photo INTEGER PRIMARY KEY REFERENCES photo (id) ON DELETE CASCADE,"
    " code BLOB NOT NULL) STRICT;"
    "CREATE TABLE failure (path TEXT PRIMARY KEY, size INTEGER NOT NULL,"
    " mtime_ns INTEGER NOT NULL, hash BLOB CHECK (length(hash) = 32), reason TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "INSERT INTO failure VALUES ('/bad', 3, 4, NULL, 'no picture');"
    "PRAGMA application_id = 1262830928; PRAGMA user_version = 1;";

/* What the second released program added, with a label, two rules and two entries. */
static const char format_2[] =
    "CREATE TABLE label (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " hash BLOB NOT NULL CHECK (length(hash) = 32), name TEXT NOT NULL, folded TEXT NOT NULL,"
    " x REAL, y REAL, width REAL, height REAL,"
    " CHECK ((x IS NULL) = (y IS NULL) AND (x IS NULL) = (width IS NULL)"
    " AND (x IS NULL) = (height IS NULL))) STRICT;"
    "CREATE UNIQUE INDEX label_once ON label (hash, folded, ifnull(x, -1), ifnull(y, -1),"
    " ifnull(width, -1), ifnull(height, -1));"
    "CREATE INDEX label_by_name ON label (folded, hash);"
    "CREATE TABLE rule (kind TEXT NOT NULL CHECK (kind IN ('folder', 'label')),"
    " key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " request TEXT NOT NULL,"
    " event TEXT NOT NULL CHECK (event IN ('sent', 'answered', 'failed')),"
    " purpose TEXT NOT NULL, provider TEXT NOT NULL, host TEXT NOT NULL, model TEXT NOT NULL,"
    " photos TEXT NOT NULL, bytes INTEGER NOT NULL, input_tokens INTEGER NOT NULL,"
    " output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,"
    " cache_write_tokens INTEGER NOT NULL, cost_usd REAL, detail TEXT NOT NULL) STRICT;"
    "CREATE INDEX ledger_by_time ON ledger (at);"
    "CREATE TRIGGER ledger_never_changes BEFORE UPDATE ON ledger"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"
    "CREATE TRIGGER ledger_never_shrinks BEFORE DELETE ON ledger"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"
    "CREATE TRIGGER ledger_never_replaces BEFORE INSERT ON ledger"
    " WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)"
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"
    "CREATE INDEX photo_by_date ON photo (taken, id);"
    "CREATE INDEX photo_by_hash ON photo (hash);"
    "INSERT INTO label (hash, name, folded, x, y, width, height)"
    " SELECT hash, 'Zo\xc3\xab', 'zo\xc3\xab', -0.0, 0.25, 0.5, 1 FROM photo WHERE id = 2;"
    "INSERT INTO rule VALUES ('folder', '/photos/private', '/photos/private'),"
    " ('label', 'mia', 'Mia');"
    "INSERT INTO ledger VALUES (1, 1700000001, 'r', 'sent', 'ask', 'anthropic', 'host', 'm', '[]',"
    " 9, 0, 0, 0, 0, 0.5, ''), (2, 1700000002, 'r', 'answered', 'ask', 'anthropic', 'host', 'm',"
    " '[]', 0, 7, 8, 0, 0, NULL, 'end');"
    "PRAGMA user_version = 2;";

/* Photos /photos/0.jpg ... with the vectors of fixture_vector, one a month of 2019. */
static char *old_gallery(int photos)
{
    char *path = xasprintf("%s/%d.db", fixture_folder, ++fixture_number);
    run_sql(path, format_1);
    sqlite3 *db;
    sqlite3_stmt *photo, *vector;
    if (sqlite3_open(path, &db) ||
        sqlite3_prepare_v2(db,
                           "INSERT INTO photo VALUES (?1, ?2, 7, 8, ?4,"
                           " 'jpeg', 640, 480, ?3, NULL, NULL, NULL, NULL, NULL)",
                           -1, &photo, NULL) ||
        sqlite3_prepare_v2(db, "INSERT INTO vector VALUES (?, ?)", -1, &vector, NULL))
        ok(false, "%s", sqlite3_errmsg(db));
    for (int i = 0; i < photos; i++) {
        char name[64], taken[64];
        float values[FIXTURE_DIM];
        snprintf(name, sizeof name, "/photos/%d.jpg", i);
        snprintf(taken, sizeof taken, "2019-%02d-05T10:00:00", 1 + i % 12);
        uint8_t hash[HASH_BYTES] = {(uint8_t)(i + 1)};
        sqlite3_bind_blob(photo, 4, hash, sizeof hash, SQLITE_STATIC);
        fixture_vector((uint64_t)i, FIXTURE_DIM, values);
        sqlite3_bind_int(photo, 1, i + 1);
        sqlite3_bind_text(photo, 2, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(photo, 3, taken, -1, SQLITE_STATIC);
        sqlite3_bind_int(vector, 1, i + 1);
        sqlite3_bind_blob(vector, 2, values, sizeof values, SQLITE_STATIC);
        if (sqlite3_step(photo) != SQLITE_DONE || sqlite3_step(vector) != SQLITE_DONE)
            ok(false, "%s", sqlite3_errmsg(db));
        sqlite3_reset(photo);
        sqlite3_reset(vector);
    }
    sqlite3_finalize(photo);
    sqlite3_finalize(vector);
    sqlite3_close(db);
    return path;
}

static int count_photo(void *context, const struct store_photo *photo)
{
    *(int64_t *)context += photo->id;
    return 0;
}

static int count_month(void *context, const struct store_month *month)
{
    *(int64_t *)context += month->photos;
    return 0;
}

static int count_label(void *context, const struct store_label *label)
{
    (void)label;
    ++*(int64_t *)context;
    return 0;
}

static int count_record(void *context, const struct store_record *record)
{
    (void)record;
    ++*(int64_t *)context;
    return 0;
}

static bool finds(struct store *store, const struct store_filter *filter, size_t want,
                  int64_t first)
{
    float query[FIXTURE_DIM];
    struct store_hit hits[16];
    size_t count = 0;
    fixture_vector(3, FIXTURE_DIM, query);
    if (store_search(store, query, 16, filter, hits, &count, &err))
        diag("%s", err.message);
    if (count != want)
        diag("%zu found", count);
    return count == want && (!want || hits[0].id == first);
}

static void can_be_read(const char *gallery, int format, const char *how)
{
    AUTO(store) *store = NULL;
    struct store_status status;
    if (store_open(gallery, STORE_READ, &store, &err)) {
        ok(false, "%s: %s", how, err.message);
        return;
    }
    ok(store_status(store, &status, &err) == 0 && status.photos == 12 && status.failed == 1 &&
           status.schema_version == format && status.labels == 0 && status.last_change > 0,
       "%s: status", how);
    struct store_filter july = {.from = "2019-07", .until = "2019-08"},
                        below = {.folder = "/photos"};
    struct store_filter mia = {.label = "Mia"};
    ok(finds(store, NULL, 12, 4), "... searches");
    ok(finds(store, &july, 2, 8) || finds(store, &july, 2, 7), "... by date");
    ok(finds(store, &below, 12, 4) && finds(store, &mia, 0, 0), "... by folder, by name");
    int64_t ids = 0, photos = 0, labels = 0, records = 0;
    ok(!store_list_photos(store, &below, NULL, 0, 3, count_photo, &ids, &err) &&
           ids == 12 + 11 + 10 && !store_list_months(store, NULL, count_month, &photos, &err) &&
           photos == 12,
       "... lists photos and months");
    char *phrase = NULL;
    ok(!store_list_labels(store, 0, NULL, count_label, &labels, &err) && labels == 0 &&
           !find_covering(store, 1, &phrase, &err) && !phrase &&
           !store_dump_records(store, count_record, &records, &err) && records == 0,
       "... has no labels, rules and entries");
}

/* Compares the text of all that the file contains; spaces make no difference. */
static void is_like_new(const char *gallery, const char *how)
{
    static const char objects[] =
        "SELECT group_concat(type || ' ' || name || ' ' || tbl_name || replace(ifnull(sql, ''),"
        " ' ', ''), ';') FROM (SELECT * FROM sqlite_schema WHERE name <> 'rewritten' AND name NOT"
        " LIKE 'sqlite_stat%' ORDER BY type, name)";
    AUTO_FREE char *fresh = filled(1);
    AUTO_FREE char *want = ask_sql(fresh, objects);
    AUTO_FREE char *got = ask_sql(gallery, objects);
    ok(want && strstr(want, "album_photo_by_hash") && strstr(want, "ledger_never_changes"),
       "a new gallery has its index of albums and its guards of the ledger");
    is_str(got, want, how);
}

static void test_upgrade(void)
{
    AUTO_FREE char *gallery = old_gallery(12);
    can_be_read(gallery, 1, "a gallery of format 1, read");
    AUTO_FREE char *still = ask_sql(gallery, "PRAGMA user_version");
    is_str(still, "1", "... which leaves it as it is");

    AUTO(store) *reader = NULL; /* open meanwhile */
    if (store_open(gallery, STORE_READ, &reader, &err))
        ok(false, "%s", err.message);
    int64_t id, labels = 0;
    struct store *store = fixture_open(gallery);
    AUTO_FREE char *now = ask_sql(gallery, "PRAGMA user_version");
    is_str(now, "4", "writing brings it up to date");
    is_int(store_add_label(store, 5, "Mia", NULL, &id, &err), 0, "... so that it has labels");
    ok(!store_list_labels(reader, 0, NULL, count_label, &labels, &err) && labels == 1,
       "... which a reader sees that had it open");
    is_int(store_remove_label(store, id, &err), 0, "... and can lose them");
    store_close(store);
    can_be_read(gallery, 4, "the same, of format 4");
    AUTO_FREE char *sound = ask_sql(gallery, "PRAGMA integrity_check");
    is_str(sound, "ok", "... the file is sound");

    is_like_new(gallery, "a gallery of format 1 has the tables, indexes and triggers of a new one");
}

/* ---- format 2 ---- */

static char *gallery_of_2(int photos)
{
    char *path = old_gallery(photos);
    run_sql(path, format_2);
    return path;
}

/* The first half of what sha256sum says of the bytes that docs/gallery.md tells. */
static void test_checksums(const char *gallery)
{
    static const struct {
        const char *table, *bytes;
    } rows[] = {
        /* 3 TEXT, 4 BLOB, 5 NULL, 1 INTEGER, 2 FLOAT; lengths and numbers little-endian */
        {"rule WHERE kind = 'label'",
         "\\003\\004\\0\\0\\0\\0\\0\\0\\0rule\\003\\005\\0\\0\\0\\0\\0\\0\\0label"
         "\\003\\003\\0\\0\\0\\0\\0\\0\\0mia\\003\\003\\0\\0\\0\\0\\0\\0\\0Mia"},
        {"label",
         "\\003\\005\\0\\0\\0\\0\\0\\0\\0label\\004\\040\\0\\0\\0\\0\\0\\0\\0\\002"
         "\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0"
         "\\0\\0\\0\\0\\0\\0\\0"
         "\\003\\004\\0\\0\\0\\0\\0\\0\\0Zo\\303\\253\\003\\004\\0\\0\\0\\0\\0\\0\\0zo\\303"
         "\\253\\002\\0\\0\\0\\0\\0\\0\\0\\0\\002\\0\\0\\0\\0\\0\\0\\320\\077"
         "\\002\\0\\0\\0\\0\\0\\0\\340\\077\\002\\0\\0\\0\\0\\0\\0\\360\\077"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        AUTO_FREE char *command = xasprintf("printf '%s' | sha256sum | head -c 32", rows[i].bytes);
        AUTO_FREE char *sql = xasprintf("SELECT lower(hex(checksum)) FROM %s", rows[i].table);
        AUTO_FREE char *stored = ask_sql(gallery, sql);
        char want[33] = "";
        FILE *pipe = popen(command, "r");
        if (!pipe || !fgets(want, sizeof want, pipe))
            diag("%s", command);
        if (pipe)
            pclose(pipe);
        ok(stored && strcmp(stored, want) == 0, "the checksum of %s is what sha256sum says: %s",
           rows[i].table, want);
    }
}

/* All that format 2 had, row by row, by SQLite itself. */
static char *content_of_2(const char *gallery)
{
    return ask_sql(
        gallery,
        "SELECT (SELECT group_concat(quote(id) || quote(path) || quote(size) || quote(mtime_ns) ||"
        " quote(hash) || quote(format) || quote(width) || quote(height) || quote(taken) ||"
        " quote(latitude) || quote(longitude) || quote(make) || quote(model) || quote(lens), ';')"
        " FROM (SELECT * FROM photo ORDER BY id)) || (SELECT group_concat(photo || quote(vector))"
        " FROM (SELECT * FROM vector ORDER BY photo)) || (SELECT group_concat(path || reason)"
        " FROM failure) || (SELECT group_concat(id || quote(hash) || name || folded || quote(x) ||"
        " quote(y) || quote(width) || quote(height)) FROM label) || (SELECT group_concat(kind ||"
        " key || value) FROM rule) || (SELECT group_concat(id || at || request || event || purpose"
        " || provider || host || model || photos || bytes || input_tokens || output_tokens ||"
        " quote(cost_usd) || detail) FROM ledger) || (SELECT id || fingerprint || preprocessing ||"
        " dim FROM model) || (SELECT group_concat(name || seq) FROM (SELECT * FROM sqlite_sequence"
        " ORDER BY name))");
}

static int add_vectors(void *total, const struct store_model *model, int64_t vectors)
{
    (void)model;
    *(int64_t *)total += vectors;
    return 0;
}

static void test_vectors_of_format_2(void)
{
    AUTO_FREE char *gallery = gallery_of_2(12);
    AUTO(store) *store = NULL;
    int64_t vectors = 0;
    run_sql(gallery, "INSERT INTO code SELECT id, zeroblob(36) FROM photo");
    is_int(store_open(gallery, STORE_READ, &store, &err) ||
                   store_list_models(store, add_vectors, &vectors, &err)
               ? -1
               : vectors,
           12, "a gallery of format 2, read: its vectors are counted");
}

static void test_from_format_2(void)
{
    AUTO_FREE char *gallery = gallery_of_2(12);
    AUTO_FREE char *before = content_of_2(gallery);
    AUTO(store) *store = NULL;
    int64_t records = 0;
    ok(!store_open(gallery, STORE_READ, &store, &err) &&
           !store_dump_records(store, count_record, &records, &err) && records == 5,
       "a gallery of format 2, read: its label, rules and entries");
    struct store *writer = fixture_open(gallery);
    AUTO_FREE char *after = content_of_2(gallery);
    AUTO_FREE char *copy = xasprintf("%s.before-format-4", gallery);
    ok(before && after && strlen(before) > 1000 && strcmp(before, after) == 0,
       "... brought up to date: every row is what it was");
    ok(access(copy, F_OK) < 0, "... and no copy is left beside it");
    records = 0;
    ok(!store_dump_records(store, count_record, &records, &err) && records == 5,
       "... after it was brought up to date by another program");
    AUTO_FREE char *rows = ask_sql(
        gallery, "SELECT (SELECT count(*) FROM photo WHERE ctime_ns = 0 AND inode = 0) || ' ' ||"
                 " (SELECT count(*) FROM failure WHERE ctime_ns = 0 AND version = '') || ' ' ||"
                 " (SELECT count(*) FROM ledger WHERE length(checksum) = 16 AND facts = '')");
    is_str(rows, "12 1 2", "... what was not known is not known");
    test_checksums(gallery);
    struct ledger_entry entry = {.request = "s", .cost_usd = 0.25, .facts = "date,place"};
    int64_t id;
    ok(!store_add_label(writer, 5, "Mia", NULL, &id, &err) &&
           !store_rename_label(writer, id, "Leo", &err) && !store_ledger_add(writer, &entry, &err),
       "... and it is written to");
    store_close(writer);
    is_like_new(gallery, "a gallery of format 2 has the tables, indexes and triggers of a new one");
    AUTO_FREE char *facts = ask_sql(gallery, "SELECT facts FROM ledger WHERE request = 's'");
    is_str(facts, "date,place", "... the ledger says what went beside the pictures");
}

/* ---- format 3 ---- */

static char *gallery_of_3(void)
{
    char *path = xasprintf("%s/%d.db", fixture_folder, ++fixture_number);
    AUTO_FREE char *command = xasprintf("sqlite3 '%s' < tests/golden/gallery-format-3.sql", path);
    if (system(command))
        ok(false, "%s", command);
    return path;
}

/* What format 3 added to content_of_2. */
static char *content_of_3(const char *gallery)
{
    return ask_sql(
        gallery,
        "SELECT (SELECT group_concat(position || ' ' || ctime_ns || ' ' || inode, ';')"
        " FROM (SELECT * FROM photo ORDER BY id)) || (SELECT group_concat(quote(hash) || position"
        " || kind || model || version || quote(payload), ';') FROM signal) ||"
        " (SELECT fingerprint || preprocessing || id || dim || arithmetic FROM other_model) ||"
        " (SELECT group_concat(path || device || quote(absent_since)) FROM folder) ||"
        " (SELECT group_concat(name || text) FROM note) || (SELECT arithmetic FROM model) ||"
        " (SELECT group_concat(quote(checksum)) FROM label) || (SELECT group_concat(facts ||"
        " quote(checksum)) FROM ledger) || (SELECT group_concat(quote(checksum)) FROM rule)");
}

static int count_signal(void *context, const struct store_signal *signal)
{
    (void)signal;
    ++*(int64_t *)context;
    return 0;
}

static void test_from_format_3(void)
{
    AUTO_FREE char *gallery = gallery_of_3();
    AUTO_FREE char *before_2 = content_of_2(gallery);
    AUTO_FREE char *before_3 = content_of_3(gallery);
    AUTO(store) *reader = NULL;
    int64_t records = 0, signals = 0;
    ok(!store_open(gallery, STORE_READ, &reader, &err) &&
           !store_dump_records(reader, count_record, &records, &err) && records == 7 &&
           !store_list_signals(reader, NULL, NULL, count_signal, &signals, &err) && signals == 2,
       "a gallery of format 3 is read: its labels, rules, entries and signals");
    store_close(fixture_open(gallery));
    AUTO_FREE char *after_2 = content_of_2(gallery);
    AUTO_FREE char *after_3 = content_of_3(gallery);
    AUTO_FREE char *version = ask_sql(gallery, "PRAGMA user_version");
    is_str(version, "4", "a gallery of format 3 is upgraded by writing");
    is_like_new(gallery, "a gallery of format 3 has the tables, indexes and triggers of a new one");
    ok(before_2 && after_2 && before_3 && after_3 && strcmp(before_2, after_2) == 0 &&
           strcmp(before_3, after_3) == 0,
       "every row of a gallery of format 3 is unchanged by its upgrade");
    records = signals = 0;
    ok(!store_dump_records(reader, count_record, &records, &err) && records == 7 &&
           !store_list_signals(reader, NULL, NULL, count_signal, &signals, &err) && signals == 2,
       "a reader that had a gallery of format 3 open reads it after its upgrade");
}

/* The n-th step of SQLite's is the last. */
static int steps_left;

static int die_in_time(void *context)
{
    (void)context;
    if (--steps_left == 0)
        raise(SIGKILL);
    return 0;
}

static int upgrade_and_die(void *context)
{
    struct sqlite s = {
        .path = context, .store.name = context, .mode = STORE_WRITE, .patience_ms = 100};
    if (sqlite_connect(&s, &err))
        return 1;
    sqlite3_progress_handler(s.db, 1, die_in_time, NULL);
    return sqlite_upgrade(&s, &err) ? 2 : 0;
}

static bool is_whole(const char *gallery)
{
    AUTO_FREE char *version = ask_sql(gallery, "PRAGMA user_version");
    AUTO_FREE char *objects = ask_sql(gallery, "SELECT count(*) FROM sqlite_schema WHERE type ="
                                               " 'trigger' OR name = 'folder' OR sql LIKE"
                                               " '%checksum BLOB%'");
    AUTO_FREE char *sound = ask_sql(gallery, "PRAGMA integrity_check");
    bool whole = version && objects && sound && strcmp(sound, "ok") == 0 &&
                 ((strcmp(version, "2") == 0 && strcmp(objects, "3") == 0) ||
                  (strcmp(version, "4") == 0 && strcmp(objects, "11") == 0));
    if (!whole)
        diag("killed after %d steps: format %s, %s objects, %s", steps_left, version, objects,
             sound);
    return whole;
}

static void test_killed(void)
{
    int killed = 0, broken = 0, status = 1;
    for (int n = 1; status; n += 1 + n / 4) {
        AUTO_FREE char *gallery = gallery_of_2(3);
        steps_left = n;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            _exit(upgrade_and_die(gallery));
        if (waitpid(child, &status, 0) < 0 || (WIFEXITED(status) && WEXITSTATUS(status)))
            break;
        killed += WIFSIGNALED(status);
        broken += !is_whole(gallery);
        store_close(fixture_open(gallery));
        AUTO_FREE char *version = ask_sql(gallery, "PRAGMA user_version");
        broken += !version || strcmp(version, "4") != 0;
    }
    ok(status == 0 && killed > 5, "killed at %d moments of being brought up to date", killed);
    is_int(broken, 0, "... it is the old gallery or the new one, and the next program goes on");
}

/* Two programs that open an old gallery at the same time. */
static int open_and_label(void *context)
{
    AUTO(store) *store = fixture_open(context);
    int64_t id;
    return store_add_label(store, 1, "Mia", NULL, &id, &err) != 0;
}

static void test_upgrade_at_once(void)
{
    AUTO_FREE char *gallery = old_gallery(3);
    pid_t children[4];
    int failed = 0, status;
    fflush(stdout);
    for (int i = 0; i < 4; i++)
        if ((children[i] = fork()) == 0)
            _exit(open_and_label(gallery));
    for (int i = 0; i < 4; i++)
        failed += waitpid(children[i], &status, 0) < 0 || status != 0;
    is_int(failed, 0, "four programs bring one gallery up to date at once");
    AUTO_FREE char *labels = ask_sql(gallery, "SELECT count(*) FROM label");
    is_str(labels, "1", "... and work with it");
}

/* As a user who may not write there. */
static int read_as_nobody(void *context)
{
    AUTO(store) *store = NULL;
    int64_t photos = 0, labels = 0;
    if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
        return 2;
    if (store_open(context, STORE_READ, &store, &err) ||
        store_list_months(store, NULL, count_month, &photos, &err) ||
        store_list_labels(store, 0, NULL, count_label, &labels, &err)) {
        diag("%s", err.message);
        return 1;
    }
    return photos == 12 && labels == 0 && finds(store, NULL, 12, 4) ? 0 : 3;
}

static void test_read_only_folder(void)
{
    AUTO_FREE char *folder = in_folder("disk");
    AUTO_FREE char *from = old_gallery(12);
    AUTO_FREE char *gallery = file_join(folder, "old.db");
    mkdir(folder, 0755);
    run_sql(from, "PRAGMA journal_mode = DELETE");
    if (rename(from, gallery) || chmod(gallery, 0444) || chmod(folder, 0555))
        ok(false, "cannot prepare %s", gallery);
    is_int(fixture_child(read_as_nobody, gallery), 0, "format 1 where nothing can be written");
    chmod(folder, 0755);
}

/* What another program gets to hear; NULL when it was done. */
static char *refusal(const char *path, const char *sql)
{
    sqlite3 *db;
    char *message = NULL, *copy = NULL;
    if (sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, &message))
        copy = xstrdup(message);
    sqlite3_free(message);
    sqlite3_close(db);
    return copy;
}

static void test_ledger(void)
{
    AUTO_FREE char *gallery = filled(1);
    struct store *store = fixture_open(gallery);
    struct ledger_entry entry = {.request = "r", .cost_usd = 0.5, .purpose = "ask"};
    if (store_ledger_add(store, &entry, &err) || store_ledger_add(store, &entry, &err))
        ok(false, "%s", err.message);
    store_close(store);
    static const char *const attempts[] = {
        "UPDATE ledger SET cost_usd = 0",
        "UPDATE ledger SET id = 9 WHERE id = 1",
        "DELETE FROM ledger",
        "DELETE FROM ledger WHERE id = 2",
        "INSERT OR REPLACE INTO ledger SELECT id, at, 'other', event, purpose, provider, host,"
        " model, photos, bytes, 0, 0, 0, 0, 0, '', '', NULL FROM ledger",
        "INSERT INTO ledger SELECT id, at, 'other', event, purpose, provider, host, model, photos,"
        " bytes, 0, 0, 0, 0, 0, '', '', NULL FROM ledger WHERE true ON CONFLICT DO UPDATE SET "
        "request = 'x'",
    };
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        AUTO_FREE char *said = refusal(gallery, attempts[i]);
        ok(said && strstr(said, "append-only"), "refused: %.40s", attempts[i]);
    }
    AUTO_FREE char *left = ask_sql(gallery, "SELECT group_concat(id || request || cost_usd) FROM"
                                            " ledger");
    is_str(left, "1r0.5,2r0.5", "the ledger is as it was");
}

int main(void)
{
    fixture_start();
    test_upgrade();
    test_upgrade_at_once();
    test_from_format_2();
    test_vectors_of_format_2();
    test_from_format_3();
    test_killed();
    test_read_only_folder();
    test_ledger();
    fixture_cleanup();
    return done_testing();
}
