/* SPDX-License-Identifier: MIT */
/* Adds, renames, removes and lists labels, and moves them to edited content. */
#include <string.h>

#include "store/check.h"
#include "store/sqlite/sqlite_internal.h"

static void bind_box(struct query *q, const struct store_label *label)
{
    const double values[] = {label->box.x, label->box.y, label->box.width, label->box.height};
    for (size_t i = 0; i < 4; i++)
        if (label->has_box)
            query_double(q, values[i]);
        else
            query_null(q);
}

static int find_label(struct sqlite *s, const struct store_label *label, const char *folded,
                      int64_t *ret_id, struct error *err)
{
    struct query q = query_start(s, "SELECT id FROM label WHERE hash = ? AND folded = ?"
                                    " AND x IS ? AND y IS ? AND width IS ? AND height IS ?");
    query_blob(&q, label->hash, HASH_BYTES);
    query_text(&q, folded);
    bind_box(&q, label);
    return query_get_int(&q, ret_id, err);
}

static int expect_label(struct sqlite *s, int64_t id, const char *folded, struct error *err)
{
    struct query q = query_start(s, "SELECT count(*) FROM label WHERE id = ? AND folded = ? AND"
                                    " checksum IS " SQLITE_LABEL_SUM);
    query_int(&q, id);
    query_text(&q, folded);
    return sqlite_expect_row(&q, err);
}

int sqlite_put_label(struct sqlite *s, const struct store_label *label, const char *folded,
                     int64_t *ret_id, struct error *err)
{
    int64_t id = 0;
    int rc = find_label(s, label, folded, &id, err);
    if (!rc && !id) {
        struct query q =
            query_start(s, "INSERT INTO label (hash, folded, x, y, width, height, name, checksum)"
                           " SELECT *, " SQLITE_LABEL_SUM " FROM (SELECT ? AS hash, ? AS folded,"
                           " ? AS x, ? AS y, ? AS width, ? AS height, ? AS name)");
        query_blob(&q, label->hash, HASH_BYTES);
        query_text(&q, folded);
        bind_box(&q, label);
        query_text(&q, label->name);
        rc = query_run(&q, NULL, err);
        id = sqlite3_last_insert_rowid(s->db);
        if (!rc)
            rc = expect_label(s, id, folded, err);
        if (!rc)
            rc = sqlite_count_change(s, err);
    }
    if (!rc && ret_id)
        *ret_id = id;
    return rc;
}

/* ---- adding ---- */

int sqlite_read_hash(struct sqlite *s, int64_t photo, uint8_t ret_hash[HASH_BYTES],
                     struct error *err)
{
    static const uint8_t unknown[HASH_BYTES];
    struct store_photo found;
    int rc = sqlite_get_photo(&s->store, photo, &found, err);
    if (rc)
        return rc;
    memcpy(ret_hash, found.hash, HASH_BYTES);
    rc = memcmp(found.hash, unknown, HASH_BYTES) ? 0 : store_refuse_unread(found.path, err);
    store_photo_release(&found);
    return rc;
}

static int add(struct sqlite *s, int64_t photo, struct store_label *label, const char *folded,
               int64_t *ret_id, struct error *err)
{
    int rc = sqlite_read_hash(s, photo, label->hash, err);
    return rc ? rc : sqlite_put_label(s, label, folded, ret_id, err);
}

int sqlite_add_label(struct store *store, int64_t photo, const char *name, const char *folded,
                     const struct store_box *box, int64_t *ret_id, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int64_t id;
    struct store_label label = {.name = name, .has_box = box != NULL};
    if (box)
        label.box = *box;
    int rc = sqlite_begin_lasting(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, add(s, photo, &label, folded, &id, err), err);
    if (!rc)
        *ret_id = id;
    return rc;
}

/* ---- changing ---- */

static int no_label(const struct sqlite *s, int64_t id, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the gallery %s has no label %lld", s->store.name,
                     (long long)id);
}

#define SAME_BOX(a, b)                                                      \
    a ".x IS " b ".x AND " a ".y IS " b ".y AND " a ".width IS " b ".width" \
      " AND " a ".height IS " b ".height"

static int rename_label(struct sqlite *s, int64_t id, const char *name, const char *folded,
                        struct error *err)
{
    int64_t renamed = 0;
    struct query q = query_start(
        s, "DELETE FROM label WHERE id IN (SELECT other.id FROM label AS this JOIN label AS other"
           " ON other.hash = this.hash AND other.id <> this.id AND " SAME_BOX(
               "other", "this") " WHERE this.id = ? AND other.folded = ?)");
    query_int(&q, id);
    query_text(&q, folded);
    int rc = query_run(&q, NULL, err);
    if (rc)
        return rc;
    q = query_start(s, "UPDATE label SET name = ?1, folded = ?2, checksum = row_checksum('label',"
                       " hash, ?1, ?2, x, y, width, height) WHERE id = ?3");
    query_text(&q, name);
    query_text(&q, folded);
    query_int(&q, id);
    rc = query_run(&q, &renamed, err);
    if (!rc && !renamed)
        return no_label(s, id, err);
    if (!rc)
        rc = expect_label(s, id, folded, err);
    return rc ? rc : sqlite_count_change(s, err);
}

