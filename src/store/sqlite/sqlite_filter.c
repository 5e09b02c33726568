/* SPDX-License-Identifier: MIT */
/* A tree of criteria as one set of ids: each leaf's set comes from SQL, and the tree combines sets.
 * Both are cached until the gallery changes, because a person who types into a search field repeats
 * the same criteria many times. */
#include <string.h>

#include "query/glob.h"
#include "query/place_name.h"
#include "query/sphere.h"
#include "query/written.h"
#include "store/criteria_sql.h"
#include "store/id_set.h"
#include "store/sqlite/sqlite_internal.h"

/* Number of cached sets besides those in use. Each takes at most 1/8 byte per photo, or 8 bytes per
 * id in it where ids are far apart. */
enum { MOST_CACHED = 32 };

struct cached_set {
    char *key;
    int64_t change;
    uint64_t used;
    struct id_set ids;
};

/* The photos whose ids are in the set or, with `inverted`, all others. */
struct choice {
    const struct id_set *ids; /* NULL: `own` */
    struct id_set own;
    bool inverted;
};

struct sqlite_filter {
    struct cached_set **sets;
    size_t count, cap;
    uint64_t clock; /* counts the trees */
    struct choice kept;
};

static const struct id_set *ids_of(const struct choice *choice)
{
    return choice->ids ? choice->ids : &choice->own;
}

/* ---- the cache ---- */

static void drop_set(struct sqlite_filter *f, size_t i)
{
    id_set_release(&f->sets[i]->ids);
    free(f->sets[i]->key);
    free(f->sets[i]);
    f->sets[i] = f->sets[--f->count];
}

void sqlite_filter_free(struct sqlite *s)
{
    struct sqlite_filter *f = s->filter;
    if (!f)
        return;
    while (f->count)
        drop_set(f, f->count - 1);
    id_set_release(&f->kept.own);
    free(f->sets);
    free(f);
    s->filter = NULL;
}

static const struct id_set *find_set(struct sqlite_filter *f, const char *key)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->sets[i]->key, key) == 0) {
            f->sets[i]->used = f->clock;
            return &f->sets[i]->ids;
        }
    return NULL;
}

/* Evicts outdated sets, then the least recently used ones. Called before a tree is compiled. */
static void trim_cache(struct sqlite_filter *f, int64_t change)
{
    for (size_t i = f->count; i-- > 0;)
        if (f->sets[i]->change != change)
            drop_set(f, i);
    while (f->count > MOST_CACHED) {
        size_t oldest = 0;
        for (size_t i = 1; i < f->count; i++)
            if (f->sets[i]->used < f->sets[oldest]->used)
                oldest = i;
        drop_set(f, oldest);
    }
}

/* Takes ownership of `key` and `ids`. */
static const struct id_set *keep_set(struct sqlite_filter *f, char *key, int64_t change,
                                     const struct id_set *ids)
{
    struct cached_set *set = xmalloc(sizeof *set);
    *set = (struct cached_set){.key = key, .change = change, .used = f->clock, .ids = *ids};
    ARRAY_GROW(f->sets, f->cap, f->count + 1);
    f->sets[f->count++] = set;
    return &set->ids;
}

/* ---- leaves ---- */

struct parameter {
    const char *text; /* NULL: the number */
    double number;
};

struct parameters {
    struct parameter *items;
    size_t count, cap;
};

static void put_parameter(struct criteria_sql *sql, struct parameter parameter)
{
    struct parameters *p = sql->context;
    ARRAY_GROW(p->items, p->cap, p->count + 1);
    p->items[p->count++] = parameter;
    criteria_sql_add(sql, "?");
}

static void put_text(struct criteria_sql *sql, const char *text)
{
    put_parameter(sql, (struct parameter){text, 0});
}

static void put_number(struct criteria_sql *sql, double number)
{
    put_parameter(sql, (struct parameter){NULL, number});
}

static const struct criteria_dialect dialect = {
    .is_sqlite = true,
    .at_least = ">=",
    .at_most = "<=",
    .below = "<",
    .lower = "lower(",
    .lower_end = ")",
    .find = "instr",
    .put_text = put_text,
    .put_number = put_number,
};

