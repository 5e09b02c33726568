/* SPDX-License-Identifier: MIT */
/* Ranks the photos of a search: photos with names of the query come first. */
#include "search/rank.h"

#include <stdlib.h>
#include <string.h>

#include "store/listing.h"

#define GRADED_BLOCK 64
#define COPY 0.999 /* at this score, a photo may have the same content */

/* Grades of search_strength by which a photo must be better to come before one with a name. */
enum { LEAD_UNCERTAIN = 2, LEAD_CERTAIN = 3, LEAD_ALONE = 4 /* more than there are */ };

/* Photos that have labels with any of several names. */
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

/* Restricts a filter to photos with a label of this name. */
static int narrow_to_name(const struct criteria *filter, const char *name,
                          struct criteria **ret_where, struct error *err)
{
    struct criteria *label;
    AUTO(criteria) *where = criteria_all();
    int rc = filter ? criteria_add(where, criteria_copy(filter), err) : 0;
    if (!rc)
        rc = criteria_leaf("label", CRITERIA_IS, &name, 1, &label, err);
    if (!rc)
        rc = criteria_add(where, label, err);
    if (rc)
        return rc;
    *ret_where = where;
    where = NULL;
    return 0;
}

/* Adds the k nearest photos of `where`, each with the number of names `names`. */
static int add_nearest(struct store *store, const float *query, const struct criteria *where,
                       size_t k, size_t names, struct labelled *list, struct error *err)
{
    struct store_filter filter = {.where = where};
    size_t count = 0;
    AUTO_FREE struct store_hit *hits = xmalloc((k + 1) * sizeof *hits);
    int rc = store_search(store, query, k, &filter, hits, &count, err);
    ARRAY_GROW(list->items, list->cap, list->count + count + 1);
    for (size_t i = 0; !rc && i < count; i++)
        list->items[list->count++] = (struct ranked){hits[i].id, hits[i].score, names, 0};
    return rc;
}

static int note_named(void *context, int64_t id)
{
    struct labelled *list = context;
    ARRAY_GROW(list->items, list->cap, list->count + 1);
    list->items[list->count++] = (struct ranked){.id = id, .names = 1};
    return 0;
}

/* Merges photos that were added several times, and sums their names. */
static void unite(struct labelled *list)
{
    size_t kept = 0;
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_id);
    for (size_t i = 0, next; i < list->count; i = next) {
        struct ranked photo = list->items[i];
        for (next = i + 1; next < list->count && list->items[next].id == photo.id; next++)
            photo.names += list->items[next].names;
        list->items[kept++] = photo;
    }
    list->count = kept;
}

/* Counts the names of all photos that have at least one, and sorts them by that number, largest
 * first. */
static int count_names(struct store *store, const struct criteria *filter, char *const *folded,
                       size_t n, struct labelled *ret_named, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++) {
        AUTO(criteria) *where = NULL;
        rc = narrow_to_name(filter, folded[i], &where, err);
        if (!rc)
            rc = store_list_ids(store, &(struct store_filter){.where = where}, note_named,
                                ret_named, err);
    }
    unite(ret_named);
    if (ret_named->count > 1)
        qsort(ret_named->items, ret_named->count, sizeof *ret_named->items, compare_rank);
    return rc;
}

/* Adds the nearest photos of a group with the same number of names, searched as a set of ids. */
static int add_group(struct store *store, const float *query, const struct ranked *group, size_t n,
                     size_t k, struct labelled *list, struct error *err)
{
    AUTO(criteria) *where = NULL;
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    for (size_t i = 0; i < n; i++)
        ids[i] = group[i].id;
    int rc = criteria_ids(ids, n, &where, err);
    return rc ? rc : add_nearest(store, query, where, k, group[0].names, list, err);
}

/* Gets the k best, photos with more names before those with fewer. */
static int rank_labelled(struct store *store, const float *query,
                         const struct search_request *request, char *const *folded, size_t n,
                         struct labelled *list, struct error *err)
{
    AUTO(criteria) *filter = NULL;
    AUTO(criteria) *where = NULL;
    struct labelled named = {NULL, 0, 0};
    int rc = store_filter_tree(request->filter, &filter, err);
    if (!rc && n == 1) {
        rc = narrow_to_name(filter, folded[0], &where, err);
        return rc ? rc : add_nearest(store, query, where, request->k, 1, list, err);
    }
    if (!rc)
        rc = count_names(store, filter, folded, n, &named, err);
    for (size_t i = 0, next; !rc && i < named.count && list->count < request->k; i = next) {
        for (next = i + 1; next < named.count && named.items[next].names == named.items[i].names;)
            next++;
        rc =
            add_group(store, query, &named.items[i], next - i, request->k - list->count, list, err);
    }
    free(named.items);
    return rc;
}

