/* SPDX-License-Identifier: MIT */
/* Verifies the checksums of labels, rules, albums and the ledger, for doctor and the gate. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "store/sqlite/sqlite_check.h"

/* Number of damaged rows to list, and maximum length of their names. */
enum { TOLD = 10, SHOWN = 120 };

/* ---- damaged rows ---- */

static const char damaged_rules[] =
    "SELECT kind || ' ' || substr(value, 1, 120) FROM rule WHERE checksum IS NOT " SQLITE_RULE_SUM;
static const char damaged_labels[] = "SELECT id || ' (' || substr(name, 1, 120) || ')' FROM label"
                                     " WHERE checksum IS NOT " SQLITE_LABEL_SUM;
static const char damaged_entries[] =
    "SELECT id || ' (of request ' || substr(request, 1, 120) || ')' FROM ledger WHERE checksum"
    " IS NOT " SQLITE_ENTRY_SUM;

static const char damaged_albums[] =
    "SELECT id || ' (' || substr(name, 1, 120) || ')' FROM album WHERE checksum IS NOT"
    " " SQLITE_ALBUM_SUM " UNION ALL SELECT m.album || ' (' || ifnull(substr(a.name, 1, 120), '?')"
    " || '): its photo ' || lower(hex(m.hash)) FROM album_photo AS m LEFT JOIN album AS a ON a.id ="
    " m.album WHERE a.id IS NULL OR m.checksum IS NOT row_checksum('album_photo', m.album, m.hash,"
    " m.inside)";

static char *row_name(sqlite3_stmt *row)
{
    const char *name = (const char *)sqlite3_column_text(row, 0);
    size_t length = name ? strlen(name) : 0;
    return text_printable(name ? name : "?", name ? (length < SHOWN ? length : SHOWN) : 1);
}

/* Reports damaged rows. `what` is "rule" or the like, followed by the consequence of damage and the
 * remedy. Returns false if a row is damaged. */
static bool tell_damaged(const struct checking *c, const char *check, const char *sql,
                         const char *what, const char *advice)
{
    struct error why;
    int64_t n = 0;
    int rc;
    struct query q = query_start(c->s, sql);
    while ((rc = query_next(&q, &why)) > 0) {
        AUTO_FREE char *name = row_name(q.statement);
        if (n++ < TOLD)
            sqlite_find(c, check, STORE_BAD, "%s %s is not as it was written: %s", what, name,
                        advice);
    }
    query_end(&q);
    if (rc < 0)
        sqlite_find(c, check, STORE_BAD, "%s", why.message);
    if (n > TOLD)
        sqlite_find(c, check, STORE_BAD, "%" PRId64 " more are not as they were written", n - TOLD);
    return rc == 0 && n == 0;
}

static void check_labels(const struct checking *c, bool has_sums)
{
    int64_t labels, away;
    if (has_sums && !tell_damaged(c, "labels", damaged_labels, "label", STORE_DAMAGED_LABEL_ADVICE))
        return;
    if (!sqlite_ask(c, "labels", query_start(c->s, "SELECT count(*) FROM label"), &labels) ||
        !sqlite_ask(c, "labels",
                    query_start(c->s, "SELECT count(*) FROM label WHERE NOT EXISTS"
                                      " (SELECT 1 FROM photo WHERE photo.hash = label.hash)"),
                    &away))
        return;
    sqlite_find(c, "labels", STORE_GOOD,
                "%" PRId64 " label%s, %" PRId64 " of them of photos that are not in the gallery",
                labels, labels == 1 ? "" : "s", away);
}

static void check_rules(const struct checking *c, bool has_sums)
{
    int64_t rules;
    if (has_sums && !tell_damaged(c, "rules", damaged_rules, "the never-send rule for the",
                                  STORE_DAMAGED_RULE_ADVICE))
        return;
    if (sqlite_ask(c, "rules", query_start(c->s, "SELECT count(*) FROM rule"), &rules))
        sqlite_find(c, "rules", STORE_GOOD, "%" PRId64 " never-send rules", rules);
}

