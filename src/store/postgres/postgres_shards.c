/* SPDX-License-Identifier: MIT */
/* Runs statements on all servers of a split gallery, through dblink. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "store/postgres/postgres_internal.h"

/* postgres_fdw reads and writes rows. Other statements, such as CREATE INDEX, go to the shards
 * through dblink, which logs in with the same user mappings. */

#define SHARDS                                                                              \
    "(SELECT substr(c.relname, 20)::integer AS number, s.srvname::text AS server,"          \
    " (SELECT option_value FROM pg_options_to_table(f.ftoptions) WHERE option_name ="       \
    " 'schema_name') AS schema FROM pg_inherits AS i JOIN pg_class AS c ON c.oid ="         \
    " i.inhrelid JOIN pg_foreign_table AS f ON f.ftrelid = c.oid JOIN pg_foreign_server AS" \
    " s ON s.oid = f.ftserver WHERE i.inhparent = 'image_gallery'::regclass) AS shards"

/* Runs a query in which %s stands for the schema of dblink's functions. */
static int call(struct postgres *p, const char *schema, const char *format, const char *argument,
                int64_t *ret_value, struct error *err)
{
    struct strbuf sql = STRBUF_INIT(65536);
    int rc = 0;
    for (const char *at = format; !rc && *at;) {
        const char *mark = strstr(at, "DBLINK.");
        rc = strbuf_add(&sql, at, mark ? (size_t)(mark - at) : strlen(at), err);
        if (!rc && mark)
            rc = strbuf_addf(&sql, err, "%s.", schema);
        at = mark ? mark + strlen("DBLINK.") : at + strlen(at);
    }
    AUTO_FREE char *text = strbuf_take(&sql);
    struct postgres_args args = {0};
    PGresult *owned;
    if (argument)
        args_text(&args, argument);
    if (!rc)
        rc = postgres_query(p, text, &args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    if (ret_value)
        *ret_value = PQntuples(result) ? value_int(result, 0, 0) : 0;
    return 0;
}

static int find_dblink(struct postgres *p, char **ret_schema, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p,
                            "SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace"
                            " AS n ON n.oid = e.extnamespace WHERE e.extname = 'dblink'",
                            NULL, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *row = owned;
    if (!PQntuples(row))
        return error_set(err, ERR_UNSUPPORTED,
                         "the database of the gallery %s has lost the extension dblink, through "
                         "which its shards get commands: run CREATE EXTENSION dblink; there",
                         p->store.name);
    *ret_schema = value_copy(row, 0, 0);
    return 0;
}

static int hang_up(struct postgres *p, const char *schema, struct error *err)
{
    return call(p, schema,
                "SELECT count(DBLINK.dblink_disconnect(name)) FROM"
                " unnest(DBLINK.dblink_get_connections()) AS name WHERE name LIKE 'keepsake/%'",
                NULL, NULL, err);
}

/* Runs one statement on all shards in parallel. The results of a shard end with an empty one, and
 * every shard has the same number of results. */
static int run_one(struct postgres *p, const char *schema, const char *statement, struct error *err)
{
    int64_t more = 0;
    int rc = call(p, schema,
                  "SELECT min(DBLINK.dblink_send_query('keepsake/' || number, $1)) FROM " SHARDS,
                  statement, NULL, err);
    do {
        if (!rc)
            rc = call(p, schema,
                      "SELECT count(*) FROM " SHARDS ", LATERAL"
                      " DBLINK.dblink_get_result('keepsake/' || number) AS result (said text)",
                      NULL, &more, err);
    } while (!rc && more);
    return rc;
}

static int dial(struct postgres *p, const char *schema, struct error *err)
{
    return call(p, schema,
                "SELECT count(DBLINK.dblink_connect('keepsake/' || number, server)) FROM " SHARDS,
                NULL, NULL, err);
}

/* Sets the schema of its shard in every dblink session. */
static int enter_schemas(struct postgres *p, const char *schema, struct error *err)
{
    return call(p, schema,
                "SELECT count(DBLINK.dblink_exec('keepsake/' || number, format('DO $do$ BEGIN"
                " PERFORM set_config(''search_path'', quote_ident(%L) || '', '' ||"
                " quote_ident(n.nspname), false) FROM pg_extension AS e JOIN pg_namespace AS n ON"
                " n.oid = e.extnamespace WHERE e.extname = ''vector''; END $do$', schema)))"
                " FROM " SHARDS,
                NULL, NULL, err);
}

int postgres_shards_run(struct postgres *p, const char *const *statements, size_t n,
                        struct error *err)
{
    char *found = NULL;
    struct error why = ERROR_INIT, ignored;
    int rc = find_dblink(p, &found, err);
    if (rc)
        return rc;
    AUTO_FREE char *schema = found;
    rc = hang_up(p, schema, &why);
    if (!rc)
        rc = dial(p, schema, &why);
    if (!rc)
        rc = enter_schemas(p, schema, &why);
    for (size_t i = 0; !rc && i < n; i++)
        rc = run_one(p, schema, statements[i], &why);
    if (!rc)
        return hang_up(p, schema, err);
    enum postgres_failure failure = p->failure;
    char sqlstate[sizeof p->sqlstate];
    memcpy(sqlstate, p->sqlstate, sizeof sqlstate);
    if (PQtransactionStatus(p->conn) == PQTRANS_IDLE && hang_up(p, schema, &ignored))
        failure = POSTGRES_LOST;
    p->failure = failure;
    memcpy(p->sqlstate, sqlstate, sizeof sqlstate);
    return error_set(err, rc, "%s", why.message);
}

/* ---- indexes ---- */

#define DROP_INDEX(name)                                                  \
    "IF EXISTS (SELECT" POSTGRES_VECTOR_INDEXES " AND c.relname = '" name \
    "') THEN DROP INDEX " name "; END IF;"

int postgres_shards_index(struct postgres *p, const char *create, int64_t kilobytes, bool parallel,
                          struct error *err)
{
    AUTO_FREE char *memory =
        xasprintf("DO $do$ BEGIN PERFORM set_config('maintenance_work_mem', '%lldkB', false) FROM"
                  " pg_settings WHERE name = 'maintenance_work_mem' AND setting::bigint < %lld;"
                  " END $do$",
                  (long long)kilobytes, (long long)kilobytes);
    const char *statements[] = {
        "SET statement_timeout = 0",
        parallel ? "SET jit = off" : "SET max_parallel_maintenance_workers = 0",
        memory,
        "DO $do$ BEGIN " DROP_INDEX(POSTGRES_NEW_INDEX) " END $do$",
        create ? create : "SET jit = off",
        "DO $do$ BEGIN " DROP_INDEX(
            POSTGRES_INDEX) " IF to_regclass('" POSTGRES_NEW_INDEX
                            "') IS NOT NULL THEN ALTER INDEX " POSTGRES_NEW_INDEX
                            " RENAME TO " POSTGRES_INDEX "; END IF; END $do$",
    };
    return postgres_shards_run(p, statements, sizeof statements / sizeof *statements, err);
}

/* ---- searching ---- */

/* A foreign scan is a cursor of which only the first rows are read, so the options tell the planner
 * that. The planner assumes that the distance of two vectors is as cheap as that of two numbers.
 * With enable_sort off, it uses an index that gives the order if there is one, and otherwise the
 * plan stays the same. ef_search is the number of rows that a scan reads in one step: with two
 * shards half of what a single index needs (postgres_effort.h). */
#define SHARD_EF_SEARCH_MIN 200
#define SHARD_EF_SEARCH_MAX 1000
char *postgres_shards_options(const struct store_index *index, int64_t photos)
{
    int64_t ef_search = 2 * (int64_t)sqrt((double)photos);
    ef_search = ef_search < SHARD_EF_SEARCH_MIN   ? SHARD_EF_SEARCH_MIN
                : ef_search > SHARD_EF_SEARCH_MAX ? SHARD_EF_SEARCH_MAX
                                                  : ef_search;
    return xasprintf(
        "-c cursor_tuple_fraction=0.0001 -c enable_sort=off -c jit=off -c hnsw.ef_search=%lld"
        " -c hnsw.iterative_scan=strict_order -c ivfflat.probes=%lld"
        " -c ivfflat.iterative_scan=relaxed_order",
        (long long)postgres_option(index->options, "ef_search", ef_search),
        (long long)postgres_ivfflat_probes(index, photos));
}

int postgres_shards_set_options(struct postgres *p, int64_t photos, struct error *err)
{
    AUTO_FREE char *options = postgres_shards_options(&p->settings.index, photos);
    AUTO_FREE char *sql = xasprintf(
        "DO $do$ DECLARE server text; BEGIN FOR server IN SELECT shards.server FROM " SHARDS
        " LOOP EXECUTE format('ALTER SERVER %%I OPTIONS (SET options %%L)', server, '%s');"
        " END LOOP; END $do$",
        options);
    return postgres_script(p, sql, err);
}

/* Each shard has its own LIMIT, which postgres_fdw sends to its server; it would not send a common
 * one. Nothing is sorted here, so that the plan is an Append, which waits for all servers at the
 * same time. */
char *postgres_shards_search_sql(int shards, const char *type, const char *order, const char *where,
                                 size_t limit)
{
    struct strbuf sql = STRBUF_INIT((size_t)64 << 20);
    int rc = 0;
    for (int i = 0; !rc && i < shards; i++)
        rc = strbuf_addf(&sql, NULL,
                         "%s(SELECT id::bigint, path_key, embedding::vector, embedding <#>"
                         " $1::vector::%s, %s, %d FROM"
                         " image_gallery_part_%d WHERE %s ORDER BY 5 LIMIT %zu)",
                         i ? " UNION ALL " : "", type, order, i, i, where, limit);
    if (rc)
        BUG("the search of %d shards does not fit", shards);
    return strbuf_take(&sql);
}
