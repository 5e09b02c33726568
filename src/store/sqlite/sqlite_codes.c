/* SPDX-License-Identifier: MIT */
/* Maintains the table code (int8 codes of the vectors) and loads codes into an in-memory index. */
#include <string.h>

#include "store/sqlite/sqlite_internal.h"

int sqlite_codes_put(struct sqlite *s, int64_t id, const float *vector, struct error *err)
{
    size_t size = vectors_code_bytes(s->dim);
    AUTO_FREE void *code = xmalloc(size);
    vectors_encode(vector, s->dim, code);
    struct query q = query_start(s, "INSERT INTO code VALUES (?, ?)"
                                    " ON CONFLICT (photo) DO UPDATE SET code = excluded.code");
    query_int(&q, id);
    query_blob(&q, code, size);
    return query_run(&q, NULL, err);
}

int sqlite_codes_copy(struct sqlite *s, int64_t from, int64_t to, struct error *err)
{
    struct query q = query_start(s, "INSERT INTO code SELECT ?, code FROM code WHERE photo = ?"
                                    " ON CONFLICT (photo) DO UPDATE SET code = excluded.code");
    query_int(&q, to);
    query_int(&q, from);
    return query_run(&q, NULL, err);
}

static int get_format(struct sqlite *s, int64_t *ret_format, struct error *err)
{
    struct query q = query_start(s, "SELECT code_format FROM gallery");
    return query_get_int(&q, ret_format, err);
}

/* Calls `each` with every vector of a photo with an id above `after_id`, in order of id. */
static int each_vector(struct sqlite *s, int64_t after_id,
                       int (*each)(void *context, int64_t id, const float *vector,
                                   struct error *err),
                       void *context, struct error *err)
{
    size_t dim;
    int rc = sqlite_get_dim(&s->store, &dim, err);
    if (rc)
        return rc;
    AUTO_FREE float *vector = xmalloc(dim * sizeof *vector);
    struct query q = query_start(s, "SELECT photo, " SQLITE_VECTOR
                                    " FROM vector WHERE photo > ? ORDER BY photo");
    query_int(&q, after_id);
    while ((rc = query_next(&q, err)) > 0) {
        if (!sqlite_read_vector(s, q.statement, 1, vector))
            continue; /* affects only this photo */
        rc = each(context, sqlite3_column_int64(q.statement, 0), vector, err);
        if (rc)
            break;
    }
    query_end(&q);
    return rc;
}

static int put_each(void *context, int64_t id, const float *vector, struct error *err)
{
    return sqlite_codes_put(context, id, vector, err);
}

static int make_all(struct sqlite *s, struct error *err)
{
    struct query q = query_start(s, "DELETE FROM code");
    int rc = query_run(&q, NULL, err);
    if (rc)
        return rc;
    q = query_start(s, "UPDATE gallery SET code_format = ?");
    query_int(&q, VECTORS_CODE_VERSION);
    rc = query_run(&q, NULL, err);
    if (rc)
        return rc;
    int64_t photos;
    q = query_start(s, "SELECT EXISTS (SELECT 1 FROM vector)");
    rc = query_get_int(&q, &photos, err);
    return rc || !photos ? rc : each_vector(s, 0, put_each, s, err);
}

int sqlite_codes_ensure(struct sqlite *s, struct error *err)
{
    int64_t format, lost;
    int rc = get_format(s, &format, err);
    if (rc)
        return rc;
    struct query q =
        query_start(s, "SELECT EXISTS (SELECT 1 FROM vector) AND NOT EXISTS (SELECT 1 FROM code)");
    rc = query_get_int(&q, &lost, err);
    if (rc)
        return rc;
    return lost || format != VECTORS_CODE_VERSION ? make_all(s, err) : 0;
}

/* Adds a photo without a usable code, if it has a vector. */
static int load_vector(struct sqlite *s, struct vectors *index, int64_t id, struct error *err)
{
    struct error useless;
    AUTO_FREE float *vector = xmalloc(vectors_dim(index) * sizeof *vector);
    int rc = sqlite_fetch_vector(s, id, vector, &useless);
    if (rc == ERR_CORRUPT || rc == ERR_NOT_FOUND)
        return 0; /* affects only this photo */
    if (rc)
        return error_set(err, rc, "%s", useless.message);
    vectors_add(index, id, vector);
    return 0;
}

