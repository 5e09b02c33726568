/* SPDX-License-Identifier: MIT */
/* Compiles a filter to SQL conditions with parameters. */
#include <string.h>

#include "store/postgres/postgres_internal.h"

enum { SQL_BYTES = 4096 };

static int number_text(struct postgres_args *args, const char *text)
{
    args_text(args, text);
    return args->count;
}

static int number_bytes(struct postgres_args *args, const char *bytes)
{
    args_bytes(args, bytes, strlen(bytes));
    return args->count;
}

static int add_folder(struct strbuf *sql, const struct bounds *b, struct postgres_args *args)
{
    int folder = number_bytes(args, b->folder), below = number_bytes(args, b->below);
    int past = number_bytes(args, b->past);
    return strbuf_addf(sql, NULL,
                       " AND path_key >= $%d AND path_key < $%d AND (path_key = $%d OR path_key >="
                       " $%d)",
                       folder, past, folder, below);
}

/* ~>=~ and ~<~ compare text as bytes, whatever the database's collation, and postgres_fdw sends
 * them on, which it does not do with COLLATE. '~' is after every date. */
static int add_dates(struct strbuf *sql, const struct bounds *b, struct postgres_args *args)
{
    int from = number_text(args, b->from), until = number_text(args, b->until[0] ? b->until : "~");
    return strbuf_addf(sql, NULL, " AND taken ~>=~ $%d::text AND taken ~<~ $%d::text", from, until);
}

/* The subquery is evaluated once, and its result goes to the parts of a split gallery. */
static int add_label(struct strbuf *sql, const struct postgres *p, const struct bounds *b,
                     struct postgres_args *args)
{
    if (p->settings.format < 2)
        return strbuf_addf(sql, NULL, " AND false");
    return strbuf_addf(sql, NULL,
                       " AND hash = ANY (ARRAY(SELECT hash FROM keepsake_label WHERE folded ="
                       " $%d::text))",
                       number_text(args, b->label));
}

char *postgres_filter_sql(const struct postgres *p, const struct bounds *b,
                          struct postgres_args *args)
{
    struct strbuf sql = STRBUF_INIT(SQL_BYTES);
    int rc = strbuf_addf(&sql, NULL, "true");
    if (!rc && b->folder)
        rc = add_folder(&sql, b, args);
    if (!rc && bounds_dated(b))
        rc = add_dates(&sql, b, args);
    if (!rc && b->label)
        rc = add_label(&sql, p, b, args);
    if (rc)
        BUG("the conditions of a filter do not fit");
    return strbuf_take(&sql);
}
