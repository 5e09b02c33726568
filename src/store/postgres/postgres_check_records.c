/* SPDX-License-Identifier: MIT */
/* Verifies the checksums of labels, rules, albums and the ledger, for doctor and the gate. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_albums.h"

struct records {
    bool has;
    int64_t labels, entries, guards, rules, albums;
    bool has_albums;
};

static int count_albums(struct postgres *p, struct records *r, struct error *err)
{
    PGresult *owned;
    int rc = postgres_has_format(p, 4, &r->has_albums, err);
    if (rc || !r->has_albums)
        return rc;
    rc = postgres_query(p, "SELECT count(*) FROM keepsake_album", NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    r->albums = value_int(row, 0, 0);
    return 0;
}

static int read_records(struct postgres *p, void *context, struct error *err)
{
    struct records *r = context;
    PGresult *owned;
    int rc = postgres_has_records(p, &r->has, err);
    if (rc || !r->has)
        return rc;
    rc = postgres_query(p,
                        "SELECT (SELECT count(*) FROM keepsake_label), (SELECT count(*) FROM"
                        " keepsake_ledger), (SELECT count(*) FROM pg_trigger WHERE tgrelid ="
                        " 'keepsake_ledger'::regclass AND tgname = 'keepsake_ledger_never_changes'"
                        " AND tgenabled IN ('O', 'A')), (SELECT count(*) FROM keepsake_rule)",
                        NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    r->labels = value_int(row, 0, 0);
    r->entries = value_int(row, 0, 1);
    r->guards = value_int(row, 0, 2);
    r->rules = value_int(row, 0, 3);
    return count_albums(p, r, err);
}

/* ---- damaged rows ---- */

enum { TOLD = 10 };

struct damaged {
    const char *check, *what, *advice;
    const char *sql; /* selects the names of damaged rows */
    int format;      /* the first that has checksums of these rows */
};

#define DAMAGED_RULES                                                                      \
    "SELECT kind || ' ' || left(value, 120) FROM keepsake_rule WHERE checksum IS DISTINCT" \
    " FROM " POSTGRES_RULE_SUM " LIMIT 10"
#define DAMAGED_LABELS                                                                  \
    "SELECT id || ' (' || left(name, 120) || ')' FROM keepsake_label WHERE checksum IS" \
    " DISTINCT FROM " POSTGRES_LABEL_SUM " LIMIT 10"

static const struct damaged damaged_rules = {"rules", "the never-send rule for the",
                                             STORE_DAMAGED_RULE_ADVICE, DAMAGED_RULES, 3};
static const struct damaged damaged_labels = {"labels", "label", STORE_DAMAGED_LABEL_ADVICE,
                                              DAMAGED_LABELS, 3};
static const struct damaged damaged_albums = {
    "albums", "album", STORE_DAMAGED_ALBUM_ADVICE,
    "SELECT id || ' (' || left(name, 120) || ')' FROM keepsake_album WHERE checksum IS DISTINCT"
    " FROM " POSTGRES_ALBUM_SUM " UNION ALL SELECT m.album || ' (' || coalesce((SELECT"
    " left(name, 120) FROM keepsake_album WHERE id = m.album), '?') || '): its photo ' ||"
    " encode(m.hash, 'hex') FROM keepsake_album_photo AS m WHERE NOT EXISTS (SELECT FROM"
    " keepsake_album WHERE id = m.album) OR checksum IS DISTINCT FROM " POSTGRES_MEMBER_SUM
    " LIMIT 10",
    4};
static const struct damaged damaged_entries = {
    "ledger", "entry", "its content may be wrong; restore a backup if there is one",
    "SELECT id || ' (of request ' || left(request, 120) || ')' FROM keepsake_ledger WHERE"
    " checksum IS DISTINCT FROM " POSTGRES_ENTRY_SUM " LIMIT 10",
    3};

struct looking {
    const char *sql;
    PGresult *rows; /* NULL: a gallery without checksums */
    int format;     /* the first that has them */
};

