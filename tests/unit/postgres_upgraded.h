/* SPDX-License-Identifier: MIT */
/* What an upgraded gallery on a server has: the rows that it had, and the tables, indexes and
 * triggers of a new gallery, as the server itself describes them. */
#pragma once

#include "postgres_fixture.h"
#include "store/albums.h"
#include "transfer/transfer.h"

/* Columns s (the name of the schema) and w (what is in it, with the name of its schema). Where a
 * column comes in its table, and how it is compressed, make no difference. */
#define SCHEMA_OBJECTS                                                                         \
    "n AS (SELECT oid, nspname AS s FROM pg_namespace WHERE nspname IN ('%s', '%s')),"         \
    " c AS (SELECT s, pg_class.* FROM n JOIN pg_class ON relnamespace = n.oid),"               \
    " d AS (SELECT s, concat_ws(' ', relname, relkind) AS w FROM c WHERE relkind <> 'c'"       \
    " UNION ALL SELECT s, concat_ws(' ', relname, attname, format_type(atttypid, atttypmod),"  \
    " attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid)) FROM c JOIN"         \
    " pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN"          \
    " pg_attrdef ON adrelid = c.oid AND adnum = attnum WHERE relkind IN ('r', 'p', 'f', 'v')"  \
    " UNION ALL SELECT s, concat_ws(' ', conrelid::regclass, conname,"                         \
    " pg_get_constraintdef(k.oid)) FROM n JOIN pg_constraint AS k ON connamespace = n.oid"     \
    " UNION ALL SELECT s, pg_get_indexdef(oid) FROM c WHERE relkind IN ('i', 'I')"             \
    " UNION ALL SELECT s, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled) FROM c JOIN"     \
    " pg_trigger AS t ON tgrelid = c.oid AND NOT tgisinternal"                                 \
    " UNION ALL SELECT s, concat_ws(' ', relname, pg_get_viewdef(oid)) FROM c WHERE relkind =" \
    " 'v' UNION ALL SELECT s, pg_get_functiondef(f.oid) FROM n JOIN pg_proc AS f ON"           \
    " pronamespace = n.oid),"                                                                  \
    " o AS (SELECT s, regexp_replace(replace(replace(w, s || '.', ''), s, 'SCHEMA'),"          \
    " '[[:space:]]', '', 'g') AS w FROM d)"

/* The first objects that only one of them has, or that differ, into ret_line; "" if there are none.
 * False if the server refuses, or if a schema has nothing. */
static inline bool compare_schemas(const char *a, const char *b, char *ret_line, size_t size)
{
    return postgres_sql(
        ret_line, size,
        "SET search_path = %s, public; WITH " SCHEMA_OBJECTS
        " SELECT CASE WHEN (SELECT count(DISTINCT s) FROM o) < 2 THEN 'nothing to compare' ELSE"
        " (SELECT left(replace(string_agg(s || ': ' || w, '; '), E'\\n', ' '), 900) FROM (SELECT"
        " min(s) AS s, w FROM o GROUP BY w HAVING count(*) <> 2 ORDER BY w) AS u) END",
        a, a, b);
}

static inline void is_like_new(const char *gallery, const char *how)
{
    AUTO_FREE char *fresh = fixture_gallery();
    char difference[1024] = "";
    store_close(fixture_open(fresh));
    bool good = compare_schemas(postgres_schema(fresh), postgres_schema(gallery), difference,
                                sizeof difference);
    ok(good && !difference[0], "%s has the tables, indexes and triggers of a new gallery: %s", how,
       difference);
}

static inline int count_member(void *context, const struct store_member *member)
{
    *(int64_t *)context += member->put_in ? 1 : 100;
    return 0;
}

static inline int count_album(void *context, const struct store_album *album)
{
    *(int64_t *)context += album->put_in + 100 * album->left_out + 1000 * (album->query[0] == 't');
    return 0;
}

static inline void takes_albums(const char *gallery, const char *how)
{
    struct error err = ERROR_INIT;
    AUTO(store) *store = fixture_open(gallery);
    AUTO(store) *exported = NULL;
    AUTO_FREE char *file = xasprintf("%s/albums.keepsake", fixture_folder);
    struct transfer_report report;
    int64_t id, in = fixture_id(store, "/photos/2.jpg"), out = fixture_id(store, "/photos/3.jpg");
    int64_t albums = 0, members = 0;
    ok(!store_add_album(store, "Trip", "taken:2019", &id, &err) &&
           !store_set_members(store, id, &in, 1, STORE_MEMBER_PUT_IN, &err) &&
           !store_set_members(store, id, &out, 1, STORE_MEMBER_LEFT_OUT, &err) &&
           !store_list_albums(store, count_album, &albums, &err) && albums == 1101,
       "%s takes albums", how);
    albums = 0;
    ok(!transfer_export(store, file, true, NULL, &report, &err) &&
           !store_open(file, STORE_READ, &exported, &err) &&
           !store_list_albums(exported, count_album, &albums, &err) && albums == 1101 &&
           !store_list_members(exported, count_member, &members, &err) && members == 101,
       "... which are exported: %s", err.message);
}

/* The rows of each table beside it, or how many are no longer part of a row of the table. */
static inline int64_t rows_of_3(const char *schema, bool compare)
{
    static const char *const tables[] = {"image_gallery",   "keepsake_label",  "keepsake_rule",
                                         "keepsake_ledger", "keepsake_signal", "keepsake_folder",
                                         "keepsake_damage", "keepsake_failure"};
    int64_t odd = 0;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char line[64] = "1";
        bool good =
            compare ? postgres_sql(line, sizeof line,
                                   "SELECT count(*) FROM %s_old.%s AS o WHERE NOT EXISTS"
                                   " (SELECT FROM %s.%s AS n WHERE to_jsonb(n) @>"
                                   " to_jsonb(o))",
                                   schema, tables[i], schema, tables[i])
                    : postgres_sql(line, sizeof line,
                                   "SET client_min_messages = error; CREATE SCHEMA IF NOT EXISTS "
                                   "%s_old; CREATE TABLE"
                                   " %s_old.%s AS SELECT * FROM %s.%s; SELECT (count(*) ="
                                   " 0)::int FROM %s_old.%s",
                                   schema, schema, tables[i], schema, tables[i], schema, tables[i]);
        odd += good ? atoll(line) : 1;
    }
    return odd;
}
