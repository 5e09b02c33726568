/* SPDX-License-Identifier: MIT */
/* Translates criteria that compare a value into SQL for either backend. Private to store/. */
#pragma once

#include "base/strbuf.h"
#include "query/criteria.h"

struct criteria_sql;

/* The differences between the SQL of the backends. */
struct criteria_dialect {
    bool is_sqlite;
    const char *at_least, *at_most, *below; /* operators that compare text by its bytes */
    const char *lower, *lower_end;          /* enclose an expression; fold A-Z to a-z */
    const char *find; /* function of a text and a substring: its position, or 0 */
    /* Adds a parameter with this value to the statement, and its placeholder to sql->text. The text
     * is borrowed as long as `sql` is used. */
    void (*put_text)(struct criteria_sql *sql, const char *text);
    void (*put_number)(struct criteria_sql *sql, double number);
};

struct criteria_sql {
    struct strbuf text; /* begins as STRBUF_INIT(CRITERIA_SQL_BYTES) */
    const struct criteria_dialect *dialect;
    void *context; /* of the dialect */
    char **owned;  /* parameter texts that this statement owns */
    size_t owned_count, owned_cap;
};

/* More than any tree within the limits can need, because values are parameters. */
#define CRITERIA_SQL_BYTES ((size_t)4 << 20)

void criteria_sql_add(struct criteria_sql *sql, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes ownership of `text` and returns it as a borrowed pointer. */
const char *criteria_sql_keep(struct criteria_sql *sql, char *text);
void criteria_sql_release(struct criteria_sql *sql);

/* Returns whether a gallery of this format stores the value that the leaf compares; if not, it is
 * unknown for every photo. */
bool criteria_sql_has(const struct criteria *leaf, int format);
/* Adds the condition of a leaf whose criterion has an expression or words. The condition is NULL
 * only where criteria_sql_value is NULL. */
void criteria_sql_compare(struct criteria_sql *sql, const struct criteria *leaf);
/* Returns the expression that is NULL for photos whose value is unknown; NULL for other types. */
const char *criteria_sql_value(const struct criteria *leaf);
