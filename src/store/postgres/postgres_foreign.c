/* SPDX-License-Identifier: MIT */
/* Finds the vector indexes that other programs made on image_gallery, which are never dropped, and
 * says whether searches can use them. */
#include "base/text.h"
#include "store/postgres/postgres_internal.h"

#define OF_CLASS(reason, class)               \
    "CASE WHEN " reason " <> '' THEN " reason \
    " WHEN " class " <> $1 THEN format('it "  \
                   "is for %s, and searches compare by %s', " class ", $1) ELSE '' END"

/* Select name, kind, and the reason why no search can use the index, or ''. $1: the operator class
 * that searches use; $2: the kind of an adopted index in use, which is not a foreign one. */
static const char foreign_sql[] = "SELECT name, kind, " OF_CLASS(
    "reason", "class") " FROM (SELECT c.relname::text AS name,"
                       " a.amname::text AS kind, o.opcname::text AS class, " POSTGRES_UNUSABLE
                       " AS reason" POSTGRES_VECTOR_INDEXES " AND " POSTGRES_NOT_OWN
                       " AND NOT (" POSTGRES_ADOPTED_INDEX("$2", "$1") ")) AS others ORDER BY 1";
static const char split_foreign_sql[] = "SELECT name || ' of part ' || part, kind, " OF_CLASS(
    "reason",
    "class") " FROM keepsake_parts,"
             " json_to_recordset(others::json) AS o(name text, kind text, class text, reason text)"
             " ORDER BY part, name";

struct telling {
    void (*each)(void *context, const struct store_finding *finding);
    void *context;
};

/* A usable index competes with keepsake's own: the planner chooses the cheaper one. */
static void tell_index(const struct postgres *p, const struct telling *telling,
                       const PGresult *rows, int row)
{
    const char *reason = value_bytes(rows, row, 2);
    const enum store_index_kind built = p->settings.index.built;
    bool competes = !reason[0] && built != STORE_INDEX_NONE;
    AUTO_FREE char *copy = value_copy(rows, row, 0);
    AUTO_FREE char *name = text_printable(copy, strlen(copy));
    AUTO_FREE char *use =
        reason[0]  ? xasprintf("searches cannot use it: %s", reason)
        : competes ? xasprintf("the server may use it for searches instead of the %s index that "
                               "keepsake tunes; if results are missing, drop one of them",
                               store_index_name(built))
                   : xasprintf("searches are exact and do not use it (`keepsake index "
                               "--vector-index %s` makes one that they use)",
                               value_bytes(rows, row, 1));
    AUTO_FREE char *sentence =
        xasprintf("the index %s (%s) was made by another program and is left as it is; %s", name,
                  value_bytes(rows, row, 1), use);
    struct store_finding finding = {"index", competes ? STORE_WARNING : STORE_GOOD, sentence};
    telling->each(telling->context, &finding);
}

static int list_foreign(struct postgres *p, void *context, struct error *err)
{
    char class[POSTGRES_CLASS];
    struct postgres_args args = {0};
    PGresult *owned;
    int rc = postgres_read_settings(p, err);
    bool split = p->settings.shards > 0;
    if (rc || (split && p->settings.format < 4)) /* whose view has no such column */
        return rc;
    const enum store_index_kind built = p->settings.index.built;
    postgres_index_class(p, built == STORE_INDEX_NONE ? STORE_INDEX_IVFFLAT : built, class);
    args_text(&args, class);
    if (!split)
        args_text(&args, postgres_adopted_kind(p));
    rc = postgres_query(p, split ? split_foreign_sql : foreign_sql, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = owned;
    for (int i = 0; i < PQntuples(rows); i++)
        tell_index(p, context, rows, i);
    return 0;
}

int postgres_tell_foreign(struct postgres *p,
                          void (*each)(void *context, const struct store_finding *finding),
                          void *context, struct error *err)
{
    struct telling telling = {each, context};
    return postgres_attempt(p, list_foreign, &telling, err);
}
