/* SPDX-License-Identifier: MIT */
/* Runs statements with binary parameters, one by one or in a pipeline.
 *
 * A connection pooler may give each transaction another session of the server, and gives the
 * session to other programs in between. Then nothing is set for a session: every transaction, also
 * that of a single statement, begins with the settings of p->enter_sql. */
#include <stdio.h>
#include <string.h>

#include "store/postgres/postgres_internal.h"

static void add(struct postgres_args *a, const char *value, size_t length, int format)
{
    if (a->count == POSTGRES_ARGS)
        BUG("more than %d parameters", POSTGRES_ARGS);
    a->values[a->count] = value;
    a->lengths[a->count] = (int)length;
    a->formats[a->count++] = format;
}

void args_int(struct postgres_args *a, int64_t value)
{
    snprintf(a->numbers[a->count], sizeof *a->numbers, "%lld", (long long)value);
    add(a, a->numbers[a->count], 0, 0);
}

void args_double(struct postgres_args *a, double value)
{
    snprintf(a->numbers[a->count], sizeof *a->numbers, "%.17g", value);
    add(a, a->numbers[a->count], 0, 0);
}

void args_text(struct postgres_args *a, const char *text)
{
    add(a, text, 0, 0);
}

void args_bytes(struct postgres_args *a, const void *data, size_t size)
{
    add(a, data, size, 1);
}

const char *postgres_facts_sql(struct postgres *p, const char *template_sql)
{
    return fact_sql(&p->facts, template_sql, p->settings.format);
}

static const struct postgres_args no_args;

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static bool begins_transaction(const char *sql)
{
    return strncmp(sql, "BEGIN", strlen("BEGIN")) == 0;
}

static bool must_enter(const struct postgres *p)
{
    return p->pooled && PQtransactionStatus(p->conn) == PQTRANS_IDLE;
}

static int send_settings(struct postgres *p, struct error *err)
{
    p->must_enter = false;
    p->parsed = NULL;
    return PQsendQueryParams(p->conn, p->enter_sql, 0, NULL, NULL, NULL, NULL, 1)
               ? 0
               : postgres_error(p, NULL, err);
}

static int collect(struct postgres *p, bool any, PGresult **rows, struct error *err);

/* Runs the settings and the statement as one transaction. */
static int query_with_settings(struct postgres *p, const char *sql,
                               const struct postgres_args *args, PGresult **ret_result,
                               struct error *err)
{
    AUTO_RESULT *last = NULL;
    if (!PQenterPipelineMode(p->conn))
        return postgres_error(p, NULL, err);
    int rc = send_settings(p, err);
    if (!rc && !PQsendQueryParams(p->conn, sql, args->count, NULL, args->values, args->lengths,
                                  args->formats, 1))
        rc = postgres_error(p, NULL, err);
    if (!rc)
        rc = PQpipelineSync(p->conn) ? collect(p, true, &last, err) : postgres_error(p, NULL, err);
    if (!PQexitPipelineMode(p->conn) && !rc)
        rc = postgres_error(p, NULL, err);
    if (rc)
        return rc;
    *ret_result = last;
    last = NULL;
    return 0;
}

int postgres_query(struct postgres *p, const char *sql, const struct postgres_args *args,
                   PGresult **ret_result, struct error *err)
{
    if (!args)
        args = &no_args;
    p->parsed = NULL;
    if (must_enter(p))
        return query_with_settings(p, sql, args, ret_result, err);
    bool sent = PQsendQueryParams(p->conn, sql, args->count, NULL, args->values, args->lengths,
                                  args->formats, 1);
    AUTO_RESULT *result = sent ? postgres_last_result(p) : NULL;
    if (!is_good(result))
        return postgres_error(p, result, err);
    *ret_result = result;
    result = NULL;
    return 0;
}

