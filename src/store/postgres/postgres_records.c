/* SPDX-License-Identifier: MIT */
/* Writes and lists rules, ledger entries and labels as records. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "store/postgres/postgres_albums.h"

/* Statements sent before their answers are read. */
enum { IN_FLIGHT = 256 };

/* ---- adding ---- */

int postgres_explain_lost_row(const struct postgres *p, int rc, const struct error *why,
                              struct error *err)
{
    bool lost = strcmp(p->sqlstate, "22P02") == 0 && strstr(why->message, POSTGRES_LOST_ROW);
    return lost ? error_set(err, ERR_CORRUPT, STORE_NOT_KEPT, p->store.name)
                : error_set(err, rc, "%s", why->message);
}

static int send_rule(struct postgres *p, const struct store_rule *rule, const char *key,
                     struct error *err)
{
    struct postgres_args args = {0};
    AUTO_FREE char *value = text_printable(rule->value, strlen(rule->value));
    args_text(&args, store_rule_name(rule->kind));
    args_bytes(&args, key, strlen(key));
    args_text(&args, value);
    int rc = postgres_pipeline_send(
        p,
        "INSERT INTO keepsake_rule (kind, key, value, checksum) SELECT *, " POSTGRES_RULE_SUM
        " FROM (SELECT $1::text AS kind, $2::bytea AS key, $3::text AS value) AS new"
        " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, checksum ="
        " excluded.checksum WHERE keepsake_rule.checksum IS DISTINCT FROM"
        " substring(sha256(record_send(ROW('rule'::text, keepsake_rule.kind, keepsake_rule.key,"
        " keepsake_rule.value))) FOR 16)",
        &args, err);
    struct postgres_args again = {0};
    args_text(&again, store_rule_name(rule->kind));
    args_bytes(&again, key, strlen(key));
    return rc ? rc
              : postgres_pipeline_send(
                    p,
                    POSTGRES_EXPECT_ROW("keepsake_rule WHERE kind = $1 AND key = $2 AND checksum"
                                        " = " POSTGRES_RULE_SUM),
                    &again, err);
}

static const char entry_sql[] =
    "INSERT INTO keepsake_ledger (at, request, event, purpose, provider, host, model, photos,"
    " bytes, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, detail,"
    " facts, checksum) SELECT *, " POSTGRES_ENTRY_SUM " FROM (SELECT"
    " CASE WHEN $1::bigint = 0 THEN floor(extract(epoch FROM clock_timestamp()))::bigint"
    " ELSE $1::bigint END AS at, $2::text AS request, $3::text AS event, $4::text AS purpose,"
    " $5::text AS provider, $6::text AS host, $7::text AS model, $8::text AS photos,"
    " $9::bigint AS bytes, $10::bigint AS input_tokens, $11::bigint AS output_tokens,"
    " $12::bigint AS cache_read_tokens, $13::bigint AS cache_write_tokens,"
    " $14::float8 AS cost_usd, $15::text AS detail, $16::text AS facts OFFSET 0) AS new"
    " WHERE $1::bigint = 0 OR NOT EXISTS (SELECT FROM keepsake_ledger WHERE at = $1::bigint"
    " AND request = $2 AND event = $3 AND photos = $8 AND detail = $15)";

#define SAME_ENTRY                                                                     \
    "keepsake_ledger WHERE request = $1 AND event = $2 AND detail = $3 AND checksum =" \
    " " POSTGRES_ENTRY_SUM
static const char expect_entry_sql[] = POSTGRES_EXPECT_ROW(SAME_ENTRY);
/* Expects an entry that this transaction added, not an older one. */
static const char expect_new_entry_sql[] =
    POSTGRES_EXPECT_ROW(SAME_ENTRY " AND xmin = pg_current_xact_id()::xid");