static int look_for_damage(struct postgres *p, void *context, struct error *err)
{
    struct looking *l = context;
    bool has;
    int rc = postgres_has_format(p, l->format, &has, err);
    l->rows = NULL;
    return rc || !has ? rc : postgres_query(p, l->sql, NULL, &l->rows, err);
}

static char *row_name(const PGresult *rows, int row)
{
    AUTO_FREE char *name = value_copy(rows, row, 0);
    return text_printable(name, strlen(name));
}

static bool tell_damaged(struct postgres *p, const struct damaged *d,
                         void (*each)(void *context, const struct store_finding *finding),
                         void *context)
{
    struct looking l = {.sql = d->sql, .format = d->format};
    struct error why;
    if (postgres_attempt(p, look_for_damage, &l, &why)) {
        each(context, &(struct store_finding){d->check, STORE_BAD, why.message});
        return false;
    }
    AUTO_RESULT *rows = l.rows;
    for (int i = 0; i < PQntuples(rows); i++) {
        AUTO_FREE char *name = row_name(rows, i);
        AUTO_FREE char *sentence =
            xasprintf("%s %s is not as it was written: %s%s", d->what, name, d->advice,
                      i + 1 == TOLD ? " (there may be more)" : "");
        each(context, &(struct store_finding){d->check, STORE_BAD, sentence});
    }
    return PQntuples(rows) == 0;
}

/* Selects damaged rules and, if there are rules about names, damaged labels. */
static const char any_damaged_sql[] = "(SELECT *, false FROM (" DAMAGED_RULES ") AS r) UNION ALL"
                                      " (SELECT *, true FROM (" DAMAGED_LABELS ") AS l)";

int postgres_check_records(struct store *store, bool with_labels, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct looking l = {.sql = with_labels ? any_damaged_sql : damaged_rules.sql, .format = 3};
    int rc = postgres_attempt(p, look_for_damage, &l, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = l.rows;
    if (PQntuples(rows) == 0)
        return 0;
    AUTO_FREE char *name = row_name(rows, 0);
    const struct damaged *d =
        with_labels && value_int(rows, 0, 1) ? &damaged_labels : &damaged_rules;
    return error_set(err, ERR_CORRUPT,
                     "%s %s in the gallery %s was damaged, so it is unknown which photos "
                     "never-send withholds: %s",
                     d->what, name, p->store.name, d->advice);
}

/* ---- the findings ---- */

void postgres_check_all_records(struct postgres *p,
                                void (*each)(void *context, const struct store_finding *finding),
                                void *context)
{
    char sentence[128];
    struct records r = {.has = false};
    struct error why;
    if (postgres_attempt(p, read_records, &r, &why)) {
        each(context, &(struct store_finding){"labels", STORE_BAD, why.message});
        return;
    }
    if (!r.has) {
        each(context, &(struct store_finding){"labels", STORE_WARNING, STORE_NO_RECORDS});
        return;
    }
    if (tell_damaged(p, &damaged_labels, each, context)) {
        snprintf(sentence, sizeof sentence, "%lld labels", (long long)r.labels);
        each(context, &(struct store_finding){"labels", STORE_GOOD, sentence});
    }
    if (tell_damaged(p, &damaged_rules, each, context)) {
        snprintf(sentence, sizeof sentence, "%lld never-send rules", (long long)r.rules);
        each(context, &(struct store_finding){"rules", STORE_GOOD, sentence});
    }
    if (tell_damaged(p, &damaged_albums, each, context) && r.has_albums) {
        snprintf(sentence, sizeof sentence, "%lld albums", (long long)r.albums);
        each(context, &(struct store_finding){"albums", STORE_GOOD, sentence});
    }
    if (!tell_damaged(p, &damaged_entries, each, context))
        return;
    snprintf(sentence, sizeof sentence, "%lld entries, which the server refuses to change",
             (long long)r.entries);
    each(context, r.guards ? &(struct store_finding){"ledger", STORE_GOOD, sentence}
                           : &(struct store_finding){"ledger", STORE_BAD, STORE_UNGUARDED});
}