int postgres_run(struct postgres *p, const char *sql, const struct postgres_args *args,
                 int64_t *ret_changed, struct error *err)
{
    PGresult *owned;
    int rc = postgres_query(p, sql, args, &owned, err);
    if (rc)
        return rc;
    AUTO_RESULT *result = owned;
    if (ret_changed)
        *ret_changed = strtoll(PQcmdTuples(result), NULL, 10);
    return 0;
}

/* Returns the script with the settings at its beginning, or after its BEGIN. The caller frees it.
 */
static char *add_settings(const struct postgres *p, const char *sql)
{
    if (!begins_transaction(sql))
        return xasprintf("%s; %s", p->enter_sql, sql);
    int begin = (int)strcspn(sql, ";");
    return xasprintf("%.*s; %s%s", begin, sql, p->enter_sql, sql + begin);
}

int postgres_script(struct postgres *p, const char *sql, struct error *err)
{
    p->parsed = NULL;
    AUTO_FREE char *whole = must_enter(p) ? add_settings(p, sql) : NULL;
    AUTO_RESULT *result =
        PQsendQuery(p->conn, whole ? whole : sql) ? postgres_last_result(p) : NULL;
    return is_good(result) ? 0 : postgres_error(p, result, err);
}

int postgres_pipeline_start(struct postgres *p, struct error *err)
{
    p->parsed = NULL;
    p->must_enter = must_enter(p);
    return PQenterPipelineMode(p->conn) ? 0 : postgres_error(p, NULL, err);
}

int postgres_pipeline_send(struct postgres *p, const char *sql, const struct postgres_args *args,
                           struct error *err)
{
    bool enters = p->must_enter;
    if (!args)
        args = &no_args;
    int rc = enters && !begins_transaction(sql) ? send_settings(p, err) : 0;
    if (rc)
        return rc;
    if (p->parsed != sql && !PQsendPrepare(p->conn, "", sql, 0, NULL))
        return postgres_error(p, NULL, err);
    p->parsed = sql;
    if (!PQsendQueryPrepared(p->conn, "", args->count, args->values, args->lengths, args->formats,
                             1))
        return postgres_error(p, NULL, err);
    return enters && begins_transaction(sql) ? send_settings(p, err) : 0;
}

/* Collects the results; *rows becomes the last one that has rows, or with `any` the last one. A
 * NULL follows the results of each statement, and two NULLs mean the end.
 */
static int collect(struct postgres *p, bool any, PGresult **rows, struct error *err)
{
    int rc = 0;
    for (int nothing = 0; nothing < 2;) {
        PGresult *result = postgres_next_result(p);
        nothing = result ? 0 : nothing + 1;
        ExecStatusType status = result ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
        if (!rc && result && status != PGRES_PIPELINE_SYNC && status != PGRES_PIPELINE_ABORTED &&
            !is_good(result))
            rc = postgres_error(p, result, err);
        if (status == PGRES_TUPLES_OK || (any && status == PGRES_COMMAND_OK)) {
            PQclear(*rows);
            *rows = result;
        } else {
            PQclear(result);
        }
        if (status == PGRES_PIPELINE_SYNC)
            return rc;
    }
    return rc ? rc : postgres_error(p, NULL, err);
}

int postgres_pipeline_finish(struct postgres *p, int rc, PGresult **ret_result, struct error *err)
{
    AUTO_RESULT *rows = NULL;
    struct error later;
    struct error *why = rc ? &later : err;
    enum postgres_failure failure = p->failure;
    int finished =
        PQpipelineSync(p->conn) ? collect(p, false, &rows, why) : postgres_error(p, NULL, why);
    p->parsed = NULL;
    if (!finished && !PQexitPipelineMode(p->conn))
        finished = postgres_error(p, NULL, why);
    if (rc) {
        p->failure = failure; /* keep the first failure */
        return rc;
    }
    if (finished)
        PQexitPipelineMode(p->conn);
    if (!finished && ret_result) {
        *ret_result = rows;
        rows = NULL;
    }
    return finished;
}
