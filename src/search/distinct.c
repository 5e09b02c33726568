/* SPDX-License-Identifier: MIT */
/* Shows identical content once in the results of a search. */
#include "search/distinct.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "search/tree_ids.h"

/* ---- copies ---- */

struct copy_row {
    uint8_t hash[HASH_BYTES];
    int position;
    int64_t id;
    char *path; /* owned */
};

struct copy_rows {
    struct copy_row *items;
    size_t count, cap;
};

static int note_copy(void *context, const struct store_copy *copy)
{
    struct copy_rows *rows = context;
    ARRAY_GROW(rows->items, rows->cap, rows->count + 1);
    struct copy_row *row = &rows->items[rows->count++];
    *row =
        (struct copy_row){.position = copy->position, .id = copy->id, .path = xstrdup(copy->path)};
    memcpy(row->hash, copy->hash, HASH_BYTES);
    return 0;
}

static void release_rows(struct copy_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->items[i].path);
    free(rows->items);
}

static int compare_rows(const void *a, const void *b)
{
    const struct copy_row *x = a, *y = b;
    int order = memcmp(x->hash, y->hash, HASH_BYTES);
    if (!order)
        order = (x->position > y->position) - (x->position < y->position);
    if (!order)
        order = strcmp(x->path, y->path);
    return order ? order : (x->id > y->id) - (x->id < y->id);
}

static bool is_same_content(const struct copy_row *a, const struct copy_row *b)
{
    return a->position == b->position && memcmp(a->hash, b->hash, HASH_BYTES) == 0;
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

/* Reads all photos with the contents of a page, in order of content and path. The content of an
 * adopted photo that was never read is unknown, which is all zeros. */
static int read_copies(struct store *store, const struct search_results *page,
                       struct copy_rows *rows, struct error *err)
{
    static const uint8_t unknown[HASH_BYTES];
    AUTO_FREE uint8_t(*hashes)[HASH_BYTES] = xmalloc((page->count + 1) * sizeof *hashes);
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < page->count; i++)
        if (memcmp(page->items[i].photo.hash, unknown, HASH_BYTES) != 0)
            memcpy(hashes[n++], page->items[i].photo.hash, HASH_BYTES);
    if (n > 1)
        qsort(hashes, n, sizeof *hashes, compare_hashes);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || memcmp(hashes[kept - 1], hashes[i], HASH_BYTES) != 0)
            memmove(hashes[kept++], hashes[i], HASH_BYTES);
    int rc = kept ? store_list_copies(store, (const uint8_t(*)[HASH_BYTES])hashes, kept, note_copy,
                                      rows, err)
                  : 0;
    if (rows->count > 1)
        qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
    return rc;
}

/* The rows with the same content as a photo, and its own row; count 0: it was deleted. */
struct copy_group {
    const struct copy_row *first;
    size_t count, own;
};

/* Returns the first row that has the hash, or a larger one. */
static size_t find_hash(const struct copy_rows *rows, const uint8_t hash[HASH_BYTES])
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(rows->items[middle].hash, hash, HASH_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct copy_group group_of(const struct copy_rows *rows, const struct store_photo *photo)
{
    size_t own = find_hash(rows, photo->hash), first, end;
    while (own < rows->count && rows->items[own].id != photo->id &&
           memcmp(rows->items[own].hash, photo->hash, HASH_BYTES) == 0)
        own++;
    if (own == rows->count || rows->items[own].id != photo->id)
        return (struct copy_group){.count = 0};
    const struct copy_row *row = &rows->items[own];
    for (first = own; first > 0 && is_same_content(&rows->items[first - 1], row);)
        first--;
    for (end = own + 1; end < rows->count && is_same_content(&rows->items[end], row);)
        end++;
    return (struct copy_group){&rows->items[first], end - first, own - first};
}

static void set_copies(struct search_result *item, const struct copy_group *group)
{
    if (group->count < 2)
        return;
    item->copies = xcalloc(group->count, sizeof *item->copies);
    for (size_t i = 0; i < group->count && item->copy_count < SEARCH_COPIES_NAMED; i++)
        if (i != group->own)
            item->copies[item->copy_count++] =
                (struct search_copy){group->first[i].id, xstrdup(group->first[i].path)};
    item->all_copies = group->count - 1;
}

/* ---- which photo stands for all ---- */

/* Adds the given photos that the search finds. */
static int find_plain(const struct distinct *d, const struct search_request *request,
                      const struct id_list *ids, struct id_list *found, struct error *err)
{
    struct store_model model;
    struct criteria *part = NULL;
    AUTO(criteria) *where = criteria_all();
    struct id_list matching = {.ids = NULL};
    int rc = criteria_ids(ids->ids, ids->count, &part, err);
    if (!rc)
        rc = criteria_add(where, part, err);
    if (!rc && d->where)
        rc = criteria_add(where, criteria_copy(d->where), err);
    if (!rc)
        rc = store_get_model(d->store, &model, err);
    if (!rc)
        rc = id_list_read(d->store, where, &matching, err);
    if (rc) {
        id_list_release(&matching);
        return rc;
    }
    AUTO_FREE float *vectors = xmalloc((matching.count * (size_t)model.dim + 1) * sizeof *vectors);
    rc = store_get_vectors(d->store, matching.ids, matching.count, vectors, err);
    for (size_t i = 0; !rc && i < matching.count; i++)
        if (!isnan(vectors[i * (size_t)model.dim]) && matching.ids[i] != request->like_photo)
            id_list_add(found, matching.ids[i]);
    id_list_release(&matching);
    return rc;
}

static int find_by_tree(const struct distinct *d, const struct search_request *request,
                        const struct id_list *ids, struct id_list *found, struct error *err)
{
    struct criteria *part = NULL;
    AUTO(criteria) *where = criteria_all();
    struct search_results results = {.items = NULL};
    struct search_request own = *request;
    int rc = criteria_ids(ids->ids, ids->count, &part, err);
    if (!rc)
        rc = criteria_add(where, part, err);
    if (!rc)
        rc = store_filter_tree(request->filter, &part, err);
    if (!rc && part)
        rc = criteria_add(where, part, err);
    struct store_filter filter = {.where = where};
    own.filter = &filter;
    own.skip = 0;
    own.k = ids->count < LIMIT_RESULTS ? ids->count : LIMIT_RESULTS;
    if (!rc)
        rc = d->run(d->store, d->clip, &own, &results, err);
    for (size_t i = 0; i < results.count; i++)
        id_list_add(found, results.items[i].photo.id);
    search_results_release(&results);
    id_list_sort(found);
    return rc;
}

static bool has_id(const struct id_list *list, int64_t id)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list->count && list->ids[low] == id;
}

