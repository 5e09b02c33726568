/* SPDX-License-Identifier: MIT */
/* Runs a search: vector, candidates from the store, grading, results. */
#include "search/search.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "clip/background.h"
#include "search/distinct.h"
#include "search/label_names.h"
#include "search/query.h"
#include "search/rank.h"
#include "search/reading.h"
#include "search/tree_search.h"
#include "search/wanted_embed.h"

/* Number of photos that are read together: their vectors take 8 MB at 512 numbers each. */
#define BLOCK 4096

/* A block of a search's photos that are read together. */
struct block {
    int64_t *ids;
    struct store_photo *photos; /* path NULL: deleted since the ranking */
    float *vectors;
    size_t n;
};

/* The query of one search, with which photos are compared. */
struct matching {
    struct store *store;
    const float *query, *background;
    size_t dim;
    bool is_text;
    struct names names;  /* names that occur in the query */
    bool is_unread;      /* the text is in a script or language that the model does not read */
    struct block graded; /* the photos that judge_photos read last; most of them are results */
};

char *search_unsupported_remark(const char *language)
{
    AUTO_FREE char *looks = language ? xasprintf("looks like %s", language) : NULL;
    return xasprintf(
        "the model reads English in Latin letters, and this %s: its matches mean nothing, except "
        "for names that you gave; describe the photo in English",
        looks ? looks : "is mostly in another script");
}
const char search_unread_remark[] =
    "words in a script that the model does not read were left out of the search";

int search_check_model(struct store *store, const struct clip *clip, const char *model_id,
                       struct error *err)
{
    struct store_model model = {.preprocessing = CLIP_PREPROCESSING_VERSION,
                                .dim = (int)clip_dim(clip)};
    text_copy(model.id, sizeof model.id, model_id);
    text_copy(model.fingerprint, sizeof model.fingerprint, clip_fingerprint(clip));
    return store_check_model(store, &model, err);
}

static int grade_vector(const struct matching *m, const float *vector)
{
    if (m->is_unread)
        return SEARCH_NONE;
    return (int)(m->is_text ? search_text_strength : search_picture_strength)(
        m->query, vector, m->background, CLIP_BACKGROUND_TEXTS, m->dim);
}

static void release_block(struct block *b)
{
    for (size_t i = 0; i < b->n; i++)
        store_photo_release(&b->photos[i]);
    free(b->ids);
    free(b->photos);
    free(b->vectors);
}

/* Copies photo `id` into the block as number i; returns false if it was not graded. */
static bool copy_graded(const struct matching *m, int64_t id, struct block *b, size_t i)
{
    size_t k = 0;
    while (k < m->graded.n && m->graded.ids[k] != id)
        k++;
    if (k == m->graded.n)
        return false;
    b->photos[i] = m->graded.photos[k];
    b->photos[i].path = b->photos[i].path ? xstrdup(b->photos[i].path) : NULL;
    memcpy(b->vectors + i * m->dim, m->graded.vectors + k * m->dim, m->dim * sizeof(float));
    return true;
}

static bool copy_all_graded(const struct matching *m, struct block *b, size_t n)
{
    for (b->n = 0; b->n < n && copy_graded(m, b->ids[b->n], b, b->n);)
        b->n++;
    return b->n == n;
}

/* The caller releases the block, even on failure. */
static int read_block(const struct matching *m, const struct ranked *photos, size_t n,
                      struct block *ret_block, struct error *err)
{
    *ret_block = (struct block){.ids = xmalloc((n + 1) * sizeof(int64_t)),
                                .photos = xcalloc(n + 1, sizeof(struct store_photo)),
                                .vectors = xmalloc((n * m->dim + 1) * sizeof(float))};
    for (size_t i = 0; i < n; i++)
        ret_block->ids[i] = photos[i].id;
    if (copy_all_graded(m, ret_block, n))
        return 0;
    for (size_t i = 0; i < ret_block->n; i++)
        store_photo_release(&ret_block->photos[i]);
    int rc =
        store_get_photos(m->store, ret_block->ids, n, ret_block->photos, ret_block->vectors, err);
    ret_block->n = rc ? 0 : n;
    return rc;
}

static int judge_photos(void *context, const struct ranked *photos, size_t n, int *ret_grades,
                        struct error *err)
{
    struct matching *m = context;
    release_block(&m->graded);
    m->graded.n = 0;
    int rc = read_block(m, photos, n, &m->graded, err);
    for (size_t i = 0; i < m->graded.n; i++) {
        const float *vector = m->graded.vectors + i * m->dim;
        bool is_known = m->graded.photos[i].path && !isnan(vector[0]);
        ret_grades[i] = is_known ? grade_vector(m, vector) : -1;
    }
    return rc;
}

