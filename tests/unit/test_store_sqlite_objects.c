/* SPDX-License-Identifier: MIT */
/* Galleries in a file that another program has changed: its tables, indexes and triggers, and rows
 * of rules, labels and the ledger. */
#include <sys/stat.h>

#include "base/file_replace.h"
#include "covering.h"
#include "sqlite_fixture.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/records.h"
#include "store/rules.h"

struct findings {
    const char *check, *part; /* looked for among the bad ones */
    int bad, found;
};

static void note_finding(void *context, const struct store_finding *finding)
{
    struct findings *f = context;
    if (finding->verdict != STORE_BAD)
        return;
    f->bad++;
    f->found += strcmp(finding->check, f->check) == 0 && strstr(finding->sentence, f->part) != NULL;
}

/* What doctor asks: bad findings of this check whose sentence has this part. */
static int examined(const char *gallery, const char *check, const char *part)
{
    AUTO(store) *store = NULL;
    struct store_options options = {.examine = true};
    struct findings f = {check, part, 0, 0};
    if (store_open_with(gallery, STORE_READ, &options, &store, &err)) {
        diag("%s", err.message);
        return -1;
    }
    store_check(store, note_finding, &f);
    if (!f.found)
        diag("%d bad findings, none of %s with %s", f.bad, check, part);
    return f.found;
}

static int examined_bad(const char *gallery)
{
    AUTO(store) *store = NULL;
    struct store_options options = {.examine = true};
    struct findings f = {"", "", 0, 0};
    if (store_open_with(gallery, STORE_READ, &options, &store, &err))
        return -1;
    store_check(store, note_finding, &f);
    return f.bad;
}

/* ---- tables, indexes, triggers, views ---- */

static const struct {
    const char *sql, *says;
} changes[] = {
    {"CREATE TRIGGER t BEFORE INSERT ON ledger BEGIN SELECT RAISE(IGNORE); END",
     "the trigger t in the gallery"},
    {"CREATE TRIGGER t AFTER INSERT ON rule BEGIN DELETE FROM rule; END", "DROP trigger \"t\""},
    {"CREATE TRIGGER t INSTEAD OF INSERT ON v BEGIN SELECT 1; END", "the view v"},
    {"CREATE VIEW v2 AS SELECT * FROM photo", "the view v2"},
    {"CREATE TABLE mine (x)", "the table mine"},
    {"CREATE INDEX quick ON photo (make)", "the index quick"},
    {"CREATE VIRTUAL TABLE words USING fts5(x)", "the table words"},
    {"DROP TRIGGER ledger_never_shrinks", "the trigger ledger_never_shrinks"},
    {"DROP TRIGGER ledger_never_changes; CREATE TRIGGER ledger_never_changes BEFORE UPDATE ON"
     " ledger WHEN false BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
     "was changed by another program (drop it first)"},
    {"DROP INDEX photo_by_hash", "CREATE INDEX photo_by_hash ON photo (hash)"},
    {"DROP INDEX label_once; CREATE INDEX label_once ON label (hash)", "the index label_once"},
    {"ALTER TABLE rule ADD more INTEGER AS (1)", "the table rule"},
    {"ALTER TABLE rule RENAME TO rule_; CREATE VIEW rule AS SELECT * FROM rule_ WHERE false",
     "the table rule"},
    {"ALTER TABLE photo ADD mine TEXT", "the table photo"},
    {"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '''label''',"
     " '''label'', ''none''') WHERE name = 'rule'",
     "the table rule"},
    {"DROP TABLE ledger", "the table ledger"},
    {"DELETE FROM gallery", "has lost its row"},
};

static void test_objects(void)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        AUTO_FREE char *gallery = filled(2);
        if (strstr(changes[i].sql, "ON v BEGIN"))
            run_sql(gallery, "CREATE VIEW v AS SELECT 1 AS x");
        run_sql(gallery, changes[i].sql);
        struct store *store = NULL;
        is_int(store_open(gallery, STORE_READ, &store, &err), ERR_CORRUPT, changes[i].sql);
        ok(examined(gallery, "tables", changes[i].says) > 0, "... %s", err.message);
        is_int(store_open(gallery, STORE_WRITE, &store, &err), ERR_CORRUPT, "... nor written");
    }
}

