/* SPDX-License-Identifier: MIT */
/* Statements that name the columns of all facts (base/facts.h), written as templates.
 *
 *     "INSERT INTO photo (path, {#}) VALUES (?, {?}) ON CONFLICT DO UPDATE SET {# = excluded.#}"
 *
 * What stands in braces is repeated for each fact that has a column, joined by ", ". In it '#' is
 * the column, '@' its type, and "$11+" the parameter 11 plus the place of the fact among them. In a
 * gallery whose format has no such column yet, NULL stands there instead. */
#pragma once

#include <stddef.h>

#include "base/facts.h"
#include "base/memory.h"

enum fact_dialect { FACT_SQLITE, FACT_POSTGRES };

/* The statements of one store, made when they are first asked for. Zero-initialised. */
struct fact_sql {
    enum fact_dialect dialect;
    struct fact_statement *statements;
    size_t count, cap;
};

/* The statement for a gallery of that format. `template_sql` is known by its address. The result
 * stays, at the same address, until fact_sql_release. */
const char *fact_sql(struct fact_sql *f, const char *template_sql, int format);
void fact_sql_release(struct fact_sql *f);

/* The same, made anew. The caller frees. */
char *fact_sql_expand(enum fact_dialect dialect, const char *template_sql, int format);
/* Adds the columns of the facts that gallery format `format` brings; NULL: it brings none. With
 * `if_missing`, those that are there already are left alone (PostgreSQL only). The caller frees. */
char *fact_sql_upgrade(enum fact_dialect dialect, const char *table, int format, bool if_missing);
/* The newest format that brings a fact. */
int fact_sql_format(void);

/* The facts with a column, in the order of columns: NULL after the last. */
const struct fact *fact_column(size_t i);
size_t fact_columns(void);
