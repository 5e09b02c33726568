/* SPDX-License-Identifier: MIT */
/* Resolves each filter criterion to a set of photo ids, cached until the gallery changes. */
#include <string.h>

#include "store/id_set.h"
#include "store/sqlite/sqlite_internal.h"

/* Each of a filter's criteria is a set of ids, found by SQL and kept until the gallery changes: a
 * person who types into a search field asks with the same filter again and again. */

enum { CRITERIA = 3, CACHED = 12 };

struct cached_set {
    char *key; /* NULL: a free place */
    int64_t change;
    uint64_t used;
    struct id_set ids;
};

struct sqlite_filter {
    struct cached_set sets[CACHED];
    uint64_t clock;
    const struct id_set *kept[CRITERIA]; /* of the search that runs */
    size_t count;
};

static void empty(struct cached_set *set)
{
    id_set_release(&set->ids);
    free(set->key);
    set->key = NULL;
}

void sqlite_filter_free(struct sqlite *s)
{
    for (size_t i = 0; s->filter && i < CACHED; i++)
        empty(&s->filter->sets[i]);
    free(s->filter);
    s->filter = NULL;
}

/* The set of this key as of now, or a place for it: a free one, an outdated one, or the one that
 * was not used for longest. */
static struct cached_set *find_place(struct sqlite_filter *f, const char *key, int64_t change)
{
    struct cached_set *place = NULL;
    for (size_t i = 0; i < CACHED; i++) {
        struct cached_set *set = &f->sets[i];
        if (set->key && set->change != change)
            empty(set);
        if (set->key && strcmp(set->key, key) == 0)
            return set;
        uint64_t age = set->key ? set->used : 0, best = place && place->key ? place->used : 0;
        if (!place || age < best)
            place = set;
    }
    return place;
}

static int fill(struct query q, struct id_set *ids, struct error *err)
{
    int rc;
    while ((rc = query_next(&q, err)) > 0)
        id_set_add(ids, sqlite3_column_int64(q.statement, 0));
    query_end(&q);
    id_set_seal(ids);
    return rc;
}

/* Takes `key` over; `q` is ended. */
static int keep_set(struct sqlite *s, char *key, int64_t change, struct query q, struct error *err)
{
    struct sqlite_filter *f = s->filter;
    struct cached_set *set = find_place(f, key, change);
    int rc = 0;
    if (set->key && strcmp(set->key, key) == 0) {
        query_end(&q);
        free(key);
    } else {
        empty(set);
        *set = (struct cached_set){.key = key, .change = change};
        rc = fill(q, &set->ids, err);
    }
    set->used = ++f->clock;
    f->kept[f->count++] = &set->ids;
    if (rc)
        empty(set);
    return rc;
}

static int keep_folder(struct sqlite *s, const struct bounds *b, int64_t change, struct error *err)
{
    struct query q = query_start(s, "SELECT id FROM photo WHERE path >= ?1 AND path < ?3"
                                    " AND (path = ?1 OR path >= ?2)");
    query_text(&q, b->folder);
    query_text(&q, b->below);
    query_text(&q, b->past);
    return keep_set(s, xasprintf("folder %s", b->folder), change, q, err);
}

/* '~' is after every date; a photo without one is NULL. */
static int keep_dates(struct sqlite *s, const struct bounds *b, int64_t change, struct error *err)
{
    struct query q = query_start(s, "SELECT id FROM photo WHERE taken >= ? AND taken < ?");
    query_text(&q, b->from);
    query_text(&q, b->until[0] ? b->until : "~");
    return keep_set(s, xasprintf("dates %s %s", b->from, b->until), change, q, err);
}

/* In a gallery of format 1 nothing has a label. */
static int keep_label(struct sqlite *s, const struct bounds *b, int64_t change, struct error *err)
{
    bool has;
    int rc = sqlite_has_records(s, &has, err);
    if (rc)
        return rc;
    struct query q = query_start(s, has ? "SELECT photo.id FROM label JOIN photo USING (hash)"
                                          " WHERE label.folded = ?"
                                        : "SELECT 1 WHERE ? IS NULL");
    query_text(&q, b->label);
    return keep_set(s, xasprintf("label %s", b->label), change, q, err);
}

bool sqlite_keep(void *context, int64_t id)
{
    const struct sqlite_filter *f = ((struct sqlite *)context)->filter;
    for (size_t i = 0; i < f->count; i++)
        if (!id_set_has(f->kept[i], id))
            return false;
    return true;
}

static void kept(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_int(context,
                       sqlite_keep(sqlite3_user_data(context), sqlite3_value_int64(values[0])));
}

int sqlite_filter_install(struct sqlite *s)
{
    return sqlite3_create_function(s->db, "kept", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, s, kept, NULL,
                                   NULL);
}

int sqlite_filter_prepare(struct sqlite *s, const struct bounds *b, struct error *err)
{
    int64_t change;
    int rc = sqlite_read_change(s, &change, err);
    if (rc)
        return rc;
    if (!s->filter)
        s->filter = xcalloc(1, sizeof *s->filter);
    s->filter->count = 0;
    if (b->folder)
        rc = keep_folder(s, b, change, err);
    if (!rc && bounds_dated(b))
        rc = keep_dates(s, b, change, err);
    if (!rc && b->label)
        rc = keep_label(s, b, change, err);
    return rc;
}