/* '0' is the byte after '/'. */
static void add_folders(struct criteria_sql *sql, const struct criteria *leaf)
{
    for (size_t i = 0; i < leaf->value_count; i++) {
        const char *folder = leaf->values[i].text;
        criteria_sql_add(sql, i ? " OR (path >= " : "(path >= ");
        put_text(sql, folder);
        criteria_sql_add(sql, " AND path < ");
        put_text(sql, criteria_sql_keep(sql, xasprintf("%s0", folder)));
        criteria_sql_add(sql, " AND (path = ");
        put_text(sql, folder);
        criteria_sql_add(sql, " OR path >= ");
        put_text(sql, criteria_sql_keep(sql, xasprintf("%s/", folder)));
        criteria_sql_add(sql, "))");
    }
}

static void add_names(struct criteria_sql *sql, const struct criteria *leaf)
{
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR name_is_like(path, " : "name_is_like(path, ");
        put_text(sql, leaf->values[i].text);
        criteria_sql_add(sql, ")");
    }
}

static void add_labels(struct criteria_sql *sql, const struct criteria *leaf)
{
    criteria_sql_add(sql, "hash IN (SELECT hash FROM label");
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR folded = " : " WHERE folded = ");
        put_text(sql, leaf->values[i].text);
    }
    criteria_sql_add(sql, ")");
}

static void add_albums(struct criteria_sql *sql, const struct criteria *leaf)
{
    criteria_sql_add(sql,
                     "hash IN (SELECT hash FROM album_photo WHERE inside = %s AND album IN"
                     " (SELECT id FROM album",
                     leaf->criterion->value);
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR folded = " : " WHERE folded = ");
        put_text(sql, leaf->values[i].text);
    }
    criteria_sql_add(sql, "))");
}

/* Adds the condition that a path, a text fact or a label contains the words. */
static void add_written(struct criteria_sql *sql, const struct criteria *leaf, int format)
{
    for (size_t i = 0; i < leaf->value_count; i++) {
        const char *words = leaf->values[i].text;
        const struct fact *fact;
        criteria_sql_add(sql, i ? " OR is_written(" : "is_written(");
        put_text(sql, words);
        criteria_sql_add(sql, ", path");
        for (size_t k = 0; (fact = written_fact(k)) != NULL; k++)
            if (fact->since <= format)
                criteria_sql_add(sql, ", %s", fact->name);
        criteria_sql_add(sql, ")");
        if (format < 2)
            continue;
        criteria_sql_add(sql, " OR hash IN (SELECT hash FROM label WHERE is_written(");
        put_text(sql, words);
        criteria_sql_add(sql, ", name))");
    }
}

static void add_places(struct criteria_sql *sql, const struct criteria *leaf)
{
    for (size_t i = 0; i < leaf->value_count; i++) {
        criteria_sql_add(sql, i ? " OR is_in_place(" : "is_in_place(");
        put_text(sql, leaf->values[i].text);
        criteria_sql_add(sql, ", town, region)");
    }
}

static void add_near(struct criteria_sql *sql, const struct criteria *leaf)
{
    criteria_sql_add(sql, "distance_km(latitude, longitude, ");
    put_number(sql, leaf->values[0].number);
    criteria_sql_add(sql, ", ");
    put_number(sql, leaf->values[1].number);
    criteria_sql_add(sql, ") <= ");
    put_number(sql, leaf->values[2].number);
}

static void add_condition(struct criteria_sql *sql, const struct criteria *leaf, int format)
{
    if (!criteria_sql_has(leaf, format)) {
        criteria_sql_add(sql, "false");
        return;
    }
    switch (leaf->criterion->type) {
    case CRITERION_FOLDER:
        add_folders(sql, leaf);
        break;
    case CRITERION_NAME:
        add_names(sql, leaf);
        break;
    case CRITERION_LABEL:
        if (format >= 2)
            add_labels(sql, leaf);
        else /* a gallery of format 1 has no labels */
            criteria_sql_add(sql, "false");
        break;
    case CRITERION_ALBUM:
        if (format >= 4)
            add_albums(sql, leaf);
        else
            criteria_sql_add(sql, "false");
        break;
    case CRITERION_NEAR:
        add_near(sql, leaf);
        break;
    case CRITERION_DAMAGED:
        criteria_sql_add(sql, format >= 3 ? "hash IN (SELECT hash FROM damage)" : "false");
        break;
    case CRITERION_PLACE:
        add_places(sql, leaf);
        break;
    case CRITERION_WRITTEN:
        add_written(sql, leaf, format);
        break;
    default:
        criteria_sql_compare(sql, leaf);
    }
}

