/* SPDX-License-Identifier: MIT */
/* Puts the photos of a search in order: those with names that the query speaks of first. */
#include "search/rank.h"

#include <stdlib.h>
#include <string.h>

#include "store/listing.h"

#define CLEARLY 2 /* grades of search_strength */

/* Photos that have a label of one of several names: one list of hits for each name after the other.
 */
struct labelled {
    struct ranked *items;
    size_t count, cap;
};

static int compare_id(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static int compare_rank(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->names != y->names)
        return x->names > y->names ? -1 : 1;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return compare_id(a, b);
}

static int count_month(void *context, const struct store_month *month)
{
    *(size_t *)context += (size_t)month->photos;
    return 0;
}

/* Adds the k nearest photos (0: all) with a label of this name, each counted as `names` names. */
static int add_labelled(struct store *store, const float *query,
                        const struct search_request *request, const char *name, size_t k,
                        size_t names, struct labelled *list, struct error *err)
{
    static const struct store_filter everything;
    struct store_filter filter = request->filter ? *request->filter : everything;
    size_t count = 0, most = k;
    filter.label = name;
    int rc = k ? 0 : store_list_months(store, &filter, count_month, &most, err);
    if (rc || most == 0)
        return rc;
    AUTO_FREE struct store_hit *hits = xmalloc(most * sizeof *hits);
    rc = store_search(store, query, most, &filter, hits, &count, err);
    if (rc)
        return rc;
    ARRAY_GROW(list->items, list->cap, list->count + count + 1);
    for (size_t i = 0; i < count; i++)
        list->items[list->count++] = (struct ranked){hits[i].id, hits[i].score, names};
    return 0;
}

/* Photos that were added several times become one with all its names; those below `least` go. */
static void unite_photos(struct labelled *list, size_t least)
{
    size_t kept = 0;
    qsort(list->items, list->count, sizeof *list->items, compare_id);
    for (size_t i = 0, next; i < list->count; i = next) {
        struct ranked photo = list->items[i];
        for (next = i + 1; next < list->count && list->items[next].id == photo.id; next++)
            photo.names += list->items[next].names;
        if (photo.names >= least)
            list->items[kept++] = photo;
    }
    list->count = kept;
}

/* With one name, its k best are enough; of several, photos with all of them may be far down in the
 * list of each, which is taken whole then. A label that the filter asks for is a further list,
 * whose photos count for more than all names: who is not in it, goes. */
static int rank_labelled(struct store *store, const float *query,
                         const struct search_request *request, const struct names *names,
                         size_t first, size_t end, struct labelled *list, struct error *err)
{
    const char *required = request->filter ? request->filter->label : NULL;
    size_t n = end - first, k = n > 1 || required ? 0 : request->k, weight = n + 1;
    int rc = 0;
    for (size_t i = first; !rc && i < end; i++)
        rc = add_labelled(store, query, request, names->folded[i], k, 1, list, err);
    if (!rc && required)
        rc = add_labelled(store, query, request, required, k, weight, list, err);
    if (rc)
        return rc;
    size_t extra = required ? weight : 0;
    unite_photos(list, extra + 1);
    for (size_t i = 0; i < list->count; i++)
        list->items[i].names -= extra;
    qsort(list->items, list->count, sizeof *list->items, compare_rank);
    return 0;
}

/* Without those that are among the first `n` of photos. */
static size_t drop_known(struct ranked *items, size_t count, const struct ranked *photos, size_t n)
{
    size_t kept = 0;
    AUTO_FREE struct ranked *known = xmalloc((n + 1) * sizeof *known);
    if (n > 0)
        memcpy(known, photos, n * sizeof *known);
    qsort(known, n, sizeof *known, compare_id);
    for (size_t i = 0; i < count; i++)
        if (n == 0 || !bsearch(&items[i], known, n, sizeof *known, compare_id))
            items[kept++] = items[i];
    return kept;
}

static size_t as_ranked(const struct search_request *request, const struct store_hit *hits,
                        size_t n, struct ranked *ret_items)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (hits[i].id != request->like_photo)
            ret_items[count++] = (struct ranked){hits[i].id, hits[i].score, 0};
    return count;
}

/* Whether `photo` matches clearly better than `named`. */
static int is_clearly_better(const struct rank_judge *judge, const struct ranked *photo,
                             const struct ranked *named, bool *ret_better, struct error *err)
{
    enum search_strength its, other;
    struct error why;
    int rc = judge->grade(judge->context, photo->id, &its, &why);
    if (!rc)
        rc = judge->grade(judge->context, named->id, &other, &why);
    bool is_gone = rc == ERR_NOT_FOUND || rc == ERR_CORRUPT;
    *ret_better = rc == 0 && (int)its >= (int)other + CLEARLY;
    return rc && !is_gone ? error_set(err, rc, "%s", why.message) : 0;
}

/* Adds both lists, each in its order. */
static int add_merged(const struct rank_judge *judge, const struct ranked *named, size_t n_named,
                      const struct ranked *others, size_t n_others, size_t most,
                      struct ranked *ret_photos, size_t *count, struct error *err)
{
    size_t i = 0, k = 0;
    while (*count < most && (i < n_named || k < n_others)) {
        bool better = i == n_named;
        int rc = i < n_named && k < n_others
                     ? is_clearly_better(judge, &others[k], &named[i], &better, err)
                     : 0;
        if (rc)
            return rc;
        ret_photos[(*count)++] = better ? others[k++] : named[i++];
    }
    return 0;
}

int rank_photos(struct store *store, const float *query, const struct search_request *request,
                const struct names *names, const struct rank_judge *judge,
                struct ranked *ret_photos, size_t *ret_count, struct error *err)
{
    struct labelled sure = {NULL, 0, 0}, maybe = {NULL, 0, 0};
    size_t nearest, count = 0, k = request->k + (request->like_photo != 0);
    AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
    AUTO_FREE struct ranked *others = xmalloc(k * sizeof *others);
    int rc = store_search(store, query, k, request->filter, hits, &nearest, err);
    if (!rc && names->sure > 0)
        rc = rank_labelled(store, query, request, names, 0, names->sure, &sure, err);
    if (!rc && names->count > names->sure)
        rc = rank_labelled(store, query, request, names, names->sure, names->count, &maybe, err);
    AUTO_FREE struct ranked *first = sure.items;
    AUTO_FREE struct ranked *second = maybe.items;
    if (rc)
        return rc;
    for (; count < sure.count && count < request->k; count++)
        ret_photos[count] = first[count];
    size_t n_second = drop_known(second, maybe.count, ret_photos, count);
    size_t n_others = as_ranked(request, hits, nearest, others);
    n_others = drop_known(others, n_others, ret_photos, count);
    n_others = drop_known(others, n_others, second, n_second);
    rc = add_merged(judge, second, n_second, others, n_others, request->k, ret_photos, &count, err);
    *ret_count = count;
    return rc;
}
