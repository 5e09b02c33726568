/* SPDX-License-Identifier: MIT */
/* Checks that the tables, indexes, triggers and views of a file are exactly those that keepsake
 * creates. A foreign trigger could prevent a rule or a ledger entry from being stored, and a view
 * in place of a table could show false rows. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/sqlite/sqlite_internal.h"

/* Limits on the number and length of objects, for hostile files. */
enum { OBJECTS_MAX = 1000, SQL_MAX = 65536, NAME_SHOWN = 80, TOLD = 10 };

/* More than there are formats. */
enum { FORMATS_MAX = 32 };

struct object {
    char *type, *name, *sql, *stripped;
    bool optional;
};

struct objects {
    struct object *items;
    size_t n, cap;
};

static void release_objects(struct objects *o)
{
    for (size_t i = 0; i < o->n; i++) {
        free(o->items[i].type);
        free(o->items[i].name);
        free(o->items[i].sql);
        free(o->items[i].stripped);
    }
    free(o->items);
}

/* Removes insignificant spaces. */
static char *strip_spaces(const char *sql)
{
    char *text = xmalloc(strlen(sql) + 1), *to = text;
    char quote = 0;
    for (; *sql; sql++) {
        if (quote ? *sql == quote : *sql == '\'' || *sql == '"' || *sql == '`')
            quote = quote ? 0 : *sql;
        if (quote || !strchr(" \t\r\n", *sql))
            *to++ = *sql;
    }
    *to = '\0';
    return text;
}

static char *copy_column(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return xstrdup(text ? text : "");
}

static const char list_sql[] =
    "SELECT type, substr(name, 1, 1000), CASE WHEN length(sql) <= 65536 THEN sql ELSE 'long' END"
    " FROM sqlite_schema";

static int read_objects(struct sqlite *s, struct objects *ret_objects, struct error *err)
{
    struct query q = query_start(s, list_sql);
    int rc;
    while ((rc = query_next(&q, err)) > 0 && ret_objects->n < OBJECTS_MAX) {
        ARRAY_GROW(ret_objects->items, ret_objects->cap, ret_objects->n + 1);
        char *sql = copy_column(q.statement, 2);
        ret_objects->items[ret_objects->n++] = (struct object){.type = copy_column(q.statement, 0),
                                                               .name = copy_column(q.statement, 1),
                                                               .sql = sql,
                                                               .stripped = strip_spaces(sql)};
    }
    query_end(&q);
    return rc < 0 ? rc : 0;
}

static void add_optional(struct objects *o, const char *type, const char *name, const char *sql)
{
    ARRAY_GROW(o->items, o->cap, o->n + 1);
    o->items[o->n++] = (struct object){xstrdup(type), xstrdup(name), xstrdup(sql),
                                       strip_spaces(sql), .optional = true};
}

/* Reads the objects that a gallery of this format should have. Tables added by SQLite's ANALYZE are
 * harmless. */
static int read_expected(int version, struct objects *ret_objects, struct error *err)
{
    char name[] = "in memory";
    struct sqlite model = {.store.name = name, .mode = STORE_WRITE, .immutable_mtime = -1};
    int rc = sqlite_make_in_memory(&model, version, err);
    if (!rc)
        rc = read_objects(&model, ret_objects, err);
    for (size_t i = 0; i < ret_objects->n; i++)
        ret_objects->items[i].optional = strncmp(ret_objects->items[i].name, "claim", 5) == 0 ||
                                         strstr(ret_objects->items[i].name, "_claim") != NULL;
    add_optional(ret_objects, "table", "rewritten", sqlite_rewritten_table);
    add_optional(ret_objects, "table", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)");
    add_optional(ret_objects, "table", "sqlite_stat4",
                 "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)");
    sqlite_drop_statements(&model);
    sqlite3_close(model.db);
    return rc;
}

/* The objects of each format. Running its SQL takes some milliseconds, and a process opens a
 * gallery many times; kept until the process ends. */
