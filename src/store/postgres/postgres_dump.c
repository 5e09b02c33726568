/* SPDX-License-Identifier: MIT */
/* Reads a whole gallery from one snapshot. */
#include <stdio.h>
#include <string.h>

#include "store/postgres/postgres_internal.h"

/* Rows are read in pages to bound memory, all from one snapshot. */
#define PAGE_ROWS 1024

struct dump {
    int (*each)(void *context, const struct store_change *change);
    void *context;
    float *vector;    /* buffer for one vector */
    bool given;       /* a row was delivered, so the dump cannot be repeated */
    int stopped;      /* the non-zero return value of `each` */
    struct error why; /* the first error */
};

static int give(struct dump *d, const struct store_change *change)
{
    d->given = true;
    return d->each(d->context, change);
}

static void read_vector(struct postgres *p, const struct dump *d, const PGresult *rows, int row,
                        char *why, size_t size, struct store_change *change)
{
    const int column = POSTGRES_AFTER_PHOTO;
    if (PQgetisnull(rows, row, column))
        snprintf(why, size, "it has no vector");
    else if (value_vector(p, rows, row, column, d->vector, NULL))
        snprintf(why, size, "its vector has not %zu numbers", p->dim);
    else
        change->vector = d->vector;
    change->reason = change->vector ? NULL : why;
}

static int give_photo(struct postgres *p, struct dump *d, const PGresult *rows, int row)
{
    char why[96];
    uint8_t hash[HASH_BYTES];
    struct photo_facts facts;
    AUTO_FREE char *path = value_copy(rows, row, 1);
    struct store_change change = {
        .kind = STORE_ADD,
        .id = value_int(rows, row, 0),
        .path = path,
        .size = value_int(rows, row, 2),
        .mtime_ns = value_int(rows, row, 3),
        .hash = hash,
        .facts = &facts,
    };
    value_hash(rows, row, 4, hash);
    postgres_read_facts(rows, row, 5, &facts);
    value_text(rows, row, POSTGRES_AFTER_PHOTO + 1, facts.damage, sizeof facts.damage);
    change.position = (int)value_int(rows, row, POSTGRES_AFTER_PHOTO + 2);
    read_vector(p, d, rows, row, why, sizeof why, &change);
    return give(d, &change);
}

#define PHOTOS(of_format)                                                            \
    "SELECT " POSTGRES_PHOTO ", embedding::vector, " of_format " FROM image_gallery" \
    " WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint"

static int dump_photos(struct postgres *p, struct dump *d, struct error *err)
{
    int64_t last = INT64_MIN;
    const char *sql = postgres_facts_sql(
        p, p->settings.format < 3 ? PHOTOS("'', 0") : PHOTOS(POSTGRES_DAMAGE ", position"));
    for (;;) {
        struct postgres_args args = {0};
        PGresult *owned;
        args_int(&args, last);
        args_int(&args, PAGE_ROWS);
        int rc = postgres_query(p, sql, &args, &owned, err);
        if (rc)
            return rc;
        AUTO_RESULT *rows = owned;
        int n = PQntuples(rows);
        for (int i = 0; i < n && !d->stopped; i++)
            d->stopped = give_photo(p, d, rows, i);
        if (n < PAGE_ROWS || d->stopped)
            return 0;
        last = value_int(rows, n - 1, 0);
    }
}

static int give_failure(struct dump *d, const PGresult *rows, int row)
{
    uint8_t hash[HASH_BYTES];
    AUTO_FREE char *path = value_copy(rows, row, 0);
    AUTO_FREE char *reason = value_copy(rows, row, 4);
    AUTO_FREE char *version = value_copy(rows, row, 5);
    value_hash(rows, row, 3, hash);
    struct store_change change = {
        .kind = STORE_FAIL,
        .path = path,
        .size = value_int(rows, row, 1),
        .mtime_ns = value_int(rows, row, 2),
        .hash = PQgetisnull(rows, row, 3) ? NULL : hash,
        .reason = reason,
        .version = version,
    };
    return give(d, &change);
}

#define FAILURES(version)                                             \
    "SELECT path_key, size, mtime_ns, hash, reason, " version " FROM" \
    " keepsake_failure WHERE NOT (" POSTGRES_DROPPED                  \
    ") AND path_key > $1 ORDER BY path_key LIMIT $2::bigint"

static int dump_failures(struct postgres *p, struct dump *d, struct error *err)
{
    AUTO_FREE char *last = xstrdup("");
    bool is_new = p->settings.format >= 3;
    for (;;) {
        struct postgres_args args = {0};
        PGresult *owned;
        args_bytes(&args, last, strlen(last));
        args_int(&args, PAGE_ROWS);
        int rc = postgres_query(p, is_new ? FAILURES("version") : FAILURES("''::text"), &args,
                                &owned, err);
        if (rc)
            return rc;
        AUTO_RESULT *rows = owned;
        int n = PQntuples(rows);
        for (int i = 0; i < n && !d->stopped; i++)
            d->stopped = give_failure(d, rows, i);
        if (n < PAGE_ROWS || d->stopped)
            return 0;
        free(last);
        last = value_copy(rows, n - 1, 0);
    }
}

static int dump_snapshot(struct postgres *p, void *context, struct error *err)
{
    struct dump *d = context;
    if (d->given) /* interrupted after some rows were delivered */
        return error_set(err, d->why.code, "%s", d->why.message);
    int rc = postgres_read_settings(p, &d->why);
    if (!rc)
        rc = postgres_script(p, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", &d->why);
    free(d->vector);
    d->vector = xmalloc(p->dim * sizeof *d->vector + 1);
    if (!rc)
        rc = dump_photos(p, d, &d->why);
    if (!rc && !d->stopped)
        rc = dump_failures(p, d, &d->why);
    if (!rc)
        rc = postgres_script(p, "COMMIT", &d->why);
    return rc ? error_set(err, rc, "%s", d->why.message) : 0;
}

int postgres_dump(struct store *store,
                  int (*each)(void *context, const struct store_change *change), void *context,
                  struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct dump d = {.each = each, .context = context};
    int rc = postgres_attempt(p, dump_snapshot, &d, err);
    free(d.vector);
    return rc ? rc : d.stopped;
}