/* Removes the items that are among the first `n` of `photos`. */
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
            ret_items[count++] = (struct ranked){hits[i].id, hits[i].score, 0, 0};
    return count;
}

/* A list whose grades are computed when they are needed, a block at a time. */
struct graded_list {
    const struct rank_judge *judge;
    const struct ranked *photos;
    size_t count;
    int grades[GRADED_BLOCK];
    size_t first, end; /* the photos that have the grades */
};

static size_t block_size(const struct graded_list *list, size_t first)
{
    return list->count - first < GRADED_BLOCK ? list->count - first : GRADED_BLOCK;
}

static int get_grade(struct graded_list *list, size_t i, int *ret_grade, struct error *err)
{
    int rc = 0;
    if (i >= list->end) {
        size_t n = block_size(list, i);
        rc = list->judge->grade(list->judge->context, list->photos + i, n, list->grades, err);
        list->first = i;
        list->end = rc ? i : i + n;
    }
    if (!rc)
        *ret_grade = list->grades[i - list->first];
    return rc;
}

/* Grades the first blocks of both lists together, because each call is a round trip on a server. */
static int grade_first(struct graded_list *named, struct graded_list *others, struct error *err)
{
    struct ranked photos[2 * GRADED_BLOCK];
    int grades[2 * GRADED_BLOCK];
    size_t n = block_size(named, 0), m = block_size(others, 0);
    if (n == 0 || m == 0 || named->photos[0].lead >= LEAD_ALONE)
        return 0;
    memcpy(photos, named->photos, n * sizeof *photos);
    memcpy(photos + n, others->photos, m * sizeof *photos);
    int rc = named->judge->grade(named->judge->context, photos, n + m, grades, err);
    if (rc)
        return rc;
    memcpy(named->grades, grades, n * sizeof *grades);
    memcpy(others->grades, grades + n, m * sizeof *grades);
    named->end = n;
    others->end = m;
    return 0;
}

/* Returns whether photo k of `others` comes before photo i of `named`: its grade is better by the
 * lead of that one. */
static int is_clearly_better(struct graded_list *others, size_t k, struct graded_list *named,
                             size_t i, bool *ret_better, struct error *err)
{
    int other_grade, named_grade, lead = named->photos[i].lead;
    *ret_better = false;
    if (lead >= LEAD_ALONE)
        return 0;
    int rc = get_grade(named, i, &named_grade, err);
    if (!rc)
        rc = get_grade(others, k, &other_grade, err);
    if (!rc)
        *ret_better = named_grade >= 0 && other_grade >= named_grade + lead;
    return rc;
}

/* Merges both lists and keeps the order of each. */
static int add_merged(const struct rank_judge *judge, const struct ranked *named, size_t n_named,
                      const struct ranked *others, size_t n_others, size_t most,
                      struct ranked *ret_photos, size_t *count, struct error *err)
{
    struct graded_list named_list = {.judge = judge, .photos = named, .count = n_named};
    struct graded_list other_list = {.judge = judge, .photos = others, .count = n_others};
    size_t i = 0, k = 0;
    int rc = grade_first(&named_list, &other_list, err);
    while (!rc && *count < most && (i < n_named || k < n_others)) {
        bool is_better = i == n_named;
        if (i < n_named && k < n_others)
            rc = is_clearly_better(&other_list, k, &named_list, i, &is_better, err);
        if (!rc)
            ret_photos[(*count)++] = is_better ? others[k++] : named[i++];
    }
    return rc;
}

static int note_photo(void *context, int64_t id)
{
    (void)id;
    *(bool *)context = true;
    return 0;
}