/* Sets the names of the query that the photos from `first` on have. */
static int add_names(const struct matching *m, const struct ranked *photos, size_t n,
                     struct search_result *items, size_t count, struct error *err)
{
    AUTO_FREE int64_t *ids = xmalloc((n + 1) * sizeof *ids);
    AUTO_FREE char **joined = xcalloc(n + 1, sizeof *joined);
    size_t named = 0;
    for (size_t i = 0; i < n; i++)
        if (photos[i].names > 0)
            ids[named++] = photos[i].id;
    int rc = named ? names_of_photos(m->store, &m->names, ids, named, joined, err) : 0;
    for (size_t i = 0, k = 0; !rc && i < named; i++) {
        while (k < count && items[k].photo.id != ids[i])
            k++;
        if (k < count) {
            items[k].names = joined[i];
            continue;
        }
        free(joined[i]); /* the photo was deleted */
        k = 0;
    }
    return rc;
}

static int fill_block(const struct matching *m, const struct ranked *photos, size_t n,
                      struct search_results *results, struct error *err)
{
    struct block b;
    size_t before = results->count;
    int rc = read_block(m, photos, n, &b, err);
    for (size_t i = 0; i < b.n; i++) {
        const float *vector = b.vectors + i * m->dim;
        if (!b.photos[i].path)
            continue;
        /* Clamp the score: because of rounding, the cosine of a photo with itself may slightly
         * exceed 1. A photo that was found by its name may have a damaged vector and thus no valid
         * score. */
        results->items[results->count++] = (struct search_result){
            .score = fmax(-1, fmin(1, photos[i].score)),
            .strength =
                isnan(vector[0]) ? SEARCH_NONE : (enum search_strength)grade_vector(m, vector),
            .photo = b.photos[i]};
        b.photos[i].path = NULL;
    }
    release_block(&b);
    return rc ? rc : add_names(m, photos, n, results->items + before, results->count - before, err);
}

/* Fills the results, without photos that another process deleted after the ranking. Only the
 * requested photos are read and graded, so a later page costs no more than the first. */
static int fill_results(const struct matching *m, const struct ranked *photos, size_t n,
                        size_t skip, struct search_results *results, struct error *err)
{
    int rc = 0;
    size_t first = skip < n ? skip : n;
    results->ranked = n;
    results->items = xcalloc(n - first + 1, sizeof *results->items);
    for (size_t i = first; !rc && i < n; i += BLOCK)
        rc = fill_block(m, photos + i, n - i < BLOCK ? n - i : BLOCK, results, err);
    return rc;
}

static void note_reading(struct matching *m, struct reading reading, struct search_results *results)
{
    m->is_unread = results->language_unsupported = reading.none;
    results->partly_unread = reading.some && !reading.none;
    results->language = reading.language;
}

/* Decides whether the query is readable from its text without names of labels, which are found in
 * any script. */
static void judge_language(struct matching *m, const struct clip *clip,
                           const struct search_request *request, struct search_results *results)
{
    AUTO_FREE char *asked =
        request->is_question ? search_question_text(m->names.rest) : xstrdup(m->names.rest);
    note_reading(m, reading_of_rest(clip, request->text, asked), results);
}

/* Decides whether a sum is readable, which it is unless one of its texts is not. */
static void judge_sum(struct matching *m, const struct clip *clip, const struct wanted *sum,
                      struct search_results *results)
{
    note_reading(m, wanted_reading(clip, sum), results);
}

/* Computes the vector of `sum` or, if it is NULL, of the request, and finds names in its text. */
static int prepare_query(struct matching *m, struct clip *clip,
                         const struct search_request *request, const struct wanted *sum,
                         float *ret_query, struct search_results *results, struct error *err)
{
    if (sum) {
        m->is_text = wanted_has_text(sum);
        judge_sum(m, clip, sum, results);
        return wanted_embed(m->store, clip, sum, ret_query, &results->truncated, err);
    }
    m->is_text = query_is_text(request);
    int rc = query_embed(m->store, clip, request, ret_query, &results->truncated, err);
    if (!rc && m->is_text)
        rc = names_find(m->store, clip, request->text, request->is_question, &m->names, err);
    if (!rc && m->is_text)
        judge_language(m, clip, request, results);
    return rc;
}

/* Searches by the vector of `sum` or, if it is NULL, of the request. */
static int run_checked(struct store *store, struct clip *clip, const struct search_request *request,
                       const struct wanted *sum, struct search_results *results, struct error *err)
{
    size_t count, dim = clip_dim(clip);
    AUTO_FREE float *query = xmalloc(dim * sizeof *query);
    AUTO_FREE struct ranked *photos = xmalloc(request->k * sizeof *photos);
    struct matching m = {.store = store, .query = query, .dim = dim};
    int rc = prepare_query(&m, clip, request, sum, query, results, err);
    if (!rc && m.names.count > 0)
        rc = clip_background(clip, &m.background, err);
    struct rank_judge judge = {judge_photos, &m};
    if (!rc)
        rc = rank_photos(store, query, request, &m.names, &judge, photos, &count, err);
    if (!rc && count > 0)
        rc = clip_background(clip, &m.background, err);
    if (!rc)
        rc = fill_results(&m, photos, count, request->skip, results, err);
    names_release(&m.names);
    release_block(&m.graded);
    return rc;
}

