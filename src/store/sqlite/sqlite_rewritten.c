/* SPDX-License-Identifier: MIT */
/* Maintains the table rewritten, which lists for each recent change of the gallery the photos whose
 * vectors it changed or deleted. An in-memory index of an earlier change reloads only those.
 *
 * The records are complete after the smallest change among them, up to gallery.rewrite, unless that
 * is larger than the largest: in that case a program rewrote vectors without recording it. A row
 * with photo 0 stands for no photo and only marks the beginning of the records. */
#include "store/sqlite/sqlite_internal.h"

/* Number of changes to keep; an index run makes one per batch. */
#define REMEMBERED_CHANGES 65536

/* Not part of the format: the first change creates the table, and nothing is lost without it. */
const char sqlite_rewritten_table[] = "CREATE TABLE rewritten ("
                                      "    change INTEGER NOT NULL,"
                                      "    photo INTEGER NOT NULL,"
                                      "    PRIMARY KEY (change, photo)"
                                      ") STRICT, WITHOUT ROWID";

static int has_table(struct sqlite *s, int64_t *ret_has, struct error *err)
{
    struct query q = query_start(s, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                                    " AND name = 'rewritten'");
    return query_get_int(&q, ret_has, err);
}

static int make_table(struct sqlite *s, struct error *err)
{
    int64_t has;
    int rc = has_table(s, &has, err);
    if (rc || has)
        return rc;
    int result = sqlite3_exec(s->db, sqlite_rewritten_table, NULL, NULL, NULL);
    return result ? sqlite_error(s, result, err) : 0;
}

int sqlite_rewritten_begin(struct sqlite *s, struct error *err)
{
    int64_t goes_on;
    int rc = make_table(s, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "SELECT rewrite <= (SELECT max(change) FROM rewritten)"
                                    " FROM gallery"); /* NULL if there are none, and so 0 */
    rc = query_get_int(&q, &goes_on, err);
    if (rc || goes_on)
        return rc;
    q = query_start(s, "DELETE FROM rewritten");
    rc = query_run(&q, NULL, err);
    if (rc)
        return rc;
    q = query_start(s, "INSERT INTO rewritten SELECT change, 0 FROM gallery");
    return query_run(&q, NULL, err);
}

int sqlite_rewritten_id(struct sqlite *s, int64_t id, struct error *err)
{
    struct query q =
        query_start(s, "INSERT OR IGNORE INTO rewritten SELECT change + 1, ? FROM gallery");
    query_int(&q, id);
    return query_run(&q, NULL, err);
}

int sqlite_rewritten_path(struct sqlite *s, const char *path, struct error *err)
{
    struct query q = query_start(s, "INSERT OR IGNORE INTO rewritten SELECT gallery.change + 1,"
                                    " photo.id FROM gallery, photo WHERE photo.path = ?");
    query_text(&q, path);
    return query_run(&q, NULL, err);
}

int sqlite_rewritten_range(struct sqlite *s, const struct path_range *range, struct error *err)
{
    struct query q =
        query_start(s, "INSERT OR IGNORE INTO rewritten SELECT gallery.change + 1, photo.id FROM"
                       " gallery, photo WHERE photo.path >= ? AND photo.path < ?");
    query_text(&q, range->from);
    query_text(&q, range->to);
    return query_run(&q, NULL, err);
}

int sqlite_rewritten_trim(struct sqlite *s, struct error *err)
{
    int64_t deleted = 0;
    struct query q =
        query_start(s, "DELETE FROM rewritten WHERE change < (SELECT change FROM gallery) - ?");
    query_int(&q, REMEMBERED_CHANGES);
    int rc = query_run(&q, &deleted, err);
    if (rc || !deleted)
        return rc;
    q = query_start(s, "INSERT OR IGNORE INTO rewritten SELECT change - ?, 0 FROM gallery");
    query_int(&q, REMEMBERED_CHANGES);
    return query_run(&q, NULL, err);
}

static int is_complete(struct sqlite *s, int64_t change, bool *ret_complete, struct error *err)
{
    int64_t yes = 0;
    int rc = has_table(s, &yes, err);
    if (!rc && yes) {
        struct query q =
            query_start(s, "SELECT (SELECT min(change) FROM rewritten) <= ? AND rewrite <="
                           " (SELECT max(change) FROM rewritten) FROM gallery");
        query_int(&q, change);
        rc = query_get_int(&q, &yes, err);
    }
    *ret_complete = !rc && yes;
    return rc;
}

int sqlite_rewritten_list(struct sqlite *s, int64_t change, int64_t **ret_ids, size_t *ret_count,
                          bool *ret_complete, struct error *err)
{
    *ret_ids = NULL;
    *ret_count = 0;
    int rc = is_complete(s, change, ret_complete, err);
    if (rc || !*ret_complete)
        return rc;
    AUTO_FREE int64_t *ids = NULL;
    size_t count = 0, cap = 0;
    struct query q =
        query_start(s, "SELECT DISTINCT photo FROM rewritten WHERE change > ? ORDER BY photo");
    query_int(&q, change);
    while ((rc = query_next(&q, err)) > 0) {
        ARRAY_GROW(ids, cap, count + 1);
        ids[count++] = sqlite3_column_int64(q.statement, 0);
    }
    query_end(&q);
    if (rc)
        return rc;
    *ret_ids = ids;
    *ret_count = count;
    ids = NULL;
    return 0;
}