static int matches_filter(struct store *store, const struct store_filter *filter, int64_t id,
                          bool *ret_matches, struct error *err)
{
    struct criteria *part = NULL;
    AUTO(criteria) *both = criteria_all();
    int rc = store_filter_tree(filter, &part, err);
    if (!rc && part)
        rc = criteria_add(both, part, err);
    if (!rc)
        rc = criteria_ids(&id, 1, &part, err);
    if (!rc)
        rc = criteria_add(both, part, err);
    *ret_matches = false;
    return rc ? rc
              : store_list_ids(store, &(struct store_filter){.where = both}, note_photo,
                               ret_matches, err);
}

/* Ranks without names. Only the requested page is ranked, unless *ret_done is false: it is unknown
 * how many of the earlier photos are the example, of which there may be many copies. */
static int rank_page(struct store *store, const float *query, const struct search_request *request,
                     struct ranked *ret_photos, size_t *ret_count, bool *ret_done,
                     struct error *err)
{
    bool is_before = false, has_example = request->like_photo != 0;
    size_t skip = request->skip < request->k ? request->skip : request->k - 1, found = 0, n = 0;
    AUTO_FREE struct store_hit *hits = xmalloc((request->k + 1 - skip) * sizeof *hits);
    int rc = store_search_page(store, query, skip, request->k + has_example, request->filter, hits,
                               &found, err);
    size_t count = found > skip ? found - skip : 0;
    for (size_t i = 0; i < count; i++)
        if (hits[i].id != request->like_photo)
            hits[n++] = hits[i];
    if (!rc && has_example && skip && n == count)
        rc = matches_filter(store, request->filter, request->like_photo, &is_before, err);
    *ret_done = !is_before || (n > 0 && hits[0].score < COPY);
    found -= is_before || n < count;
    *ret_count = found < request->k ? found : request->k;
    for (size_t i = skip; !rc && i < *ret_count; i++)
        ret_photos[i] =
            (struct ranked){hits[i - skip + is_before].id, hits[i - skip + is_before].score, 0, 0};
    return rc;
}

/* Appends photos, which then have this lead, and releases the list. */
static void append_named(struct labelled *into, struct labelled *list, int lead)
{
    size_t n = drop_known(list->items, list->count, into->items, into->count);
    ARRAY_GROW(into->items, into->cap, into->count + n + 1);
    for (size_t i = 0; i < n; i++) {
        into->items[into->count] = list->items[i];
        into->items[into->count++].lead = lead;
    }
    free(list->items);
}

/* Gets the photos with certain names, then those with uncertain ones. */
static int rank_named(struct store *store, const float *query, const struct search_request *request,
                      const struct names *names, struct labelled *ret_named, struct error *err)
{
    struct labelled sure = {NULL, 0, 0}, maybe = {NULL, 0, 0};
    int rc = 0;
    if (names->sure > 0)
        rc = rank_labelled(store, query, request, names->folded, names->sure, &sure, err);
    if (!rc && names->count > names->sure)
        rc = rank_labelled(store, query, request, names->folded + names->sure,
                           names->count - names->sure, &maybe, err);
    append_named(ret_named, &sure, names->alone ? LEAD_ALONE : LEAD_CERTAIN);
    append_named(ret_named, &maybe, names->alone ? LEAD_ALONE : LEAD_UNCERTAIN);
    return rc;
}

int rank_photos(struct store *store, const float *query, const struct search_request *request,
                const struct names *names, const struct rank_judge *judge,
                struct ranked *ret_photos, size_t *ret_count, struct error *err)
{
    struct labelled named = {NULL, 0, 0};
    size_t nearest, count = 0, k = request->k + (request->like_photo != 0);
    AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
    AUTO_FREE struct ranked *others = xmalloc(k * sizeof *others);
    bool is_done = false;
    int rc =
        names->count ? 0 : rank_page(store, query, request, ret_photos, ret_count, &is_done, err);
    if (rc || is_done)
        return rc;
    rc = store_search(store, query, k, request->filter, hits, &nearest, err);
    if (!rc)
        rc = rank_named(store, query, request, names, &named, err);
    AUTO_FREE struct ranked *first = named.items;
    if (rc)
        return rc;
    size_t n_others = as_ranked(request, hits, nearest, others);
    n_others = drop_known(others, n_others, first, named.count);
    rc = add_merged(judge, first, named.count, others, n_others, request->k, ret_photos, &count,
                    err);
    *ret_count = count;
    return rc;
}