static struct {
    pthread_mutex_t lock;
    struct objects of[FORMATS_MAX];
} expected_objects = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int get_expected(int version, const struct objects **ret_objects, struct error *err)
{
    if (version < 0 || version > sqlite_schema_version() || version >= FORMATS_MAX)
        return error_set(err, ERR_UNSUPPORTED,
                         "this keepsake does not know format %d of galleries: update keepsake",
                         version);
    pthread_mutex_lock(&expected_objects.lock);
    struct objects *objects = &expected_objects.of[version], read = {.n = 0};
    int rc = objects->n ? 0 : read_expected(version, &read, err);
    if (!rc && !objects->n)
        *objects = read;
    else
        release_objects(&read);
    pthread_mutex_unlock(&expected_objects.lock);
    *ret_objects = objects;
    return rc;
}

/* Returns o->n if there is none. */
static size_t find_object(const struct objects *o, const char *type, const char *name)
{
    size_t i = 0;
    while (i < o->n && (strcmp(o->items[i].type, type) != 0 || strcmp(o->items[i].name, name) != 0))
        i++;
    return i;
}

/* ---- reporting ---- */

struct telling {
    struct sqlite *s;
    void (*each)(void *context, const char *sentence);
    void *context;
    size_t told;
};

static void tell_odd(struct telling *t, char *sentence)
{
    if (t->told++ < TOLD)
        t->each(t->context, sentence);
    free(sentence);
}

static char *show_text(const char *text)
{
    size_t length = strlen(text);
    return text_printable(text, length < NAME_SHOWN ? length : NAME_SHOWN);
}

static void tell_foreign(struct telling *t, const struct object *o)
{
    AUTO_FREE char *type = show_text(o->type);
    AUTO_FREE char *name = show_text(o->name);
    tell_odd(
        t, xasprintf("the %s %s in the gallery %s was not made by keepsake, and could change what "
                     "is stored or read: remove it (sqlite3 %s 'DROP %s \"%s\"'), or restore a "
                     "backup",
                     type, name, t->s->store.name, t->s->store.name, type, name));
}

/* Reports an object that is missing or changed. A table cannot be recreated without its rows. */
static void tell_changed(struct telling *t, const struct object *o, const char *what)
{
    if (strcmp(o->type, "table") == 0 || !o->sql[0])
        tell_odd(t, xasprintf("the %s %s in the gallery %s was changed or removed by another "
                              "program: restore a backup, or move the gallery away and index "
                              "again; your photos are not affected",
                              o->type, o->name, t->s->store.name));
    else
        tell_odd(t, xasprintf("the %s %s in the gallery %s %s: restore a backup, or create it "
                              "again with the sqlite3 shell: %s;",
                              o->type, o->name, t->s->store.name, what, o->sql));
}

static void compare_objects(struct telling *t, const struct objects *expected,
                            const struct objects *found)
{
    AUTO_FREE bool *seen = xcalloc(expected->n + 1, sizeof *seen); /* the last: of none of them */
    for (size_t i = 0; i < found->n; i++) {
        const struct object *has = &found->items[i];
        size_t at = find_object(expected, has->type, has->name);
        if (at == expected->n || seen[at])
            tell_foreign(t, has);
        else if (strcmp(expected->items[at].stripped, has->stripped) != 0)
            tell_changed(t, &expected->items[at], "was changed by another program (drop it first)");
        seen[at] = true;
    }
    for (size_t i = 0; i < expected->n; i++)
        if (!seen[i] && !expected->items[i].optional)
            tell_changed(t, &expected->items[i], "was removed by another program");
    if (found->n == OBJECTS_MAX)
        tell_odd(t, xasprintf("the gallery %s has thousands of tables and triggers that are not "
                              "keepsake's: restore a backup",
                              t->s->store.name));
}

