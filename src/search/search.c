/* SPDX-License-Identifier: MIT */
/* Runs a search: vector, candidates from the store, grading, results. */
#include "search/search.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "clip/background.h"
#include "search/label_names.h"
#include "search/query.h"
#include "search/rank.h"
#include "search/reading.h"

/* What the photos of one search are compared with. */
struct matching {
    struct store *store;
    const float *query, *background;
    float *photo; /* room for a vector */
    size_t dim;
    bool is_text;
    struct names names; /* that the query speaks of */
    bool is_unread;     /* the text is in a script that the model does not read */
};

const char search_unsupported_remark[] =
    "the model reads English in Latin letters, and most of this is in another script: but for "
    "names "
    "that you gave, what was found means nothing; describe the photo in English";
const char search_unread_remark[] =
    "words in a script that the model does not read were left out of the search";

static int check_model(struct store *store, const struct clip *clip, const char *model_id,
                       struct error *err)
{
    struct store_model model = {.preprocessing = CLIP_PREPROCESSING_VERSION,
                                .dim = (int)clip_dim(clip)};
    text_copy(model.id, sizeof model.id, model_id);
    text_copy(model.fingerprint, sizeof model.fingerprint, clip_fingerprint(clip));
    return store_check_model(store, &model, err);
}

static int grade_photo(struct matching *m, int64_t photo, enum search_strength *ret_strength,
                       struct error *err)
{
    *ret_strength = SEARCH_NONE;
    if (m->is_unread)
        return 0;
    int rc = store_get_vector(m->store, photo, m->photo, err);
    if (!rc)
        *ret_strength = (m->is_text ? search_text_strength : search_picture_strength)(
            m->query, m->photo, m->background, CLIP_BACKGROUND_TEXTS, m->dim);
    return rc;
}

static int judge_photo(void *context, int64_t photo, enum search_strength *ret_strength,
                       struct error *err)
{
    return grade_photo(context, photo, ret_strength, err);
}

static int fill_result(struct matching *m, const struct ranked *photo,
                       struct search_result *ret_item, struct error *err)
{
    /* Rounding makes the cosine of a photo with itself a little more than 1. */
    struct search_result item = {.score = fmax(-1, fmin(1, photo->score))};
    size_t count;
    int rc = grade_photo(m, photo->id, &item.strength, err);
    if (rc == ERR_CORRUPT) /* found by its name; its vector says nothing */
        rc = 0;
    if (!rc)
        rc = store_get_photo(m->store, photo->id, &item.photo, err);
    if (!rc && photo->names > 0)
        rc = names_of_photo(m->store, &m->names, photo->id, &item.names, &count, err);
    if (rc)
        store_photo_release(&item.photo);
    else
        *ret_item = item;
    return rc;
}

/* A photo that another process removed after the ranking is left out. Only what is asked for is
 * graded and read: a later page costs no more than the first. */
static int fill_results(struct matching *m, const struct ranked *photos, size_t n, size_t skip,
                        struct search_results *results, struct error *err)
{
    size_t first = skip < n ? skip : n;
    results->ranked = n;
    results->items = xcalloc(n - first + 1, sizeof *results->items);
    for (size_t i = first; i < n; i++) {
        struct error why;
        int rc = fill_result(m, &photos[i], &results->items[results->count], &why);
        if (rc && rc != ERR_NOT_FOUND)
            return error_set(err, rc, "%s", why.message);
        results->count += rc == 0;
    }
    return 0;
}

/* Names of labels are found in any script; what else is asked decides. */
static void judge_language(struct matching *m, const struct clip *clip,
                           const struct search_request *request, struct search_results *results)
{
    AUTO_FREE char *asked =
        request->is_question ? search_question_text(m->names.rest) : xstrdup(m->names.rest);
    struct reading reading = reading_of(clip, asked);
    m->is_unread = results->language_unsupported = reading.none;
    results->partly_unread = reading.some && !reading.none;
}

static int run_checked(struct store *store, struct clip *clip, const struct search_request *request,
                       struct search_results *results, struct error *err)
{
    size_t count, dim = clip_dim(clip);
    AUTO_FREE float *query = xmalloc(dim * sizeof *query), *photo = xmalloc(dim * sizeof *photo);
    AUTO_FREE struct ranked *photos = xmalloc(request->k * sizeof *photos);
    struct matching m = {.store = store,
                         .query = query,
                         .photo = photo,
                         .dim = dim,
                         .is_text = query_is_text(request)};
    int rc = query_embed(store, clip, request, query, &results->truncated, err);
    if (!rc && m.is_text)
        rc = names_find(store, request->text, request->is_question, &m.names, err);
    if (!rc && m.is_text)
        judge_language(&m, clip, request, results);
    if (!rc && m.names.count > m.names.sure)
        rc = clip_background(clip, &m.background, err);
    struct rank_judge judge = {judge_photo, &m};
    if (!rc)
        rc = rank_photos(store, query, request, &m.names, &judge, photos, &count, err);
    if (!rc && count > 0)
        rc = clip_background(clip, &m.background, err);
    if (!rc)
        rc = fill_results(&m, photos, count, request->skip, results, err);
    names_release(&m.names);
    return rc;
}

int search_run(struct store *store, struct clip *clip, const char *model_id,
               const struct search_request *request, struct search_results *ret_results,
               struct error *err)
{
    struct search_results results = {.items = NULL};
    int rc = query_check(request, err);
    if (!rc)
        rc = check_model(store, clip, model_id, err);
    if (!rc)
        rc = run_checked(store, clip, request, &results, err);
    if (rc)
        search_results_release(&results);
    else
        *ret_results = results;
    return rc;
}

void search_results_release(struct search_results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        store_photo_release(&results->items[i].photo);
        free(results->items[i].names);
    }
    free(results->items);
    *results = (struct search_results){.items = NULL};
}

bool search_reads_text(const struct clip *clip, const char *text)
{
    return !reading_of(clip, text).none;
}

bool search_has_match(const struct search_results *results)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->items[i].strength != SEARCH_NONE || results->items[i].names)
            return true;
    return false;
}
