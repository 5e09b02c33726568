/* SPDX-License-Identifier: MIT */
/* Searches for the tree of a query: photos that criteria decide come from lists; of the others,
 * those that can be among the best are graded one by one, so that the result is exact. */
#include "search/tree_search.h"

#include <string.h>

#include "base/limits.h"
#include "search/tree_block.h"
#include "search/tree_bounds.h"
#include "search/tree_ids.h"
#include "search/wanted_embed.h"

/* Number of photos that are read together: their vectors take 8 MB at 512 numbers each. */
#define BLOCK 4096

struct graded {
    int64_t id;
    double grade;
};

struct tree_run {
    struct store *store;
    const struct search_request *request;
    const struct tree_grader *grader;
    struct id_list held[LIMIT_QUERY_CONDITIONS]; /* the photos for which each condition holds */
    struct criteria *sure; /* which photos are SURE, and which have to be graded */
    struct criteria *open;
    struct graded *graded;
    size_t count, cap;
};

/* ---- grading ---- */

/* Returns which conditions hold for the photo `id`. *next are places in the lists of ids, which
 * move forward as ids ascend. */
static uint64_t held_of(const struct tree_run *t, int64_t id, size_t *next)
{
    uint64_t held = 0;
    for (size_t i = 0; i < t->grader->condition_count; i++) {
        const struct id_list *list = &t->held[i];
        while (next[i] < list->count && list->ids[next[i]] < id)
            next[i]++;
        held |= (uint64_t)(next[i] < list->count && list->ids[next[i]] == id) << i;
    }
    return held;
}

/* Grades photos that were not deleted and have a sound vector. */
static void grade_block(struct tree_run *t, const int64_t *ids, size_t n, const float *vectors,
                        size_t *next)
{
    AUTO_FREE uint64_t *held = xcalloc(n + 1, sizeof *held);
    AUTO_FREE double *values = xcalloc(n + 1, sizeof *values);
    for (size_t i = 0; i < n; i++)
        held[i] = held_of(t, ids[i], next);
    tree_grade_block(t->grader, held, vectors, n, values);
    ARRAY_GROW(t->graded, t->cap, t->count + n);
    for (size_t i = 0; i < n; i++)
        if (values[i] != TREE_NO)
            t->graded[t->count++] = (struct graded){ids[i], values[i]};
}

static int grade_ids(struct tree_run *t, const int64_t *ids, size_t count, struct error *err)
{
    int rc = 0;
    size_t next[LIMIT_QUERY_CONDITIONS] = {0};
    AUTO_FREE float *vectors = xmalloc(BLOCK * t->grader->dim * sizeof *vectors);
    t->count = 0;
    for (size_t first = 0; !rc && first < count; first += BLOCK) {
        size_t n = count - first < BLOCK ? count - first : BLOCK;
        rc = store_get_vectors(t->store, ids + first, n, vectors, err);
        if (!rc)
            grade_block(t, ids + first, n, vectors, next);
    }
    return rc;
}

static int grade_open(struct tree_run *t, struct error *err)
{
    struct id_list ids = {.ids = NULL};
    int rc = id_list_read(t->store, t->open, &ids, err);
    if (!rc)
        rc = grade_ids(t, ids.ids, ids.count, err);
    id_list_release(&ids);
    return rc;
}

/* ---- grading the best alone ---- */

static uint64_t find_held(void *context, int64_t id)
{
    const struct tree_run *t = context;
    uint64_t held = 0;
    for (size_t i = 0; i < t->grader->condition_count; i++)
        held |= (uint64_t)id_list_has(&t->held[i], id) << i;
    return held;
}

/* Grades the photos that can be among the k best. *ret_done is false if that does not suffice:
 * grades have no bounds, or a photo turned out to have no sound vector. */
