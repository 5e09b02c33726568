/* SPDX-License-Identifier: MIT */
/* Criteria that compare a value, as SQL for either kind of store. Private to store/. */
#pragma once

#include "base/strbuf.h"
#include "query/criteria.h"

struct criteria_sql;

/* How the SQL of one kind of store differs from the other's. */
struct criteria_dialect {
    const char *at_least, *at_most, *below; /* operators that compare text by its bytes */
    const char *lower, *lower_end;          /* around a text: A to Z become a to z */
    const char *find;                       /* function of a text and a part: the place, or 0 */
    /* Adds a parameter with this value to the statement, and what stands for it to sql->text. The
     * text is borrowed as long as `sql` is used. */
    void (*put_text)(struct criteria_sql *sql, const char *text);
    void (*put_number)(struct criteria_sql *sql, double number);
};

struct criteria_sql {
    struct strbuf text; /* begins as STRBUF_INIT(CRITERIA_SQL_BYTES) */
    const struct criteria_dialect *dialect;
    void *context; /* of the dialect */
    char **owned;  /* texts of parameters that were made for this statement */
    size_t owned_count, owned_cap;
};

/* Above what a tree within the limits can need: the values are parameters. */
#define CRITERIA_SQL_BYTES ((size_t)4 << 20)

void criteria_sql_add(struct criteria_sql *sql, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes `text` over, and gives it back borrowed. */
const char *criteria_sql_keep(struct criteria_sql *sql, char *text);
void criteria_sql_release(struct criteria_sql *sql);

/* Whether a gallery of this format has what the leaf compares; else no photo knows it. */
bool criteria_sql_has(const struct criteria *leaf, int format);
/* The condition of a leaf whose criterion has an expression or words: NULL only where
 * criteria_sql_value is. */
void criteria_sql_compare(struct criteria_sql *sql, const struct criteria *leaf);
/* The expression that is NULL for photos of which the leaf cannot tell; NULL for other types. */
const char *criteria_sql_value(const struct criteria *leaf);