static int send_entry(struct postgres *p, const struct ledger_entry *e, struct error *err)
{
    struct postgres_args args = {0};
    const char *texts[] = {
        e->request, ledger_event_name(e->event), e->purpose, e->provider, e->host, e->model,
        e->photos};
    const int64_t counts[] = {e->bytes, e->input_tokens, e->output_tokens, e->cache_read_tokens,
                              e->cache_write_tokens};
    args_int(&args, e->at);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        args_text(&args, texts[i]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        args_int(&args, counts[i]);
    if (isnan(e->cost_usd))
        args_text(&args, NULL);
    else
        args_double(&args, e->cost_usd);
    args_text(&args, e->detail);
    args_text(&args, e->facts);
    int rc = postgres_pipeline_send(p, entry_sql, &args, err);
    if (rc)
        return rc;
    struct postgres_args again = {0};
    args_text(&again, e->request);
    args_text(&again, ledger_event_name(e->event));
    args_text(&again, e->detail);
    return postgres_pipeline_send(p, e->at ? expect_entry_sql : expect_new_entry_sql, &again, err);
}

struct putting {
    const struct store_record *records;
    char *const *keys;
    size_t n;
};

static int send_record(struct postgres *p, const struct store_record *record, const char *key,
                       struct error *err)
{
    switch (record->kind) {
    case STORE_RECORD_LABEL:
        return postgres_send_label(p, &record->label, key, err);
    case STORE_RECORD_RULE:
        return send_rule(p, &record->rule, key, err);
    case STORE_RECORD_ALBUM:
        return postgres_send_album(p, &record->album, key, err);
    case STORE_RECORD_MEMBER:
        return postgres_send_member(p, &record->member, key, err);
    default:
        return send_entry(p, &record->entry, err);
    }
}

static int put(struct postgres *p, void *context, struct error *err)
{
    const struct putting *all = context;
    int rc = 0;
    if (all->records[0].kind == STORE_RECORD_ENTRY) /* a request is about to be sent */
        rc = postgres_check_objects(p, err);
    for (size_t i = 0; !rc && i < all->n;) {
        rc = postgres_pipeline_start(p, err);
        if (rc)
            return rc;
        for (size_t end = i + IN_FLIGHT; !rc && i < all->n && i < end; i++)
            rc = send_record(p, &all->records[i], all->keys[i], err);
        rc = postgres_pipeline_finish(p, rc, NULL, err);
    }
    return rc;
}

int postgres_put_records(struct store *store, const struct store_record *records, char *const *keys,
                         size_t n, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct error why;
    int rc = postgres_write(p, put, &(struct putting){records, keys, n}, &why);
    return rc ? postgres_explain_lost_row(p, rc, &why, err) : 0;
}

/* ---- rules ---- */

struct removing {
    enum store_rule_kind kind;
    const char *key;
};

static int remove_rule(struct postgres *p, void *context, struct error *err)
{
    const struct removing *r = context;
    struct postgres_args args = {0};
    int64_t removed = 0;
    args_text(&args, store_rule_name(r->kind));
    args_bytes(&args, r->key, strlen(r->key));
    int rc = postgres_run(p,
                          "DELETE FROM keepsake_rule WHERE (kind = $1 AND key = $2) OR ((key = $2"
                          " OR convert_to(value, 'UTF8') = $2) AND checksum IS DISTINCT FROM"
                          " " POSTGRES_RULE_SUM ")",
                          &args, &removed, err);
    if (rc || removed)
        return rc;
    AUTO_FREE char *name = text_printable(r->key, strlen(r->key));
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no rule for the %s %s", p->store.name,
                     store_rule_name(r->kind), name);
}

int postgres_remove_rule(struct store *store, enum store_rule_kind kind, const char *key,
                         struct error *err)
{
    struct postgres *p = postgres_of(store);
    return postgres_write(p, remove_rule, &(struct removing){kind, key}, err);
}

/* ---- reading ---- */

struct reading {
    /* For format 3, and for older formats with records; NULL: the same. */
    const char *sql, *old_sql;
    const struct postgres_args *args;
    PGresult *rows; /* NULL: a gallery that has no such table yet */
};

static int read_rows(struct postgres *p, void *context, struct error *err)
{
    struct reading *r = context;
    bool has = false, is_new = false;
    int rc = postgres_has_records(p, &has, err);
    if (!rc)
        rc = postgres_has_format(p, 3, &is_new, err);
    r->rows = NULL;
    if (rc || !has)
        return rc;
    return postgres_query(p, is_new || !r->old_sql ? r->sql : r->old_sql, r->args, &r->rows, err);
}