static int grade_best(struct tree_run *t, bool *ret_done, struct error *err)
{
    struct tree_bounds bounds;
    AUTO_FREE int64_t *ids = NULL;
    size_t count = 0, total = 0;
    int rc = 0;
    *ret_done = false;
    tree_bounds_init(&bounds, t->grader, find_held, t);
    if (bounds.is_possible) {
        struct vectors_grading grading = tree_bounds_grading(&bounds);
        rc = store_list_candidates(t->store, &(struct store_filter){.where = t->open}, &grading,
                                   t->request->k, &ids, &count, &total, err);
        if (!rc)
            rc = grade_ids(t, ids, count, err);
        *ret_done = count == total || t->count == count;
    }
    tree_bounds_release(&bounds);
    return rc;
}

static int compare_grade(const void *a, const void *b)
{
    const struct graded *x = a, *y = b;
    if (x->grade != y->grade)
        return x->grade > y->grade ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* ---- ties ---- */

struct tied {
    char *path;
    struct graded graded;
};

static int compare_path(const void *a, const void *b)
{
    const struct tied *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    return order ? order : compare_grade(&x->graded, &y->graded);
}

/* Sorts photos of equal grade by path. */
static int sort_tied(struct tree_run *t, struct graded *tied, size_t n, struct error *err)
{
    AUTO_FREE struct tied *items = xcalloc(n, sizeof *items);
    AUTO_FREE int64_t *ids = xmalloc(n * sizeof *ids);
    AUTO_FREE struct store_photo *photos = xcalloc(n, sizeof *photos);
    for (size_t i = 0; i < n; i++)
        ids[i] = tied[i].id;
    int rc = store_get_photos(t->store, ids, n, photos, NULL, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct tied){photos[i].path ? xstrdup(photos[i].path) : xstrdup(""), tied[i]};
        store_photo_release(&photos[i]);
    }
    qsort(items, n, sizeof *items, compare_path);
    for (size_t i = 0; i < n; i++) {
        tied[i] = items[i].graded;
        free(items[i].path);
    }
    return 0;
}

static int sort_graded(struct tree_run *t, struct error *err)
{
    int rc = 0;
    if (t->count > 1)
        qsort(t->graded, t->count, sizeof *t->graded, compare_grade);
    for (size_t i = 0, next; !rc && i < t->count; i = next) {
        for (next = i + 1; next < t->count && t->graded[next].grade == t->graded[i].grade;)
            next++;
        if (next - i > 1)
            rc = sort_tied(t, t->graded + i, next - i, err);
    }
    return rc;
}

/* ---- results ---- */

static enum search_strength strength_of(const struct tree_run *t, double grade)
{
    return t->grader->is_unread ? SEARCH_NONE : search_contrast_strength(grade);
}

/* Moves the photo into the results. */
static void add_result(struct tree_run *t, struct store_photo *photo, double grade,
                       struct search_results *results)
{
    results->items[results->count++] = (struct search_result){
        .score = grade == TREE_SURE ? NAN : grade,
        .strength = grade == TREE_SURE ? SEARCH_STRONG : strength_of(t, grade),
        .sure = grade == TREE_SURE,
        .photo = *photo};
    *photo = (struct store_photo){.path = NULL};
}

static int add_graded(struct tree_run *t, const struct graded *graded, size_t n,
                      struct search_results *results, struct error *err)
{
    int rc = 0;
    for (size_t first = 0; !rc && first < n; first += BLOCK) {
        size_t count = n - first < BLOCK ? n - first : BLOCK;
        AUTO_FREE int64_t *ids = xmalloc(count * sizeof *ids);
        AUTO_FREE struct store_photo *photos = xcalloc(count, sizeof *photos);
        for (size_t i = 0; i < count; i++)
            ids[i] = graded[first + i].id;
        rc = store_get_photos(t->store, ids, count, photos, NULL, err);
        for (size_t i = 0; !rc && i < count; i++)
            if (photos[i].path)
                add_result(t, &photos[i], graded[first + i].grade, results);
    }
    return rc;
}

/* ---- lists by date ---- */

struct listing {
    struct tree_run *run;
    struct search_results *results;
};

