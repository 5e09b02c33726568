/* SPDX-License-Identifier: MIT */
/* Statements that name the columns of all facts (base/facts.h), written as templates.
 *
 *     "INSERT INTO photo (path, {#}) VALUES (?, {?}) ON CONFLICT DO UPDATE SET {# = excluded.#}"
 *
 * The text in braces is repeated for each fact that has a column, joined by ", ". In it, '#' stands
 * for the column, '@' for its type, and "$11+" for parameter 11 plus the index of the fact among
 * them. If the gallery's format lacks the column, NULL replaces it. */
#pragma once

#include <stddef.h>

#include "base/facts.h"
#include "base/memory.h"

enum fact_dialect { FACT_SQLITE, FACT_POSTGRES };

/* The statements of one store, expanded on first use. Initialise it with zeros. */
struct fact_sql {
    enum fact_dialect dialect;
    struct fact_statement *statements;
    size_t count, cap;
};

/* Returns the statement for a gallery of that format. Statements are cached by the address of
 * `template_sql`. The result stays valid, at the same address, until fact_sql_release. */
const char *fact_sql(struct fact_sql *f, const char *template_sql, int format);
void fact_sql_release(struct fact_sql *f);

/* The same without the cache. The caller frees the result. */
char *fact_sql_expand(enum fact_dialect dialect, const char *template_sql, int format);
/* Returns SQL that adds the columns of the facts introduced in gallery format `format`; NULL if
 * there are none. With `if_missing`, it skips existing columns (PostgreSQL only). The caller frees
 * it. */
char *fact_sql_upgrade(enum fact_dialect dialect, const char *table, int format, bool if_missing);
/* Returns the newest format that introduces a fact. */
int fact_sql_format(void);

/* Returns the i-th fact with a column, in the order of columns; NULL after the last. */
const struct fact *fact_column(size_t i);
size_t fact_columns(void);