static int read_ids(struct sqlite *s, const struct criteria_sql *sql, struct id_set *ids,
                    struct error *err)
{
    const struct parameters *p = sql->context;
    struct query q = query_start_once(s, sql->text.data);
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].text)
            query_text(&q, p->items[i].text);
        else
            query_double(&q, p->items[i].number);
    int rc;
    while ((rc = query_next(&q, err)) > 0)
        id_set_add(ids, sqlite3_column_int64(q.statement, 0));
    query_end(&q);
    return rc;
}

static int fill_set(struct sqlite *s, const struct criteria *leaf, struct id_set *ids,
                    struct error *err)
{
    struct parameters parameters = {NULL, 0, 0};
    struct criteria_sql sql = {
        .text = STRBUF_INIT(CRITERIA_SQL_BYTES), .dialect = &dialect, .context = &parameters};
    int format, rc = sqlite_get_version(s, &format, err);
    if (rc)
        return rc;
    criteria_sql_add(&sql, "SELECT id FROM photo WHERE ");
    add_condition(&sql, leaf, format);
    rc = read_ids(s, &sql, ids, err);
    criteria_sql_release(&sql);
    free(parameters.items);
    return rc;
}

static int choose_leaf(struct sqlite *s, const struct criteria *leaf, int64_t change,
                       struct choice *ret_choice, struct error *err)
{
    struct sqlite_filter *f = s->filter;
    struct id_set ids = {.ids = NULL};
    if (leaf->ids) {
        for (size_t i = 0; i < leaf->id_count; i++)
            id_set_add(&ret_choice->own, leaf->ids[i]);
        id_set_seal(&ret_choice->own);
        return 0;
    }
    AUTO_FREE char *key = criteria_key(leaf);
    ret_choice->ids = find_set(f, key);
    if (ret_choice->ids)
        return 0;
    int rc = fill_set(s, leaf, &ids, err);
    if (rc) {
        id_set_release(&ids);
        return rc;
    }
    id_set_seal(&ids);
    ret_choice->ids = keep_set(f, key, change, &ids);
    key = NULL;
    return 0;
}

/* ---- the tree ---- */

/* Replaces `into` with the intersection (`all`) or the union of both choices, and releases its
 * unused memory. */
static void combine_choices(struct choice *into, const struct choice *with, bool all)
{
    const struct id_set *a = ids_of(into), *b = ids_of(with);
    struct choice result = {.ids = NULL};
    /* By De Morgan's law, an OR is the inverse of the AND of the inverses. */
    bool not_a = into->inverted == all, not_b = with->inverted == all;
    if (not_a && not_b)
        id_set_unite(a, b, &result.own);
    else if (not_a)
        id_set_subtract(b, a, &result.own);
    else if (not_b)
        id_set_subtract(a, b, &result.own);
    else
        id_set_intersect(a, b, &result.own);
    result.inverted = (not_a && not_b) == all;
    id_set_release(&into->own);
    *into = result;
}

static int choose(struct sqlite *s, const struct criteria *where, int64_t change,
                  struct choice *ret_choice, struct error *err)
{
    *ret_choice = (struct choice){.ids = NULL};
    if (where->kind == CRITERIA_LEAF)
        return choose_leaf(s, where, change, ret_choice, err);
    bool all = where->kind != CRITERIA_ANY;
    ret_choice->inverted = all; /* every photo, or none */
    for (size_t i = 0; i < where->count; i++) {
        struct choice part;
        int rc = choose(s, where->parts[i], change, &part, err);
        if (!rc && i == 0) {
            *ret_choice = part;
            continue;
        }
        if (!rc)
            combine_choices(ret_choice, &part, all);
        id_set_release(&part.own);
        if (rc) {
            id_set_release(&ret_choice->own);
            return rc;
        }
    }
    if (where->kind == CRITERIA_NOT)
        ret_choice->inverted = !ret_choice->inverted;
    return 0;
}

/* Caches the computed set under the key of the whole tree; the key also says whether the set is
 * inverted. */
