/* SPDX-License-Identifier: MIT */
/* Refuses to split a gallery while objects of other programs hang on its table of photos, which
 * would be lost with it, or prevent that it is replaced. */
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_internal.h"

/* One row per object. Names of keepsake's own objects begin with keepsake_. */
static const char hanging_sql[] =
    "WITH photos AS (SELECT oid, reltype FROM pg_class WHERE oid = 'image_gallery'::regclass),"
    " hanging AS (SELECT 1 AS place, format('the foreign key %s of %s', conname,"
    " conrelid::regclass) AS name FROM pg_constraint JOIN photos ON confrelid = photos.oid WHERE"
    " contype = 'f' AND conparentid = 0"
    " UNION ALL SELECT DISTINCT 2, format('the %s %s', CASE c.relkind WHEN 'm' THEN 'materialized"
    " view' ELSE 'view' END, c.oid::regclass) FROM pg_depend AS d JOIN photos ON d.refobjid ="
    " photos.oid JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid"
    " JOIN pg_class AS c ON c.oid = r.ev_class WHERE d.refclassid = 'pg_class'::regclass AND c.oid"
    " <> photos.oid AND c.relname NOT LIKE 'keepsake\\_%'"
    " UNION ALL SELECT 3, format('the rule %s', r.rulename) FROM pg_rewrite AS r JOIN photos ON"
    " r.ev_class = photos.oid"
    " UNION ALL SELECT 4, format('the trigger %s (%s)', t.tgname, t.tgfoid::regprocedure) FROM"
    " pg_trigger AS t JOIN photos ON t.tgrelid = photos.oid WHERE NOT t.tgisinternal AND t.tgname"
    " NOT LIKE 'keepsake\\_%'"
    " UNION ALL SELECT 5, format('the function %s', f.oid::regprocedure) FROM pg_depend AS d JOIN"
    " photos ON d.refclassid = 'pg_type'::regclass AND d.refobjid = photos.reltype JOIN pg_proc AS"
    " f ON d.classid = 'pg_proc'::regclass AND f.oid = d.objid"
    " UNION ALL SELECT 6, format('the policy %s', y.polname) FROM pg_policy AS y JOIN photos ON"
    " y.polrelid = photos.oid"
    " UNION ALL SELECT 7, format('the publication %s', b.pubname) FROM pg_publication_rel AS r JOIN"
    " photos ON r.prrelid = photos.oid JOIN pg_publication AS b ON b.oid = r.prpubid)"
    " SELECT string_agg(name, ', ' ORDER BY place, name) FROM hanging";

int postgres_refuse_hanging(struct postgres *p, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, hanging_sql, NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (PQgetisnull(row, 0, 0))
        return 0;
    AUTO_FREE char *names = value_copy(row, 0, 0);
    AUTO_FREE char *shown = text_printable(names, strlen(names));
    return error_set(err, ERR_INVALID,
                     "other objects hang on the table image_gallery of %s, which a split replaces: "
                     "%s; drop them first, and make them again afterwards (a foreign key cannot "
                     "refer to a split table: leave it out), nothing was changed",
                     p->store.name, shown);
}