/* Runs a plain search of one wanted part, combined with criteria. */
static int run_plain(struct store *store, struct clip *clip, const struct search_request *request,
                     const struct wanted *wanted, const struct criteria *criteria,
                     struct search_results *results, struct error *err)
{
    bool is_sum = wanted->kind >= WANTED_VECTOR;
    struct search_request plain = {.is_question = request->is_question,
                                   .like_data = wanted->data,
                                   .like_size = is_sum ? 0 : wanted->size,
                                   .like_photo = wanted->photo,
                                   .k = request->k,
                                   .skip = request->skip};
    AUTO(criteria) *where = NULL;
    struct store_filter filter = {.where = NULL};
    *(wanted->kind == WANTED_FILE ? &plain.like : &plain.text) = wanted->text;
    plain.filter = &filter;
    int rc = tree_scope(request, criteria, &where, err);
    filter.where = where;
    return rc ? rc : run_checked(store, clip, &plain, is_sum ? wanted : NULL, results, err);
}

/* Returns what the request searches for if it is a plain search ranked by match, or NULL. */
static const struct wanted *plain_part(const struct search_request *request,
                                       const struct criteria **ret_criteria)
{
    bool by_match = request->sort == QUERY_SORT_DEFAULT || request->sort == QUERY_SORT_MATCH;
    const struct wanted *wanted = query_tree_plain(request->tree, ret_criteria);
    return by_match && !request->only_matching ? wanted : NULL;
}

/* Runs a request without SELECT nodes, with all copies. */
static int run_once(struct store *store, struct clip *clip, const struct search_request *request,
                    struct search_results *results, struct error *err)
{
    const struct criteria *criteria;
    if (!request->tree)
        return run_checked(store, clip, request, NULL, results, err);
    const struct wanted *wanted = plain_part(request, &criteria);
    return wanted ? run_plain(store, clip, request, wanted, criteria, results, err)
                  : tree_search(store, clip, request, results, err);
}

/* Runs a request without SELECT nodes. */
static int run_distinct(struct store *store, struct clip *clip,
                        const struct search_request *request, struct search_results *results,
                        struct error *err)
{
    struct distinct d = {.store = store, .clip = clip, .run = run_once};
    const struct criteria *criteria = NULL;
    struct criteria *where = NULL;
    int rc = 0;
    d.is_plain = !request->tree || plain_part(request, &criteria);
    if (d.is_plain)
        rc = request->tree ? tree_scope(request, criteria, &where, err)
                           : store_filter_tree(request->filter, &where, err);
    d.where = where;
    if (!rc)
        rc = distinct_run(&d, request, results, err);
    criteria_free(where);
    return rc;
}

static int run_request(struct store *store, struct clip *clip, const struct search_request *request,
                       struct search_results *results, struct error *err)
{
    AUTO(query_tree) *tree = NULL;
    struct search_request resolved = *request;
    int rc = request->tree ? tree_resolve(store, clip, request->tree, &tree, err) : 0;
    if (tree)
        resolved.tree = tree;
    return rc ? rc : run_distinct(store, clip, &resolved, results, err);
}

int search_run(struct store *store, struct clip *clip, const char *model_id,
               const struct search_request *request, struct search_results *ret_results,
               struct error *err)
{
    struct search_results results = {.items = NULL};
    int rc = query_check(request, err);
    if (!rc && (!request->tree || query_tree_is_wanted(request->tree)))
        rc = search_check_model(store, clip, model_id, err);
    if (!rc)
        rc = run_request(store, clip, request, &results, err);
    if (rc)
        search_results_release(&results);
    else
        *ret_results = results;
    return rc;
}

void search_result_release(struct search_result *result)
{
    store_photo_release(&result->photo);
    free(result->names);
    for (size_t i = 0; i < result->copy_count; i++)
        free(result->copies[i].path);
    free(result->copies);
    *result = (struct search_result){.names = NULL};
}

void search_results_release(struct search_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        search_result_release(&results->items[i]);
    free(results->items);
    *results = (struct search_results){.items = NULL};
}

bool search_reads_text(const struct clip *clip, const char *text, const char **ret_language)
{
    struct reading reading = reading_of(clip, text);
    *ret_language = reading.language;
    return !reading.none;
}

bool search_has_match(const struct search_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->items[i].strength != SEARCH_NONE || results->items[i].names)
            return true;
    return false;
}
