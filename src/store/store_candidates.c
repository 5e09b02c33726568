/* SPDX-License-Identifier: MIT */
/* Lists candidates for the best grades. */
#include "store/candidates.h"

#include "store/store_internal.h"

int store_list_candidates(struct store *store, const struct store_filter *filter,
                          const struct vectors_grading *grading, size_t k, int64_t **ret_ids,
                          size_t *ret_count, size_t *ret_total, struct error *err)
{
    AUTO(criteria) *where = NULL;
    *ret_ids = NULL;
    *ret_count = *ret_total = 0;
    int rc = store_filter_tree(filter, &where, err);
    return rc ? rc
              : store->backend->list_candidates(store, grading, k, where, ret_ids, ret_count,
                                                ret_total, err);
}