static int list_photo(void *context, const struct store_photo *photo)
{
    struct listing *l = context;
    struct store_photo own = *photo;
    own.path = xstrdup(photo->path);
    add_result(l->run, &own, TREE_SURE, l->results);
    return 0;
}

static int add_month(void *context, const struct store_month *month)
{
    *(size_t *)context += (size_t)month->photos;
    return 0;
}

static int count_photos(const struct tree_run *t, const struct criteria *where, size_t *ret_count,
                        struct error *err)
{
    struct store_filter filter = {.where = where};
    *ret_count = 0;
    return store_list_months(t->store, &filter, add_month, ret_count, err);
}

/* Adds the photos from number `first` to `end` of the list by date, newest first. */
static int add_newest(struct tree_run *t, const struct criteria *where, size_t first, size_t end,
                      struct search_results *results, struct error *err)
{
    struct listing listing = {t, results};
    struct store_filter filter = {.where = where};
    return first >= end ? 0
                        : store_list_photos(t->store, &filter, NULL, first, end - first, list_photo,
                                            &listing, err);
}

static void reverse_results(struct search_results *results, size_t first)
{
    for (size_t i = first, k = results->count; i + 1 < k; i++) {
        struct search_result item = results->items[i];
        results->items[i] = results->items[--k];
        results->items[k] = item;
    }
}

/* Adds photos from number `first` to `end` of a list of `count`, the last of the list first. */
static int add_reversed(struct tree_run *t, const struct criteria *where, size_t count,
                        size_t first, size_t end, struct search_results *results, struct error *err)
{
    size_t before = results->count;
    end = end < count ? end : count;
    int rc = first < end ? add_newest(t, where, count - end, count - first, results, err) : 0;
    reverse_results(results, before);
    return rc;
}

static int and_dated(const struct criteria *where, bool dated, struct criteria **ret_where,
                     struct error *err)
{
    static const char *const values[] = {"date"};
    AUTO(criteria) *both = criteria_all();
    struct criteria *leaf;
    int rc = criteria_leaf("has", CRITERIA_IS, values, 1, &leaf, err);
    if (!rc && !dated)
        rc = criteria_negate(leaf, &leaf, err);
    if (!rc)
        rc = criteria_add(both, leaf, err);
    if (!rc)
        rc = criteria_add(both, criteria_copy(where), err);
    *ret_where = both;
    both = NULL;
    return rc;
}

static int add_oldest(struct tree_run *t, const struct criteria *where, size_t first, size_t end,
                      struct search_results *results, struct error *err)
{
    size_t before = 0;
    for (int dated = 1; dated >= 0; dated--) {
        AUTO(criteria) *part = NULL;
        size_t count = 0;
        int rc = and_dated(where, dated, &part, err);
        if (!rc)
            rc = count_photos(t, part, &count, err);
        size_t own_first = first > before ? first - before : 0;
        if (!rc && end > before)
            rc = add_reversed(t, part, count, own_first, end - before, results, err);
        if (rc)
            return rc;
        before += count;
    }
    return 0;
}

/* ---- random order ---- */

struct shuffled {
    uint64_t key;
    int64_t id;
};