int sqlite_rename_label(struct store *store, int64_t id, const char *name, const char *folded,
                        struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    return rc ? rc : sqlite_finish(s, rename_label(s, id, name, folded, err), err);
}

static int remove_label(struct sqlite *s, int64_t id, struct error *err)
{
    int64_t removed = 0;
    struct query q = query_start(s, "DELETE FROM label WHERE id = ?");
    query_int(&q, id);
    int rc = query_run(&q, &removed, err);
    if (!rc && !removed)
        return no_label(s, id, err);
    return rc ? rc : sqlite_count_change(s, err);
}

int sqlite_remove_label(struct store *store, int64_t id, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_begin_lasting(s, err);
    return rc ? rc : sqlite_finish(s, remove_label(s, id, err), err);
}

/* Content that exists at another path is a separate photo, not an edited one. If the new content
 * already has an equal label, the moved one replaces it (UPDATE OR REPLACE). */
int sqlite_labels_follow(struct sqlite *s, const char *path, const uint8_t hash[HASH_BYTES],
                         struct error *err)
{
    struct query q = query_start(
        s, "UPDATE OR REPLACE label SET hash = ?2, checksum = CASE WHEN checksum IS"
           " " SQLITE_LABEL_SUM " THEN row_checksum('label', ?2, name, folded, x, y, width,"
           " height) END WHERE hash = (SELECT hash FROM photo WHERE path ="
           " ?1) AND hash <> ?2 AND NOT EXISTS (SELECT 1 FROM photo WHERE path <> ?1 AND"
           " photo.hash IN (label.hash, ?2))");
    query_text(&q, path);
    query_blob(&q, hash, HASH_BYTES);
    int rc = query_run(&q, NULL, err);
    return rc ? rc : sqlite_members_follow(s, path, hash, err);
}

/* ---- listing ---- */

#define COLUMNS \
    "SELECT l.id, p.id, p.path, l.name, l.hash, l.x, l.y, l.width, l.height, l.folded FROM "

static const char of_photo_sql[] =
    COLUMNS "photo AS p JOIN label AS l ON l.hash = p.hash WHERE p.id = ?1"
            " AND (?2 IS NULL OR l.folded = ?2) ORDER BY l.folded, l.id";
static const char all_sql[] =
    COLUMNS "label AS l LEFT JOIN photo AS p ON p.id = (SELECT id FROM photo WHERE hash = l.hash"
            " ORDER BY path LIMIT 1) WHERE ?1 = 0 AND (?2 IS NULL OR l.folded = ?2)"
            " ORDER BY l.folded, p.path IS NULL, p.path, l.id";

static void read_label(sqlite3_stmt *row, struct store_label *ret_label)
{
    *ret_label = (struct store_label){
        .id = sqlite3_column_int64(row, 0),
        .photo = sqlite3_column_int64(row, 1),
        .path = (const char *)sqlite3_column_text(row, 2),
        .name = (const char *)sqlite3_column_text(row, 3),
        .has_box = sqlite3_column_type(row, 5) != SQLITE_NULL,
        .box = {sqlite3_column_double(row, 5), sqlite3_column_double(row, 6),
                sqlite3_column_double(row, 7), sqlite3_column_double(row, 8)},
        .folded = (const char *)sqlite3_column_text(row, 9),
    };
    memcpy(ret_label->hash, sqlite3_column_blob(row, 4), HASH_BYTES);
}

/* Lists the labels of one photo; 0: of all contents. */
static int list_labels(struct sqlite *s, int64_t photo, const char *folded,
                       int (*each)(void *context, const struct store_label *label), void *context,
                       struct error *err)
{
    int stopped = 0, rc = 0;
    struct query q = query_start(s, photo ? of_photo_sql : all_sql);
    query_int(&q, photo);
    query_text(&q, folded);
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_label label;
        read_label(q.statement, &label);
        stopped = each(context, &label);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_list_labels(struct store *store, const int64_t *photos, size_t n, const char *folded,
                       int (*each)(void *context, const struct store_label *label), void *context,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int rc = sqlite_follow_records(s, &has, err);
    if (rc || !has)
        return rc;
    if (!n)
        return list_labels(s, 0, folded, each, context, err);
    for (size_t i = 0; !rc && i < n; i++)
        rc = list_labels(s, photos[i], folded, each, context, err);
    return rc;
}

int sqlite_list_names(struct store *store,
                      int (*each)(void *context, const struct store_name *name), void *context,
                      struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_records(s, &has, err);
    if (rc || !has)
        return rc;
    struct query q = query_start(
        s, "SELECT (SELECT name FROM label AS one WHERE one.folded = l.folded LIMIT 1), l.folded,"
           " count(*) FROM label AS l GROUP BY l.folded ORDER BY l.folded");
    while (!stopped && (rc = query_next(&q, err)) > 0) {
        struct store_name name = {(const char *)sqlite3_column_text(q.statement, 0),
                                  (const char *)sqlite3_column_text(q.statement, 1),
                                  sqlite3_column_int64(q.statement, 2)};
        stopped = each(context, &name);
    }
    query_end(&q);
    return stopped ? stopped : rc;
}