/* Releases the photos for which one with a smaller path stands, and leaves their path NULL. */
static int hide_copies(const struct distinct *d, const struct search_request *request,
                       const struct copy_rows *rows, struct search_results *page, struct error *err)
{
    struct id_list before = {.ids = NULL}, found = {.ids = NULL};
    for (size_t i = 0; i < page->count; i++) {
        struct copy_group group = group_of(rows, &page->items[i].photo);
        for (size_t k = 0; group.count && k < group.own; k++)
            id_list_add(&before, group.first[k].id);
    }
    id_list_sort(&before);
    int rc = 0;
    if (before.count)
        rc = (d->is_plain ? find_plain : find_by_tree)(d, request, &before, &found, err);
    for (size_t i = 0; !rc && i < page->count; i++) {
        struct copy_group group = group_of(rows, &page->items[i].photo);
        bool hidden = false;
        for (size_t k = 0; group.count && !hidden && k < group.own; k++)
            hidden = has_id(&found, group.first[k].id);
        if (hidden)
            search_result_release(&page->items[i]);
    }
    id_list_release(&before);
    id_list_release(&found);
    return rc;
}

/* ---- the run ---- */

/* Moves the results of a page that are not hidden behind the others, at most `most` in all. */
static void take_page(struct search_results *page, size_t first, size_t most,
                      struct search_results *results)
{
    struct search_result *items = results->items;
    size_t count = results->count, cap = count;
    ARRAY_GROW(items, cap, count + page->count + 1);
    for (size_t i = 0; i < page->count; i++) {
        struct search_result *item = &page->items[i];
        if (!item->photo.path || count == most) {
            search_result_release(item);
            continue;
        }
        item->place = first + i;
        items[count++] = *item;
    }
    free(page->items);
    page->items = NULL;
    *results = *page;
    results->items = items;
    results->count = count;
}

/* Runs the ranks from part->skip to part->k. */
static int run_page(const struct distinct *d, const struct search_request *part,
                    struct search_results *page, struct error *err)
{
    struct copy_rows rows = {.items = NULL};
    int rc = d->run(d->store, d->clip, part, page, err);
    if (!rc)
        rc = read_copies(d->store, page, &rows, err);
    for (size_t i = 0; !rc && i < page->count; i++) {
        struct copy_group group = group_of(&rows, &page->items[i].photo);
        set_copies(&page->items[i], &group);
    }
    if (!rc && !part->all_copies)
        rc = hide_copies(d, part, &rows, page, err);
    release_rows(&rows);
    return rc;
}

int distinct_run(const struct distinct *d, const struct search_request *request,
                 struct search_results *results, struct error *err)
{
    size_t most = request->k > request->skip ? request->k - request->skip : 0, window = most;
    struct search_request part = *request;
    for (;;) {
        struct search_results page = {.items = NULL};
        int rc = run_page(d, &part, &page, err);
        if (rc) {
            search_results_release(&page);
            return rc;
        }
        take_page(&page, part.skip, most, results);
        if (results->count >= most || results->ranked < part.k || part.k >= LIMIT_RESULTS)
            return 0;
        window *= 2; /* as there may be many copies of one photo */
        part.skip = part.k;
        part.k = part.skip + window < LIMIT_RESULTS ? part.skip + window : LIMIT_RESULTS;
    }
}