static int choose_whole(struct sqlite *s, const struct criteria *where, int64_t change,
                        struct error *err)
{
    struct sqlite_filter *f = s->filter;
    AUTO_FREE char *key = criteria_key(where);
    AUTO_FREE char *inverted_key = xasprintf("not in %s", key);
    f->kept = (struct choice){.ids = find_set(f, key)};
    if (f->kept.ids)
        return 0;
    f->kept = (struct choice){.ids = find_set(f, inverted_key), .inverted = true};
    if (f->kept.ids)
        return 0;
    int rc = choose(s, where, change, &f->kept, err);
    if (rc || f->kept.ids)
        return rc;
    char **used = f->kept.inverted ? &inverted_key : &key;
    f->kept.ids = keep_set(f, *used, change, &f->kept.own);
    f->kept.own = (struct id_set){.ids = NULL};
    *used = NULL;
    return 0;
}

int sqlite_filter_prepare(struct sqlite *s, const struct criteria *where, struct error *err)
{
    int64_t change;
    if (!s->filter)
        s->filter = xcalloc(1, sizeof *s->filter);
    struct sqlite_filter *f = s->filter;
    id_set_release(&f->kept.own);
    f->kept = (struct choice){.inverted = true};
    if (!where)
        return 0;
    int rc = sqlite_read_change(s, &change, err);
    if (rc)
        return rc;
    trim_cache(f, change);
    f->clock++;
    return choose_whole(s, where, change, err);
}

bool sqlite_keep(void *context, int64_t id)
{
    const struct choice *kept = &((struct sqlite *)context)->filter->kept;
    return id_set_has(ids_of(kept), id) != kept->inverted;
}

bool sqlite_filter_walk(struct sqlite *s, void (*each)(void *context, int64_t id), void *context)
{
    const struct choice *kept = &s->filter->kept;
    if (!kept->inverted)
        id_set_walk(ids_of(kept), each, context);
    return !kept->inverted;
}

/* ---- SQL functions ---- */

static void kept(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int(context,
                       sqlite_keep(sqlite3_user_data(context), sqlite3_value_int64(values[0])));
}

/* Implements the SQL function name_is_like(path, pattern). */
static void name_is_like(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const char *path = (const char *)sqlite3_value_text(values[0]);
    const char *pattern = (const char *)sqlite3_value_text(values[1]);
    size_t length = (size_t)sqlite3_value_bytes(values[0]);
    sqlite3_result_int(context, path && pattern && glob_matches_path(pattern, path, length));
}

/* Implements the SQL function is_written(words, text, ...). */
static void is_written(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *words = (const char *)sqlite3_value_text(values[0]);
    bool found = false;
    for (int i = 1; words && !found && i < n; i++) {
        const char *text = (const char *)sqlite3_value_text(values[i]);
        found = text && written_has(text, (size_t)sqlite3_value_bytes(values[i]), words);
    }
    sqlite3_result_int(context, found);
}

/* Implements the SQL function is_in_place(words, town, region). */
static void is_in_place(sqlite3_context *context, int n, sqlite3_value **values)
{
    const char *words = (const char *)sqlite3_value_text(values[0]);
    bool found = false;
    for (int i = 1; words && !found && i < n; i++) {
        const char *name = (const char *)sqlite3_value_text(values[i]);
        found = name && place_name_has(name, words);
    }
    sqlite3_result_int(context, found);
}

/* Implements the SQL function distance_km(latitude, longitude, to_latitude, to_longitude); its
 * result is NULL if an argument is NULL. */
static void distance_km(sqlite3_context *context, int n, sqlite3_value **values)
{
    double place[4];
    for (int i = 0; i < n; i++) {
        if (sqlite3_value_type(values[i]) == SQLITE_NULL)
            return;
        place[i] = sqlite3_value_double(values[i]);
    }
    sqlite3_result_double(context, great_circle_km(place[0], place[1], place[2], place[3]));
}

int sqlite_filter_install(struct sqlite *s)
{
    static const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    int result = sqlite3_create_function(s->db, "kept", 1, flags, s, kept, NULL, NULL);
    if (!result)
        result = sqlite3_create_function(s->db, "name_is_like", 2, flags | SQLITE_DETERMINISTIC,
                                         NULL, name_is_like, NULL, NULL);
    if (!result)
        result = sqlite3_create_function(s->db, "distance_km", 4, flags | SQLITE_DETERMINISTIC,
                                         NULL, distance_km, NULL, NULL);
    if (!result)
        result = sqlite3_create_function(s->db, "is_in_place", 3, flags | SQLITE_DETERMINISTIC,
                                         NULL, is_in_place, NULL, NULL);
    if (!result)
        result = sqlite3_create_function(s->db, "is_written", -1, flags | SQLITE_DETERMINISTIC,
                                         NULL, is_written, NULL, NULL);
    return result;
}
