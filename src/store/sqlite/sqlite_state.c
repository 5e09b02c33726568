/* SPDX-License-Identifier: MIT */
/* Keeps the in-memory index up to date: loads added photos, reloads rewritten ones, and reloads
 * everything only if the changes are unknown. */
#include "store/sqlite/sqlite_index.h"

struct counters {
    int64_t change, rewrite;
};

static int get_counters(struct sqlite *s, struct counters *ret_counters, struct error *err)
{
    struct query q = query_start(s, "SELECT change, rewrite FROM gallery");
    int rc = query_next(&q, err);
    if (rc > 0)
        *ret_counters = (struct counters){sqlite3_column_int64(q.statement, 0),
                                          sqlite3_column_int64(q.statement, 1)};
    query_end(&q);
    if (rc == 0)
        return error_set(err, ERR_CORRUPT, "the gallery %s is damaged: its counters are missing",
                         s->store.name);
    return rc < 0 ? rc : 0;
}

int sqlite_read_change(struct sqlite *s, int64_t *ret_change, struct error *err)
{
    struct counters now;
    int rc = get_counters(s, &now, err);
    if (!rc)
        *ret_change = now.change;
    return rc;
}

void sqlite_forget_index(struct sqlite *s)
{
    sqlite_index_close(s->index);
    s->index = NULL;
}

/* Reloads rewritten photos that the state already had; photos that it did not have are loaded as
 * new ones. */
static int load_rewritten(struct sqlite *s, const struct index_state *before, const int64_t *ids,
                          size_t n, struct vectors *vectors, struct error *err)
{
    vectors_remove(vectors, ids, n);
    for (size_t i = 0; i < n && ids[i] <= before->last_id; i++) {
        int rc = sqlite_codes_load_one(s, vectors, ids[i], err);
        if (rc)
            return rc;
    }
    return 0;
}

/* *ret_vectors are the vectors of `before` with the rewritten ones replaced; NULL if those are
 * unknown. */
static int follow_rewritten(struct sqlite *s, const struct index_state *before,
                            const struct counters *now, struct vectors **ret_vectors,
                            struct error *err)
{
    AUTO_FREE int64_t *ids = NULL;
    size_t n = 0;
    bool complete = true;
    int rc = 0;
    *ret_vectors = NULL;
    if (now->change < before->change)
        return 0;
    if (now->rewrite > before->change)
        rc = sqlite_rewritten_list(s, before->change, &ids, &n, &complete, err);
    if (rc || !complete)
        return rc;
    AUTO(vectors) *vectors = vectors_fork(before->vectors);
    rc = load_rewritten(s, before, ids, n, vectors, err);
    if (rc)
        return rc;
    *ret_vectors = vectors;
    vectors = NULL;
    return 0;
}

/* Prepares the state after `before` (NULL: the first). Ids only grow, so the photos added since
 * then are those above its largest id. */
static int prepare_state(struct sqlite *s, const struct index_state *before, size_t dim,
                         const struct counters *now, struct index_state **ret_state,
                         struct error *err)
{
    AUTO(vectors) *vectors = NULL;
    int64_t last_id = 0;
    int rc = 0;
    if (before && vectors_dim(before->vectors) == dim)
        rc = follow_rewritten(s, before, now, &vectors, err);
    if (vectors)
        last_id = before->last_id;
    else
        vectors = vectors_new(dim);
    if (!rc)
        rc = sqlite_codes_load(s, vectors, last_id, &last_id, err);
    if (rc)
        return rc;
    *ret_state = index_state_new(vectors, now->change, last_id);
    vectors = NULL;
    return 0;
}

/* Returns whether the index is newer than the snapshot of this transaction. */
static bool is_newer(const struct index_state *state, const struct counters *now, int64_t known)
{
    return state && now->change < state->change && now->change >= known;
}

/* Called between sqlite_index_begin and sqlite_index_end. */
static int advance_index(struct sqlite *s, size_t dim, int64_t known, const struct counters *now,
                         struct index_state **ret_state, struct error *err)
{
    struct index_state *newest = sqlite_index_get(s->index), *next = NULL;
    if ((newest && newest->change == now->change) || is_newer(newest, now, known)) {
        *ret_state = newest; /* another thread has prepared it */
        return 0;
    }
    int rc = prepare_state(s, newest, dim, now, &next, err);
    sqlite_index_put(newest);
    if (rc)
        return rc;
    sqlite_index_publish(s->index, next);
    *ret_state = sqlite_index_get(s->index);
    return 0;
}

int sqlite_state_of_now(struct sqlite *s, size_t dim, int64_t known, struct index_state **ret_state,
                        struct error *err)
{
    struct counters now = {0, 0};
    int rc = get_counters(s, &now, err);
    if (rc)
        return rc;
    struct index_state *state = sqlite_index_get(s->index);
    if (!state || (state->change != now.change && !is_newer(state, &now, known))) {
        sqlite_index_put(state);
        state = NULL;
        sqlite_index_begin(s->index);
        rc = advance_index(s, dim, known, &now, &state, err);
        sqlite_index_end(s->index);
    }
    if (!rc && is_newer(state, &now, known)) {
        sqlite_index_put(state);
        return INDEX_IS_NEWER;
    }
    if (!rc)
        *ret_state = state;
    return rc;
}