/* What SQLite itself adds, and how else the same tables can be written down. */
static void test_harmless(void)
{
    AUTO_FREE char *gallery = filled(3);
    AUTO(store) *store = NULL;
    run_sql(gallery, "ANALYZE; VACUUM");
    is_int(examined_bad(gallery), 0, "statistics of ANALYZE do no harm");
    is_int(store_open(gallery, STORE_WRITE, &store, &err), 0, "... to writing either");
}

static void test_while_open(void)
{
    AUTO_FREE char *gallery = filled(2);
    AUTO(store) *store = fixture_open(gallery);
    struct ledger_entry entry = {.request = "r", .purpose = "ask"};
    run_sql(gallery, "CREATE TRIGGER t BEFORE INSERT ON ledger BEGIN SELECT RAISE(IGNORE); END");
    is_int(store_ledger_add(store, &entry, &err), ERR_CORRUPT, "a trigger that came later");
    ok(says("the trigger t"), "... %s", err.message);
    is_int(store_add_rule(store, STORE_RULE_FOLDER, "/x", &err), ERR_CORRUPT, "... for rules, too");
    run_sql(gallery, "DROP TRIGGER t");
    is_int(store_ledger_add(store, &entry, &err), 0, "... and when it is gone");
}

/* Whatever keeps a row away: here what only this connection has. */
static void test_rows_that_do_not_come(void)
{
    static const char *const tables[] = {"ledger", "rule", "label"};
    for (size_t i = 0; i < 6; i++) {
        AUTO_FREE char *gallery = filled(2);
        AUTO(store) *store = fixture_open(gallery);
        struct sqlite *s = sqlite_of(store);
        const char *table = tables[i / 2];
        char sql[256];
        if (i % 2)
            snprintf(sql, sizeof sql,
                     "DROP TRIGGER ledger_never_changes;"
                     "CREATE TEMP TRIGGER t AFTER INSERT ON main.%s BEGIN"
                     " UPDATE %s SET checksum = x'00'; END",
                     table, table);
        else
            snprintf(sql, sizeof sql,
                     "CREATE TEMP TRIGGER t BEFORE INSERT ON main.%s BEGIN"
                     " SELECT RAISE(IGNORE); END",
                     table);
        const char *from = i % 2 && i / 2 ? strchr(sql, ';') + 1 : sql;
        int64_t id;
        if (sqlite3_exec(s->db, from, NULL, NULL, NULL))
            ok(false, "%s", sqlite3_errmsg(s->db));
        struct ledger_entry entry = {.request = "r", .purpose = "ask"};
        int rc = i / 2 == 0   ? store_ledger_add(store, &entry, &err)
                 : i / 2 == 1 ? store_add_rule(store, STORE_RULE_FOLDER, "/x", &err)
                              : store_add_label(store, fixture_id(store, "/photos/1.jpg"), "Mia",
                                                NULL, &id, &err);
        is_int(rc, ERR_CORRUPT, table);
    }
}

/* ---- rows ---- */

static int64_t rule_count;

static int count_rule(void *context, const struct store_rule *rule)
{
    (void)context, (void)rule;
    rule_count++;
    return 0;
}

static int drop_record(void *context, const struct store_record *record)
{
    (void)context, (void)record;
    return 0;
}

static void test_damaged_rule(void)
{
    AUTO_FREE char *gallery = filled(2);
    AUTO(store) *store = fixture_open(gallery);
    char *phrase = NULL;
    int64_t id = fixture_id(store, "/photos/1.jpg");
    if (store_add_rule(store, STORE_RULE_FOLDER, "/private", &err) ||
        store_add_rule(store, STORE_RULE_LABEL, "Mia", &err))
        ok(false, "%s", err.message);
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "rules that do not cover");
    run_sql(gallery, "UPDATE rule SET key = '/privatf', value = '/privatf' WHERE kind = 'folder'");
    is_int(find_covering(store, id, &phrase, &err), ERR_CORRUPT, "one bit is flipped");
    ok(says("folder /privatf") && says("never-send remove"), "... %s", err.message);
    is_int(store_dump_records(store, drop_record, NULL, &err), ERR_CORRUPT, "... and not exported");
    ok(examined(gallery, "rules", "folder /privatf") == 1, "... doctor names it");
    is_int(store_remove_rule(store, STORE_RULE_FOLDER, "/privatf", &err), 0, "taken away");
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "... all is well again");
    run_sql(gallery, "UPDATE rule SET checksum = NULL");
    is_int(find_covering(store, id, &phrase, &err), ERR_CORRUPT, "without a checksum");
    is_int(store_add_rule(store, STORE_RULE_LABEL, "Mia", &err), 0, "added again");
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "... which mends it");
    run_sql(gallery, "UPDATE rule SET key = 'mib'");
    is_int(store_remove_rule(store, STORE_RULE_LABEL, "Mib", &err), 0, "removed by what is left");
    is_int(store_list_rules(store, count_rule, NULL, &err), 0, "listed");
    is_int(rule_count, 0, "... none is left");
}

