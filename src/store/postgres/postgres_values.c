/* SPDX-License-Identifier: MIT */
/* Counts photos by the values of a fact, and by folder. */
#include "store/fact_values.h"
#include "store/postgres/postgres_internal.h"

struct counting {
    const struct fact *fact;
    PGresult *rows;
};

/* As find_parents of postgres_list.c: '' for the root. */
#define PARENT "decode(regexp_replace(encode(path_key, 'escape'), '/[^/]*$', ''), 'escape')"

static int fetch_counts(struct postgres *p, void *context, struct error *err)
{
    struct counting *c = context;
    const char *value = c->fact ? c->fact->name : PARENT;
    AUTO_FREE char *before = xasprintf("SELECT %s AS value, count(*) AS photos FROM ", value);
    AUTO_FREE char *after = xasprintf(" WHERE %s IS NOT NULL GROUP BY 1", value);
    AUTO_FREE char *shards = postgres_each_shard_sql(p, before, after);
    AUTO_FREE char *sql =
        xasprintf("SELECT value, sum(photos)::bigint FROM (%s) AS u GROUP BY value", shards);
    return postgres_query(p, sql, NULL, &c->rows, err);
}

int postgres_count_values(struct store *store, const struct fact *fact,
                          int (*each)(void *context, const struct store_value *value),
                          void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct counting c = {.fact = fact};
    bool has;
    int rc = postgres_has_format(p, fact ? fact->since : 1, &has, err);
    if (rc || !has)
        return rc;
    rc = postgres_attempt(p, fetch_counts, &c, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = c.rows;
    for (int i = 0; !rc && i < PQntuples(rows); i++) {
        AUTO_FREE char *value = value_copy(rows, i, 0);
        const char *text = fact || value[0] ? value : "/";
        rc = each(context, &(struct store_value){text, value_int(rows, i, 1)});
    }
    return rc;
}
