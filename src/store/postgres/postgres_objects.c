/* SPDX-License-Identifier: MIT */
/* Finds objects that other programs attached to keepsake's own tables: a trigger or rule could
 * prevent a never-send rule or a ledger entry from being stored, and a policy could hide it. */
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* Selects one sentence per row, in order of report. keepsake_part_... and keepsake_parts of a split
 * gallery are foreign tables and a view. */
static const char odd_sql[] =
    "WITH own AS (SELECT c.oid, c.relname::text AS name, c.relkind, c.relrowsecurity FROM pg_class"
    " AS c WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname IN"
    " ('keepsake_gallery', 'keepsake_writer', 'keepsake_failure', 'keepsake_claimer',"
    " 'keepsake_claim', 'keepsake_label', 'keepsake_rule', 'keepsake_ledger', 'keepsake_folder',"
    " 'keepsake_note', 'keepsake_damage', 'keepsake_signal', 'keepsake_other_model', "
    "'keepsake_change', 'keepsake_album', 'keepsake_album_photo')),"
    " odd AS ("
    "SELECT 1 AS place, name, format('%s is not a table', name) AS what, '' AS remedy FROM own"
    " WHERE relkind <> 'r'"
    " UNION ALL SELECT 2, name, format('the trigger %s of %s was not made by keepsake', t.tgname,"
    " name), format('DROP TRIGGER %I ON %I', t.tgname, name) FROM own JOIN pg_trigger AS t ON"
    " t.tgrelid = own.oid WHERE NOT t.tgisinternal AND NOT (name = 'keepsake_ledger' AND t.tgname"
    " = 'keepsake_ledger_never_changes')"
    " UNION ALL SELECT 3, name, format('the rule %s of %s was not made by keepsake', r.rulename,"
    " name), format('DROP RULE %I ON %I', r.rulename, name) FROM own JOIN pg_rewrite AS r ON"
    " r.ev_class = own.oid"
    " UNION ALL SELECT 4, name, format('%s has row security, which may hide rows', name),"
    " format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', name) FROM own WHERE relrowsecurity"
    " UNION ALL SELECT 5, name, format('the column %s of %s is generated', a.attname, name), ''"
    " FROM own JOIN pg_attribute AS a ON a.attrelid = own.oid WHERE a.attnum > 0 AND NOT"
    " a.attisdropped AND a.attgenerated <> ''"
    " UNION ALL SELECT 6, name, format('%s has a table below it, %s', name, i.inhrelid::regclass),"
    " '' FROM own JOIN pg_inherits AS i ON i.inhparent = own.oid"
    " UNION ALL SELECT 7, 'keepsake_ledger', 'the trigger that keeps keepsake_ledger from being"
    " changed is gone, switched off or another one', 'CREATE TRIGGER keepsake_ledger_never_changes"
    " BEFORE UPDATE OR DELETE OR TRUNCATE ON keepsake_ledger FOR EACH STATEMENT EXECUTE FUNCTION"
    " keepsake_ledger_refuse()' FROM own WHERE name = 'keepsake_ledger' AND NOT EXISTS (SELECT FROM"
    " pg_trigger AS t JOIN pg_proc AS f ON f.oid = t.tgfoid WHERE t.tgrelid = own.oid AND t.tgname"
    " = 'keepsake_ledger_never_changes' AND t.tgenabled IN ('O', 'A') AND t.tgtype = 58 AND"
    " t.tgqual IS NULL AND f.proname = 'keepsake_ledger_refuse' AND f.prosrc LIKE"
    " '%RAISE EXCEPTION ''the ledger is append-only''%')"
    " UNION ALL SELECT 8, w.name, format('the table %s is gone', w.name), '' FROM"
    " unnest(ARRAY['keepsake_label', 'keepsake_rule', 'keepsake_ledger']) AS w(name) WHERE"
    " $2::integer >= 2 AND NOT EXISTS (SELECT FROM own WHERE own.name = w.name))"
    " SELECT what, remedy, count(*) OVER () FROM odd ORDER BY place, name, what LIMIT 1";

int postgres_find_odd(struct postgres *p, char **ret_sentence, struct error *err)
{
    struct postgres_args args = {0};
    PGresult *owned;
    *ret_sentence = NULL;
    args_text(&args, p->schema);
    args_int(&args, p->settings.format);
    int rc = postgres_query(p, odd_sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return 0;
    AUTO_FREE char *what = value_copy(row, 0, 0);
    AUTO_FREE char *shown = text_printable(what, strlen(what));
    AUTO_FREE char *remedy = value_copy(row, 0, 1);
    AUTO_FREE char *more = value_int(row, 0, 2) > 1
                               ? xasprintf(" (and %lld more)", (long long)value_int(row, 0, 2) - 1)
                               : xstrdup("");
    *ret_sentence = xasprintf("in the gallery %s, %s%s, and it could change what is stored or "
                              "read: %s%s%srestore a backup",
                              p->store.name, shown, more, remedy[0] ? "run " : "", remedy,
                              remedy[0] ? "; there, or " : "");
    return 0;
}

int postgres_check_objects(struct postgres *p, struct error *err)
{
    char *found;
    int rc = postgres_find_odd(p, &found, err);
    if (rc || !found)
        return rc;
    AUTO_FREE char *sentence = found;
    p->failure = POSTGRES_FINAL;
    return error_set(err, ERR_CORRUPT, "%s", sentence);
}