/* Adds the photo `id` with the code in that column of the row. */
static int load_code(struct sqlite *s, struct vectors *index, int64_t id, sqlite3_stmt *row,
                     int column, struct error *err)
{
    struct error useless;
    int rc = vectors_add_code(index, id, sqlite3_column_blob(row, column),
                              (size_t)sqlite3_column_bytes(row, column), &useless);
    if (rc == ERR_CORRUPT)
        return load_vector(s, index, id, err);
    return rc ? error_set(err, rc, "%s", useless.message) : 0;
}

static int load_codes(struct sqlite *s, struct vectors *index, int64_t after_id, size_t *ret_loaded,
                      struct error *err)
{
    int rc;
    struct query q = query_start(s, "SELECT photo, code FROM code WHERE photo > ? ORDER BY photo");
    query_int(&q, after_id);
    for (*ret_loaded = 0; (rc = query_next(&q, err)) > 0; ++*ret_loaded) {
        rc = load_code(s, index, sqlite3_column_int64(q.statement, 0), q.statement, 1, err);
        if (rc)
            break;
    }
    query_end(&q);
    return rc;
}

/* Adds photos that have no code at all. */
static int load_without_code(struct sqlite *s, struct vectors *index, int64_t after_id,
                             struct error *err)
{
    int rc;
    struct query q = query_start(s, "SELECT id FROM photo WHERE id > ? AND NOT EXISTS"
                                    " (SELECT 1 FROM code WHERE photo = id) ORDER BY id");
    query_int(&q, after_id);
    while ((rc = query_next(&q, err)) > 0) {
        rc = load_vector(s, index, sqlite3_column_int64(q.statement, 0), err);
        if (rc)
            break;
    }
    query_end(&q);
    return rc;
}

static int load_each(void *context, int64_t id, const float *vector, struct error *err)
{
    (void)err;
    vectors_add(context, id, vector);
    return 0;
}

/* SQLite counts all rows with the smallest index, but rows above an id with the table. */
static int count_photos(struct sqlite *s, int64_t after_id, int64_t *ret_count, struct error *err)
{
    struct query q = query_start(s, after_id ? "SELECT count(*) FROM photo WHERE id > ?"
                                             : "SELECT count(*) + ? FROM photo");
    query_int(&q, after_id);
    return query_get_int(&q, ret_count, err);
}

int sqlite_codes_load(struct sqlite *s, struct vectors *index, int64_t after_id,
                      int64_t *ret_last_id, struct error *err)
{
    int64_t photos, last_id, format;
    size_t loaded;
    int rc = get_format(s, &format, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "SELECT max(id) FROM photo");
    rc = query_get_int(&q, &last_id, err);
    if (!rc)
        rc = count_photos(s, after_id, &photos, err);
    if (rc)
        return rc;
    if (format != VECTORS_CODE_VERSION) {
        rc = each_vector(s, after_id, load_each, index, err);
    } else {
        rc = load_codes(s, index, after_id, &loaded, err);
        if (!rc && loaded < (size_t)photos)
            rc = load_without_code(s, index, after_id, err);
    }
    if (!rc)
        *ret_last_id = last_id > after_id ? last_id : after_id;
    return rc;
}

int sqlite_codes_load_one(struct sqlite *s, struct vectors *index, int64_t id, struct error *err)
{
    int64_t format;
    int rc = get_format(s, &format, err);
    if (rc)
        return rc;
    struct query q = query_start(s, "SELECT code FROM photo LEFT JOIN code ON code.photo = photo.id"
                                    " WHERE photo.id = ?");
    query_int(&q, id);
    rc = query_next(&q, err);
    if (rc > 0)
        rc = format == VECTORS_CODE_VERSION ? load_code(s, index, id, q.statement, 0, err)
                                            : load_vector(s, index, id, err);
    query_end(&q);
    return rc;
}