static int compare_key(const void *a, const void *b)
{
    const struct shuffled *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The finaliser of SplitMix64. */
static uint64_t mix_bits(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static int add_random(struct tree_run *t, const struct criteria *where, size_t first, size_t end,
                      struct search_results *results, struct error *err)
{
    struct id_list ids = {.ids = NULL};
    int rc = id_list_read(t->store, where, &ids, err);
    AUTO_FREE struct shuffled *order = xmalloc((ids.count + 1) * sizeof *order);
    AUTO_FREE struct graded *page = xmalloc((end - first + 1) * sizeof *page);
    size_t n = 0;
    for (size_t i = 0; i < ids.count; i++)
        order[i] = (struct shuffled){mix_bits(t->request->seed ^ mix_bits((uint64_t)ids.ids[i])),
                                     ids.ids[i]};
    if (ids.count > 1)
        qsort(order, ids.count, sizeof *order, compare_key);
    for (size_t i = first; i < end && i < ids.count; i++)
        page[n++] = (struct graded){order[i].id, TREE_SURE};
    id_list_release(&ids);
    return rc ? rc : add_graded(t, page, n, results, err);
}

/* ---- the run ---- */

/* Adds the photos that match `where` in the requested order. */
static int add_listed(struct tree_run *t, const struct criteria *where,
                      struct search_results *results, struct error *err)
{
    size_t count = 0;
    int rc = count_photos(t, where, &count, err);
    size_t end = count < t->request->k ? count : t->request->k;
    size_t first = t->request->skip < end ? t->request->skip : end;
    if (rc)
        return rc;
    results->ranked = end;
    results->items = xcalloc(end - first + 1, sizeof *results->items);
    if (t->request->sort == QUERY_SORT_OLDEST)
        return add_oldest(t, where, first, end, results, err);
    if (t->request->sort == QUERY_SORT_RANDOM)
        return add_random(t, where, first, end, results, err);
    return add_newest(t, where, first, end, results, err);
}

static int add_ranked(struct tree_run *t, struct search_results *results, struct error *err)
{
    size_t sure = 0, k = t->request->k;
    int rc = count_photos(t, t->sure, &sure, err);
    if (!rc)
        rc = sort_graded(t, err);
    if (rc)
        return rc;
    size_t end = sure + t->count < k ? sure + t->count : k;
    size_t first = t->request->skip < end ? t->request->skip : end;
    size_t end_sure = sure < end ? sure : end;
    results->ranked = end;
    results->items = xcalloc(end - first + 1, sizeof *results->items);
    rc = add_newest(t, t->sure, first, end_sure, results, err);
    size_t from = first > sure ? first - sure : 0;
    if (!rc && end > sure)
        rc = add_graded(t, t->graded + from, end - sure - from, results, err);
    return rc;
}

static int compare_id(const void *a, const void *b)
{
    const struct graded *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Sets the grades of listed photos, which were graded in ascending order of id. */
static void restore_grades(struct tree_run *t, struct search_results *results)
{
    for (size_t i = 0; t->count > 0 && i < results->count; i++) {
        struct search_result *item = &results->items[i];
        struct graded key = {.id = item->photo.id};
        const struct graded *found =
            bsearch(&key, t->graded, t->count, sizeof *t->graded, compare_id);
        if (!found)
            continue;
        item->sure = false;
        item->score = found->grade;
        item->strength = strength_of(t, item->score);
    }
}

/* Removes photos whose grade is not sufficient. */
static void drop_unmatched(struct tree_run *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++)
        if (strength_of(t, t->graded[i].grade) != SEARCH_NONE)
            t->graded[kept++] = t->graded[i];
    t->count = kept;
}

/* Lists the sure photos and those with a sufficient grade in an order other than by match. */
static int add_matching(struct tree_run *t, struct search_results *results, struct error *err)
{
    struct id_list ids = {.ids = NULL};
    struct criteria *leaf;
    AUTO(criteria) *either = criteria_any();
    drop_unmatched(t);
    for (size_t i = 0; i < t->count; i++)
        id_list_add(&ids, t->graded[i].id);
    int rc = criteria_add(either, criteria_copy(t->sure), err);
    if (!rc)
        rc = criteria_ids(ids.ids, ids.count, &leaf, err);
    if (!rc)
        rc = criteria_add(either, leaf, err);
    if (!rc)
        rc = add_listed(t, either, results, err);
    if (!rc)
        restore_grades(t, results);
    id_list_release(&ids);
    return rc;
}

static int narrow(const struct criteria *scope, struct criteria **criteria, struct error *err)
{
    if (!scope)
        return 0;
    struct criteria *both = criteria_all();
    int rc = criteria_add(both, criteria_copy(scope), err);
    if (!rc) {
        rc = criteria_add(both, *criteria, err);
        *criteria = NULL;
    }
    if (rc)
        criteria_free(both);
    else
        *criteria = both;
    return rc;
}

/* Divides the photos into those that are SURE and those to be graded. */
static int divide_photos(struct tree_run *t, struct error *err)
{
    AUTO(criteria) *scope = NULL;
    struct criteria *no = NULL;
    AUTO(criteria) *decided = criteria_any();
    int rc = tree_scope(t->request, NULL, &scope, err);
    if (!rc)
        rc = query_tree_decided(t->request->tree, true, &t->sure, err);
    if (!rc)
        rc = query_tree_decided(t->request->tree, false, &no, err);
    if (!rc)
        rc = criteria_add(decided, no, err);
    if (!rc)
        rc = criteria_add(decided, criteria_copy(t->sure), err);
    if (rc)
        return rc;
    rc = criteria_negate(decided, &t->open, err);
    decided = NULL;
    if (!rc)
        rc = narrow(scope, &t->open, err);
    return rc ? rc : narrow(scope, &t->sure, err);
}

static int grade_photos(struct tree_run *t, struct error *err)
{
    int rc = 0;
    bool by_match = t->request->sort == QUERY_SORT_DEFAULT || t->request->sort == QUERY_SORT_MATCH;
    bool is_done = false;
    for (size_t i = 0; !rc && i < t->grader->condition_count; i++)
        rc = id_list_read(t->store, t->grader->conditions[i], &t->held[i], err);
    if (!rc && by_match)
        rc = grade_best(t, &is_done, err);
    return rc || is_done ? rc : grade_open(t, err);
}

static void release_run(struct tree_run *t)
{
    for (size_t i = 0; i < t->grader->condition_count; i++)
        id_list_release(&t->held[i]);
    criteria_free(t->sure);
    criteria_free(t->open);
    free(t->graded);
}

int tree_search_graded(struct store *store, const struct tree_grader *grader,
                       const struct search_request *request, struct search_results *results,
                       struct error *err)
{
    struct tree_run t = {.store = store, .grader = grader, .request = request};
    enum query_sort sort = request->sort;
    bool wanted = query_tree_is_wanted(request->tree);
    int rc = divide_photos(&t, err);
    if (!rc && wanted)
        rc = grade_photos(&t, err);
    if (!rc && request->only_matching)
        drop_unmatched(&t);
    if (!rc && !wanted)
        rc = add_listed(&t, t.sure, results, err);
    else if (!rc && (sort == QUERY_SORT_DEFAULT || sort == QUERY_SORT_MATCH))
        rc = add_ranked(&t, results, err);
    else if (!rc)
        rc = add_matching(&t, results, err);
    release_run(&t);
    return rc;
}

int tree_search_ids(struct store *store, struct clip *clip, const struct query_tree *tree,
                    struct id_list *ids, struct error *err)
{
    struct tree_grader grader;
    /* In an order other than by match, all photos are graded, not only the best. */
    struct search_request request = {.tree = tree, .sort = QUERY_SORT_NEWEST};
    struct tree_run t = {.store = store, .grader = &grader, .request = &request};
    int rc = tree_grader_init(&grader, store, clip, tree, err);
    if (!rc)
        rc = divide_photos(&t, err);
    if (!rc)
        rc = grade_photos(&t, err);
    if (!rc)
        drop_unmatched(&t);
    for (size_t i = 0; !rc && i < t.count; i++)
        id_list_add(ids, t.graded[i].id);
    if (!rc)
        rc = id_list_read(store, t.sure, ids, err);
    release_run(&t);
    tree_grader_release(&grader);
    return rc;
}

int tree_search(struct store *store, struct clip *clip, const struct search_request *request,
                struct search_results *results, struct error *err)
{
    struct tree_grader grader;
    int rc = tree_grader_init(&grader, store, clip, request->tree, err);
    if (!rc)
        rc = tree_search_graded(store, &grader, request, results, err);
    results->truncated = grader.truncated;
    results->language_unsupported = grader.is_unread;
    results->language = grader.language;
    results->partly_unread = grader.partly_unread;
    tree_grader_release(&grader);
    return rc;
}