int postgres_list_rules(struct store *store,
                        int (*each)(void *context, const struct store_rule *rule), void *context,
                        struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct reading r = {
        .sql = "SELECT kind = 'label', CASE kind WHEN 'label' THEN convert_to(value, 'UTF8') ELSE"
               " key END FROM keepsake_rule ORDER BY kind, key"};
    int rc = postgres_attempt(p, read_rows, &r, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = r.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *value = value_copy(rows, i, 1);
        struct store_rule rule = {value_int(rows, i, 0) ? STORE_RULE_LABEL : STORE_RULE_FOLDER,
                                  value};
        rc = each(context, &rule);
    }
    return rc;
}

static int give_entry(const PGresult *rows, int row,
                      int (*each)(void *context, const struct ledger_entry *entry), void *context)
{
    enum { FIRST = 2, TEXTS = 8 }; /* request, event, purpose ... detail */
    char *texts[TEXTS];
    AUTO_FREE char *facts = value_copy(rows, row, 16);
    for (int i = 0; i < TEXTS; i++)
        texts[i] = value_copy(rows, row, FIRST + i);
    struct ledger_entry entry = {
        .id = value_int(rows, row, 0),
        .at = value_int(rows, row, 1),
        .request = texts[0],
        .purpose = texts[2],
        .provider = texts[3],
        .host = texts[4],
        .model = texts[5],
        .photos = texts[6],
        .detail = texts[7],
        .bytes = value_int(rows, row, 10),
        .input_tokens = value_int(rows, row, 11),
        .output_tokens = value_int(rows, row, 12),
        .cache_read_tokens = value_int(rows, row, 13),
        .cache_write_tokens = value_int(rows, row, 14),
        .cost_usd = PQgetisnull(rows, row, 15) ? (double)NAN : value_double(rows, row, 15),
        .facts = facts,
    };
    ledger_event_parse(texts[1], &entry.event); /* the table allows no other values */
    int stopped = each(context, &entry);
    for (int i = 0; i < TEXTS; i++)
        free(texts[i]);
    return stopped;
}

#define ENTRIES(facts, beyond, direction)                                                   \
    "SELECT id, at, request, event, purpose, provider, host, model, photos, detail,"        \
    " bytes, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,"           \
    " cost_usd, " facts " FROM keepsake_ledger WHERE at >= $4::bigint AND (at, id) " beyond \
    " ($1::bigint, $2::bigint) ORDER BY at " direction ", id " direction " LIMIT $3::bigint"

/* Entries are read in pages, with a small first one: a ledger grows for years, and mostly the
 * newest entries are wanted. */
enum { FIRST_ROWS = 100, PAGE_ROWS = 1000 };

int postgres_list_entries(struct store *store, int64_t since, bool newest_first,
                          int (*each)(void *context, const struct ledger_entry *entry),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    int64_t at = newest_first ? INT64_MAX : since, id = newest_first ? INT64_MAX : INT64_MIN;
    int most = newest_first ? FIRST_ROWS : PAGE_ROWS;
    for (bool more = true; more; most = PAGE_ROWS) {
        struct postgres_args args = {0};
        struct reading r = {.sql = ENTRIES("facts", ">", "ASC"),
                            .old_sql = ENTRIES("''::text", ">", "ASC"),
                            .args = &args};
        if (newest_first) {
            r.sql = ENTRIES("facts", "<", "DESC");
            r.old_sql = ENTRIES("''::text", "<", "DESC");
        }
        args_int(&args, at);
        args_int(&args, id);
        args_int(&args, most);
        args_int(&args, since);
        int rc = postgres_attempt(p, read_rows, &r, err);
        if (rc)
            return rc;
        AUTO_RESULT *rows = r.rows;
        int n = PQntuples(rows);
        more = n == most;
        for (int i = 0; i < n; i++) {
            rc = give_entry(rows, i, each, context);
            if (rc)
                return rc;
        }
        at = n ? value_int(rows, n - 1, 1) : at;
        id = n ? value_int(rows, n - 1, 0) : id;
    }
    return 0;
}
