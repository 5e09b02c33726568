/* SPDX-License-Identifier: MIT */
/* Galleries in PostgreSQL where other programs hung something on keepsake's tables, or changed rows
 * of rules, labels and the ledger. tests/store/postgres.t starts the server. */
#include "covering.h"
#include "postgres_fixture.h"
#include "store/labels.h"
#include "store/ledger.h"
#include "store/rules.h"

static struct error err = ERROR_INIT;

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

static struct findings examine(const char *gallery, const char *check, const char *part)
{
    AUTO(store) *store = NULL;
    struct store_options options = {.examine = true};
    struct findings f = {check, part, 0, 0};
    if (store_open_with(gallery, STORE_READ, &options, &store, &err))
        diag("%s", err.message);
    else
        store_check(store, note_finding, &f);
    return f;
}

static bool change(const char *gallery, const char *sql)
{
    const char *schema = postgres_schema(gallery);
    return postgres_sql(
        NULL, 0, "SET client_min_messages = error; SET search_path = %s, public; %s", schema, sql);
}

#define NOTHING \
    "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"

static const struct {
    const char *sql, *says;
} changes[] = {
    {NOTHING "CREATE TRIGGER t BEFORE INSERT ON keepsake_ledger FOR EACH ROW EXECUTE FUNCTION"
             " nothing()",
     "the trigger t of keepsake_ledger"},
    {NOTHING "CREATE TRIGGER t BEFORE INSERT ON keepsake_rule FOR EACH ROW EXECUTE FUNCTION"
             " nothing()",
     "DROP TRIGGER t ON keepsake_rule"},
    {"CREATE RULE r AS ON INSERT TO keepsake_rule DO INSTEAD NOTHING", "the rule r"},
    {"ALTER TABLE keepsake_ledger DISABLE TRIGGER keepsake_ledger_never_changes",
     "is gone, switched off"},
    {"DROP TRIGGER keepsake_ledger_never_changes ON keepsake_ledger", "is gone, switched off"},
    {"CREATE OR REPLACE FUNCTION keepsake_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
     " 'BEGIN RETURN NULL; END'",
     "another one"},
    {"ALTER TABLE keepsake_rule ENABLE ROW LEVEL SECURITY", "row security"},
    {"ALTER TABLE keepsake_rule RENAME TO hidden; CREATE VIEW keepsake_rule AS SELECT * FROM hidden"
     " WHERE false",
     "keepsake_rule is not a table"},
    {"DROP TABLE keepsake_ledger", "keepsake_ledger is gone"},
    {"CREATE TABLE below () INHERITS (keepsake_rule)", "a table below it"},
};

static void test_objects(void)
{
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        AUTO_FREE char *gallery = fixture_gallery();
        struct store *store = fixture_open(gallery);
        store_close(store);
        ok(change(gallery, changes[i].sql), "%.60s", changes[i].sql);
        is_int(store_open(gallery, STORE_WRITE, &store, &err), ERR_CORRUPT, "... is refused");
        ok(strstr(err.message, changes[i].says) != NULL, "... %s", err.message);
        is_int(store_open(gallery, STORE_READ, &store, &err), ERR_CORRUPT, "... to readers");
        is_int(examine(gallery, "tables", changes[i].says).found, 1, "... and found by doctor");
    }
    AUTO_FREE char *gallery = fixture_gallery();
    store_close(fixture_open(gallery));
    ok(change(gallery,
              NOTHING "CREATE TRIGGER t BEFORE INSERT ON image_gallery FOR EACH ROW EXECUTE"
                      " FUNCTION nothing(); CREATE TABLE mine (x text)"),
       "what others do with image_gallery");
    is_int(examine(gallery, "tables", "").bad, 0, "... is theirs to do");
}

static void test_while_open(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct ledger_entry entry = {.request = "r", .purpose = "ask"};
    ok(change(gallery, NOTHING "CREATE TRIGGER t BEFORE INSERT ON keepsake_ledger FOR EACH ROW"
                               " EXECUTE FUNCTION nothing(); CREATE TRIGGER t BEFORE INSERT ON"
                               " keepsake_rule FOR EACH ROW EXECUTE FUNCTION nothing()"),
       "triggers that came later");
    is_int(store_ledger_add(store, &entry, &err), ERR_CORRUPT, "... an entry");
    ok(strstr(err.message, "the trigger t") != NULL, "... %s", err.message);
    is_int(store_add_rule(store, STORE_RULE_FOLDER, "/x", &err), ERR_CORRUPT, "... a rule");
    ok(strstr(err.message, "did not store") != NULL, "... %s", err.message);
    ok(change(gallery, "DROP TRIGGER t ON keepsake_ledger; DROP TRIGGER t ON keepsake_rule"),
       "... gone again");
    is_int(store_ledger_add(store, &entry, &err), 0, "... an entry");
    is_int(store_add_rule(store, STORE_RULE_FOLDER, "/x", &err), 0, "... a rule");
    is_int(store_add_rule(store, STORE_RULE_FOLDER, "/x", &err), 0, "... the same again");
    is_int(examine(gallery, "", "").bad, 0, "... all is well");
}

static void test_rows(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    struct ledger_entry entry = {.request = "r", .cost_usd = 0.5};
    char *phrase = NULL;
    int64_t label = 0;
    fixture_put(store, "/p", 1);
    int64_t id = fixture_id(store, "/p");
    if (store_add_rule(store, STORE_RULE_FOLDER, "/private", &err) ||
        store_add_rule(store, STORE_RULE_LABEL, "Mia", &err) ||
        store_add_label(store, id, "Leo", NULL, &label, &err) ||
        store_ledger_add(store, &entry, &err) || store_ledger_add(store, &entry, &err))
        ok(false, "%s", err.message);
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "rules that do not cover");
    is_int(examine(gallery, "", "").bad, 0, "... nothing is bad");
    change(gallery, "UPDATE keepsake_rule SET key = '/privatf', value = '/privatf' WHERE kind ="
                    " 'folder'");
    is_int(find_covering(store, id, &phrase, &err), ERR_CORRUPT, "one bit of a rule");
    ok(strstr(err.message, "folder /privatf") != NULL, "... %s", err.message);
    is_int(examine(gallery, "rules", "folder /privatf").found, 1, "... doctor names it");
    is_int(store_remove_rule(store, STORE_RULE_FOLDER, "/privatf", &err), 0, "... taken away");
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "... all is well again");
    change(gallery, "UPDATE keepsake_label SET name = 'Lea', folded = 'lea'");
    is_int(find_covering(store, id, &phrase, &err), ERR_CORRUPT, "a label's name");
    is_int(examine(gallery, "labels", "(Lea)").found, 1, "... doctor names it");
    is_int(store_rename_label(store, label, "Leo", &err), 0, "... named anew");
    ok(!find_covering(store, id, &phrase, &err) && !phrase, "... all is well again");
    change(gallery, "ALTER TABLE keepsake_ledger DISABLE TRIGGER ALL; UPDATE keepsake_ledger SET"
                    " cost_usd = 0 WHERE id = 2; ALTER TABLE keepsake_ledger ENABLE TRIGGER ALL");
    ok(examine(gallery, "ledger", "entry 2").found == 1 &&
           examine(gallery, "ledger", "entry 1").found == 0,
       "an entry that was changed is named");
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    fixture_start();
    test_objects();
    test_while_open();
    test_rows();
    fixture_cleanup();
    return done_testing();
}