static void check_albums(const struct checking *c)
{
    bool has;
    int64_t albums;
    struct error why;
    if (sqlite_has_format(c->s, 4, &has, &why)) {
        sqlite_find(c, "albums", STORE_BAD, "%s", why.message);
        return;
    }
    if (!has || !tell_damaged(c, "albums", damaged_albums, "album", STORE_DAMAGED_ALBUM_ADVICE))
        return;
    if (sqlite_ask(c, "albums", query_start(c->s, "SELECT count(*) FROM album"), &albums))
        sqlite_find(c, "albums", STORE_GOOD, "%" PRId64 " album%s", albums, albums == 1 ? "" : "s");
}

static void check_ledger(const struct checking *c, bool has_sums)
{
    int64_t guards, entries;
    if (has_sums && !tell_damaged(c, "ledger", damaged_entries, "entry",
                                  "its content may be wrong; restore a backup if there is one"))
        return;
    if (!sqlite_ask(c, "ledger",
                    query_start(c->s,
                                "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
                                " AND name IN ('ledger_never_changes', 'ledger_never_shrinks',"
                                " 'ledger_never_replaces')"),
                    &guards) ||
        !sqlite_ask(c, "ledger", query_start(c->s, "SELECT count(*) FROM ledger"), &entries))
        return;
    if (guards == 3)
        sqlite_find(c, "ledger", STORE_GOOD, "%" PRId64 " %s, protected from changes", entries,
                    entries == 1 ? "entry" : "entries");
    else
        sqlite_find(c, "ledger", STORE_BAD, STORE_UNGUARDED);
}

void sqlite_check_all_records(const struct checking *c)
{
    bool has, has_sums;
    struct error why;
    if (sqlite_has_records(c->s, &has, &why) || sqlite_has_format(c->s, 3, &has_sums, &why)) {
        sqlite_find(c, "labels", STORE_BAD, "%s", why.message);
    } else if (!has) {
        sqlite_find(c, "labels", STORE_WARNING, STORE_NO_RECORDS);
    } else {
        check_labels(c, has_sums);
        check_rules(c, has_sums);
        check_albums(c);
        check_ledger(c, has_sums);
    }
}

/* ---- for the gate ---- */

/* *ret_name is the name in the first row; NULL if there is none. */
static int find_first(struct sqlite *s, const char *sql, char **ret_name, struct error *err)
{
    struct query q = query_start(s, sql);
    int rc = query_next(&q, err);
    *ret_name = rc > 0 ? row_name(q.statement) : NULL;
    query_end(&q);
    return rc < 0 ? rc : 0;
}

/* Reads a mark that changes with every write, to avoid verifying all labels again when nothing has
 * changed. */
static int read_mark(struct sqlite *s, int64_t *ret_mark, struct error *err)
{
    int64_t others;
    struct query q = query_start(s, "PRAGMA data_version");
    int rc = query_get_int(&q, &others, err);
    *ret_mark = rc ? 0 : (others << 32) + sqlite3_total_changes(s->db) + 1;
    return rc;
}

static int check_label_rows(struct sqlite *s, struct error *err)
{
    int64_t mark;
    char *found = NULL;
    int rc = read_mark(s, &mark, err);
    if (rc || mark == s->sound_labels)
        return rc;
    rc = find_first(s, damaged_labels, &found, err);
    if (rc)
        return rc;
    AUTO_FREE char *name = found;
    if (name)
        return error_set(err, ERR_CORRUPT,
                         "the label %s in the gallery %s was damaged, so it is unknown whether "
                         "a never-send rule covers a photo: %s",
                         name, s->store.name, STORE_DAMAGED_LABEL_ADVICE);
    s->sound_labels = mark;
    return 0;
}

int sqlite_check_records(struct store *store, bool with_labels, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    char *found = NULL;
    int rc = sqlite_follow_format(s, 3, &has, err);
    if (rc || !has)
        return rc;
    rc = find_first(s, damaged_rules, &found, err);
    if (rc)
        return rc;
    AUTO_FREE char *name = found;
    if (name)
        return error_set(err, ERR_CORRUPT,
                         "the never-send rule for the %s in the gallery %s was damaged, so it "
                         "is unknown which photos it covers: %s",
                         name, s->store.name, STORE_DAMAGED_RULE_ADVICE);
    return with_labels ? check_label_rows(s, err) : 0;
}
