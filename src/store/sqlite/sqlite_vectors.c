/* SPDX-License-Identifier: MIT */
/* Reads vectors from the file, and finds those that are not sound. */
#include <math.h>
#include <string.h>

#include "store/id_set.h"
#include "store/sqlite/sqlite_internal.h"

bool sqlite_read_vector(const struct sqlite *s, sqlite3_stmt *row, int column, float *ret_vector)
{
    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blobs are little-endian floats");
    size_t bytes = (size_t)sqlite3_column_bytes(row, column);
    if (bytes != s->dim * sizeof *ret_vector || bytes == 0)
        return false;
    memcpy(ret_vector, sqlite3_column_blob(row, column), bytes);
    return store_is_unit(ret_vector, s->dim);
}

/* Reads the vectors of ids [n] by one walk over the ids from the first to the last. */
static int walk_vectors(struct sqlite *s, const int64_t *ids, size_t n, float *ret_vectors,
                        struct error *err)
{
    int rc;
    size_t i = 0;
    struct query q = query_start(s, "SELECT photo, " SQLITE_VECTOR " FROM vector"
                                    " WHERE photo BETWEEN ? AND ? ORDER BY photo");
    query_int(&q, ids[0]);
    query_int(&q, ids[n - 1]);
    while ((rc = query_next(&q, err)) > 0) {
        int64_t id = sqlite3_column_int64(q.statement, 0);
        while (i < n && ids[i] < id)
            i++;
        for (; i < n && ids[i] == id; i++)
            if (!sqlite_read_vector(s, q.statement, 1, ret_vectors + i * s->dim))
                ret_vectors[i * s->dim] = NAN;
    }
    query_end(&q);
    return rc;
}

/* Ids that are further apart than this on average are read one after the other. */
#define SPARSE 8

int sqlite_get_vectors(struct store *store, const int64_t *ids, size_t n, float *ret_vectors,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    size_t dim;
    if (n == 0)
        return 0;
    int rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_get_dim(store, &dim, err);
    for (size_t i = 0; !rc && i < n; i++)
        ret_vectors[i * dim] = NAN;
    bool is_sparse = (uint64_t)ids[n - 1] - (uint64_t)ids[0] > SPARSE * (uint64_t)n;
    for (size_t i = 0; !rc && i < n; i += is_sparse ? 1 : n)
        rc = walk_vectors(s, ids + i, is_sparse ? 1 : n, ret_vectors + i * dim, err);
    return sqlite_finish(s, rc, err);
}

static int each_unsound(struct sqlite *s, int (*each)(void *context, int64_t id), void *context,
                        struct error *err)
{
    size_t dim;
    struct error unbound;
    int stopped = 0, rc = sqlite_get_dim(&s->store, &dim, &unbound);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    AUTO_FREE float *vector = xmalloc(dim * sizeof *vector);
    struct query q =
        query_start(s, "SELECT p.id, " SQLITE_VECTOR " FROM photo AS p LEFT JOIN vector AS v"
                       " ON v.photo = p.id ORDER BY p.id");
    while (!stopped && (rc = query_next(&q, err)) > 0)
        if (!sqlite_read_vector(s, q.statement, 1, vector))
            stopped = each(context, sqlite3_column_int64(q.statement, 0));
    query_end(&q);
    return stopped ? stopped : rc;
}

int sqlite_list_unsound(struct store *store, int (*each)(void *context, int64_t id), void *context,
                        struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = sqlite_follow(s, err);
    return rc ? rc : each_unsound(s, each, context, err);
}

int64_t sqlite_count_left_out(struct store *store)
{
    const struct sqlite *s = sqlite_of(store);
    return s->unsound ? (int64_t)id_set_count(s->unsound) : 0;
}

static int add_id(void *context, int64_t id)
{
    id_set_add(context, id);
    return 0;
}

int sqlite_find_unsound(struct sqlite *s, int64_t change, struct error *err)
{
    sqlite_forget_unsound(s, -1);
    s->unsound = xcalloc(1, sizeof *s->unsound);
    s->unsound_change = change;
    int rc = each_unsound(s, add_id, s->unsound, err);
    id_set_seal(s->unsound);
    return rc;
}

void sqlite_forget_unsound(struct sqlite *s, int64_t change)
{
    if (!s->unsound || s->unsound_change == change)
        return;
    id_set_release(s->unsound);
    free(s->unsound);
    s->unsound = NULL;
}