static void test_damaged_label(void)
{
    AUTO_FREE char *gallery = filled(3);
    AUTO(store) *store = fixture_open(gallery);
    char *phrase = NULL;
    int64_t label, id = fixture_id(store, "/photos/1.jpg");
    if (store_add_label(store, id, "Mia", NULL, &label, &err))
        ok(false, "%s", err.message);
    run_sql(gallery, "UPDATE label SET name = 'Mib', folded = 'mib'");
    ok(!find_covering(store, id, &phrase, &err) && !phrase,
       "no rule for names: a damaged label does not matter");
    is_int(store_add_rule(store, STORE_RULE_LABEL, "Mia", &err), 0, "a rule");
    is_int(find_covering(store, id, &phrase, &err), ERR_CORRUPT, "... it does");
    ok(says("(Mib)") && says("labels remove"), "... %s", err.message);
    ok(examined(gallery, "labels", "(Mib)") == 1, "... doctor names it");
    struct fixture_photo photo;
    is_int(store_apply(store, fixture_add(&photo, "/photos/1.jpg", 99), 1, &err), 0, "edited");
    is_int(find_covering(store, id, &phrase, &err), ERR_CORRUPT, "... it stays damaged");
    is_int(store_remove_label(store, label, &err), 0, "taken away");
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "... all is well again");
}

static void test_damaged_entry(void)
{
    AUTO_FREE char *gallery = filled(1);
    AUTO(store) *store = fixture_open(gallery);
    struct ledger_entry entry = {.request = "r", .host = "example.org", .cost_usd = NAN};
    if (store_ledger_add(store, &entry, &err) || store_ledger_add(store, &entry, &err))
        ok(false, "%s", err.message);
    is_int(examined_bad(gallery), 0, "a sound ledger");
    AUTO_FREE char *trigger =
        ask_sql(gallery, "SELECT sql FROM sqlite_schema WHERE name = 'ledger_never_changes'");
    run_sql(gallery, "DROP TRIGGER ledger_never_changes;"
                     "UPDATE ledger SET host = 'example.com' WHERE id = 2");
    run_sql(gallery, trigger);
    is_int(examined(gallery, "ledger", "entry 2"), 1, "one that was changed is named");
    is_int(examined(gallery, "ledger", "entry 1"), 0, "... and no other");
}

/* That this program has found a schema sound is remembered in the cache folder. */
static void test_remembered(void)
{
    char cache[] = "/tmp/keepsake-cache-XXXXXX", garbage[100] = "no digest";
    AUTO_FREE char *gallery = filled(1);
    struct stat info;
    if (!mkdtemp(cache) || setenv("XDG_CACHE_HOME", cache, 1))
        BUG("cannot make a temporary folder");
    AUTO_FREE char *known = xasprintf("%s/keepsake/sound-schemas", cache);
    AUTO_FREE char *clean = xasprintf("rm -rf %s", cache);
    store_close(fixture_open(gallery));
    ok(stat(known, &info) == 0 && info.st_size == 32, "a sound schema is remembered");
    store_close(fixture_open(gallery));
    ok(stat(known, &info) == 0 && info.st_size == 32, "... once");
    if (file_replace(known, garbage, sizeof garbage, 0600, &err))
        BUG("%s", err.message);
    store_close(fixture_open(gallery));
    ok(stat(known, &info) == 0 && info.st_size == 128, "a damaged list is put right");
    run_sql(gallery, "CREATE TABLE mine (x)");
    AUTO(store) *store = NULL;
    is_int(store_open(gallery, STORE_READ, &store, &err), ERR_CORRUPT, "another one is examined");
    ok(stat(known, &info) == 0 && info.st_size == 128, "... and is not remembered");
    ok(system(clean) == 0, "cleaned up");
    unsetenv("XDG_CACHE_HOME");
}

int main(void)
{
    fixture_start();
    test_remembered();
    test_objects();
    test_harmless();
    test_while_open();
    test_rows_that_do_not_come();
    test_damaged_rule();
    test_damaged_label();
    test_damaged_entry();
    fixture_cleanup();
    return done_testing();
}
