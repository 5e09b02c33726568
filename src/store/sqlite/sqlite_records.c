/* SPDX-License-Identifier: MIT */
/* Writes and lists rules, ledger entries and labels as records. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

int sqlite_expect_row(struct query *q, struct error *err)
{
    struct sqlite *s = q->s;
    int64_t rows;
    int rc = query_get_int(q, &rows, err);
    return rc || rows == 1 ? rc : error_set(err, ERR_CORRUPT, STORE_NOT_KEPT, s->store.name);
}

/* ---- rules ---- */

static int put_rule(struct sqlite *s, const struct store_rule *rule, const char *key,
                    struct error *err)
{
    int64_t put = 0;
    struct query q = query_start(
        s, "INSERT INTO rule (kind, key, value, checksum) SELECT *, " SQLITE_RULE_SUM
           " FROM (SELECT ? AS kind, ? AS key, ? AS value) WHERE true ON CONFLICT DO UPDATE SET"
           " value = excluded.value, checksum = excluded.checksum WHERE checksum IS NOT"
           " row_checksum('rule', kind, key, value)");
    query_text(&q, store_rule_name(rule->kind));
    query_text(&q, key);
    query_text(&q, rule->kind == STORE_RULE_FOLDER ? key : rule->value);
    int rc = query_run(&q, &put, err);
    if (rc)
        return rc;
    q = query_start(s, "SELECT count(*) FROM rule WHERE kind = ? AND key = ? AND checksum IS"
                       " " SQLITE_RULE_SUM);
    query_text(&q, store_rule_name(rule->kind));
    query_text(&q, key);
    rc = sqlite_expect_row(&q, err);
    return rc || !put ? rc : sqlite_count_change(s, err);
}

static int remove_rule(struct sqlite *s, enum store_rule_kind kind, const char *key,
                       struct error *err)
{
    int64_t removed = 0;
    struct query q = query_start(
        s, "DELETE FROM rule WHERE (kind = ?1 AND key = ?2) OR (?2 IN (key, value) AND checksum"
           " IS NOT " SQLITE_RULE_SUM ")");
    query_text(&q, store_rule_name(kind));
    query_text(&q, key);
    int rc = query_run(&q, &removed, err);
    if (rc || removed)
        return rc ? rc : sqlite_count_change(s, err);
    AUTO_FREE char *name = text_printable(key, strlen(key));
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no rule for the %s %s", s->store.name,
                     store_rule_name(kind), name);
}

int sqlite_remove_rule(struct store *store, enum store_rule_kind kind, const char *key,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    return rc ? rc : sqlite_finish(s, remove_rule(s, kind, key, err), err);
}

