/* SPDX-License-Identifier: MIT */
/* Lists the photos that can have the best grades, from the codes of the index in memory. */
#include "store/sqlite/sqlite_index.h"

struct candidates {
    const struct vectors_grading *grading;
    size_t k;
    const struct criteria *where;
    int64_t **ret_ids;
    size_t *ret_count, *ret_total;
};

static int find_candidates(struct sqlite *s, const struct index_state *state, void *context,
                           struct error *err)
{
    const struct candidates *c = context;
    return vectors_candidates(state->vectors, c->grading, c->k, c->where ? sqlite_keep : NULL, s,
                              c->ret_ids, c->ret_count, c->ret_total, err);
}

int sqlite_list_candidates(struct store *store, const struct vectors_grading *grading, size_t k,
                           const struct criteria *where, int64_t **ret_ids, size_t *ret_count,
                           size_t *ret_total, struct error *err)
{
    struct candidates c = {grading, k, where, ret_ids, ret_count, ret_total};
    return sqlite_in_state(sqlite_of(store), where, find_candidates, &c, err);
}
