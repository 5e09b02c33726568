/* Puts the photos of a search in order: those with names that the query speaks of first. */
#include "search/rank.h"

#include <stdlib.h>
#include <string.h>

#include "store/listing.h"

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
static void unite(struct labelled *list, size_t least)
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
                         struct labelled *list, struct error *err)
{
    const char *required = request->filter ? request->filter->label : NULL;
    size_t k = names->count > 1 || required ? 0 : request->k, weight = names->count + 1;
    int rc = 0;
    for (size_t i = 0; !rc && i < names->count; i++)
        rc = add_labelled(store, query, request, names->folded[i], k, 1, list, err);
    if (!rc && required)
        rc = add_labelled(store, query, request, required, k, weight, list, err);
    if (rc)
        return rc;
    size_t extra = required ? weight : 0;
    unite(list, extra + 1);
    for (size_t i = 0; i < list->count; i++)
        list->items[i].names -= extra;
    qsort(list->items, list->count, sizeof *list->items, compare_rank);
    return 0;
}

/* Adds the nearest that are not there already; the first `count` of ret_photos are. */
static size_t add_nearest(const struct search_request *request, const struct store_hit *hits,
                          size_t n, struct ranked *ret_photos, size_t count)
{
    size_t named = count;
    AUTO_FREE struct ranked *known = xmalloc((named + 1) * sizeof *known);
    if (named > 0)
        memcpy(known, ret_photos, named * sizeof *known);
    qsort(known, named, sizeof *known, compare_id);
    for (size_t i = 0; i < n && count < request->k; i++) {
        struct ranked hit = {hits[i].id, hits[i].score, 0};
        if (hit.id != request->like_photo &&
            (named == 0 || !bsearch(&hit, known, named, sizeof *known, compare_id)))
            ret_photos[count++] = hit;
    }
    return count;
}

int rank_photos(struct store *store, const float *query, const struct search_request *request,
                const struct names *names, struct ranked *ret_photos, size_t *ret_count,
                struct error *err)
{
    struct labelled list = {NULL, 0, 0};
    size_t nearest, count = 0, k = request->k + (request->like_photo != 0);
    AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
    int rc = store_search(store, query, k, request->filter, hits, &nearest, err);
    if (!rc && names->count > 0)
        rc = rank_labelled(store, query, request, names, &list, err);
    AUTO_FREE struct ranked *first = list.items;
    if (rc)
        return rc;
    for (; count < list.count && count < request->k; count++)
        ret_photos[count] = first[count];
    *ret_count = add_nearest(request, hits, nearest, ret_photos, count);
    return 0;
}