/* Checks that the table of counters has its one row; otherwise counters would be lost silently. */
static int check_row(struct telling *t, struct error *err)
{
    int64_t rows;
    struct query q = query_start(t->s, "SELECT count(*) FROM (SELECT 1 FROM gallery LIMIT 2)");
    int rc = query_get_int(&q, &rows, err);
    if (!rc && rows != 1)
        tell_odd(t, xasprintf("the table gallery of the gallery %s has lost its row: restore a "
                              "backup, or move the gallery away and index again; your photos are "
                              "not affected",
                              t->s->store.name));
    return rc;
}

/* The objects as one text, each part ended by a NUL; the caller frees. */
static char *join_objects(const struct objects *o, size_t *ret_length)
{
    size_t length = 0;
    for (size_t i = 0; i < o->n; i++)
        length += strlen(o->items[i].type) + strlen(o->items[i].name) + strlen(o->items[i].sql) + 3;
    char *text = xmalloc(length + 1), *at = text;
    for (size_t i = 0; i < o->n; i++) {
        const char *const parts[] = {o->items[i].type, o->items[i].name, o->items[i].sql};
        for (int part = 0; part < 3; part++) {
            size_t size = strlen(parts[part]) + 1;
            memcpy(at, parts[part], size);
            at += size;
        }
    }
    *ret_length = length;
    return text;
}

/* Compares the objects found with those of the format. */
static int examine_objects(struct telling *t, int version, const struct objects *found,
                           struct error *err)
{
    const struct objects *expected = NULL;
    int rc = get_expected(version, &expected, err);
    if (!rc)
        compare_objects(t, expected, found);
    return rc;
}

/* The same, unless this program has found these objects sound before. */
static int examine_unknown(struct telling *t, int version, const struct objects *found,
                           struct error *err)
{
    size_t length;
    uint8_t digest[32];
    AUTO_FREE char *schema = join_objects(found, &length);
    if (found->n == OBJECTS_MAX || !sqlite_schema_digest(version, schema, length, digest))
        return examine_objects(t, version, found, err);
    if (sqlite_schema_is_known(digest))
        return 0;
    int rc = examine_objects(t, version, found, err);
    if (!rc && t->told == 0)
        sqlite_schema_remember(digest);
    return rc;
}

static int list_odd(struct telling *t,
                    int (*examine)(struct telling *t, int version, const struct objects *found,
                                   struct error *err),
                    struct error *err)
{
    struct objects found = {.n = 0};
    int version, rc = sqlite_get_version(t->s, &version, err);
    if (!rc)
        rc = read_objects(t->s, &found, err);
    if (!rc)
        rc = examine(t, version, &found, err);
    if (!rc && t->told == 0)
        rc = check_row(t, err);
    release_objects(&found);
    return rc;
}

int sqlite_list_odd_objects(struct sqlite *s, void (*each)(void *context, const char *sentence),
                            void *context, size_t *ret_count, struct error *err)
{
    struct telling t = {s, each, context, 0};
    int rc = list_odd(&t, examine_objects, err);
    *ret_count = t.told;
    return rc;
}

/* ---- refusing ---- */

static void keep_first(void *context, const char *sentence)
{
    char **first = context;
    if (!*first)
        *first = xstrdup(sentence);
}

int sqlite_check_objects(struct sqlite *s, struct error *err)
{
    int64_t cookie;
    AUTO_FREE char *first = NULL;
    struct telling t = {s, keep_first, &first, 0};
    struct query q = query_start(s, "PRAGMA schema_version");
    int rc = query_get_int(&q, &cookie, err);
    if (rc || cookie == s->sound_schema)
        return rc;
    rc = list_odd(&t, examine_unknown, err);
    if (rc)
        return rc;
    if (t.told > 1)
        return error_set(err, ERR_CORRUPT, "%s (and %zu more; `keepsake doctor` lists them)", first,
                         t.told - 1);
    if (t.told)
        return error_set(err, ERR_CORRUPT, "%s", first);
    s->sound_schema = cookie;
    return 0;
}