int sqlite_list_rules(struct store *store,
                      int (*each)(void *context, const struct store_rule *rule), void *context,
                      struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_records(s, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(s, "SELECT kind = 'label', value FROM rule ORDER BY kind, key");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_rule rule = {sqlite3_column_int(q.statement, 0) ? STORE_RULE_LABEL
                                                                     : STORE_RULE_FOLDER,
                                  (const char *)sqlite3_column_text(q.statement, 1)};
        stopped = each(context, &rule);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

/* ---- the ledger ---- */

static void bind_entry(struct query *q, const struct ledger_entry *e)
{
    const char *texts[] = {
        e->request, ledger_event_name(e->event), e->purpose, e->provider, e->host, e->model,
        e->photos};
    const int64_t counts[] = {e->bytes, e->input_tokens, e->output_tokens, e->cache_read_tokens,
                              e->cache_write_tokens};
    query_int(q, e->at ? e->at : clock_unix());
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        query_text(q, texts[i]);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        query_int(q, counts[i]);
    if (isnan(e->cost_usd))
        query_null(q);
    else
        query_double(q, e->cost_usd);
    query_text(q, e->detail);
    query_text(q, e->facts);
}

static int put_entry(struct sqlite *s, const struct ledger_entry *entry, struct error *err)
{
    struct query q = query_start(
        s, "INSERT INTO ledger (at, request, event, purpose, provider, host, model, photos, bytes,"
           " input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, detail,"
           " facts, checksum) SELECT *, " SQLITE_ENTRY_SUM
           " FROM (SELECT ? AS at, ? AS request, ? AS event, ? AS purpose, ? AS provider, ? AS"
           " host, ? AS model, ? AS photos, ? AS bytes, ? AS input_tokens, ? AS output_tokens, ?"
           " AS cache_read_tokens, ? AS cache_write_tokens, ? AS cost_usd, ? AS detail, ? AS"
           " facts) AS new WHERE ? = 0 OR NOT EXISTS (SELECT 1 FROM ledger AS old WHERE old.at ="
           " new.at AND old.request = new.request AND old.event = new.event AND old.photos ="
           " new.photos AND old.detail = new.detail)");
    int64_t put = 0;
    bind_entry(&q, entry);
    query_int(&q, entry->at);
    int rc = query_run(&q, &put, err);
    if (rc || (!put && entry->at))
        return rc;
    q = query_start(s, "SELECT count(*) FROM ledger WHERE id = ? AND request = ? AND checksum IS"
                       " " SQLITE_ENTRY_SUM);
    query_int(&q, put ? sqlite3_last_insert_rowid(s->db) : 0);
    query_text(&q, entry->request);
    return sqlite_expect_row(&q, err);
}

static void read_entry(sqlite3_stmt *row, struct ledger_entry *ret_entry)
{
    const char *texts[17] = {NULL};
    for (int i = 2; i < 17; i++)
        if (sqlite3_column_type(row, i) == SQLITE_TEXT)
            texts[i] = (const char *)sqlite3_column_text(row, i);
    *ret_entry = (struct ledger_entry){
        .id = sqlite3_column_int64(row, 0),
        .at = sqlite3_column_int64(row, 1),
        .request = texts[2],
        .purpose = texts[4],
        .provider = texts[5],
        .host = texts[6],
        .model = texts[7],
        .photos = texts[8],
        .detail = texts[9],
        .bytes = sqlite3_column_int64(row, 10),
        .input_tokens = sqlite3_column_int64(row, 11),
        .output_tokens = sqlite3_column_int64(row, 12),
        .cache_read_tokens = sqlite3_column_int64(row, 13),
        .cache_write_tokens = sqlite3_column_int64(row, 14),
        .cost_usd = sqlite3_column_type(row, 15) == SQLITE_NULL ? (double)NAN
                                                                : sqlite3_column_double(row, 15),
        .facts = texts[16],
    };
    ledger_event_parse(texts[3], &ret_entry->event); /* the table allows no other values */
}

#define ENTRIES(facts, direction)                                                           \
    "SELECT id, at, request, event, purpose, provider, host, model, photos, detail, bytes," \
    " input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, " facts \
    " FROM ledger WHERE at >= ? ORDER BY at " direction ", id " direction

int sqlite_list_entries(struct store *store, int64_t since, bool newest_first,
                        int (*each)(void *context, const struct ledger_entry *entry), void *context,
                        struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has, has_facts;
    int stopped = 0, rc = sqlite_follow_records(s, &has, err);
    if (rc || !has)
        return rc;
    rc = sqlite_has_format(s, 3, &has_facts, err);
    if (rc)
        return rc;
    const char *forth = has_facts ? ENTRIES("facts", "ASC") : ENTRIES("''", "ASC");
    const char *back = has_facts ? ENTRIES("facts", "DESC") : ENTRIES("''", "DESC");
    struct query q = query_start(s, newest_first ? back : forth);
    query_int(&q, since);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct ledger_entry entry;
        read_entry(q.statement, &entry);
        stopped = each(context, &entry);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

/* ---- records of all kinds ---- */

static int put_record(struct sqlite *s, const struct store_record *record, const char *key,
                      struct error *err)
{
    switch (record->kind) {
    case STORE_RECORD_LABEL:
        return sqlite_put_label(s, &record->label, key, NULL, err);
    case STORE_RECORD_RULE:
        return put_rule(s, &record->rule, key, err);
    case STORE_RECORD_ALBUM:
        return sqlite_put_album(s, &record->album, key, err);
    case STORE_RECORD_MEMBER:
        return sqlite_put_member(s, &record->member, key, err);
    default:
        return put_entry(s, &record->entry, err);
    }
}

int sqlite_put_records(struct store *store, const struct store_record *records, char *const *keys,
                       size_t n, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < n; i++)
        rc = put_record(s, &records[i], keys[i], err);
    return sqlite_finish(s, rc, err);
}
