/* SPDX-License-Identifier: MIT */
/* Searches in one transaction: candidates come from the in-memory index, exact scores from the
 * file. */
#include <string.h>

#include "base/limits.h"
#include "store/id_set.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_internal.h"

/* Shorter rankings are quicker made than they are worth keeping. */
#define LONG_RANKING 256

static int fetch_vector(void *context, int64_t id, float *ret_vector, struct error *err)
{
    struct sqlite *s = context;
    int rc = sqlite_fetch_vector(s, id, ret_vector, err);
    if (rc == ERR_NOT_FOUND) /* though its code was read in the same transaction */
        return error_set(err, ERR_CORRUPT, "photo %lld has no vector", (long long)id);
    return rc;
}

static int order_by_path(void *context, int64_t a, int64_t b)
{
    int64_t before;
    if (a == b)
        return 0;
    struct query q =
        query_start(context, "SELECT (x.path, x.id) < (y.path, y.id) FROM photo AS x, photo AS y"
                             " WHERE x.id = ? AND y.id = ?");
    query_int(&q, a);
    query_int(&q, b);
    if (query_get_int(&q, &before, NULL))
        return 0; /* the fetch of the photo reports such a failure */
    return before ? -1 : 1;
}

static bool keep_sound(void *context, int64_t id)
{
    return !id_set_has(((const struct sqlite *)context)->unsound, id) && sqlite_keep(context, id);
}

static int search_index(struct sqlite *s, const struct vectors *vectors, const float *query,
                        size_t k, const struct criteria *where, struct store_hit *ret_hits,
                        size_t *ret_count, struct error *err)
{
    struct vectors_source source = {s, fetch_vector, order_by_path};
    if (k > vectors_count(vectors))
        k = vectors_count(vectors);
    AUTO_FREE struct vectors_hit *hits = xmalloc(k * sizeof *hits);
    bool (*keep)(void *context, int64_t id) = s->unsound ? keep_sound : where ? sqlite_keep : NULL;
    int rc = vectors_search(vectors, query, k, &source, keep, hits, ret_count, err);
    for (size_t i = 0; !rc && i < *ret_count; i++)
        ret_hits[i] = (struct store_hit){hits[i].id, hits[i].score};
    return rc;
}

/* Ranks the photos of a state that matches the snapshot of this transaction. */
static int rank_state(struct sqlite *s, const struct index_state *state, const float *query,
                      size_t k, const struct criteria *where, struct store_hit *ret_hits,
                      size_t *ret_count, struct error *err)
{
    struct error why = ERROR_INIT;
    sqlite_forget_unsound(s, state->change);
    int rc = search_index(s, state->vectors, query, k, where, ret_hits, ret_count, &why);
    if (rc == ERR_CORRUPT) { /* one vector is damaged: search among the others */
        rc = sqlite_find_unsound(s, state->change, &why);
        if (!rc)
            rc = search_index(s, state->vectors, query, k, where, ret_hits, ret_count, &why);
    }
    return rc < 0 ? error_set(err, rc, "%s", why.message) : rc;
}

/* A page of the photos nearest to a query. */
struct page {
    const float *query;
    const struct criteria *where;
    size_t skip, k;
    struct store_hit *ret_hits; /* [k - skip] */
    size_t *ret_count;
};

/* Returns how long a ranking to make: for a later page twice as long as it needs, so that reading a
 * list to its end ranks few times. */
static size_t choose_length(const struct page *page)
{
    size_t twice = 2 * page->k < LIMIT_RESULTS ? 2 * page->k : LIMIT_RESULTS;
    return page->skip && twice > page->k ? twice : page->k;
}

/* Makes a long ranking and keeps it for other pages. */
static int make_ranking(struct sqlite *s, const struct index_state *state, const uint8_t *key,
                        const struct page *page, struct error *err)
{
    size_t count, k = choose_length(page), most = vectors_count(state->vectors);
    AUTO_FREE struct store_hit *hits = xmalloc(((k < most ? k : most) + 1) * sizeof *hits);
    int rc = rank_state(s, state, page->query, k, page->where, hits, &count, err);
    if (rc)
        return rc;
    *page->ret_count = count < page->k ? count : page->k;
    for (size_t i = page->skip; i < *page->ret_count; i++)
        page->ret_hits[i - page->skip] = hits[i];
    if (s->unsound) /* so that each search counts what it leaves out */
        return 0;
    sqlite_rankings_keep(state->rankings, key, hits, count, k);
    hits = NULL;
    return 0;
}

static int search_state(struct sqlite *s, const struct index_state *state, const struct page *page,
                        struct error *err)
{
    uint8_t key[HASH_BYTES];
    if (page->skip == 0 && page->k < LONG_RANKING)
        return rank_state(s, state, page->query, page->k, page->where, page->ret_hits,
                          page->ret_count, err);
    sqlite_ranking_key(page->query, s->dim, page->where, key);
    if (sqlite_rankings_find(state->rankings, key, page->skip, page->k, page->ret_hits,
                             page->ret_count))
        return 0;
    return make_ranking(s, state, key, page, err);
}

static int search_page(struct sqlite *s, const struct index_state *state, void *context,
                       struct error *err)
{
    return search_state(s, state, context, err);
}

/* The function that sqlite_in_state calls, and its arguments. */
struct state_use {
    const struct criteria *where;
    int (*use)(struct sqlite *s, const struct index_state *state, void *context, struct error *err);
    void *context;
};

static int use_snapshot(struct sqlite *s, const struct state_use *use, int64_t known,
                        struct error *err)
{
    size_t dim;
    struct error unbound;
    struct index_state *state = NULL;
    int rc = sqlite_check_model(s, &unbound);
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    dim = s->dim;
    rc = sqlite_filter_prepare(s, use->where, err);
    if (!rc)
        rc = sqlite_state_of_now(s, dim, known, &state, err);
    if (!rc)
        rc = use->use(s, state, use->context, err);
    sqlite_index_put(state);
    return rc;
}

static int64_t known_change(struct sqlite *s)
{
    if (!s->index)
        s->index = sqlite_index_open(s);
    return sqlite_index_change(s->index);
}

int sqlite_in_state(struct sqlite *s, const struct criteria *where,
                    int (*use)(struct sqlite *s, const struct index_state *state, void *context,
                               struct error *err),
                    void *context, struct error *err)
{
    struct state_use what = {where, use, context};
    int rc;
    do {
        int64_t known = known_change(s);
        rc = sqlite_begin_read(s, err);
        if (rc)
            return rc;
        if (!s->index) /* released by a reconnect */
            known = known_change(s);
        int found = use_snapshot(s, &what, known, err);
        rc = sqlite_finish(s, found < 0 ? found : 0, err);
        rc = rc ? rc : found;
    } while (rc == INDEX_IS_NEWER);
    return rc;
}

int sqlite_search(struct store *store, const float *query, size_t skip, size_t k, bool exact,
                  const struct criteria *where, struct store_hit *ret_hits, size_t *ret_count,
                  struct error *err)
{
    (void)exact; /* always */
    size_t count = 0;
    struct page page = {query, where, skip, k, ret_hits, &count};
    int rc = sqlite_in_state(sqlite_of(store), where, search_page, &page, err);
    if (!rc)
        *ret_count = count;
    return rc;
}
