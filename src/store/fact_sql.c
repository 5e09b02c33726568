/* SPDX-License-Identifier: MIT */
/* Expands templates of SQL over the table of facts. */
#include "store/fact_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

#define SQL_BYTES_MAX 65536

struct fact_statement {
    const char *template_sql;
    int format;
    char *sql;
};

const struct fact *fact_column(size_t i)
{
    for (size_t at = 0; at < FACT_COUNT; at++)
        if (fact_table[at].since && i-- == 0)
            return &fact_table[at];
    return NULL;
}

size_t fact_columns(void)
{
    size_t n = 0;
    for (size_t i = 0; i < FACT_COUNT; i++)
        n += fact_table[i].since != 0;
    return n;
}

int fact_sql_format(void)
{
    int newest = 0;
    for (size_t i = 0; i < FACT_COUNT; i++)
        newest = fact_table[i].since > newest ? fact_table[i].since : newest;
    return newest;
}

static const char *type_name(enum fact_dialect dialect, const struct fact *fact)
{
    static const char *const names[][2] = {
        [FACT_TEXT] = {"TEXT", "text"},
        [FACT_TIME] = {"TEXT", "text"},
        [FACT_LIST] = {"TEXT", "text"},
        [FACT_WHOLE] = {"INTEGER", "integer"},
        [FACT_REAL] = {"REAL", "double precision"},
    };
    return names[fact->type][dialect];
}

/* Templates are constants of the program, so one that does not fit is a bug. */
static void add_sql(struct strbuf *sql, const char *text, size_t length)
{
    if (strbuf_add(sql, text, length, NULL))
        abort();
}

static void add_word(struct strbuf *sql, const char *word)
{
    add_sql(sql, word, strlen(word));
}

static void add_item(struct strbuf *sql, enum fact_dialect dialect, const char *item, size_t length,
                     size_t place)
{
    const struct fact *fact = fact_column(place);
    for (const char *end = item + length; item < end; item++) {
        char number[32];
        char *after;
        if (*item == '#') {
            add_word(sql, fact->name);
        } else if (*item == '@') {
            add_word(sql, type_name(dialect, fact));
        } else if (*item == '$') {
            snprintf(number, sizeof number, "$%zu", strtoul(item + 1, &after, 10) + place);
            add_word(sql, number);
            item = after; /* at the '+' */
        } else {
            add_sql(sql, item, 1);
        }
    }
}

static void add_missing(struct strbuf *sql, enum fact_dialect dialect, const struct fact *fact)
{
    add_word(sql, "NULL");
    if (dialect == FACT_POSTGRES) {
        add_word(sql, "::");
        add_word(sql, type_name(dialect, fact));
    }
}

static void add_items(struct strbuf *sql, enum fact_dialect dialect, const char *item,
                      size_t length, int format)
{
    const struct fact *fact;
    for (size_t i = 0; (fact = fact_column(i)) != NULL; i++) {
        if (i > 0)
            add_word(sql, ", ");
        if (fact->since > format)
            add_missing(sql, dialect, fact);
        else
            add_item(sql, dialect, item, length, i);
    }
}

char *fact_sql_expand(enum fact_dialect dialect, const char *template_sql, int format)
{
    struct strbuf sql = STRBUF_INIT(SQL_BYTES_MAX);
    while (*template_sql) {
        size_t plain = strcspn(template_sql, "{");
        add_sql(&sql, template_sql, plain);
        template_sql += plain;
        if (!*template_sql)
            break;
        size_t length = strcspn(template_sql, "}") - 1;
        add_items(&sql, dialect, template_sql + 1, length, format);
        template_sql += length + 2;
    }
    return strbuf_take(&sql);
}

const char *fact_sql(struct fact_sql *f, const char *template_sql, int format)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->statements[i].template_sql == template_sql && f->statements[i].format == format)
            return f->statements[i].sql;
    ARRAY_GROW(f->statements, f->cap, f->count + 1);
    char *sql = fact_sql_expand(f->dialect, template_sql, format);
    f->statements[f->count++] = (struct fact_statement){template_sql, format, sql};
    return sql;
}

void fact_sql_release(struct fact_sql *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->statements[i].sql);
    free(f->statements);
    *f = (struct fact_sql){.dialect = f->dialect};
}

char *fact_sql_upgrade(enum fact_dialect dialect, const char *table, int format, bool if_missing)
{
    struct strbuf sql = STRBUF_INIT(SQL_BYTES_MAX);
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &fact_table[i];
        if (fact->since != format)
            continue;
        AUTO_FREE char *one =
            xasprintf("ALTER TABLE %s ADD %s%s %s;", table, if_missing ? "IF NOT EXISTS " : "",
                      fact->name, type_name(dialect, fact));
        add_word(&sql, one);
    }
    char *script = sql.length ? strbuf_take(&sql) : NULL;
    strbuf_release(&sql);
    return script;
}
